package ops

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
	"github.com/lce-go/lce/schema"
)

// tensorOf makes an operand with a value.
func tensorOf[T Element](d schema.DType, shape []int, values ...T) *Tensor {
	t := &Tensor{Name: "t", DType: d, Shape: shape}
	t.Data = AlignedBytes(t.Bytes())
	copy(View[T](t), values)
	return t
}

func floatsOf(shape []int, v ...float32) *Tensor { return tensorOf(schema.Float32, shape, v...) }
func longs(v ...int64) *Tensor                   { return tensorOf(schema.Int64, []int{len(v)}, v...) }
func bitsOf(shape []int, v ...uint32) *Tensor    { return tensorOf(schema.Bits, shape, v...) }

// shaped is an operand without a value.
func shaped(d schema.DType, shape ...int) *Tensor {
	return &Tensor{Name: "s", DType: d, Shape: append([]int{}, shape...)}
}

func nodeOf(d *Def, o schema.Options, outputs int, inputs ...*Tensor) *Node {
	n := &Node{Def: d, Name: "n", Options: o, Inputs: inputs, Features: isa.Detect()}
	for range outputs {
		n.Outputs = append(n.Outputs, &Tensor{Name: "y"})
	}
	return n
}

func conv(o schema.Conv2DOptions) *schema.Conv2DOptions {
	if o.Strides == (schema.Size2D{}) {
		o.Strides = schema.Size2D{H: 1, W: 1}
	}
	o.Dilations = schema.Size2D{H: 1, W: 1}
	if o.Groups == 0 {
		o.Groups = 1
	}
	if o.Clamp == (schema.Clamp{}) {
		o.Clamp = schema.NoClamp
	}
	return &o
}

func poolOptions(o schema.Pool2DOptions) *schema.Pool2DOptions {
	o.Dilations = schema.Size2D{H: 1, W: 1}
	if o.Strides == (schema.Size2D{}) {
		o.Strides = schema.Size2D{H: 1, W: 1}
	}
	return &o
}

// TestValues checks results that the ONNX cases do not cover.
func TestValues(t *testing.T) {
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	f, l := floatsOf, longs
	noClamp := &schema.MatMulOptions{Clamp: schema.NoClamp}
	for _, c := range []struct {
		name string
		node *Node
		want []*Tensor
	}{
		{"matmul of vectors", nodeOf(&matMul, noClamp, 1, f([]int{3}, 1, 2, 3), f([]int{3}, 4, 5, 6)), []*Tensor{f([]int{}, 32)}},
		{"matmul of a vector and a matrix", nodeOf(&matMul, noClamp, 1, f([]int{2}, 1, 2), f([]int{2, 2}, 1, 2, 3, 4)), []*Tensor{f([]int{2}, 7, 10)}},
		{"matmul with bias and clamp", nodeOf(&matMul, &schema.MatMulOptions{Clamp: schema.Clamp{Min: 0, Max: 18}}, 1,
			f([]int{2, 2}, 1, 2, 3, 4), f([]int{2, 1}, 1, 2), f([]int{1}, -6)), []*Tensor{f([]int{2, 1}, 0, 5)}},
		{"matmul transposed", nodeOf(&matMul, &schema.MatMulOptions{TransposeA: true, TransposeB: true, Clamp: schema.NoClamp}, 1,
			f([]int{2, 3}, 1, 2, 3, 4, 5, 6), f([]int{1, 2}, 10, 1)), []*Tensor{f([]int{3, 1}, 14, 25, 36)}},
		{"matmul batches broadcast", nodeOf(&matMul, noClamp, 1, f([]int{2, 1, 1, 1}, 1, 2), f([]int{1, 3, 1, 1}, 3, 4, 5)),
			[]*Tensor{f([]int{2, 3, 1, 1}, 3, 4, 5, 6, 8, 10)}},
		{"matmul of one matrix by many", nodeOf(&matMul, noClamp, 1, f([]int{1, 2}, 1, 2), f([]int{2, 2, 1}, 1, 2, 3, 4)),
			[]*Tensor{f([]int{2, 1, 1}, 5, 11)}},
		{"matmul over nothing", nodeOf(&matMul, noClamp, 1, f([]int{2, 0}), f([]int{0, 2}), f([]int{2}, 1, 2)), []*Tensor{f([]int{2, 2}, 1, 2, 1, 2)}},
		{"conv of channels first", nodeOf(&conv2D, conv(schema.Conv2DOptions{ChannelsFirst: true, Clamp: schema.NoClamp}), 1,
			f([]int{1, 2, 1, 3}, 1, 2, 3, 10, 20, 30), f([]int{1, 1, 2, 2}, 1, 2, 3, 4)), []*Tensor{f([]int{1, 1, 2, 1}, 107, 171)}},
		{"conv with bias and clamp", nodeOf(&conv2D, conv(schema.Conv2DOptions{Clamp: schema.Clamp{Min: 0, Max: 6}}), 1,
			f([]int{1, 1, 3, 1}, 1, -2, 9), f([]int{1, 1, 1, 1}, 1), f([]int{1}, 1)), []*Tensor{f([]int{1, 1, 3, 1}, 2, 0, 6)}},
		// A window that would begin in the padding on the right is dropped.
		{"pool: ceil drops a window", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kernel: schema.Size2D{H: 1, W: 2}, CeilMode: true,
			Window: schema.Window{Strides: schema.Size2D{H: 1, W: 3}, Pads: schema.Pads{Right: 2}},
		}), 1, f([]int{1, 1, 3, 1}, 1, 2, 3)), []*Tensor{f([]int{1, 1, 1, 1}, 2)}},
		{"pool: the overhang does not count", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kind: schema.AveragePool, Kernel: schema.Size2D{H: 1, W: 3}, CeilMode: true, CountIncludePad: true,
			Window: schema.Window{Strides: schema.Size2D{H: 1, W: 2}, Pads: schema.Pads{Left: 1, Right: 1}},
		}), 1, f([]int{1, 1, 4, 1}, 3, 6, 9, 12)), []*Tensor{f([]int{1, 1, 3, 1}, 3, 9, 6)}},
		{"pool: padding is not counted", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kind: schema.AveragePool, Kernel: schema.Size2D{H: 1, W: 3},
			Window: schema.Window{Pads: schema.Pads{Left: 1, Right: 1}},
		}), 1, f([]int{1, 1, 3, 1}, 2, 4, 8)), []*Tensor{f([]int{1, 1, 3, 1}, 3, 14.0/3, 6)}},
		{"pool: a window in the padding", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kind: schema.AveragePool, Kernel: schema.Size2D{H: 1, W: 1}, Window: schema.Window{Pads: schema.Pads{Left: 1}},
		}), 1, f([]int{1, 1, 1, 1}, 7)), []*Tensor{f([]int{1, 1, 2, 1}, 0, 7)}},
		{"pool: maximum in the padding", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kernel: schema.Size2D{H: 1, W: 1}, Window: schema.Window{Pads: schema.Pads{Left: 1}},
		}), 1, f([]int{1, 1, 1, 1}, -7)), []*Tensor{f([]int{1, 1, 2, 1}, -inf, -7)}},
		{"pool: NaN is the maximum", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{
			Kernel: schema.Size2D{H: 1, W: 2},
		}), 1, f([]int{1, 1, 4, 1}, 1, nan, 2, 3)), []*Tensor{f([]int{1, 1, 3, 1}, nan, nan, 3)}},
		{"pool of bytes", nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{Kernel: schema.Size2D{H: 1, W: 2}}), 1,
			tensorOf[int8](schema.Int8, []int{1, 1, 3, 1}, -5, -7, 3)), []*Tensor{tensorOf[int8](schema.Int8, []int{1, 1, 2, 1}, -5, 3)}},
		{"mean over nothing", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMean}, 1, f([]int{2, 0}), l(1)), []*Tensor{f([]int{2}, nan, nan)}},
		{"sum over nothing", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, 1, f([]int{2, 0}), l(1)), []*Tensor{f([]int{2}, 0, 0)}},
		{"max over nothing", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, 1, f([]int{0, 1}), l(0)), []*Tensor{f([]int{1, 1}, -inf)}},
		{"max with NaN", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, 1, f([]int{3}, 1, nan, 2)), []*Tensor{f([]int{}, nan)}},
		{"sum of a scalar", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, 1, f([]int{}, 5)), []*Tensor{f([]int{}, 5)}},
		{"sum of outer and inner axes", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, 1,
			f([]int{2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8), l(0, -1)), []*Tensor{f([]int{2}, 14, 22)}},
		{"mean of outer and inner axes", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, 1,
			f([]int{2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8), l(0, 2)), []*Tensor{f([]int{1, 2, 1}, 3.5, 5.5)}},
		{"product over nothing", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceProd}, 1, f([]int{2, 0}), l(1)), []*Tensor{f([]int{2}, 1, 1)}},
		{"product of outer and inner axes", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceProd}, 1,
			f([]int{2, 2, 2}, 1, 2, 3, 4, 5, 6, 7, 8), l(0, 2)), []*Tensor{f([]int{2}, 60, 672)}},
		{"product of integers", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceProd, KeepDims: true}, 1, l(1<<30+1, 1<<31, -1), nil),
			[]*Tensor{tensorOf(schema.Int64, []int{1}, -int64(1<<61+1<<31))}},
		{"sum of integers", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, 1, l(1<<60, 3, -1), nil), []*Tensor{tensorOf(schema.Int64, []int{}, int64(1<<60+2))}},
		{"softmax of infinities", nodeOf(&softmax, &schema.SoftmaxOptions{Axis: -1}, 1, f([]int{2, 2}, -inf, 3, 1000, 1000)), []*Tensor{f([]int{2, 2}, 0, 1, 0.5, 0.5)}},
		{"log softmax of a scalar", nodeOf(&softmax, &schema.SoftmaxOptions{Log: true}, 1, f([]int{}, 9)), []*Tensor{f([]int{}, 0)}},
		{"reshape copies and infers", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, f([]int{2, 3}, 1, 2, 3, 4, 5, 6), l(0, -1, 1)), []*Tensor{f([]int{2, 3, 1}, 1, 2, 3, 4, 5, 6)}},
		{"squeeze all", nodeOf(&squeeze, nil, 1, f([]int{1, 2, 1}, 1, 2)), []*Tensor{f([]int{2}, 1, 2)}},
		{"unsqueeze a scalar", nodeOf(&unsqueeze, nil, 1, f([]int{}, 4), l(0, 1)), []*Tensor{f([]int{1, 1}, 4)}},
		{"flatten a scalar", nodeOf(&flatten, &schema.AxisOptions{}, 1, f([]int{}, 4)), []*Tensor{f([]int{1, 1}, 4)}},
		{"shape from the end", nodeOf(&shapeOf, &schema.ShapeOptions{Start: -2, End: math.MaxInt64}, 1, shaped(schema.Float32, 2, 3, 4)), []*Tensor{l(3, 4)}},
		{"slice backwards", nodeOf(&slice, nil, 1, f([]int{4}, 1, 2, 3, 4), l(-1), l(math.MinInt64), l(0), l(-2)), []*Tensor{f([]int{2}, 4, 2)}},
		{"slice with a huge step", nodeOf(&slice, nil, 1, f([]int{4}, 1, 2, 3, 4), l(1), l(math.MaxInt64), l(0), l(math.MaxInt64)), []*Tensor{f([]int{1}, 2)}},
		{"slice to nothing", nodeOf(&slice, nil, 1, f([]int{4}, 1, 2, 3, 4), l(3), l(1)), []*Tensor{f([]int{0})}},
		{"split with an uneven end", nodeOf(&split, &schema.AxisOptions{Axis: 1}, 2, f([]int{1, 3}, 1, 2, 3), l(2, 1)), []*Tensor{f([]int{1, 2}, 1, 2), f([]int{1, 1}, 3)}},
		{"gather of a scalar index", nodeOf(&gather, &schema.AxisOptions{Axis: 1}, 1, f([]int{2, 2}, 1, 2, 3, 4), tensorOf[int32](schema.Int32, []int{}, -1)), []*Tensor{f([]int{2}, 2, 4)}},
		{"pad on one axis", nodeOf(&pad, &schema.PadOptions{}, 1, f([]int{2, 1}, 1, 2), l(1, -1), f([]int{}, 9), l(0)), []*Tensor{f([]int{2, 1}, 9, 1)}},
		{"fill", nodeOf(&fill, nil, 1, l(2, 1), l(7)), []*Tensor{tensorOf[int64](schema.Int64, []int{2, 1}, 7, 7)}},
		{"fill a scalar", nodeOf(&fill, nil, 1, l(), f([]int{1}, 7)), []*Tensor{f([]int{}, 7)}},
		{"pow of mixed types", nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Pow}, 1, f([]int{2}, 2, 3), l(3, 2)), []*Tensor{f([]int{2}, 8, 9)}},
		{"equal of halves", nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Equal}, 1,
			tensorOf[uint16](schema.Float16, []int{3}, 0, 0x7e00, 0x3c00), tensorOf[uint16](schema.Float16, []int{3}, 0x8000, 0x7e00, 0x3c00)),
			[]*Tensor{tensorOf[uint8](schema.Bool, []int{3}, 1, 0, 1)}},
		{"bits: concat of words", nodeOf(&concat, &schema.AxisOptions{Axis: -1}, 1, bitsOf([]int{2, 32}, 1, 2), bitsOf([]int{2, 5}, 3, 4)), []*Tensor{bitsOf([]int{2, 37}, 1, 3, 2, 4)}},
		{"bits: split of words", nodeOf(&split, &schema.AxisOptions{Axis: 1}, 2, bitsOf([]int{2, 37}, 1, 3, 2, 4), l(32, 5)), []*Tensor{bitsOf([]int{2, 32}, 1, 2), bitsOf([]int{2, 5}, 3, 4)}},
		{"bits: transpose of rows", nodeOf(&transpose, &schema.TransposeOptions{Perm: []int{1, 0, 2}}, 1, bitsOf([]int{1, 2, 40}, 1, 2, 3, 4)), []*Tensor{bitsOf([]int{2, 1, 40}, 1, 2, 3, 4)}},
		{"bits: slice of rows", nodeOf(&slice, nil, 1, bitsOf([]int{3, 40}, 1, 2, 3, 4, 5, 6), l(2), l(-9), l(0), l(-2)), []*Tensor{bitsOf([]int{2, 40}, 5, 6, 1, 2)}},
		{"bits: gather of rows", nodeOf(&gather, &schema.AxisOptions{}, 1, bitsOf([]int{3, 40}, 1, 2, 3, 4, 5, 6), l(2, 0)), []*Tensor{bitsOf([]int{2, 40}, 5, 6, 1, 2)}},
		{"bits: expand of rows", nodeOf(&expand, nil, 1, bitsOf([]int{40}, 1, 2), l(2, 1)), []*Tensor{bitsOf([]int{2, 40}, 1, 2, 1, 2)}},
		{"bits: reshape of rows", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, bitsOf([]int{2, 40}, 1, 2, 3, 4), l(1, 2, 40)), []*Tensor{bitsOf([]int{1, 2, 40}, 1, 2, 3, 4)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := Evaluate(c.node); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				sameTensor(t, c.node.Outputs[i], want)
			}
		})
	}
}

// TestRefused checks that what cannot be done is an error that says why.
func TestRefused(t *testing.T) {
	f := func(shape ...int) *Tensor { return shaped(schema.Float32, shape...) }
	window := func(w schema.Window, k schema.Size2D) *schema.Pool2DOptions {
		return &schema.Pool2DOptions{Window: w, Kernel: k}
	}
	one := schema.Size2D{H: 1, W: 1}
	for _, c := range []struct {
		name string
		node *Node
		want string
	}{
		{"wrong options", nodeOf(&conv2D, &schema.PadOptions{}, 1, f(1, 1, 1, 1), f(1, 1, 1, 1)), "options are of type *schema.PadOptions"},
		{"no options", nodeOf(&softmax, nil, 1, f(1)), "options are of type <nil>"},
		{"conv of integers", nodeOf(&conv2D, conv(schema.Conv2DOptions{}), 1, shaped(schema.Int32, 1, 1, 1, 1), f(1, 1, 1, 1)), "differ in type"},
		{"conv rank", nodeOf(&conv2D, conv(schema.Conv2DOptions{}), 1, f(1, 1, 1), f(1, 1, 1, 1)), "rank 3, want 4"},
		{"conv groups", nodeOf(&conv2D, conv(schema.Conv2DOptions{Groups: 2}), 1, f(1, 1, 1, 3), f(2, 1, 1, 1)), "groups 2, want a divisor of 3"},
		{"conv groups 0", nodeOf(&conv2D, conv(schema.Conv2DOptions{Groups: -1}), 1, f(1, 1, 1, 3), f(2, 1, 1, 1)), "groups -1"},
		{"conv groups of channels first", nodeOf(&conv2D, conv(schema.Conv2DOptions{Groups: 2, ChannelsFirst: true}), 1, f(1, 4, 1, 1), f(2, 1, 1, 2)), "groups 2 of an input with channels first"},
		{"conv channels first", nodeOf(&conv2D, conv(schema.Conv2DOptions{ChannelsFirst: true}), 1, f(1, 3, 1, 4), f(2, 1, 1, 4)), "4 channels, want 3"},
		{"conv channels", nodeOf(&conv2D, conv(schema.Conv2DOptions{}), 1, f(1, 1, 1, 3), f(2, 1, 1, 4)), "4 channels, want 3"},
		{"conv bias", nodeOf(&conv2D, conv(schema.Conv2DOptions{}), 1, f(1, 1, 1, 3), f(2, 1, 1, 3), f(3)), "want Float32 [2]"},
		{"conv window", nodeOf(&conv2D, conv(schema.Conv2DOptions{}), 1, f(1, 2, 2, 3), f(2, 3, 1, 3)), "window spans 3"},
		{"conv padding", nodeOf(&conv2D, conv(schema.Conv2DOptions{Window: schema.Window{
			Strides: schema.Size2D{H: 1 << 10, W: 1 << 10}, Pads: schema.Pads{Top: 1 << 15, Left: 1 << 15}}}), 1, f(1, 2, 2, 3), f(2, 1, 1, 3)), "padded to"},
		{"pool stride", nodeOf(&pool2D, window(schema.Window{Dilations: one}, one), 1, f(1, 1, 1, 1)), "stride 0"},
		{"pool kind", nodeOf(&pool2D, &schema.Pool2DOptions{Kind: 9}, 1, f(1, 1, 1, 1)), "pool kind"},
		{"average of integers", nodeOf(&pool2D, &schema.Pool2DOptions{Kind: schema.AveragePool}, 1, shaped(schema.Int8, 1, 1, 1, 1)), "element type Int8"},
		{"matmul sizes", nodeOf(&matMul, &schema.MatMulOptions{}, 1, f(2, 3), f(4, 5)), "has 3 columns"},
		{"matmul scalar", nodeOf(&matMul, &schema.MatMulOptions{}, 1, f(), f(4, 5)), "want a matrix"},
		{"matmul transposed vector", nodeOf(&matMul, &schema.MatMulOptions{TransposeA: true}, 1, f(4), f(4, 5)), "not transposed"},
		{"matmul batches", nodeOf(&matMul, &schema.MatMulOptions{}, 1, f(2, 1, 1), f(3, 1, 1)), "do not broadcast"},
		{"matmul too large", nodeOf(&matMul, &schema.MatMulOptions{}, 1, f(1<<15, 1), f(1, 1<<15)), "more than"},
		{"reduce axis", nodeOf(&reduce, &schema.ReduceOptions{}, 1, f(2), longs(1)), "axis 1 of a tensor of rank 1"},
		{"reduce axis twice", nodeOf(&reduce, &schema.ReduceOptions{}, 1, f(2), longs(0, -1)), "listed twice"},
		{"reduce unknown axes", nodeOf(&reduce, &schema.ReduceOptions{}, 1, f(2), shaped(schema.Int64, 1)), "must be a constant"},
		{"mean of integers", nodeOf(&reduce, &schema.ReduceOptions{}, 1, shaped(schema.Int64, 2)), "element type Int64"},
		{"maximum of no integers", nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, 1, shaped(schema.Int64, 0)), "no maximum"},
		{"unary kind", nodeOf(&unary, &schema.UnaryOptions{Kind: 200}, 1, f(2)), "unary kind"},
		{"relu of integers", nodeOf(&unary, &schema.UnaryOptions{Kind: schema.Relu}, 1, shaped(schema.Int32, 1)), "Relu"},
		{"not of floats", nodeOf(&unary, &schema.UnaryOptions{Kind: schema.Not}, 1, f(1)), "want Bool"},
		{"clip to NaN", nodeOf(&unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: float32(math.NaN())}, 1, f(1)), "want numbers"},
		{"binary kind", nodeOf(&binary, &schema.BinaryOptions{Kind: 200}, 1, f(2), f(2)), "binary kind"},
		{"binary types", nodeOf(&binary, &schema.BinaryOptions{}, 1, f(2), shaped(schema.Int32, 2)), "differ in type"},
		{"add of bools", nodeOf(&binary, &schema.BinaryOptions{}, 1, shaped(schema.Bool, 2), shaped(schema.Bool, 2)), "want Float32, Float64, Int32, Int64 or Uint64"},
		{"pow of bools", nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Pow}, 1, shaped(schema.Bool, 2), f(2)), "want Float32, Float64, Int32 or Int64"},
		{"binary shapes", nodeOf(&binary, &schema.BinaryOptions{}, 1, f(2, 3), f(2)), "do not broadcast"},
		{"prelu slope", nodeOf(&binary, &schema.BinaryOptions{Kind: schema.PRelu}, 1, f(2), f(2, 2)), "slope"},
		{"select condition", nodeOf(&selection, nil, 1, f(2), f(2), f(2)), "want Bool"},
		{"select types", nodeOf(&selection, nil, 1, shaped(schema.Bool, 2), f(2), shaped(schema.Int8, 2)), "differ in type"},
		{"softmax axis", nodeOf(&softmax, &schema.SoftmaxOptions{Axis: 2}, 1, f(2, 2)), "axis 2"},
		{"reshape count", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, f(2, 3), longs(4)), "6 elements do not fill"},
		{"reshape two unknown", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, f(2, 3), longs(-1, -1)), "-1 once"},
		{"reshape over nothing", nodeOf(&reshape, &schema.ReshapeOptions{AllowZero: true}, 1, f(0, 3), longs(0, -1)), "has no value"},
		{"reshape copy", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, f(6), longs(6, 0)), "has none"},
		{"reshape overflow", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, f(6), longs(1<<27, 1<<27, 1<<27)), "more than"},
		{"reshape of bits", nodeOf(&reshape, &schema.ReshapeOptions{}, 1, shaped(schema.Bits, 2, 33), longs(66)), "packed bits"},
		{"flatten axis", nodeOf(&flatten, &schema.AxisOptions{Axis: 3}, 1, f(2, 2)), "axis 3"},
		{"squeeze a long axis", nodeOf(&squeeze, nil, 1, f(2, 1), longs(0)), "size 2, want 1"},
		{"unsqueeze axis", nodeOf(&unsqueeze, nil, 1, f(2), longs(2)), "axis 2"},
		{"transpose perm", nodeOf(&transpose, &schema.TransposeOptions{Perm: []int{0, 0}}, 1, f(2, 2)), "want a permutation"},
		{"transpose rank", nodeOf(&transpose, &schema.TransposeOptions{Perm: []int{0}}, 1, f(2, 2)), "want a permutation"},
		{"transpose of bits", nodeOf(&transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, 1, shaped(schema.Bits, 2, 2)), "packed bits"},
		{"concat shapes", nodeOf(&concat, &schema.AxisOptions{}, 1, f(2, 2), f(2, 3)), "on axis 1"},
		{"concat types", nodeOf(&concat, &schema.AxisOptions{}, 1, f(2), shaped(schema.Int8, 2)), "does not match"},
		{"concat of bits", nodeOf(&concat, &schema.AxisOptions{Axis: 1}, 1, shaped(schema.Bits, 2, 5), shaped(schema.Bits, 2, 5)), "multiple of 32"},
		{"split sizes", nodeOf(&split, &schema.AxisOptions{}, 2, f(5), longs(2, 2)), "add up to 4"},
		{"split negative", nodeOf(&split, &schema.AxisOptions{}, 2, f(5), longs(7, -2)), "part 0 has size 7"},
		{"split unequal", nodeOf(&split, &schema.AxisOptions{}, 2, f(5)), "2 equal parts"},
		{"split count", nodeOf(&split, &schema.AxisOptions{}, 3, f(5), longs(2, 3)), "2 sizes"},
		{"slice step", nodeOf(&slice, nil, 1, f(5), longs(0), longs(1), longs(0), longs(0)), "step 0"},
		{"slice lengths", nodeOf(&slice, nil, 1, f(5), longs(0), longs(1, 2)), "as many as starts"},
		{"slice of bits", nodeOf(&slice, nil, 1, shaped(schema.Bits, 5), longs(0), longs(3)), "cannot be cut"},
		{"gather axis", nodeOf(&gather, &schema.AxisOptions{}, 1, f(), longs(0)), "axis 0 of a tensor of rank 0"},
		{"gather indices", nodeOf(&gather, &schema.AxisOptions{}, 1, f(2), f(2)), "want Int64 or Int32"},
		{"expand shape", nodeOf(&expand, nil, 1, f(2), longs(3)), "do not broadcast"},
		{"expand negative", nodeOf(&expand, nil, 1, f(2), longs(-1)), "dimension -1"},
		{"expand of bits", nodeOf(&expand, nil, 1, shaped(schema.Bits, 1), longs(5)), "packed bits"},
		{"pad count", nodeOf(&pad, &schema.PadOptions{}, 1, f(2), longs(1)), "1 pads"},
		{"pad reflects too much", nodeOf(&pad, &schema.PadOptions{Mode: schema.PadReflect}, 1, f(2), longs(2, 0)), "cannot reflect"},
		{"pad edge of nothing", nodeOf(&pad, &schema.PadOptions{Mode: schema.PadEdge}, 1, f(0), longs(2, 0)), "has no edge"},
		{"pad below zero", nodeOf(&pad, &schema.PadOptions{}, 1, f(2), longs(-2, -1)), "has size -1"},
		{"pad value", nodeOf(&pad, &schema.PadOptions{}, 1, f(2), longs(1, 1), shaped(schema.Int8)), "want one element of type Float32"},
		{"pad of bits", nodeOf(&pad, &schema.PadOptions{}, 1, shaped(schema.Bits, 2), longs(1, 1)), "packed bits"},
		{"fill negative", nodeOf(&fill, nil, 1, longs(-2), f(1)), "dimension -2"},
		{"fill huge", nodeOf(&fill, nil, 1, longs(1<<20, 1<<20), f(1)), "more than"},
		{"cast to bits", nodeOf(&cast, &schema.CastOptions{To: schema.Bits}, 1, f(2)), "cast to Bits"},
		{"cast of bits", nodeOf(&cast, &schema.CastOptions{To: schema.Float32}, 1, shaped(schema.Bits, 2)), "packed bits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := InferNode(c.node)
			if err == nil {
				t.Fatalf("no error, output %v", c.node.Outputs[0])
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want a part %q", err, c.want)
			}
		})
	}
}

// TestRunErrors checks values that only a run can show to be wrong.
func TestRunErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		node *Node
		want string
	}{
		{"gather", nodeOf(&gather, &schema.AxisOptions{}, 1, longs(1, 2), longs(2)), "index 2 at position 0, want -2 to 1"},
		{"div", nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Div}, 1, longs(1, 2), longs(1, 0)), "integer division by zero"},
	} {
		if err := Evaluate(c.node); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a part %q", c.name, err, c.want)
		}
	}
}

// TestRunTimeWeights checks weights that are computed in the graph against constants.
func TestRunTimeWeights(t *testing.T) {
	fill := func(n, mod int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(i%mod - mod/2)
		}
		return v
	}
	x, w := floatsOf([]int{2, 6, 5, 4}, fill(240, 7)...), floatsOf([]int{70, 3, 3, 4}, fill(70*36, 5)...)
	a, b := floatsOf([]int{2, 5, 9}, fill(90, 7)...), floatsOf([]int{2, 9, 20}, fill(360, 5)...)
	for _, n := range []*Node{
		nodeOf(&conv2D, conv(schema.Conv2DOptions{Window: schema.Window{Pads: schema.Pads{Top: 1, Left: 1}}}), 1, x, w),
		nodeOf(&conv2D, conv(schema.Conv2DOptions{ChannelsFirst: true, Window: schema.Window{Pads: schema.Pads{Top: 1, Left: 1}}}), 1,
			floatsOf([]int{2, 4, 6, 5}, fill(240, 7)...), w),
		nodeOf(&matMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, 1, a, b),
	} {
		if err := Evaluate(n); err != nil {
			t.Fatal(err)
		}
		late := nodeOf(n.Def, n.Options, 1, n.Inputs[0], shaped(schema.Float32, n.Inputs[1].Shape...))
		late.Workers = parallel.New(2)
		defer late.Workers.Close()
		if err := InferNode(late); err != nil {
			t.Fatal(err)
		}
		if err := PrepareNode(late); err != nil {
			t.Fatal(err)
		}
		late.Inputs[1].Data = n.Inputs[1].Data
		late.Outputs[0].Data = AlignedBytes(late.Outputs[0].Bytes())
		late.Scratch = AlignedBytes(late.Kernel.Scratch)
		if err := RunNode(late); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(View[float32](late.Outputs[0]), View[float32](n.Outputs[0])); d != "" {
			t.Errorf("%v: run-time weights (-got +want):\n%s", n.Def.Code, d)
		}
	}
}

// TestLargeRuns runs kernels on tensors that are cut into tiles, checks that threads
// do not change a bit and that nothing is allocated.
func TestLargeRuns(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	wave := func(shape ...int) *Tensor {
		v := make([]float32, product(shape))
		for i := range v {
			v[i] = float32(math.Sin(float64(i) * 0.37))
		}
		return floatsOf(shape, v...)
	}
	x := wave(2, 60, 50, 33)
	for _, n := range []*Node{
		nodeOf(&conv2D, conv(schema.Conv2DOptions{Window: schema.Window{Pads: schema.Pads{Top: 1, Left: 1}}}), 1, x, wave(20, 3, 3, 33)),
		nodeOf(&conv2D, conv(schema.Conv2DOptions{Groups: 33}), 1, x, wave(33, 3, 3, 1), wave(33)),
		nodeOf(&matMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, 1, x, wave(33, 40)),
		nodeOf(&matMul, &schema.MatMulOptions{TransposeA: true, Clamp: schema.NoClamp}, 1, wave(2, 300, 200), wave(2, 300, 100)),
		nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{Kernel: schema.Size2D{H: 3, W: 3}}), 1, x),
		nodeOf(&pool2D, poolOptions(schema.Pool2DOptions{Kind: schema.AveragePool, Kernel: schema.Size2D{H: 3, W: 3}}), 1, x),
		nodeOf(&reduce, &schema.ReduceOptions{}, 1, x, longs(1, 2)),
		nodeOf(&reduce, &schema.ReduceOptions{}, 1, x, longs(0, 2)),
		nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, 1, x, longs(3)),
		nodeOf(&reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, 1, x, nil),
		nodeOf(&unary, &schema.UnaryOptions{Kind: schema.Tanh}, 1, x),
		nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Add}, 1, x, wave(33)),
		nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Mul}, 1, wave(50, 1), x),
		nodeOf(&binary, &schema.BinaryOptions{Kind: schema.Less}, 1, x, wave()),
		nodeOf(&softmax, &schema.SoftmaxOptions{Axis: -1}, 1, x),
		nodeOf(&softmax, &schema.SoftmaxOptions{Axis: 1, Log: true}, 1, x),
		nodeOf(&transpose, &schema.TransposeOptions{Perm: []int{0, 3, 1, 2}}, 1, x),
		nodeOf(&concat, &schema.AxisOptions{Axis: 2}, 1, x, x),
		nodeOf(&split, &schema.AxisOptions{Axis: 3}, 3, x),
		nodeOf(&slice, nil, 1, x, longs(3), longs(40), longs(1), longs(2)),
		nodeOf(&expand, nil, 1, wave(50, 1), longs(60, 50, 33)),
		nodeOf(&pad, &schema.PadOptions{Mode: schema.PadReflect}, 1, x, longs(0, 3, 3, 0, 0, 3, 3, 0)),
		nodeOf(&gather, &schema.AxisOptions{Axis: 1}, 1, x, longs(3, -1, 5, 0, 0, 7)),
		nodeOf(&cast, &schema.CastOptions{To: schema.Int8}, 1, x),
		nodeOf(&reshape, &schema.ReshapeOptions{}, 1, x, longs(-1)),
		nodeOf(&fill, nil, 1, longs(300, 300), floatsOf([]int{1}, 3)),
	} {
		t.Run(fmt.Sprintf("%v %v", n.Def.Code, n.Inputs[0].Shape), func(t *testing.T) {
			if err := Evaluate(n); err != nil {
				t.Fatal(err)
			}
			var want [][]byte
			for _, o := range n.Outputs {
				want = append(want, append([]byte(nil), o.Data...))
			}
			n.Workers = pool
			if err := Evaluate(n); err != nil {
				t.Fatal(err)
			}
			n.Scratch = AlignedBytes(n.Kernel.Scratch)
			for i := range n.Scratch {
				n.Scratch[i] = 0xff
			}
			allocs := testing.AllocsPerRun(3, func() {
				if err := RunNode(n); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%s: %v allocations", n.Kernel.Name, allocs)
			}
			for i, o := range n.Outputs {
				if string(o.Data) != string(want[i]) {
					t.Errorf("%s: output %d changes with the number of threads", n.Kernel.Name, i)
				}
			}
			if n.Kernel.InPlace {
				own := append([]byte(nil), n.Inputs[0].Data...)
				m := *n
				in, out := *n.Inputs[0], *n.Outputs[0]
				in.Data = AlignedBytes(len(own))
				copy(in.Data, own)
				out.Data = in.Data
				m.Inputs = append([]*Tensor{&in}, n.Inputs[1:]...)
				m.Outputs = []*Tensor{&out}
				if err := RunNode(&m); err != nil {
					t.Fatal(err)
				}
				if string(out.Data[:len(want[0])]) != string(want[0]) {
					t.Errorf("%s: wrong result in place", n.Kernel.Name)
				}
			}
		})
	}
}
