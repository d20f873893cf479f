package passes

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// TestScaledSigns checks that scales of signs end in the layers that read them.
func TestScaledSigns(t *testing.T) {
	above := func(b *net, x *graph.Value, yes, no float32) *graph.Value {
		return b.where(b.binary(schema.Greater, x, b.scalar(0)), yes, no)
	}
	times := func(b *net, x *graph.Value, a ...float32) *graph.Value {
		return b.binary(schema.Mul, x, b.consts([]int{len(a)}, a...))
	}
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value // x is [1, 4, 4, 4]
		want []string
	}{
		{"dense", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(above(b, x, 0.3, -0.3), 5, 0.7)
		}, []string{"Bsign", "BGEMM"}},
		{"inverted", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(above(b, x, -0.3, 0.3), 5, 1)
		}, []string{"Bsign", "BGEMM"}},
		{"conv with padding and bias", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(above(b, x, 1.7, -1.7), []int{3, 3, 3, 4}, 0.1, []float32{1, 2, 3}, window(1, 1))
		}, []string{"Bsign", "BConv2D"}},
		{"scalar behind the sign", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.step(x), -0.6), []int{3, 3, 3, 4}, 1, nil, window(1, 1))
		}, []string{"Bsign", "BConv2D"}},
		{"divided", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(b.binary(schema.Div, b.step(x), b.scalar(3)), []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "BConv2D"}},
		{"two scales and Neg", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.unary(schema.Neg, times(b, above(b, x, 0.3, -0.3), 1.1)), 5, 1)
		}, []string{"Bsign", "BGEMM"}},
		{"max pool", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(b.maxPool(above(b, x, 0.3, -0.3), 2, 2), []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "BMaxPool2D", "BConv2D"}},
		{"max pool of a negative scale", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(b.maxPool(times(b, b.step(x), -0.3), 2, 2), []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "BMaxPool2D", "BConv2D"}},
		{"max pool of a scale per channel", func(b *net, x *graph.Value) *graph.Value {
			y := b.maxPool(times(b, b.step(x), 0.3, 0.4, 0.5, 0.6), 2, 2)
			return b.conv(y, []int{8, 2, 2, 1}, 1, nil, window(1, 0))
		}, []string{"Bsign", "BMaxPool2D", "BConv2D"}},
		{"depthwise with scales per channel", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.step(x), 0.3, -0.4, 0.5, 0.6), []int{8, 3, 3, 1}, 1, nil, window(1, 1))
		}, []string{"Bsign", "BConv2D"}},
		{"groups of equal scales", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.step(x), 0.3, 0.3, 0.5, 0.5), []int{6, 3, 3, 2}, 1, nil, window(1, 1))
		}, []string{"Bsign", "BConv2D"}},
		{"scales per input channel", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.step(x), 0.3, 0.4, 0.5, 0.6), []int{6, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bunpack", "Mul", "Conv2D"}},
		{"flatten", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.flatten(above(b, b.input(1, 2, 2, 32), 0.3, -0.3)), 5, 1)
		}, []string{"Bsign", "Flatten", "BGEMM"}},
		{"transpose", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Transpose, &schema.TransposeOptions{Perm: []int{0, 2, 1, 3}}, above(b, x, 0.3, -0.3))
			return b.dense(y, 5, 1)
		}, []string{"Bsign", "Transpose", "BGEMM"}},
		{"concat of equal scales", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Concat, &schema.AxisOptions{Axis: 3}, above(b, x, 0.3, -0.3), times(b, b.step(b.input(1, 4, 4, 3)), 0.3))
			return b.conv(y, []int{3, 1, 1, 7}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bunpack", "Bsign", "Bunpack", "Concat", "Bsign", "BConv2D"}},
		{"concat of other scales", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Concat, &schema.AxisOptions{Axis: 3}, above(b, x, 0.3, -0.3), times(b, b.step(b.input(1, 4, 4, 3)), 0.4))
			return b.conv(y, []int{3, 1, 1, 7}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bunpack", "Mul", "Bsign", "Bunpack", "Mul", "Concat", "Conv2D"}},
		{"split", func(b *net, x *graph.Value) *graph.Value {
			b.n++
			n := &graph.Node{Name: "split", Code: schema.Split, Options: &schema.AxisOptions{Axis: 2}, Inputs: []*graph.Value{above(b, x, 0.3, -0.3)}}
			n.Outputs = []*graph.Value{b.g.NewValue("left"), b.g.NewValue("right")}
			b.g.Append(n)
			if err := b.g.InferNode(n); err != nil {
				b.t.Fatal(err)
			}
			b.output(b.dense(n.Outputs[0], 3, 1))
			return n.Outputs[1]
		}, []string{"Bsign", "Split", "Bunpack", "Mul", "BGEMM"}},
		{"slice", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Slice, nil, above(b, x, 0.3, -0.3), b.ints(1), b.ints(4), b.ints(3))
			return b.dense(y, 3, 1)
		}, []string{"Bsign", "Bunpack", "Slice", "Bsign", "BGEMM"}},
		{"slice of scales per channel", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Slice, nil, times(b, b.step(x), 1, 2, 3, 4), b.ints(1), b.ints(4), b.ints(3))
			return b.dense(y, 3, 1)
		}, []string{"Bsign", "Bunpack", "Mul", "Slice", "MatMul"}},
		{"divided by a scale per channel", func(b *net, x *graph.Value) *graph.Value {
			y := b.binary(schema.Div, b.step(x), b.consts([]int{4}, 3, -7, 5, 11))
			return b.conv(b.binary(schema.Div, y, b.scalar(3)), []int{4, 3, 3, 1}, 1, nil, window(1, 1))
		}, []string{"Bsign", "BConv2D"}},
		{"scale of a Sign that can be 0", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.unary(schema.Sign, x), 0.3), []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bsign", "BConv2D"}},
		{"scale of 0", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(times(b, b.step(x), 0), []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bunpack", "Mul", "Conv2D"}},
		{"float weights", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(times(b, b.step(x), 0.3), b.consts([]int{4, 2}, b.normal(8)...), false)
		}, []string{"Bsign", "Bunpack", "Mul", "MatMul"}},
		{"scale with a bias of its own", func(b *net, x *graph.Value) *graph.Value {
			y := b.binary(schema.Add, times(b, b.step(x), 0.3), b.scalar(0.1))
			return b.conv(y, []int{3, 1, 1, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "Bunpack", "Mul", "Add", "Conv2D"}},
		{"pad of the same size", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Pad, &schema.PadOptions{}, above(b, x, 0.5, -0.5), b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(-0.5))
			return b.conv(y, []int{3, 3, 3, 4}, 1, nil, window(1, 0))
		}, []string{"Bsign", "BConv2D"}},
		{"product of activations", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(above(b, b.input(3, 40), 0.3, -0.3), times(b, b.step(b.input(5, 40)), 0.7), true)
		}, []string{"Bsign", "Bsign", "BGEMM"}},
		{"residual keeps the scale", func(b *net, x *graph.Value) *graph.Value {
			y := above(b, x, 0.5, -0.5)
			return b.binary(schema.Add, b.conv(y, []int{4, 3, 3, 4}, 1, nil, window(1, 1)), y)
		}, []string{"Bsign", "Bunpack", "Mul", "BConv2D", "Add"}},
		{"not symmetric", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(above(b, x, 1, -0.5), 5, 1)
		}, []string{"Greater", "Select", "MatMul"}},
		{"one output scaled", func(b *net, x *graph.Value) *graph.Value {
			return above(b, x, 0.5, -0.5)
		}, []string{"Bsign", "Bunpack", "Mul"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(test.make(b, b.input(1, 4, 4, 4)))
			b.convert(1e-5)
			b.wantCodes(test.want...)
		})
	}
}

// TestSignCases checks signs that are made of several comparisons, against the float
// ops they replace.
func TestSignCases(t *testing.T) {
	compare := func(b *net, k schema.BinaryKind, x *graph.Value, t float32) *graph.Value {
		return b.binary(k, x, b.scalar(t))
	}
	cast := func(b *net, x *graph.Value, to schema.DType) *graph.Value {
		return b.add(schema.Cast, &schema.CastOptions{To: to}, x)
	}
	sel := func(b *net, cond, yes, no *graph.Value) *graph.Value { return b.add(schema.Select, nil, cond, yes, no) }
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want []string // nil for Bsign and Bunpack
	}{
		{"Larq's sign of a moved sign", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, b.unary(schema.Sign, x), b.scalar(0.1)))
		}, nil},
		{"moved down", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, b.unary(schema.Sign, x), b.scalar(-0.9)))
		}, nil},
		{"moved too far", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, b.unary(schema.Sign, x), b.scalar(1)))
		}, []string{"Sign", "Add", "Sign"}},
		{"moved from the left", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Sub, b.scalar(0.5), b.unary(schema.Sign, x)))
		}, nil},
		{"zeros replaced by 1", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Sign, x)
			return sel(b, compare(b, schema.Equal, y, 0), b.scalar(1), y)
		}, nil},
		{"zeros of the operand replaced by -1, through Not and Cast", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Sign, x)
			zero := cast(b, cast(b, b.unary(schema.Not, compare(b, schema.Equal, x, 0)), schema.Int32), schema.Bool)
			return sel(b, zero, y, b.scalar(-1))
		}, nil},
		{"zeros replaced by 0.5", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Sign, x)
			return sel(b, compare(b, schema.Equal, y, 0), b.scalar(0.5), y)
		}, []string{"Sign", "Equal", "Select"}},
		{"two assignments in place", func(b *net, x *graph.Value) *graph.Value {
			y := sel(b, compare(b, schema.Greater, x, 0), b.scalar(1), x)
			return sel(b, b.unary(schema.Not, compare(b, schema.Greater, x, 0)), b.scalar(-1), y)
		}, nil},
		{"one assignment in place", func(b *net, x *graph.Value) *graph.Value {
			return sel(b, compare(b, schema.Greater, x, 0), b.scalar(1), x)
		}, []string{"Greater", "Select"}},
		{"comparisons with other numbers", func(b *net, x *graph.Value) *graph.Value {
			y := sel(b, compare(b, schema.Greater, x, 0), b.scalar(1), b.scalar(0))
			return b.binary(schema.Sub, y, sel(b, compare(b, schema.LessOrEqual, x, 0.5), b.scalar(1), b.scalar(0)))
		}, []string{"Greater", "Select", "LessOrEqual", "Select", "Sub"}},
		{"difference of masks", func(b *net, x *graph.Value) *graph.Value {
			y := cast(b, compare(b, schema.GreaterOrEqual, x, 0.5), schema.Float32)
			return b.binary(schema.Sub, y, cast(b, compare(b, schema.Less, x, 0.5), schema.Float32))
		}, nil},
		{"per channel", func(b *net, x *graph.Value) *graph.Value {
			y := b.binary(schema.Less, x, b.consts([]int{3}, 0.5, 0, -0.5))
			return b.binary(schema.Sub, b.scalar(1), b.binary(schema.Mul, cast(b, y, schema.Float32), b.scalar(2)))
		}, nil},
		{"of different values", func(b *net, x *graph.Value) *graph.Value {
			return sel(b, compare(b, schema.Equal, b.input(9, 3), 0), b.scalar(1), b.unary(schema.Sign, x))
		}, []string{"Equal", "Sign", "Select"}},
		{"through every function", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Sign, x)                                      // -1 0 1
			y = b.unary(schema.Relu, b.unary(schema.Neg, b.clip(y, -0.5, 5))) // 0.5 0 0
			y = b.binary(schema.Div, b.unary(schema.Abs, y), b.scalar(0.25))  // 2 0 0
			y = b.binary(schema.Min, y, b.scalar(1))                          // 1 0 0
			return b.binary(schema.Max, b.binary(schema.Mul, y, b.scalar(-2)), b.binary(schema.Sub, b.scalar(1), b.binary(schema.Mul, y, b.scalar(2))))
		}, nil},
		{"both of two comparisons", func(b *net, x *graph.Value) *graph.Value {
			p := b.binary(schema.And, compare(b, schema.GreaterOrEqual, x, 0), b.unary(schema.Not, compare(b, schema.Equal, x, 0)))
			p = b.binary(schema.Or, p, compare(b, schema.Greater, x, 0))
			return b.where(p, 1, -1)
		}, nil},
		{"guarded by an epsilon", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, x, b.scalar(1e-6)))
		}, []string{"Add", "Sign"}},
		{"clipped, with zeros replaced", func(b *net, x *graph.Value) *graph.Value {
			y := b.unary(schema.Sign, b.clip(x, -1, 1))
			return sel(b, compare(b, schema.Equal, y, 0), b.scalar(1), y)
		}, nil},
		{"clipped, kept", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.clip(x, -1, 1))
		}, []string{"Sign"}},
		{"clipped at 0", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.clip(x, 0, 1))
		}, []string{"Clip", "Sign"}},
		{"sign of a moved binary value", func(b *net, x *graph.Value) *graph.Value {
			return b.unary(schema.Sign, b.binary(schema.Add, b.step(x), b.scalar(0.1)))
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(test.make(b, b.input(9, 3)))
			b.convert(0)
			want := test.want
			if want == nil {
				want = []string{"Bsign", "Bunpack"}
			}
			b.wantCodes(want...)
		})
	}
}

// TestSignCasesOfNaN checks that a NaN stays on its side of comparisons.
func TestSignCasesOfNaN(t *testing.T) {
	for _, k := range []schema.BinaryKind{schema.Greater, schema.GreaterOrEqual, schema.Less, schema.LessOrEqual} {
		for _, yes := range []float32{0.5, -0.5} {
			t.Run(k.String(), func(t *testing.T) {
				b := newNet(t, 1)
				b.output(b.where(b.binary(k, b.input(1, 4), b.scalar(0.25)), yes, -yes))
				in := b.inputs()
				nan := float32(0)
				nan /= nan
				copy(ops.View[float32](in[0]), []float32{nan, 0.25, 1, -1})
				want := run(t, b.g, in)[0]
				b.convert(0)
				if got := run(t, b.g, in)[0]; !slices.Equal(got, want) {
					t.Errorf("signs are %v, want %v", got, want)
				}
				b.wantCodes("Bsign", "Bunpack", "Mul")
			})
		}
	}
}
