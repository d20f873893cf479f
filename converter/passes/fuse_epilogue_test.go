package passes

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

func TestFuseEpilogue(t *testing.T) {
	s, p, bias := []float32{0.3, -2, 1.5}, []float32{0.3, 2, 1.5}, []float32{1, -0.7, 0.1}
	tests := []struct {
		name string
		make func(b *net, y *graph.Value) *graph.Value
		want []string // behind Bsign
		pre  schema.Clamp
		post schema.Clamp
	}{
		{"batch norm", func(b *net, y *graph.Value) *graph.Value { return b.batchNorm(y, s, bias) },
			[]string{"BConv2D"}, schema.NoClamp, schema.NoClamp},
		{"two batch norms", func(b *net, y *graph.Value) *graph.Value { return b.batchNorm(b.batchNorm(y, s, bias), bias, s) },
			[]string{"BConv2D"}, schema.NoClamp, schema.NoClamp},
		{"batch norm, relu", func(b *net, y *graph.Value) *graph.Value { return b.unary(schema.Relu, b.batchNorm(y, s, bias)) },
			[]string{"BConv2D"}, schema.NoClamp, schema.Clamp{Min: 0, Max: inf}},
		{"relu, batch norm", func(b *net, y *graph.Value) *graph.Value { return b.batchNorm(b.unary(schema.Relu, y), s, bias) },
			[]string{"BConv2D"}, schema.Clamp{Min: 0, Max: inf}, schema.NoClamp},
		{"relu, batch norm, clip", func(b *net, y *graph.Value) *graph.Value {
			return b.clip(b.batchNorm(b.unary(schema.Relu, y), s, bias), -1, 6)
		}, []string{"BConv2D"}, schema.Clamp{Min: 0, Max: inf}, schema.Clamp{Min: -1, Max: 6}},
		{"scale, relu, scale", func(b *net, y *graph.Value) *graph.Value {
			y = b.unary(schema.Relu, b.binary(schema.Mul, y, b.consts([]int{3}, p...)))
			return b.batchNorm(y, s, bias)
		}, []string{"BConv2D"}, schema.Clamp{Min: 0, Max: inf}, schema.NoClamp},
		{"negative scale, relu, scale", func(b *net, y *graph.Value) *graph.Value {
			y = b.unary(schema.Relu, b.binary(schema.Mul, y, b.consts([]int{3}, s...)))
			return b.binary(schema.Mul, y, b.scalar(2))
		}, []string{"BConv2D", "Mul"}, schema.NoClamp, schema.Clamp{Min: 0, Max: inf}},
		{"clip, clip", func(b *net, y *graph.Value) *graph.Value { return b.clip(b.clip(y, -3, 2), -1, 7) },
			[]string{"BConv2D"}, schema.NoClamp, schema.Clamp{Min: -1, Max: 2}},
		{"clips apart", func(b *net, y *graph.Value) *graph.Value { return b.clip(b.clip(y, -3, -2), -1, 7) },
			[]string{"BConv2D"}, schema.NoClamp, schema.Clamp{Min: -1, Max: -1}},
		{"clip of sums, scale", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Mul, b.clip(y, -3, 5), b.scalar(-0.5))
		}, []string{"BConv2D"}, schema.Clamp{Min: -3, Max: 5}, schema.NoClamp},
		{"batch norm, clip, scale", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Mul, b.clip(b.batchNorm(y, s, bias), -3, 5), b.scalar(-0.5))
		}, []string{"BConv2D", "Mul"}, schema.NoClamp, schema.Clamp{Min: -3, Max: 5}},
		{"bias, relu, scale", func(b *net, y *graph.Value) *graph.Value {
			y = b.unary(schema.Relu, b.binary(schema.Add, y, b.consts([]int{3}, bias...)))
			return b.binary(schema.Mul, y, b.scalar(2))
		}, []string{"BConv2D", "Mul"}, schema.NoClamp, schema.Clamp{Min: 0, Max: inf}},
		{"neg, sub, div", func(b *net, y *graph.Value) *graph.Value {
			y = b.binary(schema.Sub, b.scalar(1), b.unary(schema.Neg, y))
			y = b.binary(schema.Sub, y, b.consts([]int{1, 1, 1, 3}, bias...))
			return b.binary(schema.Div, y, b.consts([]int{3}, s...))
		}, []string{"BConv2D"}, schema.NoClamp, schema.NoClamp},
		{"constant per pixel", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Add, y, b.consts([]int{4, 1, 1}, 1, 2, 3, 4))
		}, []string{"BConv2D", "Add"}, schema.NoClamp, schema.NoClamp},
		{"division by zero", func(b *net, y *graph.Value) *graph.Value { return b.binary(schema.Div, y, b.scalar(0)) },
			[]string{"BConv2D", "Div"}, schema.NoClamp, schema.NoClamp},
		{"overflow of the scales", func(b *net, y *graph.Value) *graph.Value {
			y = b.binary(schema.Mul, y, b.scalar(1e30))
			return b.binary(schema.Mul, b.binary(schema.Mul, y, b.scalar(1e30)), b.scalar(1e-30))
		}, []string{"BConv2D", "Mul", "Mul"}, schema.NoClamp, schema.NoClamp},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 20)
			x := b.step(b.input(2, 4, 4, 6))
			b.output(test.make(b, b.conv(x, []int{3, 3, 3, 6}, 1, nil, window(1, 1))))
			b.convert(1e-6)
			b.wantCodes(append([]string{"Bsign"}, test.want...)...)
			pre, post := epilogueClamps(b.g.Nodes[1])
			if pre != test.pre || post != test.post {
				t.Errorf("clamps are %v and %v, want %v and %v", pre, post, test.pre, test.post)
			}
		})
	}
}

// TestFuseEpilogueReaders checks that a value that others read stays.
func TestFuseEpilogueReaders(t *testing.T) {
	b := newNet(t, 21)
	y := b.dense(b.step(b.input(2, 9)), 3, 1)
	y = b.binary(schema.Mul, y, b.scalar(0.5))
	b.output(y)
	b.output(b.unary(schema.Relu, y))
	b.convert(0)
	b.wantCodes("Bsign", "BGEMM", "Relu")
}

// TestFuseEpilogueTwoReaders checks that nothing is folded that only one of two
// readers computes.
func TestFuseEpilogueTwoReaders(t *testing.T) {
	b := newNet(t, 27)
	y := b.dense(b.step(b.input(2, 9)), 3, 1)
	b.output(b.unary(schema.Relu, y))
	b.output(b.binary(schema.Add, y, b.scalar(0.5)))
	b.convert(0)
	b.wantCodes("Bsign", "BGEMM", "Relu", "Add")
}

func TestFuseFloatEpilogue(t *testing.T) {
	s, bias := []float32{0.3, -2, 1.5}, []float32{1, -0.7, 0.1}
	layers := []struct {
		name string
		make func(b *net) *graph.Value
	}{
		{"Conv2D", func(b *net) *graph.Value {
			x := b.input(2, 4, 4, 2)
			w := b.consts([]int{3, 3, 3, 2}, b.normal(54)...)
			o := &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}
			return b.add(schema.Conv2D, o, x, w, b.consts([]int{3}, b.normal(3)...))
		}},
		{"Conv2D", func(b *net) *graph.Value { // depthwise, no bias
			x := b.input(2, 4, 4, 3)
			w := b.consts([]int{3, 2, 2, 1}, b.normal(12)...)
			return b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 0), Groups: 3, Clamp: schema.NoClamp}, x, w)
		}},
		{"MatMul", func(b *net) *graph.Value {
			return b.matMul(b.input(2, 5), b.consts([]int{5, 3}, b.normal(15)...), false)
		}},
		{"MatMul", func(b *net) *graph.Value {
			return b.matMul(b.input(2, 4, 5), b.consts([]int{3, 5}, b.normal(15)...), true)
		}},
	}
	tests := []struct {
		name  string
		make  func(b *net, y *graph.Value) *graph.Value
		rest  []string
		clamp schema.Clamp
	}{
		{"batch norm", func(b *net, y *graph.Value) *graph.Value { return b.batchNorm(y, s, bias) }, nil, schema.NoClamp},
		{"add, mul, relu", func(b *net, y *graph.Value) *graph.Value {
			y = b.binary(schema.Add, b.consts([]int{3}, bias...), y)
			return b.unary(schema.Relu, b.binary(schema.Mul, b.consts([]int{3}, s...), y))
		}, nil, schema.Clamp{Min: 0, Max: inf}},
		{"relu, mul", func(b *net, y *graph.Value) *graph.Value {
			return b.binary(schema.Mul, b.unary(schema.Relu, y), b.scalar(-1))
		}, []string{"Mul"}, schema.Clamp{Min: 0, Max: inf}},
		{"infinite scale", func(b *net, y *graph.Value) *graph.Value { return b.binary(schema.Mul, y, b.scalar(inf)) }, []string{"Mul"}, schema.NoClamp},
	}
	for i, layer := range layers {
		for _, test := range tests {
			t.Run(layer.name+"/"+test.name, func(t *testing.T) {
				b := newNet(t, uint64(30+i))
				b.output(test.make(b, layer.make(b)))
				b.convert(1e-5)
				b.wantCodes(append([]string{layer.name}, test.rest...)...)
				if got := floatClamp(b.g.Nodes[0]); got != test.clamp {
					t.Errorf("clamp is %v, want %v", got, test.clamp)
				}
			})
		}
	}
}

// TestFuseFloatBias checks that a product of two computed values takes a bias but no
// scale.
func TestFuseFloatBias(t *testing.T) {
	b := newNet(t, 40)
	y := b.matMul(b.input(2, 5), b.input(5, 3), false)
	y = b.binary(schema.Add, y, b.consts([]int{3}, 1, 2, 3))
	b.output(b.binary(schema.Mul, b.unary(schema.Relu, y), b.scalar(0.5)))
	b.convert(1e-6)
	b.wantCodes("MatMul", "Mul")
	if b.g.Nodes[0].Input(2) == nil {
		t.Error("the product has no bias")
	}
}

func TestOriginNamesFusedNodes(t *testing.T) {
	b := newNet(t, 41)
	x := b.named(b.step(b.input(2, 8)), "sign1")
	y := b.named(b.dense(x, 3, 1), "fc1")
	y = b.named(b.binary(schema.Mul, y, b.scalar(0.5)), "bn1")
	y = b.named(b.binary(schema.Add, y, b.scalar(0.5)), "bn1/add")
	b.output(b.named(b.step(y), "sign2"))
	b.convert(0)
	op := b.g.Nodes[1]
	for _, name := range []string{"fc1", "bn1", "bn1/add", "sign2"} {
		if !slices.Contains(op.Origin, name) {
			t.Errorf("origin is %v, want %q in it", op.Origin, name)
		}
	}
}
