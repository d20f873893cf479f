package passes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
	"pgregory.net/rapid"
)

// mesh builds random graphs in which transposes meet ops of every kind.
type mesh struct {
	*net
	rt     *rapid.T
	values []*graph.Value
}

func (b *mesh) int(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(b.rt, name) }

func (b *mesh) pick(name string, fits func(v *graph.Value) bool) *graph.Value {
	var list []*graph.Value
	for _, v := range b.values {
		if v.DType == schema.Float32 && (fits == nil || fits(v)) {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil
	}
	// Late values make deep graphs.
	return list[max(b.int(name, 0, len(list)-1), b.int(name, 0, len(list)-1))]
}

func (b *mesh) keep(v *graph.Value) {
	if v != nil && v.Trial(1) != nil && smallEnough(v.Trial(1)) {
		b.values = append(b.values, v)
	}
}

func smallEnough(shape []int) bool {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n > 0 && n <= 5000
}

func ranked(rank int) func(v *graph.Value) bool {
	return func(v *graph.Value) bool { return len(v.Shape) >= rank }
}

func (b *mesh) random(shape []int) *graph.Value {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return b.consts(shape, b.normal(n)...)
}

// knownOr1 is a shape with 1 for what is unknown.
func knownOr1(shape []int) []int {
	out := slices.Clone(shape)
	for i, d := range out {
		out[i] = max(d, 1)
	}
	return out
}

// broadcastable is a shape that broadcasts to a shape without a change of it.
func (b *mesh) broadcastable(shape []int) []int {
	out := knownOr1(shape)[b.int("drop", 0, len(shape)):]
	for i := range out {
		if b.int("one", 0, 2) == 0 {
			out[i] = 1
		}
	}
	return out
}

var meshSteps = []struct {
	name string
	step func(b *mesh) *graph.Value
}{
	{"transpose", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		perm := rapid.Permutation(iota(len(v.Shape))).Draw(b.rt, "perm")
		return b.transpose(v, perm...)
	}},
	{"conv", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		o := b.int("o", 1, 4)
		w := b.random([]int{o, 1, 1, v.Shape[1]})
		y := b.transpose(v, 0, 2, 3, 1)
		y = b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 0), Groups: 1, Clamp: schema.NoClamp}, y, w)
		return b.transpose(y, 0, 3, 1, 2)
	}},
	{"binary conv", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		o, c := b.int("o", 1, 4), v.Shape[1]
		w := b.consts([]int{o, 3, 3, c}, b.signs(o*9*c, 0.5)...)
		y := b.transpose(b.step(v), 0, 2, 3, 1)
		y = b.add(schema.Conv2D, &schema.Conv2DOptions{Window: window(1, 1), Groups: 1, Clamp: schema.NoClamp}, y, w)
		y = b.transpose(y, 0, 3, 1, 2)
		if b.int("norm", 0, 1) == 1 {
			y = b.batchNormNCHW(y)
		}
		if b.int("sign", 0, 1) == 1 {
			return b.step(y)
		}
		return y
	}},
	{"relu", func(b *mesh) *graph.Value { return b.unary(schema.Relu, b.pick("v", nil)) }},
	{"sign", func(b *mesh) *graph.Value { return b.unary(schema.Sign, b.pick("v", nil)) }},
	{"constant", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		return b.binary(schema.Add, v, b.random(b.broadcastable(v.Shape)))
	}},
	{"constant first", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		return b.binary(schema.Sub, b.random(b.broadcastable(v.Shape)), v)
	}},
	{"two values", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		w := b.pick("w", func(w *graph.Value) bool { return broadcasts(v, w) })
		return b.binary(schema.Mul, v, w)
	}},
	{"select", func(b *mesh) *graph.Value {
		v := b.pick("v", nil)
		w := b.pick("w", func(w *graph.Value) bool { return graph.SameShape(v, w) })
		c := b.binary(schema.Greater, v, b.random(b.broadcastable(v.Shape)))
		return b.add(schema.Select, nil, c, w, b.scalar(0.5))
	}},
	{"concat", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		w := b.pick("w", func(w *graph.Value) bool { return joins(v, w, axis) })
		if b.int("negative", 0, 1) == 1 {
			axis -= len(v.Shape)
		}
		return b.add(schema.Concat, &schema.AxisOptions{Axis: axis}, v, w, v)
	}},
	{"split", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		if v.Shape[axis] < 2 {
			return nil
		}
		a := b.g.NewValue(fmt.Sprintf("split%d", b.n))
		c := b.g.NewValue(fmt.Sprintf("split%d", b.n))
		b.n++
		n := &graph.Node{
			Name: fmt.Sprintf("n%d", b.n), Code: schema.Split, Options: &schema.AxisOptions{Axis: axis},
			Inputs: []*graph.Value{v, b.ints(1, int64(v.Shape[axis]-1))}, Outputs: []*graph.Value{a, c},
		}
		b.g.Append(n)
		if err := b.g.InferNode(n); err != nil {
			b.rt.Fatal(err)
		}
		b.keep(a)
		return c
	}},
	{"slice", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		if b.int("axes", 0, 1) == 0 {
			return b.add(schema.Slice, nil, v, b.ints(0, 0), b.ints(1<<40, 2))
		}
		axis := int64(b.int("axis", -len(v.Shape), len(v.Shape)-1))
		return b.add(schema.Slice, nil, v, b.ints(-1), b.ints(-1<<40), b.ints(axis), b.ints(-1))
	}},
	{"gather", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axis := b.int("axis", 0, len(v.Shape)-1)
		index := b.g.ConstInt64s(fmt.Sprintf("index%d", b.n), []int{}, []int64{0})
		if b.int("vector", 0, 1) == 1 {
			index = b.ints(0, -1, 0)
		}
		return b.add(schema.Gather, &schema.AxisOptions{Axis: axis}, v, index)
	}},
	{"reduce", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		axes := rapid.SliceOfNDistinct(rapid.IntRange(0, len(v.Shape)-1), 1, len(v.Shape), rapid.ID).Draw(b.rt, "axes")
		var list []int64
		for _, a := range axes {
			list = append(list, int64(a))
		}
		return b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: b.int("keep", 0, 1) == 1}, v, b.ints(list...))
	}},
	{"softmax", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		return b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: b.int("axis", -len(v.Shape), len(v.Shape)-1)}, v)
	}},
	{"pad", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		pads := make([]int64, 2*len(v.Shape))
		for i := range pads {
			pads[i] = int64(b.int("pad", 0, 1))
		}
		return b.add(schema.Pad, &schema.PadOptions{}, v, b.ints(pads...), b.scalar(0.25))
	}},
	{"pad axes", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		return b.add(schema.Pad, &schema.PadOptions{}, v, b.ints(1, 0, 2, 0), nil, b.ints(-1, 0))
	}},
	{"unsqueeze", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) < 5 })
		if v == nil {
			return nil
		}
		return b.add(schema.Unsqueeze, nil, v, b.ints(int64(b.int("axis", 0, len(v.Shape)))))
	}},
	{"squeeze", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return slices.Contains(v.Shape, 1) })
		if v == nil {
			return nil
		}
		return b.add(schema.Squeeze, nil, v, b.ints(int64(slices.Index(v.Shape, 1))))
	}},
	{"shuffle", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 && v.Shape[1] > 0 && v.Shape[1]%2 == 0 })
		if v == nil || slices.Contains(v.Shape[1:], -1) {
			return nil
		}
		c, h, w := int64(v.Shape[1]), int64(v.Shape[2]), int64(v.Shape[3])
		y := b.reshape(v, 0, 2, c/2, h, w)
		return b.reshape(b.transpose(y, 0, 2, 1, 3, 4), 0, c, h, w)
	}},
	{"flatten", func(b *mesh) *graph.Value { return b.flatten(b.pick("v", ranked(2))) }},
	{"dense", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 2 && v.Shape[1] > 0 })
		if v == nil {
			return nil
		}
		n := b.int("n", 1, 3)
		if b.int("transposed", 0, 1) == 1 {
			return b.matMul(v, b.random([]int{n, v.Shape[1]}), true)
		}
		return b.matMul(v, b.random([]int{v.Shape[1], n}), false)
	}},
	{"flat", func(b *mesh) *graph.Value {
		v := b.pick("v", func(v *graph.Value) bool { return len(v.Shape) == 4 })
		if v == nil || slices.Contains(v.Shape[1:], -1) {
			return nil
		}
		y := b.transpose(b.unary(schema.Relu, b.transpose(v, 0, 2, 3, 1)), 0, 3, 1, 2)
		f := b.flatten(y)
		for range b.int("steps", 0, 4) {
			k := f.Shape[len(f.Shape)-1]
			switch b.int("step", 0, 7) {
			case 0:
				f = b.binary(schema.Mul, f, b.random([]int{k}))
			case 1:
				f = b.binary(schema.Sub, b.random([]int{1, k}), f)
			case 2:
				f = b.binary(schema.Add, f, b.random([]int{1}))
			case 3:
				f = b.binary(schema.Mul, f, b.unary(schema.Sign, f))
			case 4:
				if len(f.Shape) == 2 {
					f = b.reshape(f, 0, 1, int64(k))
				}
			case 5:
				f = b.add(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceMax, KeepDims: true}, f, b.ints(-1))
			case 6:
				f = b.binary(schema.Add, f, b.flatten(v))
			case 7:
				f = b.add(schema.Softmax, &schema.SoftmaxOptions{Axis: -1}, f)
			}
		}
		if len(f.Shape) == 2 && b.int("dense", 0, 1) == 1 {
			return b.matMul(f, b.random([]int{f.Shape[1], 2}), false)
		}
		return f
	}},
	{"attention", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(2))
		perm := iota(len(v.Shape))
		last := len(perm) - 1
		perm[last], perm[last-1] = perm[last-1], perm[last]
		return b.matMul(v, b.transpose(v, perm...), false)
	}},
	{"shape", func(b *mesh) *graph.Value {
		v := b.pick("v", ranked(1))
		y := b.add(schema.Shape, &schema.ShapeOptions{Start: int64(b.int("from", 0, 1)), End: int64(b.int("to", 1, 4))}, v)
		return b.add(schema.Cast, &schema.CastOptions{To: schema.Float32}, y)
	}},
}

func iota(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// broadcasts reports whether v*w is possible.
func broadcasts(v, w *graph.Value) bool {
	a, c := trials(v), trials(w)
	for p := range a {
		for i := 1; i <= min(len(a[p]), len(c[p])); i++ {
			x, y := a[p][len(a[p])-i], c[p][len(c[p])-i]
			if x != y && x != 1 && y != 1 {
				return false
			}
		}
	}
	return true
}

// joins reports whether v and w differ on one axis only.
func joins(v, w *graph.Value, axis int) bool {
	a, c := trials(v), trials(w)
	for p := range a {
		if len(a[p]) != len(c[p]) {
			return false
		}
		for i := range a[p] {
			if i != axis && a[p][i] != c[p][i] {
				return false
			}
		}
	}
	return true
}

func (b *net) transpose(v *graph.Value, perm ...int) *graph.Value {
	return b.add(schema.Transpose, &schema.TransposeOptions{Perm: perm}, v)
}

func (b *net) reshape(v *graph.Value, shape ...int64) *graph.Value {
	return b.add(schema.Reshape, &schema.ReshapeOptions{}, v, b.ints(shape...))
}

// sample makes random inputs with a batch size for what is unknown.
func sample(g *graph.Graph, batch int, r *rand.Rand) []*ops.Tensor {
	var in []*ops.Tensor
	for _, v := range g.Inputs {
		t := &ops.Tensor{Name: v.Name, DType: v.DType, Shape: slices.Clone(v.Shape)}
		for i, d := range t.Shape {
			if d < 0 {
				t.Shape[i] = batch
			}
		}
		t.Data = ops.AlignedBytes(t.Bytes())
		x := ops.View[float32](t)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		in = append(in, t)
	}
	return in
}

// checkSame runs two graphs on random inputs of two batch sizes.
func checkSame(t testing.TB, after, before *graph.Graph, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	for _, batch := range []int{2, 5} {
		in := sample(before, batch, r)
		want, got := run(t, before, in), run(t, after, in)
		for i := range want {
			checkEqual(t, fmt.Sprintf("output %d, batch %d", i, batch), got[i], want[i], 1e-5)
		}
	}
}

// TestRandomGraphs checks, for graphs in which every op meets transposes, that the
// passes keep the results, leave a valid graph and add no transposes.
func TestRandomGraphs(t *testing.T) {
	pipeline := Pipeline(Options{KeepFinalSoftmax: true})
	for _, test := range []struct {
		name   string
		groups []Group
	}{
		{"layout", pipeline[:3]},
		{"all passes", pipeline},
	} {
		t.Run(test.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				b := randomMesh(t, rt)
				before := b.g.Clone()
				if err := Run(t.Context(), b.g, test.groups, &Log{}, Observer{}); err != nil {
					rt.Fatalf("%v\n%v", err, before)
				}
				if got, want := countTransposes(b.g), countTransposes(before); got > want {
					rt.Fatalf("%d transposes, there were %d\n%v\n%v", got, want, before, b.g)
				}
				r := rand.New(rand.NewPCG(1, 2))
				for _, size := range []int{2, 5} {
					in := sample(before, size, r)
					want, got := run(t, before, in), run(t, b.g, in)
					for i := range want {
						if diff := difference(got[i], want[i]); diff != "" {
							rt.Fatalf("output %d, batch %d: %s\n%v\n%v", i, size, diff, before, b.g)
						}
					}
				}
			})
		})
	}
}

// randomMesh draws a graph.
func randomMesh(t *testing.T, rt *rapid.T) *mesh {
	b := &mesh{net: newNet(t, rapid.Uint64().Draw(rt, "seed")), rt: rt}
	batch := rapid.SampledFrom([]int{-1, 1, 2}).Draw(rt, "batch")
	b.input(batch, b.int("c", 1, 4), b.int("h", 1, 3), b.int("w", 1, 3))
	b.input(batch, 4, 2, 3)
	if err := b.g.Infer(); err != nil {
		rt.Fatal(err)
	}
	for _, v := range b.g.Inputs {
		b.keep(v)
	}
	for range b.int("steps", 1, 12) {
		s := rapid.SampledFrom(meshSteps).Draw(rt, "op")
		b.keep(s.step(b))
	}
	b.output(b.values[len(b.values)-1])
	b.output(b.unary(schema.Neg, b.pick("output", nil)))
	return b
}

// difference says where two results are apart by more than rounding.
func difference(got, want []float32) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d elements, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		limit := 1e-4 * max(1, abs(w))
		if g != w && (g == g || w == w) && !(abs(g-w) <= limit) {
			return fmt.Sprintf("element %d is %v, want %v", i, g, w)
		}
	}
	return ""
}

func abs(x float32) float32 { return max(x, -x) }
