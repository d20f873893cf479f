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
