package exporter_test

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter"
	"github.com/lce-go/lce/converter/exporter"
	"github.com/lce-go/lce/schema"
)

var unit = schema.Size2D{H: 1, W: 1}

func window(pads schema.Pads) schema.Window {
	return schema.Window{Strides: unit, Dilations: unit, Pads: pads}
}

// models are what importers of ONNX models do not make, or seldom. Most results are exact.
var models = []struct {
	name  string
	build func(b *builder)
}{
	{"signs", func(b *builder) {
		x := b.input(schema.Float32, 2, 3, 5)
		threshold, negate := b.constant(schema.Float32, nil, 5), b.constant(schema.Bits, nil, 5)
		for _, o := range []*schema.BsignOptions{{}, {Compare: schema.SignGreater}, {Invert: true}, {Compare: schema.SignGreater, Invert: true}} {
			b.output(b.op(schema.Bunpack, nil, b.op(schema.Bsign, o, x)))
			b.output(b.op(schema.Bunpack, nil, b.op(schema.Bsign, o, x, threshold)))
			b.output(b.op(schema.Bunpack, nil, b.op(schema.Bsign, o, x, threshold, negate)))
		}
		b.output(b.op(schema.Bunpack, nil, b.constant(schema.Bits, nil, 3, 33)))
	}},
	{"binary convolution", func(b *builder) {
		x, y := b.op(schema.Bsign, &schema.BsignOptions{}, b.input(schema.Float32, 2, 6, 5, 36)), b.constant(schema.Bits, nil, 2, 6, 5, 36)
		w := b.constant(schema.Bits, nil, 8, 3, 2, 18)
		mul, bias, threshold := b.constant(schema.Float32, nil, 8), b.constant(schema.Float32, nil, 8), b.constant(schema.Int32, nil, 8)
		for pad := -1; pad <= 1; pad++ {
			for _, second := range []int{schema.Absent, y} {
				o := &schema.BConv2DOptions{
					Window: schema.Window{Strides: schema.Size2D{H: 2, W: 1}, Dilations: schema.Size2D{H: 1, W: 2}, Pads: schema.Pads{Top: 2, Left: 1, Right: 3}},
					Groups: 2, PadValue: pad, PreClamp: schema.Clamp{Min: -30, Max: schema.NoClamp.Max}, Clamp: schema.Clamp{Max: 6},
				}
				all := b.results(schema.BConv2D, o, []schema.DType{schema.Bits, schema.Int32, schema.Float32}, x, w, mul, bias, threshold, second)
				b.output(b.op(schema.Bunpack, nil, all[0]))
				b.output(all[1])
				b.output(all[2])
			}
		}
	}},
	{"binary products", func(b *builder) {
		x := b.op(schema.Bsign, &schema.BsignOptions{}, b.input(schema.Float32, 2, 3, 40))
		w, v := b.constant(schema.Bits, nil, 7, 40), b.op(schema.Bsign, &schema.BsignOptions{}, b.input(schema.Float32, 2, 7, 40))
		o := &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.NoClamp}
		for _, right := range []int{w, v} {
			b.output(b.results(schema.BGEMM, o, []schema.DType{schema.Float32}, x, right, b.constant(schema.Float32, nil, 7))[0])
			all := b.results(schema.BGEMM, o, []schema.DType{schema.Int32, schema.Bits}, x, right, schema.Absent, schema.Absent, b.constant(schema.Int32, nil, 7))
			b.output(all[0])
			b.output(b.op(schema.Bunpack, nil, all[1]))
		}
	}},
	{"binary pools", func(b *builder) {
		x := b.op(schema.Bsign, &schema.BsignOptions{}, b.input(schema.Float32, 1, 5, 6, 3))
		for _, o := range []*schema.Pool2DOptions{
			{Window: window(schema.Pads{Top: 1, Right: 1}), Kernel: schema.Size2D{H: 2, W: 3}},
			{Window: window(schema.Pads{Top: 4, Left: 3}), Kernel: schema.Size2D{H: 2, W: 2}},
			{Window: schema.Window{Strides: schema.Size2D{H: 2, W: 2}, Dilations: unit}, Kernel: schema.Size2D{H: 2, W: 3}, CeilMode: true},
		} {
			b.output(b.op(schema.Bunpack, nil, b.op(schema.BMaxPool2D, o, x)))
		}
	}},
	{"bits that move", func(b *builder) {
		x := b.op(schema.Bsign, &schema.BsignOptions{}, b.input(schema.Float32, 2, 3, 64))
		y := b.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0, 2}}, x)
		y = b.op(schema.Concat, &schema.AxisOptions{Axis: -1}, y, b.constant(schema.Bits, nil, 3, 2, 5))
		y = b.op(schema.Gather, &schema.AxisOptions{Axis: 0}, y, b.ints(2, -3))
		b.output(b.op(schema.Bunpack, nil, y))
		b.output(b.op(schema.Bunpack, nil, b.op(schema.Reshape, &schema.ReshapeOptions{}, x, b.ints(6, 2, 32))))
	}},
	{"weights of one bit", func(b *builder) {
		x := b.input(schema.Float32, 1, 4, 4, 6)
		w := b.op(schema.Bunpack, nil, b.constant(schema.Bits, nil, 5, 3, 3, 6))
		w = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.constant(schema.Float32, nil, 5, 1, 1, 1))
		b.output(b.op(schema.Conv2D, &schema.Conv2DOptions{Window: window(schema.Pads{Left: 1}), Groups: 1, Clamp: schema.NoClamp}, x, w))
	}},
	{"convolution of integers", func(b *builder) {
		x := b.input(schema.Int32, 2, 7, 6, 4)
		o := &schema.Conv2DOptions{
			Window: schema.Window{Strides: schema.Size2D{H: 2, W: 3}, Dilations: schema.Size2D{H: 2, W: 1}, Pads: schema.Pads{Top: 1, Right: 2}},
			Groups: 2, Clamp: schema.NoClamp,
		}
		b.output(b.op(schema.Conv2D, o, x, b.constant(schema.Int32, nil, 6, 3, 2, 2)))
		o = &schema.Conv2DOptions{Window: window(schema.Pads{}), Groups: 1, Clamp: schema.NoClamp}
		b.output(b.op(schema.Conv2D, o, x, b.constant(schema.Int32, nil, 3, 1, 1, 4)))
	}},
	{"shifts", func(b *builder) {
		for _, d := range []schema.DType{schema.Int32, schema.Int64} {
			x, n := b.input(d, 2, 3), b.constant(d, map[schema.DType]any{schema.Int32: []int32{0, 1, 5}, schema.Int64: []int64{0, 1, 40}}[d], 3)
			b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.ShiftLeft}, x, n))
			b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.ShiftRight}, x, n))
		}
	}},
	{"resized by rules that ONNX dropped", func(b *builder) {
		x := b.input(schema.Float32, 1, 2, 4, 5)
		scales, sizes := b.constant(schema.Float32, []float32{1, 1, 2, 0.5}, 4), b.ints(1, 2, 8, 10)
		for r := schema.RoundPreferFloor; r <= schema.RoundSimple; r++ {
			b.output(b.op(schema.Resize, &schema.ResizeOptions{Coordinates: schema.ResizeHalfPixelForNN, Rounding: r}, x, schema.Absent, scales))
		}
		b.output(b.op(schema.Resize, &schema.ResizeOptions{Coordinates: schema.ResizeHalfPixelForNN, Mode: schema.ResizeLinear}, x, schema.Absent, schema.Absent, sizes))
		b.output(b.op(schema.Resize, &schema.ResizeOptions{Coordinates: schema.ResizeAsymmetric, Rounding: schema.RoundSimple}, x, schema.Absent, scales))
	}},
	{"a map that is needed in both orders", func(b *builder) {
		o := &schema.Conv2DOptions{Window: window(schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}), Groups: 1, Clamp: schema.Clamp{Max: 6}}
		x := b.input(schema.Float32, 2, 4, 4, 3)
		y := b.op(schema.Conv2D, o, x, b.constant(schema.Float32, nil, 3, 3, 3, 3), b.constant(schema.Float32, nil, 3))
		b.output(b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, y, b.ints(1))) // while it has one order
		sum := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, x)
		b.output(sum)
		b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Sub}, b.constant(schema.Float32, nil, 4, 3), sum))
		b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, sum, b.input(schema.Float32, 4, 3)))
		b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, sum, b.input(schema.Float32, 3)))
		b.output(b.op(schema.Shape, &schema.ShapeOptions{Start: 1, End: math.MaxInt64}, y))
		b.output(b.op(schema.Flatten, &schema.AxisOptions{Axis: 1}, y))
		b.output(b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, y, b.ints(1)))
		b.output(b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, y, b.ints(1, -2)))
		b.output(b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, y, b.ints(-1)))
		b.output(b.op(schema.Concat, &schema.AxisOptions{Axis: 3}, y, x))
		parts := b.results(schema.Split, &schema.AxisOptions{Axis: 1}, []schema.DType{0, 0}, y)
		b.output(parts[1])
		b.output(b.op(schema.Slice, nil, y, b.ints(1, 0), b.ints(9, 2), b.ints(-2, 3)))
		b.output(b.op(schema.Slice, nil, y, b.ints(1, 0), b.ints(9, 2)))
		b.output(b.op(schema.Pad, &schema.PadOptions{}, y, b.ints(0, 1, 0, 2, 0, 0, 3, 0), b.constant(schema.Float32, []float32{7}, 1)))
		b.output(b.op(schema.Gather, &schema.AxisOptions{Axis: -1}, y, b.ints(2, 0)))
		b.output(b.op(schema.Gather, &schema.AxisOptions{Axis: 1}, y, b.constant(schema.Int64, []int64{2}, 1, 1)))
		b.output(b.op(schema.Transpose, &schema.TransposeOptions{}, y))
		one := b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, y, b.ints(1, 2))
		b.output(b.op(schema.Squeeze, nil, one, b.ints(1, 2)))
		b.output(b.op(schema.Reshape, &schema.ReshapeOptions{}, one, b.ints(0, -1)))
		back := b.op(schema.Reshape, &schema.ReshapeOptions{}, b.op(schema.Flatten, &schema.AxisOptions{Axis: 1}, one), b.ints(-1, 1, 1, 3))
		b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, y, back))
		pair := b.op(schema.Unsqueeze, nil, b.input(schema.Float32, 2, 3), b.ints(1, 2))
		b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Max}, y, pair))
	}},
	{"normalized rows", func(b *builder) {
		x := b.input(schema.Float32, 2, 3, 5)
		b.output(b.op(schema.LayerNorm, &schema.LayerNormOptions{Epsilon: 0.5}, x))
		b.output(b.op(schema.LayerNorm, &schema.LayerNormOptions{}, x, b.constant(schema.Float32, nil, 5), b.constant(schema.Float32, nil, 5)))
	}},
	{"quantized products", func(b *builder) {
		for _, d := range []schema.DType{schema.Int8, schema.Uint8} {
			x, w := b.input(d, 2, 5, 6, 4), b.constant(schema.Int8, nil, 6, 3, 2, 2)
			one := b.constant(d, []uint8{3}, 1)
			scale, add, bias := b.constant(schema.Float32, nil, 6), b.constant(schema.Float32, nil, 6), b.constant(schema.Int32, nil, 6)
			for _, zero := range []int{b.constant(schema.Int8, []int8{-7}), b.constant(schema.Int8, nil, 6)} {
				o := &schema.QConv2DOptions{
					Window: schema.Window{Strides: schema.Size2D{H: 1, W: 2}, Dilations: schema.Size2D{H: 2, W: 1}, Pads: schema.Pads{Top: 1, Left: 2}},
					Groups: 2, To: schema.Int32, Clamp: schema.NoClamp,
				}
				b.output(b.op(schema.QConv2D, o, x, w, one, zero, bias))
				floats, bytes := *o, *o
				floats.To, floats.Clamp = schema.Float32, schema.Clamp{Max: 600}
				bytes.To, bytes.ZeroPoint, bytes.Clamp = d, 5, schema.Clamp{Min: 5, Max: 90}
				b.output(b.op(schema.QConv2D, &floats, x, w, one, zero, schema.Absent, scale, add))
				b.output(b.op(schema.QConv2D, &bytes, x, w, schema.Absent, zero, bias, b.constant(schema.Float32, []float32{0.0625}), add))
			}
			m := &schema.QMatMulOptions{To: schema.Uint8, ZeroPoint: 100, Clamp: schema.NoClamp}
			b.output(b.op(schema.QMatMul, m, b.input(d, 2, 3, 4), b.constant(d, nil, 4, 6), one, b.constant(d, nil, 6), bias, scale, add))
			b.output(b.op(schema.QMatMul, &schema.QMatMulOptions{To: schema.Int32, Clamp: schema.NoClamp}, b.input(d, 2, 3, 4), b.input(schema.Int8, 2, 4, 5)))
		}
	}},
	{"quantized elements", func(b *builder) {
		scale, scales := b.constant(schema.Float32, []float32{0.25}), b.constant(schema.Float32, []float32{0.5, 0.25, 2}, 3)
		for _, d := range []schema.DType{schema.Int8, schema.Uint8} {
			zero, zeros := b.constant(d, []uint8{9}, 1), b.constant(d, []uint8{1, 2, 3}, 3)
			x := b.input(schema.Float32, 2, 3, 4)
			q := b.op(schema.Quantize, &schema.QuantizeOptions{Axis: -2}, x, scales, zeros)
			b.output(q)
			b.output(b.op(schema.Quantize, &schema.QuantizeOptions{}, x, scale, zero))
			b.output(b.op(schema.Dequantize, &schema.QuantizeOptions{Axis: 1}, q, scales, zeros))
			b.output(b.op(schema.Dequantize, &schema.QuantizeOptions{}, q, scale))
			b.output(b.op(schema.Lookup, nil, q, b.constant(schema.Float32, nil, 256)))
			b.output(b.op(schema.Lookup, nil, q, b.constant(schema.Int8, nil, 256)))
			o := &schema.QBinaryOptions{Kind: schema.Mul, To: d, AScale: 0.5, BScale: 0.25, AZero: 3, ZeroPoint: 7, Clamp: schema.Clamp{Min: 7, Max: 100}}
			b.output(b.op(schema.QBinary, o, q, b.input(schema.Int8, 1, 3, 4)))
		}
		b.output(b.op(schema.Quantize, &schema.QuantizeOptions{}, b.input(schema.Float32, 3), scale))
		b.output(b.op(schema.Dequantize, &schema.QuantizeOptions{}, b.input(schema.Int32, 2, 3), scale, b.constant(schema.Int32, []int32{-4})))
	}},
	{"outputs with several names", func(b *builder) {
		x := b.input(schema.Float32, 2, 3)
		y := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Neg}, x)
		for _, i := range []int{x, y, y, b.constant(schema.Float32, nil, 2)} {
			b.output(i)
		}
	}},
}

func TestModelsRoundTrip(t *testing.T) {
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			b := newBuilder(t)
			m.build(b)
			model, inputs := b.model()
			want := run(t, model, inputs)
			res := convert(t, parse(t, export(t, model)), converter.Options{})
			same(t, run(t, res.Unfused, inputs), want, tolerance)
			same(t, run(t, res.Model, inputs), want, tolerance)
		})
	}
}

// TestNames checks that names and open dimensions of inputs and outputs stay, and that
// others are told apart.
func TestNames(t *testing.T) {
	b := newBuilder(t)
	x := b.input(schema.Float32, 2, 3)
	y := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Neg}, x)
	z := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Abs}, y)
	b.output(z)
	for i := range b.graph.Tensors {
		b.graph.Tensors[i].Name = "out0"
		b.graph.Tensors[i].Shape = []int{-1, 3}
	}
	m, _ := b.model()
	g := parse(t, export(t, m)).Graph
	if len(g.Inputs) != 1 || g.Inputs[0].Name != "in0" || g.Inputs[0].Dims[0].Size != -1 || g.Inputs[0].Dims[1].Size != 3 {
		t.Errorf("inputs %+v", g.Inputs)
	}
	if len(g.Outputs) != 1 || g.Outputs[0].Name != "out0" || g.Outputs[0].Dims[0].Size != -1 {
		t.Errorf("outputs %+v", g.Outputs)
	}
	if got := g.Nodes[0].Outputs; !slices.Equal(got, []string{"out0.1"}) || !slices.Equal(g.Nodes[1].Inputs, got) {
		t.Errorf("the inner value has the name %q", got)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(b *builder)
		want  string
	}{
		{"custom", func(b *builder) {
			b.graph.Operators[0].Code, b.graph.Operators[0].Options = schema.Custom, &schema.CustomOptions{Name: "mine"}
		}, `operator "Unary 0" (Custom): it has no form in ONNX; operators of the embedding program are not exported`},
		{"operands", func(b *builder) { b.graph.Operators[0].Inputs = nil }, `operator "Unary 0" (Unary): 0 inputs and 1 outputs, want 1 and 1`},
		{"names", func(b *builder) { b.graph.Outputs[0].Name = "in0" }, `output "in0": an input has that name and another value`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(t)
			b.output(b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Neg}, b.input(schema.Float32, 2, 3)))
			tt.spoil(b)
			m, _ := b.model()
			if _, err := exporter.Export(io.Discard, m); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// TestWriteError checks that an error of the writer comes out.
func TestWriteError(t *testing.T) {
	b := newBuilder(t)
	b.output(b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, b.input(schema.Float32, 2, 3), b.constant(schema.Float32, nil, 3)))
	m, _ := b.model()
	size := len(export(t, m))
	for limit := range size {
		if _, err := exporter.Export(&limited{left: limit}, m); err != io.ErrShortWrite {
			t.Fatalf("after %d of %d bytes: error %v", limit, size, err)
		}
	}
}

// limited takes some bytes and no more.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// FuzzExport exports mutated models: none crashes, and what is written can be read.
func FuzzExport(f *testing.F) {
	for _, m := range models {
		b := newBuilder(f)
		m.build(b)
		model, _ := b.model()
		var file bytes.Buffer
		if err := schema.Write(&file, model); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const most = 1 << 16
		if len(data) > most {
			return
		}
		m, err := schema.Open(data)
		if err != nil {
			return
		}
		if _, err := exporter.Export(io.Discard, m); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %v", err)
		}
	})
}
