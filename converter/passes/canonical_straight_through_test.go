package passes

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// biRealActivation is what Bi-Real-Net's BinaryActivation exports: the sign, and the
// piecewise polynomial that its gradient comes from, computed once for each use.
func biRealActivation(b *net, x *graph.Value, twice bool) *graph.Value {
	mask := func(limit float32) *graph.Value {
		return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.Less, x, b.scalar(limit)))
	}
	rest := func(m *graph.Value) *graph.Value { return b.binary(schema.Sub, b.scalar(1), m) }
	polynomial := func() *graph.Value {
		first := b.binary(schema.Add, b.binary(schema.Mul, b.scalar(-1), mask(-1)),
			b.binary(schema.Mul, b.binary(schema.Add, b.binary(schema.Mul, x, x), b.binary(schema.Mul, x, b.scalar(2))), rest(mask(-1))))
		second := b.binary(schema.Add, b.binary(schema.Mul, first, mask(0)),
			b.binary(schema.Mul, b.binary(schema.Add, b.binary(schema.Mul, b.unary(schema.Neg, x), x), b.binary(schema.Mul, x, b.scalar(2))), rest(mask(0))))
		return b.binary(schema.Add, b.binary(schema.Mul, second, mask(1)), rest(mask(1)))
	}
	f := polynomial()
	y := b.binary(schema.Sub, b.unary(schema.Sign, x), f)
	if twice {
		f = polynomial()
	}
	return b.binary(schema.Add, y, f)
}

// TestStraightThrough checks which detours are removed. The nodes that are left over
// tell; the numbers must be the same up to rounding.
func TestStraightThrough(t *testing.T) {
	sign := func(b *net, x *graph.Value) *graph.Value { return b.unary(schema.Sign, x) }
	tests := []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value // x is [2, 3]
		want []string
	}{
		{"Bi-Real", func(b *net, x *graph.Value) *graph.Value { return biRealActivation(b, x, false) }, []string{"Sign"}},
		{"Bi-Real with the polynomial twice", func(b *net, x *graph.Value) *graph.Value { return biRealActivation(b, x, true) }, []string{"Sign"}},
		{"detached", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, sign(b, x), x), x)
		}, []string{"Sign"}},
		{"detached, the other way round", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, x, b.binary(schema.Sub, sign(b, x), x))
		}, []string{"Sign"}},
		{"added first", func(b *net, x *graph.Value) *graph.Value {
			f := b.unary(schema.Tanh, x)
			return b.binary(schema.Sub, b.binary(schema.Add, f, sign(b, x)), b.unary(schema.Tanh, x))
		}, []string{"Sign"}},
		{"scaled sign", func(b *net, x *graph.Value) *graph.Value {
			a := b.binary(schema.Mul, sign(b, x), b.scalar(0.3))
			return b.binary(schema.Add, b.binary(schema.Sub, a, x), x)
		}, []string{"Sign", "Mul"}},
		{"comparison", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, b.step(x), x), x)
		}, []string{"GreaterOrEqual", "Select"}},
		{"truth values", func(b *net, x *graph.Value) *graph.Value {
			a := b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.Greater, x, b.scalar(0)))
			return b.binary(schema.Add, b.binary(schema.Sub, a, x), x)
		}, []string{"Greater", "Cast"}},
		{"weights with a magnitude per channel", func(b *net, x *graph.Value) *graph.Value {
			w := b.consts([]int{2, 3}, 0.5, -0.25, 0.125, 2, -3, 1)
			alpha := b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, b.unary(schema.Abs, w), b.ints(1))
			a := b.binary(schema.Mul, alpha, sign(b, w))
			f := b.clip(w, -1, 1)
			w = b.binary(schema.Add, b.binary(schema.Sub, a, f), b.clip(w, -1, 1))
			return b.matMul(x, w, true)
		}, []string{"Abs", "Reduce", "Sign", "Mul", "MatMul"}},
		{"weights that are stored binarized, transposed", func(b *net, x *graph.Value) *graph.Value {
			a := b.add(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, b.unary(schema.Neg, b.unary(schema.Sign, b.consts([]int{2, 3}, b.normal(6)...))))
			f := b.consts([]int{3, 2}, b.normal(6)...)
			return b.matMul(x, b.binary(schema.Add, b.binary(schema.Sub, a, f), f), false)
		}, []string{"Sign", "Neg", "Transpose", "MatMul"}},
		{"moved truth values", func(b *net, x *graph.Value) *graph.Value {
			a := b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.binary(schema.Greater, x, b.scalar(0)))
			a = b.binary(schema.Sub, b.binary(schema.Mul, a, b.scalar(2)), b.scalar(1))
			return b.binary(schema.Add, b.binary(schema.Sub, a, x), x)
		}, []string{"Greater", "Cast", "Mul", "Sub"}},
		{"a sign times its operand", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, b.binary(schema.Mul, sign(b, x), x), x), x)
		}, []string{"Sign", "Mul", "Sub", "Add"}},
		{"1 divided by a sign", func(b *net, x *graph.Value) *graph.Value {
			a := b.binary(schema.Div, b.scalar(1), b.unary(schema.Sign, b.unary(schema.Exp, x)))
			return b.binary(schema.Add, b.binary(schema.Sub, a, x), x)
		}, []string{"Exp", "Sign", "Div", "Sub", "Add"}},
		{"a float value", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, b.unary(schema.Tanh, x), x), x)
		}, []string{"Tanh", "Sub", "Add"}},
		{"another value added", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, sign(b, x), b.clip(x, -1, 1)), b.clip(x, -1, 2))
		}, []string{"Sign", "Clip", "Sub", "Clip", "Add"}},
		{"the sign taken away", func(b *net, x *graph.Value) *graph.Value {
			return b.binary(schema.Add, b.binary(schema.Sub, x, sign(b, x)), x)
		}, []string{"Sign", "Sub", "Add"}},
		{"enlarged", func(b *net, x *graph.Value) *graph.Value {
			f := b.input(4, 2, 3)
			return b.binary(schema.Add, b.binary(schema.Sub, sign(b, x), f), f)
		}, []string{"Sign", "Sub", "Add"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			b.output(test.make(b, b.input(2, 3)))
			before := b.g.Clone()
			if _, err := dropStraightThrough(b.g, &Log{}); err != nil {
				t.Fatal(err)
			}
			b.g.RemoveDead()
			if err := b.g.Validate(); err != nil {
				t.Fatal(err)
			}
			b.wantCodes(test.want...)
			in := b.inputs()
			checkEqual(t, "output", run(t, b.g, in)[0], run(t, before, in)[0], 1e-6)
		})
	}
}

// TestStraightThroughLayer checks that both operands of a layer become binary.
func TestStraightThroughLayer(t *testing.T) {
	b := newNet(t, 1)
	x := b.batchNorm(b.input(1, 4, 4, 2), []float32{1, 2}, []float32{0.5, 0.25})
	w := b.consts([]int{3, 3, 3, 2}, b.normal(54)...)
	alpha := b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, b.unary(schema.Abs, w), b.ints(1, 2, 3))
	f := b.clip(w, -1, 1)
	w = b.binary(schema.Add, b.binary(schema.Sub, b.binary(schema.Mul, alpha, b.unary(schema.Sign, w)), f), f)
	o := &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}
	b.output(b.add(schema.Conv2D, o, biRealActivation(b, x, false), w))
	before := b.g.Clone()
	groups := append([]Group{canonicalGroup("canonical")}, myGroups()...)
	if err := Run(t.Context(), b.g, groups, &Log{}, Observer{}); err != nil {
		t.Fatal(err)
	}
	in := b.inputs()
	checkEqual(t, "output", run(t, b.g, in)[0], run(t, before, in)[0], 1e-5)
	b.wantCodes("Bsign", "Bsign", "BConv2D")
	scale := floats(b.g.Nodes[2].Inputs[2])
	if len(scale) != 3 || slices.Contains(scale, 0) {
		t.Errorf("scales are %v, want 3 other than 0", scale)
	}
}
