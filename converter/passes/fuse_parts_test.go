package passes

import (
	"math"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

func (b *net) mean(x *graph.Value, axis int64) *graph.Value {
	return b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMean, KeepDims: true}, x, b.ints(axis))
}

func (b *net) mul(x, y *graph.Value) *graph.Value { return b.binary(schema.Mul, x, y) }
func (b *net) sum(x, y *graph.Value) *graph.Value { return b.binary(schema.Add, x, y) }

// TestFuseGelu has Gelu as exporters write it, and what is none.
func TestFuseGelu(t *testing.T) {
	half := func(b *net) *graph.Value { return b.scalar(0.5) }
	erf := func(b *net, x *graph.Value) *graph.Value {
		return b.sum(b.unary(schema.Erf, b.binary(schema.Div, x, b.scalar(math.Sqrt2))), b.scalar(1))
	}
	cube := func(b *net, x *graph.Value) *graph.Value { return b.binary(schema.Pow, x, b.scalar(3)) }
	tanh := func(b *net, inner *graph.Value) *graph.Value {
		u := b.mul(inner, b.scalar(float32(math.Sqrt(2/math.Pi))))
		return b.sum(b.unary(schema.Tanh, u), b.scalar(1))
	}
	inner := func(b *net, x *graph.Value) *graph.Value { return b.sum(x, b.mul(cube(b, x), b.scalar(0.044715))) }
	for _, c := range []struct {
		name string
		make func(b *net, x *graph.Value) *graph.Value
		want []string
	}{
		{"x * a * 0.5", func(b *net, x *graph.Value) *graph.Value { return b.mul(b.mul(x, erf(b, x)), half(b)) }, []string{"Gelu"}},
		{"x * 0.5 * a", func(b *net, x *graph.Value) *graph.Value { return b.mul(b.mul(x, half(b)), erf(b, x)) }, []string{"Gelu"}},
		{"x * (a * 0.5)", func(b *net, x *graph.Value) *graph.Value { return b.mul(x, b.mul(erf(b, x), half(b))) }, []string{"Gelu"}},
		{"x / 2 * a", func(b *net, x *graph.Value) *graph.Value {
			return b.mul(b.binary(schema.Div, x, b.scalar(2)), erf(b, x))
		}, []string{"Gelu"}},
		{"erf of a product, halved before the sum", func(b *net, x *graph.Value) *graph.Value {
			e := b.unary(schema.Erf, b.mul(x, b.scalar(float32(math.Sqrt(0.5)))))
			return b.mul(b.sum(b.mul(e, half(b)), half(b)), x)
		}, []string{"Gelu"}},
		{"x is a product", func(b *net, x *graph.Value) *graph.Value {
			x = b.mul(x, b.scalar(0.25))
			return b.mul(b.mul(x, erf(b, x)), half(b))
		}, []string{"Mul", "Gelu"}},
		{"tanh", func(b *net, x *graph.Value) *graph.Value {
			return b.mul(b.mul(x, half(b)), tanh(b, inner(b, x)))
		}, []string{"GeluTanh"}},
		{"tanh of x times a polynomial", func(b *net, x *graph.Value) *graph.Value {
			square := b.mul(b.mul(x, x), b.scalar(0.044715))
			return b.mul(half(b), b.mul(x, tanh(b, b.mul(x, b.sum(square, b.scalar(1))))))
		}, []string{"GeluTanh"}},
		{"another factor", func(b *net, x *graph.Value) *graph.Value { return b.mul(b.mul(x, erf(b, x)), b.scalar(0.25)) },
			[]string{"Div", "Erf", "Add", "Mul", "Mul"}},
		{"another argument", func(b *net, x *graph.Value) *graph.Value {
			return b.mul(b.mul(x, erf(b, b.mul(x, b.scalar(1.01)))), half(b))
		}, []string{"Mul", "Div", "Erf", "Add", "Mul", "Mul"}},
		{"another power", func(b *net, x *graph.Value) *graph.Value {
			square := b.mul(b.mul(x, x), b.scalar(0.044715))
			return b.mul(b.mul(x, half(b)), tanh(b, b.sum(x, square)))
		}, []string{"Mul", "Mul", "Mul", "Add", "Mul", "Tanh", "Add", "Mul"}},
		{"a factor per column", func(b *net, x *graph.Value) *graph.Value {
			return b.mul(b.mul(x, erf(b, x)), b.consts([]int{3}, 0.5, 0.5, 0.25))
		}, []string{"Div", "Erf", "Add", "Mul", "Mul"}},
		{"one more reader", func(b *net, x *graph.Value) *graph.Value {
			a := erf(b, x)
			b.output(a)
			return b.mul(b.mul(x, a), half(b))
		}, []string{"Div", "Erf", "Add", "Mul", "Mul"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newNet(t, 60)
			b.output(c.make(b, b.input(4, 3)))
			b.convert(1e-6)
			b.wantCodes(c.want...)
		})
	}
}

// TestFuseLayerNorm has normalization as exporters write it, and what is none.
func TestFuseLayerNorm(t *testing.T) {
	const epsilon = 1e-3
	square := func(b *net, d *graph.Value) *graph.Value { return b.mul(d, d) }
	root := func(b *net, squares *graph.Value, axis int64) *graph.Value {
		return b.unary(schema.Sqrt, b.sum(b.mean(squares, axis), b.scalar(epsilon)))
	}
	scale, bias := []float32{0.5, -2, 1.5, 1}, []float32{1, 2, -3, 4}
	for _, c := range []struct {
		name     string
		make     func(b *net, x *graph.Value) *graph.Value
		want     []string
		operands int // of the LayerNorm
	}{
		{"quotient", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, -1))
			y := b.binary(schema.Div, d, root(b, b.binary(schema.Pow, d, b.scalar(2)), -1))
			return b.batchNorm(y, scale, bias)
		}, []string{"LayerNorm"}, 3},
		{"reciprocal", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, 2))
			y := b.mul(d, b.unary(schema.Reciprocal, root(b, square(b, d), 2)))
			return b.mul(y, b.consts([]int{4}, scale...))
		}, []string{"LayerNorm"}, 2},
		{"power of one half, one over it, bias only", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, -1))
			r := b.binary(schema.Pow, b.sum(b.mean(square(b, d), -1), b.scalar(epsilon)), b.scalar(0.5))
			return b.sum(b.mul(b.binary(schema.Div, b.scalar(1), r), d), b.consts([]int{4}, bias...))
		}, []string{"LayerNorm"}, 3},
		{"spread over x and mean", func(b *net, x *graph.Value) *graph.Value {
			m := b.mean(x, -1)
			f := b.unary(schema.Reciprocal, root(b, square(b, b.binary(schema.Sub, x, m)), -1))
			f = b.mul(f, b.consts([]int{4}, scale...))
			return b.sum(b.mul(x, f), b.binary(schema.Sub, b.consts([]int{4}, bias...), b.mul(m, f)))
		}, []string{"LayerNorm"}, 3},
		{"another axis", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, 1))
			return b.binary(schema.Div, d, root(b, square(b, d), 1))
		}, []string{"Reduce", "Sub", "Mul", "Reduce", "Add", "Sqrt", "Div"}, 0},
		{"two axes of variance", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, 2))
			return b.binary(schema.Div, d, root(b, square(b, d), 1))
		}, []string{"Reduce", "Sub", "Mul", "Reduce", "Add", "Sqrt", "Div"}, 0},
		{"another mean", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(b.unary(schema.Abs, x), -1))
			return b.binary(schema.Div, d, root(b, square(b, d), -1))
		}, []string{"Abs", "Reduce", "Sub", "Mul", "Reduce", "Add", "Sqrt", "Div"}, 0},
		{"scale per row", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, 2))
			return b.mul(b.binary(schema.Div, d, root(b, square(b, d), 2)), b.consts([]int{3, 1}, 1, 2, 3))
		}, []string{"LayerNorm", "Mul"}, 1},
		{"one more reader", func(b *net, x *graph.Value) *graph.Value {
			d := b.binary(schema.Sub, x, b.mean(x, 2))
			y := b.binary(schema.Div, d, root(b, square(b, d), 2))
			b.output(y)
			return b.mul(y, b.consts([]int{4}, scale...))
		}, []string{"LayerNorm", "Mul"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newNet(t, 61)
			b.output(c.make(b, b.input(2, 3, 4)))
			b.convert(1e-6)
			b.wantCodes(c.want...)
			for _, n := range b.g.Nodes {
				if n.Code == schema.LayerNorm && len(n.Inputs) != c.operands {
					t.Errorf("LayerNorm has %d operands, want %d", len(n.Inputs), c.operands)
				}
			}
		})
	}
}

// TestSquarePowers checks that only squares that have the shape of their operand become products.
func TestSquarePowers(t *testing.T) {
	for _, c := range []struct {
		name     string
		exponent func(b *net) *graph.Value
		want     string
	}{
		{"square", func(b *net) *graph.Value { return b.scalar(2) }, "Mul"},
		{"square per column", func(b *net) *graph.Value { return b.consts([]int{3}, 2, 2, 2) }, "Mul"},
		{"cube", func(b *net) *graph.Value { return b.scalar(3) }, "Pow"},
		{"square or cube", func(b *net) *graph.Value { return b.consts([]int{3}, 2, 3, 2) }, "Pow"},
		{"more elements", func(b *net) *graph.Value { return b.consts([]int{2, 1, 1}, 2, 2) }, "Pow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newNet(t, 62)
			b.output(b.binary(schema.Pow, b.input(4, 3), c.exponent(b)))
			b.convert(0)
			b.wantCodes(c.want)
		})
	}
}
