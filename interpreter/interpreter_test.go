package interpreter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/schema"
)

func TestInterpretersShareAModel(t *testing.T) {
	m := smallModel(t, "conv").load()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			in, err := New(m, WithThreads(2))
			if err != nil {
				t.Error(err)
				return
			}
			defer in.Close()
			check(t, in)
		})
	}
	group.Wait()
}

// TestRandomGraphs checks the arena: no operator of a random graph, in place or
// not, spoils what another one still needs.
func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBuilder(r)
		values := []int{b.input("x", schema.Float32, 4, 6), b.input("y", schema.Float32, 4, 6), b.floats(4, 6)}
		pick := func(label string) int { return rapid.SampledFrom(values).Draw(r, label) }
		for range rapid.IntRange(1, 12).Draw(r, "operators") {
			var v int
			switch rapid.IntRange(0, 5).Draw(r, "op") {
			case 0:
				v = b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Abs}, pick("a"))
			case 1:
				v = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Sub}, pick("a"), pick("b"))
			case 2:
				v = b.op(schema.Reshape, &schema.ReshapeOptions{}, pick("a"), b.ints(6, 4))
				v = b.op(schema.Transpose, &schema.TransposeOptions{Perm: []int{1, 0}}, v)
			case 3:
				v = b.op(schema.Concat, &schema.AxisOptions{}, pick("a"), pick("b"))
				parts := b.multi(schema.Split, &schema.AxisOptions{}, 4, v)
				v = b.op(schema.Concat, &schema.AxisOptions{}, parts[3], parts[0], parts[3], parts[1])
				v = b.op(schema.Slice, nil, v, b.ints(2), b.ints(6))
			case 4:
				v = b.op(schema.Softmax, &schema.SoftmaxOptions{Axis: 1}, pick("a"))
			case 5:
				v = b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, pick("a"), b.floats(6, 6))
			}
			values = append(values, v)
		}
		for i := range rapid.IntRange(1, 4).Draw(r, "outputs") {
			b.output(fmt.Sprint(i), pick("output"))
		}
		m := b.load()
		arena := 0
		for range 2 {
			in, err := New(m, WithThreads(1))
			if err != nil {
				r.Fatal(err)
			}
			check(r, in)
			if got := in.Memory().Arena; arena != 0 && got != arena {
				r.Errorf("arena of %d bytes, and of %d the second time", arena, got)
			}
			arena = in.Memory().Arena
			in.Close()
		}
	})
}

func TestInPlace(t *testing.T) {
	chain := func(kinds ...schema.UnaryKind) *builder {
		b := newBuilder(t)
		v := b.input("x", schema.Float32, 1000)
		for _, k := range kinds {
			v = b.op(schema.Unary, &schema.UnaryOptions{Kind: k}, v)
		}
		b.output("y", v)
		return b
	}
	in, err := New(chain(schema.Neg, schema.Abs, schema.Exp, schema.Relu, schema.Neg).load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	check(t, in)
	// The input, which must stay, and one tensor for all operators.
	if got, want := in.Memory().Arena, 2*4032; got != want {
		t.Errorf("arena of %d bytes, want %d", got, want)
	}
}

func TestOptions(t *testing.T) {
	m := smallModel(t, "dense").load()
	def := ops.Def{Infer: func(*ops.Node) error { return nil }, Prepare: func(*ops.Node) (ops.Kernel, error) { return ops.Kernel{}, nil }}
	for _, tt := range []struct {
		name string
		opts []Option
		want string
	}{
		{"no threads", []Option{WithThreads(0)}, "0 threads, want 1 to"},
		{"many threads", []Option{WithThreads(1 << 20)}, "1048576 threads, want 1 to"},
		{"no memory", []Option{WithMaxMemory(0)}, "memory limit of 0 bytes"},
		{"no such kernel", []Option{WithoutKernels("9x9_mmx")}, `kernel "9x9_mmx" cannot be left out`},
		{"the generic kernel", []Option{WithoutKernels("generic")}, `kernel "generic" cannot be left out`},
		{"custom op without name", []Option{WithCustomOp("", def)}, "without a name"},
		{"custom op without functions", []Option{WithCustomOp("a", ops.Def{})}, `custom op "a": Infer and Prepare`},
		{"custom op twice", []Option{WithCustomOp("a", def), WithCustomOp("a", def)}, `custom op "a" is registered twice`},
		{"unknown input", []Option{WithInputShapes(map[string][]int{"z": {1}})}, `no input "z"; the inputs are ["x"]`},
		{"wrong shape", []Option{WithInputShapes(map[string][]int{"x": {1, 3, 4}})}, `input "x": got shape [1 3 4], want [2 3 4]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := New(m, tt.opts...)
			if err == nil {
				in.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

func TestFeaturesFromTheEnvironment(t *testing.T) {
	m := smallModel(t, "dense").load()
	t.Setenv(isa.EnvName, "generic")
	in, err := New(m, WithFeatures(^isa.Features(0)))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got := in.prepared.steps[0].Features; got != 0 {
		t.Errorf("features %v, want generic", got)
	}
	t.Setenv(isa.EnvName, "mmx")
	if _, err := New(m); err == nil || !strings.Contains(err.Error(), "mmx") {
		t.Errorf("error %v, want one about mmx", err)
	}
}

func TestMaxMemory(t *testing.T) {
	big := newBuilder(t)
	big.open = true
	x := big.input("x", schema.Float32, -1, 1<<10)
	big.output("y", big.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, big.floats(1<<10, 64)))
	m := big.load()
	in, err := New(m, WithMaxMemory(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	used := in.Memory()
	total := int64(used.Arena + used.Packed + used.Constants)
	if in, err := New(m, WithMaxMemory(total)); err != nil {
		t.Errorf("%d bytes are not enough for %+v: %v", total, used, err)
	} else {
		in.Close()
	}
	if _, err := New(m, WithMaxMemory(total-1)); !errors.Is(err, ErrMemory) {
		t.Errorf("%d bytes are enough for %+v, error %v", total-1, used, err)
	}
	if err := in.Resize(map[string][]int{"x": {1 << 10, 1 << 10}}); !errors.Is(err, ErrMemory) {
		t.Errorf("a batch of 4 MB fits into 1 MB, error %v", err)
	}
	check(t, in)
}

func TestDeclaredShapeMismatch(t *testing.T) {
	for name, change := range map[string]func(y *schema.Tensor){
		"dimension": func(y *schema.Tensor) { y.Shape = []int{-1, 4} },
		"rank":      func(y *schema.Tensor) { y.Shape = []int{2, 5, 1} },
		"type":      func(y *schema.Tensor) { y.DType = schema.Int32 },
	} {
		t.Run(name, func(t *testing.T) {
			b := smallModel(t, "dense")
			y := b.graph.Operators[1].Outputs[0]
			change(&b.graph.Tensors[y])
			_, err := New(b.load())
			if err == nil {
				t.Fatal("no error")
			}
			want := fmt.Sprintf("%q: computed as Float32 [2 5], the file says %v %v", b.graph.Tensors[y].Name, b.graph.Tensors[y].DType, b.graph.Tensors[y].Shape)
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q, want %q in it", err, want)
			}
		})
	}
}

func TestRunErrorNamesTheOperator(t *testing.T) {
	in, err := New(smallModel(t, "move").load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.SetInput("indices", []int64{0, 1, 1 << 40}); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err == nil || !strings.Contains(err.Error(), `node "Gather7" (Gather): `) {
		t.Errorf("error %v, want one of the Gather", err)
	}
	check(t, in)
}

// custom is a model of an op "Twice" and an op "Unknown" that nothing needs.
func custom(t *testing.T) *Model {
	t.Helper()
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 3)
	y := b.tensor(schema.Float32, []int{3}, nil)
	z := b.tensor(schema.Float32, []int{3}, nil)
	b.graph.Operators = append(b.graph.Operators,
		schema.Operator{Code: schema.Custom, Version: 1, Name: "n1", Inputs: []int{x}, Outputs: []int{y}, Options: &schema.CustomOptions{Name: "Twice", Data: []byte{2}}},
		schema.Operator{Code: schema.Custom, Version: 1, Name: "n2", Inputs: []int{x}, Outputs: []int{z}, Options: &schema.CustomOptions{Name: "Unknown"}})
	b.output("y", y)
	return b.load()
}

func TestCustomOp(t *testing.T) {
	m := custom(t)
	if _, err := New(m); err == nil || !strings.Contains(err.Error(), `not registered: ["Twice"]`) {
		t.Errorf("error %v, want one that names Twice", err)
	}
	twice := ops.Def{
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Node) error {
			n.Outputs[0].DType, n.Outputs[0].Shape = n.Inputs[0].DType, n.Inputs[0].Shape
			return nil
		},
		Prepare: func(n *ops.Node) (ops.Kernel, error) {
			factor := float32(n.Options.(*schema.CustomOptions).Data[0])
			return ops.Kernel{Name: "twice", Run: func(n *ops.Node) error {
				y := ops.View[float32](n.Outputs[0])
				for i, v := range ops.View[float32](n.Inputs[0]) {
					if v < 0 {
						return errors.New("negative")
					}
					y[i] = factor * v
				}
				return nil
			}}, nil
		},
	}
	in, err := New(m, WithCustomOp("Twice", twice), WithCustomOp("Unused", twice))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.SetInput("x", []float32{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := in.Output(0).Float32s(), []float32{2, 4, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if op := in.Operators()[0]; op.Op != "Twice" || op.Code != schema.Custom || op.Kernel != "twice" {
		t.Errorf("described as %+v", op)
	}
	in.Input(0).Float32s()[1] = -1
	if err := in.Run(); err == nil || err.Error() != `node "n1" (Custom "Twice"): negative` {
		t.Errorf("error %v", err)
	}
	broken := twice
	broken.Prepare = func(*ops.Node) (ops.Kernel, error) { return ops.Kernel{Name: "none"}, nil }
	if _, err := New(m, WithCustomOp("Twice", broken)); err == nil || !strings.Contains(err.Error(), "Run is missing") {
		t.Errorf("a kernel without Run: error %v", err)
	}
}

func TestProfile(t *testing.T) {
	var got []Timing
	in, err := New(smallModel(t, "dense").load(), WithProfile(func(x Timing) { got = append(got, x) }))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Run(); err != nil {
		t.Fatal(err)
	}
	list := in.Operators()
	if len(got) != len(list) {
		t.Fatalf("%d timings for %d operators", len(got), len(list))
	}
	for i, x := range got {
		if x.Index != i || x.Name != list[i].Name || x.Op != list[i].Op || x.Kernel != list[i].Kernel || x.Duration < 0 {
			t.Errorf("timing %+v of operator %+v", x, list[i])
		}
	}
}

func TestOperators(t *testing.T) {
	in, err := New(smallModel(t, "shapes").load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	// Shape, Concat, Fill and Unsqueeze are computed while preparing.
	var names []string
	for _, op := range in.Operators() {
		names = append(names, op.Op)
		if op.Kernel == "" {
			t.Errorf("%s has no kernel name", op.Name)
		}
	}
	if want := []string{"Reshape", "Binary"}; !slices.Equal(names, want) {
		t.Errorf("operators %q, want %q", names, want)
	}
	add := in.Operators()[1]
	if got := add.Inputs[1]; !got.Constant || got.DType != schema.Float32 || !slices.Equal(got.Shape, []int{1, 1}) || got.Bytes != 4 {
		t.Errorf("second operand %+v, want a computed constant", got)
	}
	if got := add.Outputs[0]; got.Constant || got.Bytes != 48 {
		t.Errorf("result %+v", got)
	}
	if got := in.Memory(); got.Constants == 0 || got.Arena < 96 {
		t.Errorf("memory %+v", got)
	}
}
