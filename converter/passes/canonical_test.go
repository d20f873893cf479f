package passes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/internal/golden"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// image is an NCHW input with an unknown batch.
func (b *net) image(c, h, w int) *graph.Value { return b.input(-1, c, h, w) }

// convNCHW is a convolution as the importer makes it of an ONNX node.
func (b *net) convNCHW(x *graph.Value, o, kernel, stride, pad int) *graph.Value {
	w := b.consts([]int{o, kernel, kernel, x.Shape[1]}, b.normal(o*kernel*kernel*x.Shape[1])...)
	y := b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(stride, pad), Groups: 1, Clamp: schema.NoClamp},
		b.transpose(x, 0, 2, 3, 1), w)
	return b.transpose(y, 0, 3, 1, 2)
}

// batchNormNCHW multiplies and adds per channel of an NCHW map.
func (b *net) batchNormNCHW(x *graph.Value) *graph.Value {
	c := x.Shape[1]
	x = b.binary(schema.Mul, x, b.consts([]int{c, 1, 1}, b.normal(c)...))
	return b.binary(schema.Add, x, b.consts([]int{c, 1, 1}, b.normal(c)...))
}

func (b *net) maxPoolNCHW(x *graph.Value) *graph.Value {
	return b.transpose(b.maxPool(b.transpose(x, 0, 2, 3, 1), 2, 2), 0, 3, 1, 2)
}

func (b *net) shapeOf(x *graph.Value) *graph.Value {
	return b.add(schema.Shape, &schema.ShapeOptions{End: math.MaxInt64}, x)
}

// TestCanonicalGolden shows each pass of this part at work, and checks that the
// results stay.
func TestCanonicalGolden(t *testing.T) {
	tests := []struct {
		name string
		run  func(g *graph.Graph, log *Log) (int, error)
		make func(b *net)
	}{
		{"fold_constants", foldConstants, func(b *net) {
			x := b.image(3, 4, 4)
			w := b.unary(schema.Sign, b.consts([]int{3, 1, 1}, -0.5, 0.25, 2))
			b.output(b.binary(schema.Mul, x, w))
			channels := b.add(schema.Gather, &schema.AxisOptions{}, b.shapeOf(x), b.ints(1))
			b.output(b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, channels))
		}},
		{"eliminate_identity", eliminateIdentity, func(b *net) {
			x := b.input(-1, 4)
			for _, y := range []*graph.Value{
				b.binary(schema.Add, x, b.scalar(0)),
				b.binary(schema.Mul, b.consts([]int{1, 4}, 1, 1, 1, 1), x),
				b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, x),
				b.reshape(x, 0, 4),
				b.transpose(x, 0, 1),
				b.add(schema.Pad, &schema.PadOptions{}, x, b.ints(0, 0, 0, 0)),
				b.add(schema.Concat, &schema.AxisOptions{Axis: 1}, x),
				b.add(schema.Slice, nil, x, b.ints(0), b.ints(math.MaxInt64), b.ints(1)),
				b.unary(schema.Neg, b.unary(schema.Neg, x)),
				b.clip(x, float32(math.Inf(-1)), float32(math.Inf(1))),
			} {
				b.output(b.unary(schema.Exp, y))
			}
			// These are none.
			b.output(b.binary(schema.Add, x, b.consts([]int{1, 1, 4}, 0, 0, 0, 0)))
			b.output(b.add(schema.Slice, nil, x, b.ints(-1), b.ints(math.MinInt64), b.ints(1), b.ints(-1)))
			b.output(b.binary(schema.Sub, b.scalar(0), x))
		}},
		{"drop_expand", dropExpand, func(b *net) {
			x := b.image(3, 2, 2)
			c := b.consts([]int{3, 1, 1}, 1, 2, 3)
			like := b.add(schema.Expand, nil, c, b.shapeOf(x))
			b.output(b.binary(schema.Add, x, like))
			b.output(b.add(schema.Select, nil, b.binary(schema.Greater, x, b.scalar(0)), like, x))
			// These are needed.
			b.output(like)
			b.output(b.binary(schema.Mul, b.add(schema.Expand, nil, c, b.ints(4, 1, 3, 1, 1)), x))
			b.output(b.binary(schema.Mul, like, c))
		}},
		{"simplify_reshape", simplifyReshape, func(b *net) {
			x := b.image(3, 2, 2)
			batch := b.add(schema.Gather, &schema.AxisOptions{}, b.shapeOf(x), b.ints(0))
			shape := b.add(schema.Concat, &schema.AxisOptions{}, batch, b.ints(-1))
			y := b.add(schema.Reshape, &schema.ReshapeOptions{}, x, shape)
			y = b.add(schema.Unsqueeze, nil, y, b.ints(1))
			b.output(b.add(schema.Squeeze, nil, b.add(schema.Unsqueeze, nil, y, b.ints(3)), b.ints(1)))
			b.output(b.flatten(x))
		}},
		{"simplify_transpose", simplifyTranspose, func(b *net) {
			x := b.image(3, 4, 5)
			b.output(b.transpose(b.transpose(x, 0, 2, 3, 1), 0, 2, 1, 3))
			y := b.image(1, 4, 5)
			b.output(b.transpose(y, 0, 2, 3, 1))
		}},
		{"simplify_arithmetic", simplifyArithmetic, func(b *net) {
			x := b.input(-1, 2)
			b.output(b.binary(schema.Mul, b.scalar(3), x))
			b.output(b.binary(schema.Sub, x, b.consts([]int{2}, 1, -2)))
			b.output(b.binary(schema.Div, x, b.consts([]int{2}, 4, -0.5)))
			b.output(b.binary(schema.Div, x, b.consts([]int{2}, 4, 3)))
			b.output(b.binary(schema.Max, x, b.scalar(0)))
			b.output(b.binary(schema.Min, b.binary(schema.Max, x, b.scalar(-1)), b.scalar(1)))
			b.output(b.clip(b.clip(x, 0, float32(math.Inf(1))), -1, 6))
			b.output(b.binary(schema.Max, x, b.consts([]int{2}, 0, 1)))
		}},
		{"share_nodes", shareNodes, func(b *net) {
			x := b.input(-1, 2)
			b.output(b.binary(schema.Add, b.unary(schema.Sign, x), b.unary(schema.Sign, x)))
			b.output(b.unary(schema.Abs, x))
		}},
		{"share_constants", shareConstants, func(b *net) {
			x := b.input(-1, 2)
			b.output(b.binary(schema.Add, b.binary(schema.Mul, x, b.scalar(2)), b.scalar(2)))
			b.output(b.binary(schema.Add, x, b.consts([]int{1}, 2)))
		}},
		{"read_channels_first", readChannelsFirst, func(b *net) {
			conv := func(x *graph.Value) *graph.Value {
				w := []int{2, 3, 3, x.Shape[3]}
				return b.conv(x, w, 1, nil, window(2, 1))
			}
			twice := b.transpose(b.image(3, 6, 5), 0, 2, 3, 1)
			b.output(conv(twice))
			b.output(conv(twice))
			kept := b.transpose(b.image(3, 6, 5), 0, 2, 3, 1)
			b.output(conv(kept))
			b.output(b.unary(schema.Abs, kept))
			b.output(conv(b.transpose(b.image(3, 6, 5), 0, 3, 2, 1)))
			b.output(conv(b.transpose(b.image(5, 6, 5), 0, 2, 3, 1)))
			groups := b.transpose(b.image(4, 6, 5), 0, 2, 3, 1)
			b.output(b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 1), Groups: 2, Clamp: schema.NoClamp},
				groups, b.consts([]int{2, 3, 3, 2}, b.normal(36)...)))
		}},
		{"merge_pad_conv", mergePadConv, func(b *net) {
			pad := func(v float32, pads ...int64) *graph.Value {
				return b.add(schema.Pad, &schema.PadOptions{}, b.input(-1, 4, 4, 2), b.ints(pads...), b.scalar(v))
			}
			w := window(1, 1)
			b.output(b.conv(pad(0, 0, 1, 2, 0, 0, 3, 0, 0), []int{1, 3, 3, 2}, 1, nil, w))
			b.output(b.conv(pad(1, 0, 1, 1, 0, 0, 1, 1, 0), []int{1, 3, 3, 2}, 1, nil, w))
			b.output(b.conv(pad(0, 0, 1, 1, 1, 0, 1, 1, 0), []int{1, 3, 3, 3}, 1, nil, w))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			test.make(b)
			b.applyGolden(test.name, test.run)
		})
	}
}

// applyGolden runs one pass, compares the graph with a golden file and the results
// with those before.
func (b *net) applyGolden(name string, run func(g *graph.Graph, log *Log) (int, error)) {
	b.t.Helper()
	t := b.t.(*testing.T)
	if err := prepare(b.g); err != nil {
		t.Fatal(err)
	}
	before := b.g.Clone()
	count, err := run(b.g, &Log{})
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		t.Error("the pass changed nothing")
	}
	b.g.RemoveDead()
	if err := prepare(b.g); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, filepath.Join("testdata", name+".txt"), fmt.Sprintf("before\n%v\nafter\n%v", before, b.g))
	checkSame(t, b.g, before, 1)
}

// TestFoldingIsBounded checks that a small file cannot ask for large constants.
func TestFoldingIsBounded(t *testing.T) {
	b := newNet(t, 1)
	x := b.input(1)
	for i := range 40 {
		y := b.add(schema.Expand, nil, b.scalar(float32(i)), b.ints(100_000))
		x = b.binary(schema.Add, x, b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax}, y))
	}
	b.output(x)
	if err := prepare(b.g); err != nil {
		t.Fatal(err)
	}
	if _, err := foldConstants(b.g, &Log{}); err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, n := range b.g.Nodes {
		if n.Code == schema.Expand {
			left++
		}
	}
	if left < 25 || left == 40 {
		t.Errorf("%d of 40 Expands of 400 kB are left, want those beyond the allowance of %d bytes", left, foldAllowance)
	}
}

func TestDropFinalSoftmax(t *testing.T) {
	tests := []struct {
		name string
		make func(b *net, x *graph.Value)
		want []string
	}{
		{"softmax", func(b *net, x *graph.Value) {
			b.output(b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: 1}, b.unary(schema.Relu, x)))
		}, []string{"Relu"}},
		{"log softmax behind a scale", func(b *net, x *graph.Value) {
			y := b.binary(schema.Mul, b.unary(schema.Relu, x), b.scalar(3))
			b.output(b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: 1, Log: true}, b.binary(schema.Div, y, b.consts([]int{1}, 2))))
		}, []string{"Relu"}},
		{"before a reshape", func(b *net, x *graph.Value) {
			b.output(b.reshape(b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: 1}, b.unary(schema.Relu, x)), -1))
		}, []string{"Relu", "Reshape"}},
		{"negative scale stays", func(b *net, x *graph.Value) {
			b.output(b.binary(schema.Mul, x, b.scalar(-1)))
		}, []string{"Mul"}},
		{"quotient of a constant stays", func(b *net, x *graph.Value) {
			b.output(b.binary(schema.Div, b.scalar(2), x))
		}, []string{"Div"}},
		{"scales of several sizes stay", func(b *net, x *graph.Value) {
			b.output(b.binary(schema.Mul, x, b.consts([]int{4}, 1, 2, 3, 4)))
		}, []string{"Mul"}},
		{"softmax with another reader stays", func(b *net, x *graph.Value) {
			y := b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: 1}, x)
			b.output(y)
			b.output(b.unary(schema.Neg, y))
		}, []string{"Softmax", "Neg"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newNet(t, 1)
			test.make(b, b.input(-1, 4))
			groups := Pipeline(Options{})
			if !groups[0].NewResults || groups[0].Name != "output" {
				t.Fatalf("the first group is %q", groups[0].Name)
			}
			if err := Run(context.Background(), b.g, groups[:1], &Log{}, Observer{}); err != nil {
				t.Fatal(err)
			}
			b.wantCodes(test.want...)
		})
	}
	if g := Pipeline(Options{KeepFinalSoftmax: true})[0]; g.Name == "output" {
		t.Error("the softmax is dropped without being asked for")
	}
}

// TestReciprocalIsExact checks the one case in which a quotient may become a
// product.
func TestReciprocalIsExact(t *testing.T) {
	b := newNet(t, 1)
	for _, c := range []float32{1, 2, -4, 0.125, 0x1p-120, 0x1p120, 3, 0, 10, 1e-40, float32(math.Inf(1))} {
		r, ok := reciprocal(c)
		if !ok {
			continue
		}
		for _, x := range append(b.normal(100), 0, math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-40) {
			if q, p := x/c, x*r; math.Float32bits(q) != math.Float32bits(p) {
				t.Errorf("%v/%v is %v, but %v*%v is %v", x, c, q, x, r, p)
			}
		}
	}
	for _, c := range []float32{3, 0, 10, 1e-40, float32(math.Inf(1))} {
		if _, ok := reciprocal(c); ok {
			t.Errorf("1/%v is taken for exact", c)
		}
	}
}

func TestRun(t *testing.T) {
	double := Pass{"double", func(g *graph.Graph, _ *Log) (int, error) {
		v := g.Outputs[0].Value
		if len(g.Nodes) >= 3 {
			return 0, nil
		}
		g.Outputs[0].Value = g.Append(&graph.Node{
			Name: "add", Code: schema.Binary, Options: &schema.BinaryOptions{}, Inputs: []*graph.Value{v, v},
		})
		return 1, nil
	}}
	fresh := func(t *testing.T) *graph.Graph {
		b := newNet(t, 1)
		b.output(b.unary(schema.Relu, b.input(2)))
		return b.g
	}
	t.Run("rounds end when nothing applies", func(t *testing.T) {
		log := &Log{}
		var seen []string
		see := Observer{
			Group: func(name string, done, total int) { seen = append(seen, fmt.Sprintf("%s %d/%d", name, done, total)) },
			Pass: func(name string, g *graph.Graph) error {
				seen = append(seen, fmt.Sprintf("%s %d", name, len(g.Nodes)))
				return nil
			},
		}
		g := fresh(t)
		if err := Run(context.Background(), g, []Group{{Name: "g", Rounds: 9, Passes: []Pass{double}}}, log, see); err != nil {
			t.Fatal(err)
		}
		if want := []string{"g 0/1", "double 2", "double 3", "double 3"}; !slices.Equal(seen, want) {
			t.Errorf("observed %q, want %q", seen, want)
		}
		if len(log.Steps) != 2 || log.Steps[1].String() != "g/double: 1 (round 2)" {
			t.Errorf("steps %v", log.Steps)
		}
	})
	t.Run("rounds are bounded", func(t *testing.T) {
		g := fresh(t)
		if err := Run(context.Background(), g, []Group{{Name: "g", Rounds: 1, Passes: []Pass{double}}}, &Log{}, Observer{}); err != nil {
			t.Fatal(err)
		}
		if len(g.Nodes) != 2 {
			t.Errorf("%d nodes, want 2", len(g.Nodes))
		}
	})
	t.Run("a pass that breaks the graph is named", func(t *testing.T) {
		spoil := Pass{"spoil", func(g *graph.Graph, _ *Log) (int, error) {
			g.Nodes[0].Name = ""
			return 1, nil
		}}
		err := Run(context.Background(), fresh(t), []Group{{Name: "g", Rounds: 1, Passes: []Pass{spoil}}}, &Log{}, Observer{})
		if err == nil || !strings.Contains(err.Error(), "after pass spoil") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := Run(ctx, fresh(t), []Group{{Name: "g", Rounds: 1, Passes: []Pass{double}}}, &Log{}, Observer{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	})
	t.Run("observer stops", func(t *testing.T) {
		stop := errors.New("stop")
		err := Run(context.Background(), fresh(t), []Group{{Name: "g", Rounds: 1, Passes: []Pass{double}}}, &Log{},
			Observer{Pass: func(string, *graph.Graph) error { return stop }})
		if !errors.Is(err, stop) {
			t.Errorf("error %v, want %v", err, stop)
		}
	})
}

// TestPipelineNames checks that a name stands for one pass or group.
func TestPipelineNames(t *testing.T) {
	run := map[string]string{}
	groups := map[string]bool{}
	for _, g := range Pipeline(Options{}) {
		if groups[g.Name] || g.Rounds < 1 {
			t.Errorf("group %q: listed twice, or without rounds", g.Name)
		}
		groups[g.Name] = true
	}
	for _, g := range Pipeline(Options{}) {
		for _, p := range g.Passes {
			id := fmt.Sprintf("%p", p.Run)
			if have := run[p.Name]; have != "" && have != id || groups[p.Name] {
				t.Errorf("the name %q stands for two things", p.Name)
			}
			run[p.Name] = id
		}
	}
}

// TestNaNSurvives checks that the elementwise forms treat NaN alike.
func TestNaNSurvives(t *testing.T) {
	b := newNet(t, 1)
	x := b.input(1, 3)
	b.output(b.binary(schema.Min, b.binary(schema.Max, b.binary(schema.Sub, x, b.scalar(1)), b.scalar(-1)), b.scalar(1)))
	before := b.g.Clone()
	if err := Run(context.Background(), b.g, []Group{canonicalGroup("canonical")}, &Log{}, Observer{}); err != nil {
		t.Fatal(err)
	}
	in := b.inputs()
	copy(ops.View[float32](in[0]), []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))})
	checkEqual(t, "clip of NaN and infinities", run(t, b.g, in)[0], run(t, before, in)[0], 0)
}
