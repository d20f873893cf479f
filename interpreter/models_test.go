package interpreter

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

// smallModels has models that together use every op of the vocabulary.
var smallModels = []struct {
	name  string
	build func(b *builder)
}{
	{"elementwise", func(b *builder) {
		x, y := b.input("x", schema.Float32, 2, 3, 4), b.input("y", schema.Float32, 3, 1)
		v := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, x, y)
		for _, k := range []schema.UnaryKind{
			schema.Relu, schema.LeakyRelu, schema.Sigmoid, schema.HardSigmoid, schema.Tanh,
			schema.Neg, schema.Abs, schema.Sqrt, schema.Exp, schema.Log, schema.Round, schema.Sign, schema.Clip,
		} {
			u := b.op(schema.Unary, &schema.UnaryOptions{Kind: k, Alpha: -0.5, Beta: 0.75}, v)
			v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, u, v)
		}
		c := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Greater}, x, y)
		d := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Not}, c)
		e := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Or}, c, d)
		b.output("v", v)
		b.output("select", b.op(schema.Select, nil, e, v, x))
		b.output("e", e)
	}},
	{"conv", func(b *builder) {
		x := b.input("x", schema.Float32, 1, 6, 5, 4)
		w := schema.Window{Strides: schema.Size2D{H: 2, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1}}
		v := b.op(schema.Conv2D, &schema.Conv2DOptions{Window: w, Groups: 2, Clamp: schema.NoClamp}, x, b.floats(6, 3, 3, 2), b.floats(6))
		w = schema.Window{Strides: schema.Size2D{H: 1, W: 2}, Dilations: schema.Size2D{H: 1, W: 1}}
		m := b.op(schema.Pool2D, &schema.Pool2DOptions{Window: w, Kind: schema.MaxPool, Kernel: schema.Size2D{H: 2, W: 2}}, v)
		a := b.op(schema.Pool2D, &schema.Pool2DOptions{Window: w, Kind: schema.AveragePool, Kernel: schema.Size2D{H: 2, W: 2}, CeilMode: true}, v)
		b.output("max", m)
		b.output("mean", b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, a, b.ints(1, 2)))
	}},
	{"dense", func(b *builder) {
		x := b.input("x", schema.Float32, 2, 3, 4)
		f := b.op(schema.Flatten, &schema.AxisOptions{Axis: 1}, x)
		v := b.op(schema.MatMul, &schema.MatMulOptions{TransposeB: true, Clamp: schema.NoClamp}, f, b.floats(5, 12), b.floats(5))
		b.output("rows", b.op(schema.LayerNorm, &schema.LayerNormOptions{Epsilon: 1e-5}, x, b.floats(4), b.floats(4)))
		b.output("probabilities", b.op(schema.Softmax, &schema.SoftmaxOptions{Axis: -1}, v))
		b.output("log", b.op(schema.Softmax, &schema.SoftmaxOptions{Axis: 0, Log: true}, v))
		b.output("x", x)
	}},
	{"move", func(b *builder) {
		x := b.input("x", schema.Float32, 2, 3, 4)
		r := b.op(schema.Reshape, &schema.ReshapeOptions{}, x, b.ints(0, -1))
		u := b.op(schema.Unsqueeze, nil, r, b.ints(1))
		s := b.op(schema.Squeeze, nil, u, b.ints(1))
		p := b.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, s)
		c := b.op(schema.Concat, &schema.AxisOptions{Axis: 1}, p, p)
		parts := b.multi(schema.Split, &schema.AxisOptions{Axis: 0}, 3, c)
		l := b.op(schema.Slice, nil, parts[1], b.ints(0, 3), b.ints(4, -10), b.ints(0, 1), b.ints(2, -1))
		g := b.op(schema.Gather, &schema.AxisOptions{Axis: 1}, l, b.input("indices", schema.Int64, 3))
		e := b.op(schema.Expand, nil, g, b.ints(2, 1, 1))
		d := b.op(schema.Pad, &schema.PadOptions{Mode: schema.PadConstant}, e, b.ints(0, 1, 0, 0, 0, 2), b.raw(schema.Float32, []float32{7}))
		b.output("padded", d)
		b.output("cast", b.op(schema.Cast, &schema.CastOptions{To: schema.Int32}, d))
		b.output("part", parts[2])
	}},
	{"shapes", func(b *builder) {
		b.open = true
		x := b.input("x", schema.Float32, -1, 3, 4)
		s := b.op(schema.Shape, &schema.ShapeOptions{Start: 0, End: 1}, x)
		n := b.op(schema.Concat, &schema.AxisOptions{Axis: 0}, s, b.ints(-1))
		b.tensors[n].Data = b.tensors[b.ints(1, -1)].Data // as the interpreter will find out
		r := b.op(schema.Reshape, &schema.ReshapeOptions{}, x, n)
		f := b.op(schema.Fill, nil, s, b.raw(schema.Float32, []float32{2.5}, 1))
		f = b.op(schema.Unsqueeze, nil, f, b.ints(1))
		b.output("sum", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, r, f))
		b.output("shape", s)
	}},
	{"functions", func(b *builder) {
		x, y := b.input("x", schema.Float32, 2, 3, 4), b.input("y", schema.Int64, 4)
		v := x
		for k := schema.Floor; k <= schema.Swish; k++ {
			u := b.op(schema.Unary, &schema.UnaryOptions{Kind: k, Alpha: 0.5, Beta: 0.25}, x)
			v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, u, v)
		}
		b.output("v", v)
		three := b.raw(schema.Int64, []int64{3})
		w := y
		for k := schema.Mod; k <= schema.ShiftRight; k++ {
			w = b.op(schema.Binary, &schema.BinaryOptions{Kind: k}, w, three)
		}
		b.output("w", w)
		c := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Less}, y, three)
		b.output("xor", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Xor}, c, b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Not}, c)))
		b.output("min", b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMin}, x, b.ints(0, 2)))
	}},
	{"picks", func(b *builder) {
		x, i := b.input("x", schema.Float32, 2, 3, 4), b.input("i", schema.Int64, 2, 1, 2)
		t := b.op(schema.Tile, nil, x, b.ints(1, 2, 3))
		b.output("elements", b.op(schema.GatherElements, &schema.AxisOptions{Axis: -2}, t, i))
		b.output("nd", b.op(schema.GatherND, &schema.AxisOptions{Axis: 1}, x, i))
		b.output("one_hot", b.op(schema.OneHot, &schema.AxisOptions{Axis: 1}, i, b.ints(3), b.floats(2)))
	}},
	{"along", func(b *builder) {
		x := b.input("x", schema.Float32, 3, 3, 4)
		for i, o := range []*schema.ArgOptions{{Axis: 1}, {Axis: -1, KeepDims: true, Min: true, Last: true}} {
			b.output("arg"+string(rune('0'+i)), b.op(schema.ArgReduce, o, x))
		}
		top := b.multi(schema.TopK, &schema.TopKOptions{Axis: 1, Smallest: true}, 2, x, b.ints(2))
		b.output("top", top[0])
		b.output("places", top[1])
		b.output("sums", b.op(schema.CumSum, &schema.CumSumOptions{Exclusive: true, Reverse: true}, x, b.ints(-2)))
		b.output("lower", b.op(schema.Trilu, &schema.TriluOptions{Lower: true}, x, b.input("k", schema.Int64, 1)))
		b.output("turned", b.op(schema.ReverseSequence, &schema.ReverseSequenceOptions{BatchAxis: 0, TimeAxis: 2}, x, b.input("lengths", schema.Int64, 3)))
		i := b.input("i", schema.Int64, 3, 1, 4)
		b.output("scattered", b.op(schema.ScatterElements, &schema.ScatterOptions{Axis: 1, Reduction: schema.ScatterAdd}, x, i, b.floats(3, 1, 4)))
		b.output("slices", b.op(schema.ScatterND, &schema.ScatterOptions{}, x, b.input("j", schema.Int64, 3, 1), b.floats(3, 3, 4)))
	}},
	{"resize", func(b *builder) {
		x := b.input("x", schema.Float32, 1, 2, 4, 5)
		scales := b.raw(schema.Float32, []float32{1, 1, 2, 0.7}, 4)
		for i, o := range []*schema.ResizeOptions{
			{}, {Mode: schema.ResizeLinear, Coordinates: schema.ResizeAsymmetric}, {Mode: schema.ResizeCubic, Cubic: -0.75, ExcludeOutside: true},
		} {
			b.output("y"+string(rune('0'+i)), b.op(schema.Resize, o, x, -1, scales))
		}
		crop := &schema.ResizeOptions{Mode: schema.ResizeLinear, Coordinates: schema.ResizeCropAndResize, Extrapolation: 5}
		region := b.raw(schema.Float32, []float32{0, 0, 0.2, -0.5, 1, 1, 0.8, 1}, 8)
		b.output("crop", b.op(schema.Resize, crop, x, region, -1, b.ints(1, 2, 3, 7)))
		pool := &schema.PoolNDOptions{Kernel: []int{2, 3}, Strides: []int{1, 2}, Dilations: []int{2, 1}, Pads: []int{1, 0, 0, 1}}
		both := b.multi(schema.PoolND, pool, 2, x)
		b.output("max", both[0])
		b.output("where", both[1])
		mean := *pool
		mean.Kind, mean.CountIncludePad = schema.AveragePool, true
		b.output("mean", b.op(schema.PoolND, &mean, x))
	}},
	{"recurrent", func(b *builder) {
		x := b.input("x", schema.Float32, 3, 2, 4)
		lengths := b.input("lengths", schema.Int32, 2)
		o := &schema.RecurrentOptions{Kind: schema.LSTM, Direction: schema.Bidirectional, Activations: []int{0, 1, 1, 0, 1, 3}}
		for i, y := range b.multi(schema.Recurrent, o, 3, x, b.floats(2, 20, 4), b.floats(2, 20, 5), b.floats(2, 40), -1, b.floats(2, 2, 5), b.floats(2, 2, 5), b.floats(2, 15)) {
			b.output("lstm"+string(rune('0'+i)), y)
		}
		for i, linear := range []bool{false, true} {
			o := &schema.RecurrentOptions{Kind: schema.GRU, Direction: schema.Reverse, Activations: []int{0, 1}, LinearBeforeReset: linear}
			b.output("gru"+string(rune('0'+i)), b.op(schema.Recurrent, o, x, b.floats(1, 15, 4), b.floats(1, 15, 5), b.floats(1, 30), lengths))
		}
		b.output("rnn", b.op(schema.Recurrent, &schema.RecurrentOptions{Activations: []int{2}}, x, b.floats(1, 5, 4), b.floats(1, 5, 5)))
	}},
	{"quantized", func(b *builder) {
		x, scales := b.input("x", schema.Float32, 1, 6, 5, 8), b.raw(schema.Float32, []float32{0.25}, 1)
		q := b.op(schema.Quantize, &schema.QuantizeOptions{}, x, scales, b.raw(schema.Uint8, []uint8{100}, 1))
		s := b.op(schema.Quantize, &schema.QuantizeOptions{Axis: -1}, x, b.raw(schema.Float32, []float32{1, 2, 0.5, 1, 1, 2, 3, 4}, 8), b.raw(schema.Int8, make([]int8, 8), 8))
		w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}}
		weights := func(shape ...int) int {
			n, _ := ops.Count(shape)
			list := make([]int8, n)
			for i := range list {
				list[i] = int8(i * 37)
			}
			return b.raw(schema.Int8, list, shape...)
		}
		o := &schema.QConv2DOptions{Window: w, Groups: 1, To: schema.Int8, ZeroPoint: -3, Clamp: schema.Clamp{Min: -3, Max: 100}}
		zero, one := b.raw(schema.Uint8, []uint8{100}, 1), b.raw(schema.Float32, []float32{0.01}, 1)
		c := b.op(schema.QConv2D, o, q, weights(8, 3, 3, 8), zero, -1, b.raw(schema.Int32, []int32{1, 2, 3, 4, 5, 6, 7, 8}, 8), one)
		deep := &schema.QConv2DOptions{Window: w, Groups: 8, To: schema.Float32, Clamp: schema.NoClamp}
		b.output("depthwise", b.op(schema.QConv2D, deep, s, weights(8, 3, 3, 1), -1, b.raw(schema.Int8, []int8{5}, 1), -1, one, b.floats(8)))
		sum := b.op(schema.QBinary, &schema.QBinaryOptions{To: schema.Int8, AScale: 0.5, BScale: 2, AZero: -3, BZero: 100, Clamp: schema.NoClamp}, c, q)
		b.output("table", b.op(schema.Lookup, nil, sum, b.floats(256)))
		pool := &schema.Pool2DOptions{Window: schema.Window{Strides: schema.Size2D{H: 2, W: 2}, Dilations: schema.Size2D{H: 1, W: 1}}, Kernel: schema.Size2D{H: 2, W: 2}}
		b.output("float", b.op(schema.Dequantize, &schema.QuantizeOptions{}, b.op(schema.Pool2D, pool, sum), one, b.raw(schema.Int8, []int8{7}, 1)))
		m := b.op(schema.QMatMul, &schema.QMatMulOptions{To: schema.Int32, Clamp: schema.NoClamp}, sum, weights(8, 5), -1, b.raw(schema.Int8, []int8{1, 2, 3, 4, 5}, 5))
		b.output("sums", m)
		b.output("computed", b.op(schema.QMatMul, &schema.QMatMulOptions{To: schema.Uint8, Clamp: schema.NoClamp}, q, b.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{0, 1, 3, 2}}, s), zero, -1, -1, one))
	}},
	{"late picks", func(b *builder) {
		b.open = true
		x := b.input("x", schema.Float32, 2, 3)
		n := b.late(schema.NonZero, nil, 2, x)
		b.graph.Tensors[n].DType = schema.Int64
		b.output("n", n)
		r := b.late(schema.Range, nil, 1, b.input("start", schema.Int64, 1), b.ints(5), b.ints(2))
		b.output("tile", b.late(schema.Tile, nil, 1, r, b.input("repeats", schema.Int64, 1)))
	}},
	{"boxes", func(b *builder) {
		boxes, scores := b.input("boxes", schema.Float32, 2, 6, 4), b.input("scores", schema.Float32, 2, 3, 6)
		for i, center := range []bool{false, true} {
			n := b.late(schema.NonMaxSuppression, &schema.NonMaxSuppressionOptions{CenterPointBox: center}, 2, boxes, scores, b.ints(4), b.raw(schema.Float32, []float32{0.3}), -1)
			b.graph.Tensors[n].DType = schema.Int64
			b.output("selected"+string(rune('0'+i)), n)
		}
	}},
	{"late", func(b *builder) {
		b.open = true
		x, y := b.input("x", schema.Float32, 2, 3, 4), b.input("y", schema.Float32, 1, 1)
		two := b.late(schema.Expand, nil, 3, y, b.input("shape", schema.Int64, 3))
		cut := b.late(schema.Slice, nil, 3, x, b.input("starts", schema.Int64, 2), b.ints(4, 4))
		sum := b.late(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceSum, KeepDims: true}, 3, cut, b.ints(1))
		b.output("expand", two)
		b.output("shape", b.late(schema.Shape, &schema.ShapeOptions{End: 9}, 1, two))
		b.output("sum", b.late(schema.Unary, &schema.UnaryOptions{Kind: schema.Sigmoid}, 3, sum))
		b.output("early", b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Relu}, x))
	}},
	{"binary", func(b *builder) {
		x := b.input("x", schema.Float32, 1, 6, 6, 40)
		v := b.op(schema.Bsign, &schema.BsignOptions{}, x, b.floats(40), b.bits(40))
		w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Top: 1, Left: 1, Bottom: 1, Right: 1}}
		o := &schema.BConv2DOptions{Window: w, Groups: 1, PreClamp: schema.NoClamp, Clamp: schema.NoClamp}
		f := b.op(schema.BConv2D, o, v, b.bits(33, 3, 3, 40), b.floats(33), b.floats(33))
		both := b.multi(schema.BConv2D, o, 2, v, b.bits(33, 3, 3, 40), b.floats(33), -1, b.raw(schema.Int32, make([]int32, 33), 33))
		t := both[0]
		w = schema.Window{Strides: schema.Size2D{H: 2, W: 2}, Dilations: schema.Size2D{H: 1, W: 1}}
		p := b.op(schema.BMaxPool2D, &schema.Pool2DOptions{Window: w, Kind: schema.MaxPool, Kernel: schema.Size2D{H: 2, W: 2}}, t)
		g := b.op(schema.BGEMM, &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.NoClamp}, p, b.bits(7, 33), b.floats(7))
		b.output("float", f)
		b.output("bits", t)
		b.output("both", both[1])
		b.output("unpacked", b.op(schema.Bunpack, nil, p))
		b.output("dense", g)
	}},
	{"integers", func(b *builder) {
		x, y := b.input("x", schema.Int64, 3, 4), b.input("y", schema.Int64, 4)
		two := b.raw(schema.Int64, []int64{2})
		v := x
		for _, k := range []schema.BinaryKind{schema.Add, schema.Sub, schema.Mul, schema.Max, schema.Min} {
			v = b.op(schema.Binary, &schema.BinaryOptions{Kind: k}, v, y)
		}
		v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Div}, v, two)
		v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Pow}, v, two)
		c := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Equal}, v, x)
		d := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.LessOrEqual}, v, y)
		b.output("and", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.And}, c, d))
		f := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, v)
		b.output("sum", b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceSum}, f, b.ints(0)))
		b.output("max", b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, f))
		b.output("neg", b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Neg}, v))
	}},
	{"depthwise", func(b *builder) {
		x := b.input("x", schema.Float32, 2, 5, 5, 6)
		w := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 2, W: 1}, Pads: schema.Pads{Top: 2, Left: 1, Bottom: 2, Right: 1}}
		v := b.op(schema.Conv2D, &schema.Conv2DOptions{Window: w, Groups: 6, Clamp: schema.Clamp{Min: 0, Max: 6}}, x, b.floats(6, 3, 3, 1), b.floats(6))
		w = schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}}
		v = b.op(schema.Conv2D, &schema.Conv2DOptions{Window: w, Groups: 1, Clamp: schema.NoClamp}, v, b.floats(70, 1, 1, 6))
		v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.PRelu}, v, b.floats(70))
		p := b.op(schema.Pad, &schema.PadOptions{Mode: schema.PadReflect}, v, b.ints(1, 0, 2, -1), -1, b.ints(1, 2))
		b.output("p", p)
		b.output("m", b.op(schema.MatMul, &schema.MatMulOptions{TransposeA: true, Clamp: schema.NoClamp}, v, v))
	}},
	{"bit moves", func(b *builder) {
		x := b.input("x", schema.Bits, 2, 3, 40)
		w := b.bits(64, 3, 40)
		y := b.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0, 2}}, x)
		y = b.op(schema.Concat, &schema.AxisOptions{Axis: 1}, y, b.bits(3, 1, 40))
		y = b.op(schema.Reshape, &schema.ReshapeOptions{}, y, b.ints(-1, 40))
		g := b.op(schema.Gather, &schema.AxisOptions{Axis: 0}, w, b.ints(5, -1))
		b.output("gemm", b.op(schema.BGEMM, &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.Clamp{Min: -3, Max: 30}}, y, b.bits(9, 40), b.floats(9), b.floats(9)))
		b.output("bits", b.op(schema.BGEMM, &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: schema.NoClamp}, x, g, -1, -1, b.raw(schema.Int32, []int32{3, -1, 0}, 3)))
		o := &schema.BConv2DOptions{
			Window: schema.Window{Strides: schema.Size2D{H: 1, W: 2}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Left: 3, Right: 1}},
			Groups: 2, PadValue: -1, PreClamp: schema.NoClamp, Clamp: schema.NoClamp,
		}
		m := b.op(schema.Unsqueeze, nil, x, b.ints(1))
		b.output("conv", b.op(schema.BConv2D, o, m, b.bits(6, 1, 2, 20)))
	}},
	{"stored weights", func(b *builder) {
		x := b.input("x", schema.Float32, 2, 5, 5, 8)
		half := func(shape ...int) int {
			return b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.half(shape...))
		}
		conv := &schema.Conv2DOptions{Window: window(1), Groups: 1, Clamp: schema.NoClamp}
		y := b.op(schema.Conv2D, conv, x, b.int8s([]int{12, 3, 3, 8}, 12, 1, 1, 1), half(12))
		y = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, y, half(12))
		signs := b.op(schema.Reshape, &schema.ReshapeOptions{}, b.op(schema.Bunpack, nil, b.bits(6*9*12)), b.ints(6, 3, 3, 12))
		b.output("conv", b.op(schema.Conv2D, conv, y, signs))
		rows := b.input("rows", schema.Float32, 3, 30)
		w := half(30, 30)
		product := func(x, w int, transposed bool) int {
			return b.op(schema.MatMul, &schema.MatMulOptions{TransposeB: transposed, Clamp: schema.NoClamp}, x, w)
		}
		b.output("shared", product(product(rows, w, false), w, true))
		also := b.int8s([]int{30, 6}, 1, 6)
		b.output("also added", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, product(rows, also, false), b.op(schema.Slice, nil, also, b.ints(0), b.ints(3))))
		table := b.half(40, 30)
		ids := b.input("ids", schema.Int64, 4)
		token := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.op(schema.Gather, &schema.AxisOptions{}, table, ids))
		b.output("tied", product(token, b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, table), true))
	}},
}

// half makes a constant of made-up float16.
func (b *builder) half(shape ...int) int {
	n, err := ops.Count(shape)
	if err != nil {
		b.t.Fatal(err)
	}
	bits := make([]uint16, n)
	for i, v := range ramp(n, len(b.tensors)) {
		bits[i] = move.Float16Bits(float64(v))
	}
	return b.raw(schema.Float16, bits, shape...)
}

// int8s expands made-up int8 by scales.
func (b *builder) int8s(shape []int, scales ...int) int {
	n, err := ops.Count(shape)
	if err != nil {
		b.t.Fatal(err)
	}
	q := make([]int8, n)
	for i := range q {
		q[i] = int8(i*37 + len(b.tensors))
	}
	w := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.raw(schema.Int8, q, shape...))
	return b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(scales...))
}

// fuzzModels has more for the fuzzers: operators that run graphs.
var fuzzModels = append(slices.Clone(smallModels), smallModelsWithGraphs...)

var smallModelsWithGraphs = []struct {
	name  string
	build func(b *builder)
}{{"if", ifModel}, {"loop", loopModel}, {"scan", scanModel}}

// smallModel builds a model of the list.
func smallModel(t rapid.TB, name string) *builder {
	t.Helper()
	for _, m := range smallModels {
		if m.name == name {
			b := newBuilder(t)
			m.build(b)
			return b
		}
	}
	t.Fatalf("no model %q", name)
	return nil
}

func TestSmallModelsUseEveryOp(t *testing.T) {
	used := map[schema.OpCode]bool{}
	for _, m := range smallModels {
		for _, op := range smallModel(t, m.name).graph.Operators {
			used[op.Code] = true
		}
	}
	for code := schema.Custom + 1; code <= schema.Cast; code++ {
		if !used[code] {
			t.Errorf("no model uses %v", code)
		}
	}
}
