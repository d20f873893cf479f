package passes

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// property checks f on random draws, the same ones each time unless -rapid.seed says
// otherwise.
func property(t *testing.T, f func(r *rapid.T)) {
	t.Helper()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
		if err := seed.Value.Set("1"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, f)
}

// net builds float graphs as they come from the layout pass.
type net struct {
	t testing.TB
	g *graph.Graph
	r *rand.Rand
	n int
}

func newNet(t testing.TB, seed uint64) *net {
	return &net{t: t, g: graph.New("net"), r: rand.New(rand.NewPCG(seed, 1))}
}

// add appends a node and infers it.
func (b *net) add(code schema.OpCode, o schema.Options, in ...*graph.Value) *graph.Value {
	b.t.Helper()
	b.n++
	n := &graph.Node{Name: fmt.Sprintf("n%d", b.n), Code: code, Options: o, Inputs: in}
	v := b.g.Append(n)
	if err := b.g.InferNode(n); err != nil {
		b.t.Fatal(err)
	}
	return v
}

// named renames the node that computes v.
func (b *net) named(v *graph.Value, name string) *graph.Value {
	v.Producer.Name = name
	return v
}

func (b *net) input(shape ...int) *graph.Value {
	return b.g.AddInput(fmt.Sprintf("x%d", len(b.g.Inputs)), schema.Float32, shape, nil)
}

func (b *net) output(v *graph.Value) {
	b.g.AddOutput(fmt.Sprintf("y%d", len(b.g.Outputs)), v)
}

func (b *net) consts(shape []int, x ...float32) *graph.Value {
	b.n++
	return b.g.ConstFloat32s(fmt.Sprintf("c%d", b.n), shape, x)
}

func (b *net) scalar(x float32) *graph.Value { return b.consts([]int{}, x) }

func (b *net) ints(x ...int64) *graph.Value {
	b.n++
	return b.g.ConstInt64s(fmt.Sprintf("c%d", b.n), []int{len(x)}, x)
}

func (b *net) binary(k schema.BinaryKind, x, y *graph.Value) *graph.Value {
	return b.add(schema.Binary, &schema.BinaryOptions{Kind: k}, x, y)
}

func (b *net) unary(k schema.UnaryKind, x *graph.Value) *graph.Value {
	return b.add(schema.Unary, &schema.UnaryOptions{Kind: k}, x)
}

func (b *net) clip(x *graph.Value, lo, hi float32) *graph.Value {
	return b.add(schema.Unary, &schema.UnaryOptions{Kind: schema.Clip, Alpha: lo, Beta: hi}, x)
}

// step is where(x >= 0, 1, -1).
func (b *net) step(x *graph.Value) *graph.Value {
	return b.where(b.binary(schema.GreaterOrEqual, x, b.scalar(0)), 1, -1)
}

func (b *net) where(cond *graph.Value, yes, no float32) *graph.Value {
	return b.add(schema.Select, nil, cond, b.consts([]int{1}, yes), b.scalar(no))
}

func (b *net) maxPool(x *graph.Value, size, stride int) *graph.Value {
	return b.add(schema.Pool2D, &schema.Pool2DOptions{
		Kind: schema.MaxPool, Kernel: schema.Size2D{H: size, W: size}, Window: window(stride, 0),
	}, x)
}

func window(stride, pad int) schema.Window {
	return schema.Window{
		Strides: schema.Size2D{H: stride, W: stride}, Dilations: schema.Size2D{H: 1, W: 1},
		Pads: schema.Pads{Top: pad, Left: pad, Bottom: pad, Right: pad},
	}
}

// signs gives n random numbers -a and +a.
func (b *net) signs(n int, a float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = a
		if b.r.IntN(2) == 0 {
			out[i] = -a
		}
	}
	return out
}

func (b *net) normal(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(b.r.NormFloat64())
	}
	return out
}

// conv is a convolution with weights +-a per channel; w is its OHWI shape.
func (b *net) conv(x *graph.Value, w []int, a float32, bias []float32, win schema.Window) *graph.Value {
	weights := b.consts(w, b.signs(w[0]*w[1]*w[2]*w[3], a)...)
	in := []*graph.Value{x, weights}
	if bias != nil {
		in = append(in, b.consts([]int{len(bias)}, bias...))
	}
	return b.add(schema.Conv2D, &schema.Conv2DOptions{Window: win, Groups: channels(x) / w[3], Clamp: schema.NoClamp}, in...)
}

// dense is a product with weights +-a, [K, N].
func (b *net) dense(x *graph.Value, n int, a float32) *graph.Value {
	k := channels(x)
	return b.matMul(x, b.consts([]int{k, n}, b.signs(k*n, a)...), false)
}

func (b *net) matMul(x, w *graph.Value, transposeB bool) *graph.Value {
	return b.add(schema.MatMul, &schema.MatMulOptions{TransposeB: transposeB, Clamp: schema.NoClamp}, x, w)
}

// batchNorm multiplies and adds per channel.
func (b *net) batchNorm(x *graph.Value, s, t []float32) *graph.Value {
	x = b.binary(schema.Mul, x, b.consts([]int{len(s)}, s...))
	return b.binary(schema.Add, x, b.consts([]int{1, len(t)}, t...))
}

func (b *net) flatten(x *graph.Value) *graph.Value {
	return b.add(schema.Flatten, &schema.AxisOptions{Axis: 1}, x)
}

// inputs makes random operands for a graph; some elements are 0 or -0.
func (b *net) inputs() []*ops.Tensor {
	var in []*ops.Tensor
	for _, v := range b.g.Inputs {
		t := &ops.Tensor{Name: v.Name, DType: v.DType, Shape: v.Shape}
		t.Data = ops.AlignedBytes(t.Bytes())
		x := ops.View[float32](t)
		for i := range x {
			x[i] = float32(b.r.NormFloat64())
			switch b.r.IntN(12) {
			case 0:
				x[i] = 0
			case 1:
				x[i] = float32(math.Copysign(0, -1))
			}
		}
		in = append(in, t)
	}
	return in
}

// run computes the outputs of a graph node by node.
func run(t testing.TB, g *graph.Graph, in []*ops.Tensor) [][]float32 {
	t.Helper()
	value := map[*graph.Value]*ops.Tensor{}
	for i, v := range g.Inputs {
		value[v] = in[i]
	}
	get := func(v *graph.Value) *ops.Tensor {
		if v == nil {
			return nil
		}
		if v.Const != nil {
			return v.Const
		}
		return value[v]
	}
	for _, n := range g.Nodes {
		at := &ops.Node{Def: ops.Lookup(n.Code), Name: n.Name, Options: n.Options}
		for _, v := range n.Inputs {
			at.Inputs = append(at.Inputs, get(v))
		}
		for _, v := range n.Outputs {
			var out *ops.Tensor
			if v != nil {
				out = &ops.Tensor{Name: v.Name, DType: v.DType}
				value[v] = out
			}
			at.Outputs = append(at.Outputs, out)
		}
		if err := ops.Evaluate(at); err != nil {
			t.Fatal(err)
		}
	}
	var out [][]float32
	for _, o := range g.Outputs {
		out = append(out, ops.View[float32](get(o.Value)))
	}
	return out
}

func myGroups() []Group {
	return []Group{binarizeGroup("binarize", Options{}), explainGroup(), fuseGroup(), joinGroup(), packGroup()}
}

// convert runs the passes of this file's groups on the net, and checks that its
// outputs stay what they were on random inputs: exactly, or within a relative
// tolerance.
func (b *net) convert(tolerance float64) *Log {
	b.t.Helper()
	before := b.g.Clone()
	log := &Log{}
	if err := Run(context.Background(), b.g, myGroups(), log, Observer{}); err != nil {
		b.t.Fatal(err)
	}
	for range 3 {
		in := b.inputs()
		got, want := run(b.t, b.g, in), run(b.t, before, in)
		for i := range want {
			checkEqual(b.t, fmt.Sprintf("output %d", i), got[i], want[i], tolerance)
		}
	}
	if b.t.Failed() {
		b.t.Logf("before:\n%v\nafter:\n%v", before, b.g)
	}
	return log
}

// failer is a testing.TB or a rapid.T.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func checkEqual(t failer, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	size := 0.0
	for _, w := range want {
		if isFinite(w) {
			size = math.Max(size, math.Abs(float64(w)))
		}
	}
	for i, w := range want {
		g := got[i]
		same := g == w || g != g && w != w || math.Abs(float64(g)-float64(w)) <= tolerance*size
		if !same {
			t.Errorf("%s: element %d of %d is %v, want %v", what, i, len(want), g, w)
			return
		}
	}
}

// codes lists the ops of a graph in order, with the kind of elementwise ones.
func codes(g *graph.Graph) []string {
	out := []string{}
	for _, n := range g.Nodes {
		s := n.Code.String()
		switch o := n.Options.(type) {
		case *schema.UnaryOptions:
			s = o.Kind.String()
		case *schema.BinaryOptions:
			s = o.Kind.String()
		}
		out = append(out, s)
	}
	return out
}

func (b *net) wantCodes(want ...string) {
	b.t.Helper()
	if got := codes(b.g); !slices.Equal(got, want) {
		b.t.Errorf("ops are %v, want %v\n%v", got, want, b.g)
	}
}
