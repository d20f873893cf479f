package passes

import (
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// TestSteps checks that layers that read 0 and 1 become binary, and that whole-number
// results stay exact.
func TestSteps(t *testing.T) {
	greater := func(b *net, x *graph.Value, t ...float32) *graph.Value {
		return b.binary(schema.Greater, x, b.consts([]int{len(t)}, t...))
	}
	cast := func(b *net, x *graph.Value) *graph.Value {
		return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, x)
	}
	tests := []struct {
		name      string
		make      func(b *net, x *graph.Value) *graph.Value // x is [2, 5, 4, 4]
		tolerance float64
		want      []string
	}{
		{"conv with zero padding", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(cast(b, greater(b, x, 0)), []int{3, 3, 3, 4}, 1, []float32{1, 2, -3}, window(1, 1))
		}, 0, []string{"Bsign", "BConv2D"}},
		{"stride, padding wider than the filter", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(cast(b, greater(b, x, 0.1, 0, -0.2, 0.3)), []int{3, 2, 2, 4}, 1, nil, window(2, 3))
		}, 0, []string{"Bsign", "BConv2D"}},
		{"scaled weights and steps", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(b.where(greater(b, x, 0), -0.7, 0), []int{3, 3, 3, 4}, 0.3, []float32{1, 2, -3}, window(1, 1))
		}, 1e-6, []string{"Bsign", "BConv2D"}},
		{"1 where it does not hold", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.where(greater(b, x, 0), 0, 1), 5, 1)
		}, 0, []string{"Bsign", "BGEMM"}},
		{"depthwise", func(b *net, x *graph.Value) *graph.Value {
			return b.conv(cast(b, greater(b, x, 0)), []int{8, 3, 3, 1}, 1, nil, window(1, 1))
		}, 0, []string{"Bsign", "BConv2D"}},
		{"dense, transposed weights and bias", func(b *net, x *graph.Value) *graph.Value {
			w := b.consts([]int{3, 4}, b.signs(12, 1)...)
			return b.add(schema.MatMul, &schema.MatMulOptions{TransposeB: true, Clamp: schema.NoClamp},
				cast(b, greater(b, x, 0)), w, b.consts([]int{3}, 1, -2, 0.5))
		}, 0, []string{"Bsign", "BGEMM"}},
		{"dense behind Flatten", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.flatten(cast(b, greater(b, b.input(2, 2, 2, 32), 0))), 5, 1)
		}, 0, []string{"Bsign", "Flatten", "BGEMM"}},
		{"pooled", func(b *net, x *graph.Value) *graph.Value {
			y := b.maxPool(b.where(greater(b, b.input(2, 6, 6, 4), 1), 0.5, 0), 2, 2)
			return b.conv(y, []int{3, 3, 3, 4}, 1, nil, window(1, 1))
		}, 0, []string{"Bsign", "BMaxPool2D", "BConv2D"}},
		{"pooled, 0 the largest", func(b *net, x *graph.Value) *graph.Value {
			y := b.maxPool(b.where(greater(b, b.input(2, 6, 6, 4), 1), -0.5, 0), 2, 2)
			return b.conv(y, []int{3, 3, 3, 4}, 1, nil, window(1, 1))
		}, 0, []string{"Greater", "Select", "Pool2D", "Conv2D"}},
		{"Sign after Relu", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.unary(schema.Sign, b.unary(schema.Relu, x)), 5, 1)
		}, 0, []string{"Bsign", "BGEMM"}},
		{"Round of Clip", func(b *net, x *graph.Value) *graph.Value {
			y := b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, b.clip(b.binary(schema.Mul, x, b.scalar(0.5)), 0, 1))
			return b.dense(y, 5, 1)
		}, 0, []string{"Bsign", "BGEMM"}},
		{"two layers", func(b *net, x *graph.Value) *graph.Value {
			y := b.conv(cast(b, greater(b, x, 0)), []int{8, 3, 3, 4}, 1, nil, window(1, 1))
			y = b.batchNorm(y, b.normal(8), b.normal(8))
			return b.conv(cast(b, greater(b, y, 0)), []int{3, 3, 3, 8}, 1, nil, window(1, 1))
		}, 0, []string{"Bsign", "BConv2D", "BConv2D"}},
		{"a float reader too", func(b *net, x *graph.Value) *graph.Value {
			y := cast(b, greater(b, x, 0))
			b.output(y)
			return b.dense(y, 5, 1)
		}, 0, []string{"Greater", "Cast", "Bsign", "BGEMM"}},
		{"a row of zeros", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(cast(b, greater(b, x, 0)), b.consts([]int{4, 2}, 1, 0, -1, 0, 1, 0, 1, 0), false)
		}, 0, []string{"Bsign", "BGEMM"}},
		{"float weights", func(b *net, x *graph.Value) *graph.Value {
			return b.matMul(cast(b, greater(b, x, 0)), b.consts([]int{4, 2}, b.normal(8)...), false)
		}, 0, []string{"Greater", "Cast", "MatMul"}},
		{"neither number is 0", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.where(greater(b, x, 0), 1, 0.5), 5, 1)
		}, 0, []string{"Greater", "Select", "MatMul"}},
		{"Round of a wider Clip", func(b *net, x *graph.Value) *graph.Value {
			return b.dense(b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, b.clip(x, 0, 2)), 5, 1)
		}, 0, []string{"Clip", "Round", "MatMul"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(tc.make(b, b.input(2, 5, 4, 4)))
			b.convert(tc.tolerance)
			b.g.RemoveDead()
			b.wantCodes(tc.want...)
		})
	}
}

// TestStepTies checks the numbers on both sides of the thresholds.
func TestStepTies(t *testing.T) {
	numbers := []float32{0.5, 0.49999997, 0.50000006, 1.5, 2.5, -1, 0, 1e-45, -1e-45, 1}
	for _, tc := range []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
	}{
		{"Round of Clip", func(b *net, x *graph.Value) *graph.Value {
			return b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, b.clip(x, 0, 1))
		}},
		{"Sign of Relu", func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Sign, b.unary(schema.Relu, x)) }},
		{"Sign of Relu6", func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Sign, b.clip(x, 0, 6)) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newNet(t, 1)
			x := b.input(1, len(numbers))
			// Takes the numbers as they are: 0 times an input is 0 but for NaN.
			y := b.binary(schema.Max, b.binary(schema.Min, x, b.consts([]int{1, len(numbers)}, numbers...)), b.consts([]int{1, len(numbers)}, numbers...))
			b.output(b.dense(tc.make(b, y), 7, 1))
			b.convert(0)
			if got := codes(b.g); got[len(got)-1] != "BGEMM" || got[len(got)-2] != "Bsign" {
				t.Errorf("ops are %v, want Bsign and BGEMM at the end", got)
			}
		})
	}
}
