package passes

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/internal/golden"
	"github.com/lce-go/lce/schema"
)

// TestGolden shows each pass at work: the graph before, and after the one pass.
// Passes that need what others make run behind those.
func TestGolden(t *testing.T) {
	tests := []struct {
		name  string
		setup []Pass
		run   func(g *graph.Graph, log *Log) (int, error)
		make  func(b *net)
	}{
		{"binarize_sign_compare", nil, binarizeSignCompare, func(b *net) {
			x := b.input(1, 3)
			b.output(b.where(b.unary(schema.Not, b.binary(schema.Less, x, b.scalar(0.5))), 1, -1))
		}},
		{"binarize_ternary", nil, binarizeTernary(false), func(b *net) {
			x := b.unary(schema.Sign, b.input(1, 4, 4, 2))
			b.output(b.conv(b.maxPool(x, 2, 2), []int{2, 1, 1, 2}, 0.5, nil, window(1, 1)))
			b.output(x)
		}},
		{"binarize_sign", foundSigns, binarizeSign, func(b *net) {
			x := b.batchNorm(b.step(b.input(1, 3)), []float32{1, 2, 3}, []float32{4, 5, 6})
			b.output(b.unary(schema.Sign, x))
			b.output(b.unary(schema.Sign, b.unary(schema.Relu, x)))
		}},
		{"drop_straight_through", nil, dropStraightThrough, func(b *net) {
			x := b.input(1, 3)
			y := b.binary(schema.Sub, b.unary(schema.Sign, x), b.clip(x, -1, 1))
			b.output(b.binary(schema.Add, y, b.clip(x, -1, 1)))
		}},
		{"binarize_sign_cases", nil, binarizeSignCases, func(b *net) {
			y := b.unary(schema.Sign, b.input(1, 3))
			b.output(b.unary(schema.Sign, b.binary(schema.Add, y, b.scalar(0.1))))
			b.output(b.where(b.binary(schema.Greater, b.input(1, 3), b.scalar(0)), 0.3, -0.3))
		}},
		{"sink_scale", foundSigns, sinkScale, func(b *net) {
			y := b.binary(schema.Mul, b.maxPool(b.step(b.input(1, 4, 4, 2)), 2, 2), b.scalar(0.5))
			b.output(b.conv(y, []int{2, 1, 1, 2}, 1, nil, window(1, 0)))
			b.output(b.flatten(y))
		}},
		{"hoist_sign", foundSigns, hoistSign, func(b *net) {
			b.output(b.step(b.flatten(b.maxPool(b.clip(b.input(1, 4, 4, 32), -1, 1), 2, 2))))
		}},
		{"hoist_sign_over_chain", foundSigns, hoistSign, func(b *net) {
			b.output(b.step(b.batchNorm(b.maxPool(b.input(1, 4, 4, 2), 2, 2), []float32{1, 2}, []float32{3, 4})))
		}},
		{"hoist_sign_over_pad", foundSigns, hoistSignOverPad, func(b *net) {
			x := b.add(schema.Pad, &schema.PadOptions{}, b.input(1, 4, 4, 2), b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(-3))
			b.output(b.step(x))
		}},
		{"share_signs", foundSigns, shareSigns, func(b *net) {
			x := b.input(1, 3)
			b.output(b.step(x))
			b.output(b.step(x))
		}},
		{"join_unpack", foundSigns, joinUnpack, func(b *net) {
			b.output(b.dense(b.step(b.step(b.input(1, 3))), 2, 1))
		}},
		{"sink_unpack", foundSigns, sinkUnpack, func(b *net) {
			b.output(b.flatten(b.maxPool(b.step(b.input(1, 4, 4, 32)), 2, 2)))
		}},
		{"binarize_conv", foundSigns, binarizeConv, func(b *net) {
			x := b.step(b.input(1, 4, 4, 3))
			x = b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 1, 1, 0, 0, 1, 1, 0), b.scalar(1))
			b.output(b.conv(x, []int{2, 3, 3, 3}, 0.5, []float32{1, 2}, window(1, 0)))
		}},
		{"binarize_matmul", foundSigns, binarizeMatMul, func(b *net) {
			b.output(b.dense(b.step(b.input(1, 3)), 2, 0.5))
		}},
		{"turn_pooled_channels", foundSums, turnPooledChannels, func(b *net) {
			y := b.batchNorm(b.maxPool(b.input(1, 4, 4, 2), 2, 2), []float32{1, -2}, []float32{3, 4})
			b.output(b.conv(b.step(y), []int{2, 1, 1, 2}, 1, nil, window(1, 0)))
		}},
		{"fuse_threshold", foundSums, fuseThreshold, func(b *net) {
			y := b.dense(b.step(b.input(1, 3)), 4, 0.5)
			b.output(b.step(b.batchNorm(y, []float32{1, -1, 0, 2}, []float32{0.5, 0.5, 1, -9})))
		}},
		{"fuse_threshold_two_outputs", foundSums, fuseThreshold, func(b *net) {
			y := b.dense(b.step(b.input(1, 3)), 2, 0.5)
			y = b.batchNorm(y, []float32{1, -1}, []float32{0.5, 0.25})
			b.output(b.step(y))
			b.output(y)
		}},
		{"fuse_sign_affine", foundSigns, fuseSignAffine, func(b *net) {
			b.output(b.step(b.batchNorm(b.input(1, 3), []float32{2, -4, 3}, []float32{1, -1, 0.5})))
		}},
		{"fuse_epilogue", foundSums, fuseEpilogue, func(b *net) {
			y := b.unary(schema.Relu, b.dense(b.step(b.input(1, 3)), 2, 0.5))
			b.output(b.clip(b.batchNorm(y, []float32{2, -1}, []float32{0.5, 0.25}), -1, 1))
		}},
		{"pack_weights", nil, packWeights, func(b *net) {
			w := slices.Concat(slices.Repeat([]float32{0.5, -0.5}, 160), slices.Repeat([]float32{2}, 320))
			b.output(b.matMul(b.input(1, 320), b.consts([]int{2, 320}, w...), true))
		}},
		{"fuse_swish", nil, fuseSwish, func(b *net) {
			x := b.input(1, 3)
			b.output(b.binary(schema.Mul, b.unary(schema.Sigmoid, x), x))
			hard := func(alpha float32) *graph.Value {
				return b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.HardSigmoid, Alpha: alpha, Beta: 0.5}, x)
			}
			b.output(b.binary(schema.Mul, x, hard(1./6)))
			b.output(b.binary(schema.Mul, x, hard(0.2)))
			b.output(b.binary(schema.Mul, x, b.unary(schema.Tanh, b.unary(schema.Softplus, x))))
			b.output(b.binary(schema.Mul, x, b.unary(schema.Softplus, x)))
			kept := b.unary(schema.Sigmoid, x)
			b.output(b.binary(schema.Mul, x, kept))
			b.output(kept)
			gate := b.unary(schema.Sigmoid, b.input(1, 3))
			b.output(b.binary(schema.Mul, x, gate))
		}},
		{"fuse_float_epilogue", nil, fuseFloatEpilogue, func(b *net) {
			y := b.matMul(b.input(1, 3), b.consts([]int{3, 2}, 1, 2, 3, 4, 5, 6), false)
			b.output(b.unary(schema.Relu, b.batchNorm(y, []float32{2, -1}, []float32{0.5, 0.25})))
		}},
		{"square_powers", nil, squarePowers, func(b *net) {
			b.output(b.binary(schema.Pow, b.input(2, 3), b.scalar(2)))
		}},
		{"fuse_gelu", nil, fuseGelu, func(b *net) {
			x := b.input(1, 3)
			e := b.unary(schema.Erf, b.mul(x, b.scalar(0.70710678)))
			b.output(b.mul(b.mul(x, b.scalar(0.5)), b.sum(e, b.scalar(1))))
		}},
		{"fuse_layer_norm", nil, fuseLayerNorm, func(b *net) {
			x := b.input(1, 3)
			d := b.binary(schema.Sub, x, b.mean(x, 1))
			root := b.unary(schema.Sqrt, b.sum(b.mean(b.mul(d, d), 1), b.scalar(1e-3)))
			b.output(b.batchNorm(b.binary(schema.Div, d, root), []float32{1, 2, 3}, []float32{4, 5, 6}))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			test.make(b)
			log := &Log{}
			for _, p := range test.setup {
				if _, err := p.Run(b.g, log); err != nil {
					t.Fatal(err)
				}
			}
			b.g.RemoveDead()
			text := "before\n" + b.g.String()
			count, err := test.run(b.g, log)
			if err != nil {
				t.Fatal(err)
			}
			if count == 0 {
				t.Error("the pass changed nothing")
			}
			if err := b.g.Validate(); err != nil {
				t.Error(err)
			}
			b.g.RemoveDead()
			text += "\nafter\n" + b.g.String()
			golden.Compare(t, filepath.Join("testdata", test.name+".txt"), text)
		})
	}
}

// foundSigns and foundSums are what a pass finds when signs, or binary operators, are found.
var (
	foundSigns = []Pass{{"binarize-sign-compare", binarizeSignCompare}}
	foundSums  = append(slices.Clone(foundSigns), Pass{"binarize-conv", binarizeConv}, Pass{"binarize-matmul", binarizeMatMul})
)
