package interpreter

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// control adds an operator that runs graphs, with outputs of float32 and the given ranks,
// whose sizes a run decides.
func (b *builder) control(code schema.OpCode, o schema.Options, ranks []int, inputs ...int) []int {
	var made []int
	for _, rank := range ranks {
		made = append(made, b.tensor(schema.Float32, slices.Repeat([]int{-1}, rank), nil))
	}
	b.graph.Operators = append(b.graph.Operators, schema.Operator{
		Code: code, Version: 1, Name: code.String(), Inputs: inputs, Outputs: made, Options: o,
	})
	return made
}

// body adds a graph to the model and returns its index.
func (b *builder) body(build func(g *builder)) int {
	g := newBuilder(b.t)
	g.open = true
	build(g)
	b.bodies = append(b.bodies, &g.graph)
	return len(b.bodies)
}

// ifModel gives x + 1 if cond, else x twice, one behind the other.
func ifModel(b *builder) {
	cond, x := b.input("cond", schema.Bool), b.input("x", schema.Float32, 3)
	then := b.body(func(g *builder) {
		x := g.input("x", schema.Float32, -1)
		g.output("y", g.op(schema.Binary, &schema.BinaryOptions{}, x, g.raw(schema.Float32, []float32{1}, 1)))
	})
	other := b.body(func(g *builder) {
		x := g.input("x", schema.Float32, -1)
		g.output("y", g.op(schema.Concat, &schema.AxisOptions{}, x, x))
	})
	b.output("y", b.control(schema.If, &schema.IfOptions{Then: then, Else: other, ThenInputs: 1}, []int{1}, cond, x, x)[0])
}

// loopModel puts x behind a state in each iteration, which is the sum of slices of rows, and
// collects the states' sums.
func loopModel(b *builder) {
	count, x := b.input("count", schema.Int64), b.input("x", schema.Float32, 2)
	body := b.body(func(g *builder) {
		g.input("i", schema.Int64)
		more := g.input("more", schema.Bool)
		s, x := g.input("s", schema.Float32, -1), g.input("x", schema.Float32, 2)
		t := g.op(schema.Concat, &schema.AxisOptions{}, s, x)
		g.output("more", more)
		g.output("t", t)
		g.output("sum", g.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceSum, KeepDims: true}, t))
	})
	out := b.control(schema.Loop, &schema.LoopOptions{Body: body, States: 1}, []int{1, 2}, count, b.raw(schema.Bool, []bool{true}), x, x)
	b.output("t", out[0])
	b.output("sums", out[1])
}

// newControl makes an Interpreter of a model that a function builds.
func newControl(t *testing.T, build func(*builder), opts ...Option) *Interpreter {
	t.Helper()
	b := newBuilder(t)
	build(b)
	in, err := New(b.load(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func TestIf(t *testing.T) {
	in := newControl(t, ifModel)
	copy(in.Input(1).Float32s(), []float32{1, 2, 3})
	for _, tt := range []struct {
		cond bool
		want []float32
	}{{true, []float32{2, 3, 4}}, {false, []float32{1, 2, 3, 1, 2, 3}}, {false, []float32{1, 2, 3, 1, 2, 3}}, {true, []float32{2, 3, 4}}} {
		in.Input(0).Bools()[0] = tt.cond
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		if y := in.Output(0); !slices.Equal(y.Float32s(), tt.want) || !slices.Equal(y.Shape(), []int{len(tt.want)}) {
			t.Errorf("%v gives %v %v, want %v", tt.cond, y.Shape(), y.Float32s(), tt.want)
		}
	}
}

func TestLoop(t *testing.T) {
	in := newControl(t, loopModel)
	copy(in.Input(1).Float32s(), []float32{1, 2})
	fixed := int64(0)
	for _, count := range []int64{3, 0, 5, 5, -1, 1, 3} {
		in.Input(0).Int64s()[0] = count
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		state, sums := []float32{1, 2}, []float32(nil)
		for range count {
			state = append(state, 1, 2)
			sums = append(sums, float32(3*len(state)/2))
		}
		if got := in.Output(0).Float32s(); !slices.Equal(got, state) {
			t.Errorf("%d iterations: state %v, want %v", count, got, state)
		}
		if got := in.Output(1); !slices.Equal(got.Float32s(), sums) || got.Shape()[0] != len(sums) {
			t.Errorf("%d iterations: sums %v of shape %v, want %v", count, got.Float32s(), got.Shape(), sums)
		}
		// Bodies that are prepared again replace what they had.
		if m := in.prepared.meter; fixed == 0 {
			fixed = m.fixed
		} else if m.fixed > 2*fixed || m.used() < m.fixed {
			t.Errorf("%d iterations: %d bytes are counted for graphs, %d at first", count, m.fixed, fixed)
		}
	}
	if in.Memory().Late < 4*6+4*3 {
		t.Errorf("%d bytes counted for what the run decided", in.Memory().Late)
	}
}

// TestLoopCondition runs a loop that its condition ends before its count.
func TestLoopCondition(t *testing.T) {
	in := newControl(t, func(b *builder) {
		last := b.input("last", schema.Int64)
		body := b.body(func(g *builder) {
			i := g.input("i", schema.Int64)
			g.input("more", schema.Bool)
			last := g.input("last", schema.Int64)
			g.output("more", g.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Less}, i, last))
			g.output("i", g.castOf(i))
		})
		count := b.raw(schema.Int64, []int64{20})
		b.output("all", b.control(schema.Loop, &schema.LoopOptions{Body: body}, []int{1}, count, b.raw(schema.Bool, []bool{true}), last)[0])
	})
	for _, last := range []int64{3, 0, 7, 40} {
		in.Input(0).Int64s()[0] = last
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		if got, want := in.Output(0).Shape()[0], int(min(last+1, 20)); got != want {
			t.Errorf("%d iterations up to %d, want %d", got, last, want)
		}
	}
}

// TestStatesTakeTurns runs a loop of three states that grow and change places in a ring: each
// is another as it was, one with an element more.
func TestStatesTakeTurns(t *testing.T) {
	in := newControl(t, func(b *builder) {
		count, p, q := b.input("count", schema.Int64), b.input("p", schema.Float32, 1), b.input("q", schema.Float32, 2)
		r := b.input("r", schema.Float32, 1)
		body := b.body(func(g *builder) {
			i, more := g.input("i", schema.Int64), g.input("more", schema.Bool)
			p, q := g.input("p", schema.Float32, -1), g.input("q", schema.Float32, -1)
			r := g.input("r", schema.Float32, -1)
			one := g.op(schema.Unsqueeze, nil, g.castOf(i), g.ints(0))
			g.output("more", more)
			g.output("p", q)
			g.output("q", g.op(schema.Concat, &schema.AxisOptions{}, r, one))
			g.output("r", p)
		})
		out := b.control(schema.Loop, &schema.LoopOptions{Body: body, States: 3}, []int{1, 1, 1}, count, b.raw(schema.Bool, []bool{true}), p, q, r)
		for i, name := range []string{"p", "q", "r"} {
			b.output(name, out[i])
		}
	})
	copy(in.Input(1).Float32s(), []float32{-1})
	copy(in.Input(2).Float32s(), []float32{-2, -3})
	copy(in.Input(3).Float32s(), []float32{-4})
	for _, count := range []int64{7, 2, 0, 9} {
		in.Input(0).Int64s()[0] = count
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		p, q, r := []float32{-1}, []float32{-2, -3}, []float32{-4}
		for i := range count {
			p, q, r = q, append(slices.Clone(r), float32(i)), p
		}
		for i, want := range [][]float32{p, q, r} {
			if got := in.Output(i).Float32s(); !slices.Equal(got, want) {
				t.Errorf("%d iterations: output %d is %v, want %v", count, i, got, want)
			}
		}
	}
}

// TestEndlessLoops runs loops that only limits end.
func TestEndlessLoops(t *testing.T) {
	forever := func(collect bool) func(b *builder) {
		return func(b *builder) {
			body := b.body(func(g *builder) {
				g.input("i", schema.Int64)
				more := g.input("more", schema.Bool)
				s := g.input("s", schema.Float32, 100)
				g.output("more", more)
				g.output("s", g.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Neg}, s))
				if collect {
					g.output("e", s)
				}
			})
			ranks := []int{1, 2}
			if !collect {
				ranks = ranks[:1]
			}
			count := b.raw(schema.Int64, []int64{math.MaxInt64})
			out := b.control(schema.Loop, &schema.LoopOptions{Body: body, States: 1}, ranks, count, b.input("cond", schema.Bool), b.input("s", schema.Float32, 100))
			for i, name := range []string{"s", "all"}[:len(out)] {
				b.output(name, out[i])
			}
		}
	}
	t.Run("memory of what is collected", func(t *testing.T) {
		in := newControl(t, forever(true), WithMaxMemory(1<<20))
		in.Input(0).Bools()[0] = true
		if err := in.Run(); !errors.Is(err, ErrMemory) {
			t.Errorf("error %v, want %v", err, ErrMemory)
		}
		in.Input(0).Bools()[0] = false
		if err := in.Run(); err != nil || in.Output(1).Shape()[0] != 0 {
			t.Errorf("the next run: error %v, shape %v", err, in.Output(1).Shape())
		}
	})
	t.Run("memory of a state", func(t *testing.T) {
		in := newControl(t, loopModel, WithMaxMemory(64<<10))
		in.Input(0).Int64s()[0] = math.MaxInt64
		if err := in.Run(); !errors.Is(err, ErrMemory) {
			t.Errorf("error %v, want %v", err, ErrMemory)
		}
	})
	t.Run("iterations", func(t *testing.T) {
		in := newControl(t, forever(false), WithMaxIterations(1000))
		in.Input(0).Bools()[0] = true
		if err := in.Run(); err == nil || !strings.Contains(err.Error(), `node "Loop" (Loop): more than 1000 iterations`) {
			t.Errorf("error %v", err)
		}
		in.Input(0).Bools()[0] = false
		if err := in.Run(); err != nil {
			t.Errorf("error %v of the next run", err)
		}
	})
	if _, err := New(newBuilderOf(t, ifModel).load(), WithMaxIterations(-1)); err == nil {
		t.Error("a negative number of iterations is no error")
	}
}

func newBuilderOf(t *testing.T, build func(*builder)) *builder {
	b := newBuilder(t)
	build(b)
	return b
}

// scanModel scans the rows of x and collects where each is not 0.
func scanModel(b *builder) { scanning(positive, 3)(b) }

// scanning makes a Loop that scans the rows of x n times and collects, of a rank with those,
// what a function computes of a row.
func scanning(collect func(g *builder, slice int) int, rank int) func(*builder) {
	return func(b *builder) {
		body := b.body(func(g *builder) {
			g.input("i", schema.Int64)
			g.output("more", g.input("more", schema.Bool))
			g.output("e", collect(g, g.input("x", schema.Float32, -1)))
		})
		x := b.input("x", schema.Float32, -1, -1)
		out := b.control(schema.Loop, &schema.LoopOptions{Body: body, Scanned: 1}, []int{rank}, b.input("n", schema.Int64), b.raw(schema.Bool, []bool{true}), x)
		b.output("y", out[0])
	}
}

// positive gives the places where a slice is not 0, as floats.
func positive(g *builder, slice int) int {
	n := g.late(schema.NonZero, nil, 2, slice)
	g.graph.Tensors[n].DType = schema.Int64
	return g.castOf(n)
}

// TestLoopErrors runs loops whose values do not fit.
func TestLoopErrors(t *testing.T) {
	whole := func(_ *builder, slice int) int { return slice }
	for _, tt := range []struct {
		name  string
		build func(*builder)
		n     int64
		x     []float32
		want  string // "" for none
	}{
		{"as many slices", scanning(whole, 2), 2, []float32{1, 2, 3, 4}, ""},
		{"fewer slices", scanning(whole, 2), 3, []float32{1, 2, 3, 4}, `"t0" Float32 [2 2] is scanned in 3 iterations; want as many slices`},
		{"more slices", scanning(whole, 2), 0, []float32{1, 2, 3, 4}, "is scanned in 0 iterations"},
		{"elements of one shape", scanning(positive, 3), 2, []float32{1, 0, 0, 4}, ""},
		{"elements of another shape", scanning(positive, 3), 2, []float32{1, 0, 3, 4}, "iteration 1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := newControl(t, tt.build, WithInputShapes(map[string][]int{"x": {2, 2}}))
			copy(in.InputByName("x").Float32s(), tt.x)
			in.InputByName("n").Int64s()[0] = tt.n
			err := in.Run()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// castOf makes floats of int64 numbers whose sizes a run decides.
func (b *builder) castOf(t int) int {
	shape := slices.Repeat([]int{-1}, len(b.graph.Tensors[t].Shape))
	out := b.tensor(schema.Float32, shape, nil)
	b.graph.Operators = append(b.graph.Operators, schema.Operator{
		Code: schema.Cast, Version: 1, Name: "cast", Inputs: []int{t}, Outputs: []int{out}, Options: &schema.CastOptions{To: schema.Float32},
	})
	return out
}

// TestNonMaxSuppressionErrors checks what only values show to be wrong.
func TestNonMaxSuppressionErrors(t *testing.T) {
	n := &ops.Node{Def: ops.Lookup(schema.NonMaxSuppression), Options: &schema.NonMaxSuppressionOptions{}, Outputs: []*ops.Tensor{{}}}
	tensor := func(shape []int, values any, d schema.DType) *ops.Tensor {
		data, _, _ := rawValues(values)
		return &ops.Tensor{Shape: shape, DType: d, Data: data}
	}
	boxes := tensor([]int{1, 1, 4}, []float32{0, 0, 1, 1}, schema.Float32)
	scores := tensor([]int{1, 1, 1}, []float32{1}, schema.Float32)
	for _, tt := range []struct {
		name string
		in   []*ops.Tensor
		want string
	}{
		{"overlap above 1", []*ops.Tensor{boxes, scores, nil, tensor(nil, []float32{1.5}, schema.Float32)}, "an overlap of 1.5, want 0 to 1"},
		{"overlap NaN", []*ops.Tensor{boxes, scores, nil, tensor(nil, []float32{float32(math.NaN())}, schema.Float32)}, "an overlap of NaN, want 0 to 1"},
		{"boxes", []*ops.Tensor{scores, scores}, "want four numbers for each box"},
		{"scores", []*ops.Tensor{boxes, tensor([]int{1, 1, 2}, []float32{1, 2}, schema.Float32)}, "want scores of 1 batches and 1 boxes"},
		{"two numbers", []*ops.Tensor{boxes, scores, tensor([]int{2}, []int64{1, 2}, schema.Int64)}, "want one number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n.Inputs = tt.in
			if err := ops.InferNode(n); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
