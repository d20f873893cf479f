package ops

import (
	"math"
	"strings"
	"testing"

	"github.com/lce-go/lce/schema"
)

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
