package passes

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// TestRandomNetworks converts random networks of binary layers with batch
// normalization, pooling, signs and residuals in any order. Their sums are exact in
// float32, so every output must be the float network's, bit for bit.
func TestRandomNetworks(t *testing.T) {
	property(t, func(r *rapid.T) {
		b := newNet(t, rapid.Uint64().Draw(r, "seed"))
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
		plainSign := func(x *graph.Value) *graph.Value {
			switch draw("onnx sign", 0, 9) {
			case 0, 1:
				return b.unary(schema.Sign, x)
			case 2:
				return b.unary(schema.Sign, b.binary(schema.Add, b.unary(schema.Sign, x), b.scalar(0.1)))
			case 3:
				y := b.unary(schema.Sign, x)
				return b.add(schema.Select, nil, b.binary(schema.Equal, y, b.scalar(0)), b.scalar(1), y)
			case 4:
				return b.where(b.binary(schema.Greater, x, b.scalar(0)), 0.25, -0.25)
			}
			return signStyles[draw("style", 0, len(signStyles)-1)].make(b, x)
		}
		sign := func(x *graph.Value) *graph.Value {
			y := plainSign(x)
			scales := []float32{0.5, -2, 4}
			switch draw("scale", 0, 7) { // powers of 2 keep all sums exact
			case 0:
				y = b.binary(schema.Mul, y, b.scalar(rapid.SampledFrom(scales).Draw(r, "by")))
			case 1:
				y = b.binary(schema.Div, y, b.scalar(rapid.SampledFrom(scales).Draw(r, "by")))
			case 2:
				each := make([]float32, channels(x))
				for i := range each {
					each[i] = rapid.SampledFrom(scales).Draw(r, "by channel")
				}
				y = b.binary(schema.Mul, y, b.consts([]int{len(each)}, each...))
			}
			return y
		}
		norm := func(x *graph.Value) *graph.Value {
			c := channels(x)
			scale, bias := b.normal(c), b.normal(c)
			for i := range scale {
				if draw("nice", 0, 2) == 0 { // ties at sums
					scale[i], bias[i] = float32(draw("scale", -2, 2)), float32(draw("bias", -3, 3))
				}
			}
			return b.batchNorm(x, scale, bias)
		}
		pool := func(x *graph.Value) *graph.Value {
			if min(x.Shape[1], x.Shape[2]) > 1 && draw("pool", 0, 2) == 0 {
				return b.maxPool(x, 2, 1)
			}
			return x
		}
		c := rapid.SampledFrom([]int{1, 3, 32, 33}).Draw(r, "channels")
		x := b.input(2, draw("map", 1, 5), 4, c)
		if draw("norm the input", 0, 1) == 0 {
			x = norm(x)
		}
		x = pool(sign(pool(x)))
		for range draw("layers", 0, 3) {
			kernel, pad := min(draw("kernel", 1, 3), x.Shape[1], x.Shape[2]), draw("pad", 0, 1)
			if draw("pad op", 0, 2) == 0 {
				value := float32(draw("pad value", -1, 1))
				x = b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 1, 0, 0, 0, 0, 1, 0), b.scalar(value))
			}
			out := rapid.SampledFrom([]int{1, 2, 32, 33}).Draw(r, "filters")
			y := b.conv(x, []int{out, kernel, kernel, channels(x)}, 0.5, nil, window(1, pad))
			if slices.Equal(x.Shape, y.Shape) && draw("residual", 0, 1) == 0 {
				y = b.binary(schema.Add, y, x)
			}
			y = pool(y)
			if draw("norm", 0, 3) > 0 {
				y = norm(y)
			}
			if draw("clip", 0, 3) == 0 {
				y = b.clip(y, -1, 1)
			}
			if draw("output", 0, 5) == 0 {
				b.output(y)
			}
			x = pool(sign(pool(y)))
		}
		if draw("flatten first", 0, 1) == 0 {
			x = b.dense(b.flatten(x), 5, 1)
		} else {
			x = b.dense(sign(norm(b.flatten(x))), 5, 1)
		}
		b.output(sign(norm(x)))
		b.output(x)
		before := b.g.Clone()
		if err := Run(context.Background(), b.g, myGroups(), &Log{}, Observer{}); err != nil {
			r.Fatal(err)
		}
		in := b.inputs()
		got, want := run(b.t, b.g, in), run(b.t, before, in)
		for i := range want {
			// Float results are rounded once less where scales are folded.
			tolerance := 1e-5
			if i >= len(want)-2 {
				tolerance = 0
			}
			checkEqual(r, fmt.Sprintf("output %d\nbefore:\n%v\nafter:\n%v", i, before, b.g), got[i], want[i], tolerance)
		}
	})
}
