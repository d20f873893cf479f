package ops

import (
	"fmt"
	"math"
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
