package passes

import (
	"context"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// layOut runs the passes up to the NHWC graph and checks that the results stay.
func (b *net) layOut() {
	b.t.Helper()
	before := b.g.Clone()
	groups := Pipeline(Options{KeepFinalSoftmax: true})[:3]
	if err := Run(context.Background(), b.g, groups, &Log{}, Observer{}); err != nil {
		b.t.Fatal(err)
	}
	checkSame(b.t, b.g, before, 1)
	if b.t.Failed() {
		b.t.Logf("before:\n%v\nafter:\n%v", before, b.g)
	}
}

func count(g *graph.Graph, code schema.OpCode) int {
	n := 0
	for _, node := range g.Nodes {
		if node.Code == code {
			n++
		}
	}
	return n
}

func (b *net) sign(x *graph.Value) *graph.Value { return b.unary(schema.Sign, x) }

// TestTransposesLeft checks how many transposes networks of known kinds keep.
func TestTransposesLeft(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net)
		want int
	}{
		{"gray image, dense head", func(b *net) {
			x := b.batchNormNCHW(b.convNCHW(b.image(1, 8, 8), 4, 3, 1, 1))
			x = b.maxPoolNCHW(b.convNCHW(b.sign(x), 4, 3, 1, 1))
			b.output(b.dense(b.sign(b.batchNorm(b.flatten(x), b.normal(64), b.normal(64))), 3, 1))
		}, 0},
		{"colour image, dense head", func(b *net) {
			x := b.unary(schema.Relu, b.convNCHW(b.image(3, 8, 8), 4, 3, 2, 1))
			b.output(b.dense(b.flatten(x), 3, 1))
		}, 1},
		{"global average pool", func(b *net) {
			x := b.unary(schema.Relu, b.convNCHW(b.image(3, 8, 8), 4, 3, 2, 1))
			x = b.add(schema.Reduce, &schema.ReduceOptions{KeepDims: true}, x, b.ints(2, 3))
			b.output(b.dense(b.flatten(x), 3, 1))
		}, 1},
		{"average without the axes", func(b *net) {
			x := b.unary(schema.Relu, b.convNCHW(b.image(3, 8, 8), 4, 3, 2, 1))
			b.output(b.dense(b.add(schema.Reduce, &schema.ReduceOptions{}, x, b.ints(-1, -2)), 3, 1))
		}, 1},
		{"image to image", func(b *net) {
			x := b.unary(schema.Relu, b.convNCHW(b.image(3, 8, 8), 4, 3, 1, 1))
			b.output(b.convNCHW(x, 3, 3, 1, 1))
		}, 2},
		{"residual blocks", func(b *net) {
			x := b.convNCHW(b.image(3, 8, 8), 4, 3, 1, 1)
			for range 3 {
				y := b.batchNormNCHW(b.convNCHW(b.sign(x), 4, 3, 1, 1))
				x = b.binary(schema.Add, y, x)
			}
			b.output(b.dense(b.flatten(x), 3, 1))
		}, 1},
		{"residual around a sign of the input", func(b *net) {
			x := b.image(4, 8, 8)
			y := b.convNCHW(b.sign(b.batchNormNCHW(x)), 4, 3, 1, 1)
			b.output(b.flatten(b.binary(schema.Add, x, y)))
		}, 2},
		{"squeeze and excite", func(b *net) {
			x := b.convNCHW(b.image(3, 8, 8), 4, 3, 1, 1)
			s := b.add(schema.Reduce, &schema.ReduceOptions{}, x, b.ints(2, 3))
			s = b.unary(schema.Sigmoid, b.dense(s, 4, 1))
			s = b.add(schema.Unsqueeze, nil, s, b.ints(2, 3))
			x = b.convNCHW(b.binary(schema.Mul, x, s), 2, 3, 1, 1)
			b.output(b.dense(b.flatten(x), 3, 1))
		}, 1},
		{"concat and split of channels", func(b *net) {
			x := b.convNCHW(b.image(3, 8, 8), 4, 3, 1, 1)
			y := b.add(schema.Concat, &schema.AxisOptions{Axis: 1}, x, b.convNCHW(b.sign(x), 2, 1, 1, 0))
			y = b.add(schema.Slice, nil, y, b.ints(1), b.ints(5), b.ints(1))
			b.output(b.dense(b.flatten(b.convNCHW(y, 2, 1, 1, 0)), 3, 1))
		}, 1},
		{"channel shuffle", func(b *net) {
			x := b.convNCHW(b.image(3, 4, 4), 6, 3, 1, 1)
			x = b.reshape(b.transpose(b.reshape(x, 0, 2, 3, 4, 4), 0, 2, 1, 3, 4), 0, 6, 4, 4)
			b.output(b.dense(b.flatten(b.convNCHW(x, 2, 1, 1, 0)), 3, 1))
		}, 2}, // the shuffle itself is one
		{"resized map", func(b *net) {
			x := b.convNCHW(b.image(3, 4, 4), 6, 3, 1, 1)
			o := &schema.ResizeOptions{Mode: schema.ResizeLinear, Coordinates: schema.ResizeHalfPixel}
			x = b.add(schema.Resize, o, x, nil, b.consts([]int{4}, 1, 1, 2, 3))
			b.output(b.dense(b.flatten(b.convNCHW(x, 2, 1, 1, 0)), 3, 1))
		}, 1},
		{"convolution over time", func(b *net) {
			conv := func(x *graph.Value, o int) *graph.Value {
				x = b.add(schema.Unsqueeze, nil, x, b.ints(2))
				w := b.consts([]int{o, 1, 3, x.Shape[1]}, b.normal(o*3*x.Shape[1])...)
				win := schema.Window{Strides: schema.Size2D{H: 1, W: 1}, Dilations: schema.Size2D{H: 1, W: 1}, Pads: schema.Pads{Left: 1, Right: 1}}
				y := b.add(schema.Conv2D, &schema.Conv2DOptions{Window: win, Groups: 1, Clamp: schema.NoClamp}, b.transpose(x, 0, 2, 3, 1), w)
				return b.add(schema.Squeeze, nil, b.transpose(y, 0, 3, 1, 2), b.ints(2))
			}
			x := b.sign(b.batchNorm3(conv(b.input(-1, 3, 16), 4)))
			b.output(b.dense(b.flatten(conv(x, 2)), 3, 1))
		}, 1},
		{"NHWC graph with transposes around convolutions", func(b *net) {
			x := b.input(-1, 8, 8, 3)
			for range 2 {
				y := b.convNCHW(b.transpose(x, 0, 3, 1, 2), 4, 3, 1, 1)
				x = b.unary(schema.Relu, b.transpose(y, 0, 2, 3, 1))
			}
			b.output(b.dense(b.flatten(x), 3, 1))
		}, 0},
		{"attention", func(b *net) {
			x := b.input(-1, 4, 3)
			b.output(b.matMul(x, b.transpose(x, 0, 2, 1), false))
		}, 0},
		{"padding before a convolution", func(b *net) {
			x := b.add(schema.Pad, &schema.PadOptions{}, b.image(3, 4, 4), b.ints(0, 0, 1, 1, 0, 0, 1, 1), b.scalar(0))
			b.output(b.dense(b.flatten(b.convNCHW(x, 2, 3, 1, 0)), 3, 1))
		}, 1},
		{"softmax over channels", func(b *net) {
			x := b.convNCHW(b.image(3, 4, 4), 4, 1, 1, 0)
			b.output(b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: 1}, x))
		}, 2},
		{"several results of one map", func(b *net) {
			x := b.unary(schema.Sigmoid, b.convNCHW(b.image(3, 4, 4), 4, 3, 1, 1))
			x = b.convNCHW(b.sign(x), 4, 3, 1, 1)
			for _, k := range []schema.UnaryKind{schema.Relu, schema.Neg, schema.Exp, schema.Tanh} {
				b.output(b.unary(k, x))
			}
		}, 2},
		{"map of one pixel", func(b *net) {
			x := b.convNCHW(b.image(3, 4, 4), 4, 4, 1, 0)
			b.output(b.unary(schema.Relu, x))
		}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			test.make(b)
			b.layOut()
			if got := count(b.g, schema.Transpose); got != test.want {
				t.Errorf("%d transposes, want %d\n%v", got, test.want, b.g)
			}
		})
	}
}

// batchNorm3 multiplies and adds per channel of [N C L].
func (b *net) batchNorm3(x *graph.Value) *graph.Value {
	c := x.Shape[1]
	x = b.binary(schema.Mul, x, b.consts([]int{c, 1}, b.normal(c)...))
	return b.binary(schema.Add, x, b.consts([]int{c, 1}, b.normal(c)...))
}

// TestChannelsLast checks what binarize and fuse rely on: all between the border
// and the head is NHWC, with constants along the last axis.
func TestChannelsLast(t *testing.T) {
	b := newNet(t, 1)
	x := b.sign(b.batchNormNCHW(b.image(3, 8, 8)))
	x = b.batchNormNCHW(b.convNCHW(x, 5, 3, 1, 1))
	b.output(b.dense(b.flatten(b.sign(x)), 3, 1))
	b.layOut()
	b.wantCodes("Transpose", "Mul", "Add", "Sign", "Conv2D", "Mul", "Add", "Sign", "Reshape", "MatMul")
	for _, n := range b.g.Nodes {
		if k, ok := binaryKind(n); ok && (k == schema.Mul || k == schema.Add) {
			if c := n.Inputs[1]; len(c.Shape) != 1 || c.Shape[0] != channels(n.Inputs[0]) {
				t.Errorf("%s: constant of shape %v for %d channels", describe(n), c.Shape, channels(n.Inputs[0]))
			}
		}
	}
}

// TestLayoutGolden shows the pass at work.
func TestLayoutGolden(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net)
	}{
		{"move_transposes_residual", func(b *net) {
			x := b.convNCHW(b.image(3, 4, 4), 2, 3, 1, 1)
			y := b.convNCHW(b.sign(x), 2, 3, 1, 1)
			b.output(b.binary(schema.Add, b.batchNormNCHW(y), x))
		}},
		{"move_transposes_flatten", func(b *net) {
			x := b.convNCHW(b.image(1, 2, 2), 2, 1, 1, 0)
			y := b.batchNorm(b.flatten(x), b.normal(8), b.normal(8))
			b.output(b.dense(b.sign(y), 2, 1))
		}},
		{"move_transposes_flatten_kept", func(b *net) {
			x := b.convNCHW(b.image(1, 2, 2), 2, 1, 1, 0)
			b.output(b.flatten(b.unary(schema.Relu, x)))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			test.make(b)
			b.applyGolden(test.name, moveTransposes)
		})
	}
}
