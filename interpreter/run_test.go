package interpreter

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lce-go/lce/schema"
)

// check runs in a few times and compares it with the reference.
func check(t rapid.TB, in *Interpreter) {
	t.Helper()
	for seed := range 3 {
		inputs, shapes := map[string][]byte{}, map[string][]int{}
		for _, x := range in.Inputs() {
			fillInput(x, seed)
			inputs[x.Name()] = slices.Clone(x.Bytes())
			shapes[x.Name()] = x.Shape()
		}
		want := reference(t, in, inputs, shapes)
		for range 2 { // the second run must find the same inputs
			if err := in.Run(); err != nil {
				t.Fatal(err)
			}
			for i, y := range in.Outputs() {
				if !bytes.Equal(y.Bytes(), want[i]) {
					t.Errorf("output %v differs from the operators run one by one", y)
				}
			}
			for _, x := range in.Inputs() {
				if !bytes.Equal(x.Bytes(), inputs[x.Name()]) {
					t.Errorf("input %v was overwritten", x)
				}
			}
		}
	}
}

func TestRunMatchesOperatorsOneByOne(t *testing.T) {
	for _, m := range smallModels {
		for _, threads := range []int{1, 2, 5} {
			t.Run(m.name, func(t *testing.T) {
				in, err := New(smallModel(t, m.name).load(), WithThreads(threads))
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				check(t, in)
			})
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, m := range smallModels {
		for _, opts := range [][]Option{{WithThreads(1)}, {WithThreads(2)}, {WithThreads(1), WithProfile(func(Timing) {})}} {
			t.Run(m.name, func(t *testing.T) {
				in, err := New(smallModel(t, m.name).load(), opts...)
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				got := testing.AllocsPerRun(20, func() {
					if err := in.Run(); err != nil {
						t.Fatal(err)
					}
				})
				if got != 0 {
					t.Errorf("Run allocates %v times, want 0", got)
				}
			})
		}
	}
}

func TestResize(t *testing.T) {
	in, err := New(smallModel(t, "shapes").load(), WithInputShapes(map[string][]int{"x": {2, 3, 4}}))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, batch := range []int{2, 1, 7, 32, 3} {
		if err := in.Resize(map[string][]int{"x": {batch, 3, 4}}); err != nil {
			t.Fatalf("batch %d: %v", batch, err)
		}
		if got, want := in.Output(0).Shape(), []int{batch, 12}; !slices.Equal(got, want) {
			t.Errorf("batch %d: output shape %v, want %v", batch, got, want)
		}
		check(t, in)
		if got, want := in.Output(1).Int64s(), []int64{int64(batch)}; !slices.Equal(got, want) {
			t.Errorf("batch %d: shape output %v, want %v", batch, got, want)
		}
	}
	for name, shapes := range map[string]map[string][]int{
		"fixed dimension": {"x": {3, 3, 5}},
		"rank":            {"x": {3, 12}},
		"negative":        {"x": {-1, 3, 4}},
		"huge":            {"x": {1 << 27, 3, 4}},
		"unknown input":   {"y": {3, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := in.Resize(shapes); err == nil {
				t.Error("no error")
			}
			if got, want := in.Input(0).Shape(), []int{3, 3, 4}; !slices.Equal(got, want) {
				t.Errorf("after a failed Resize the shape is %v, want %v", got, want)
			}
			check(t, in)
		})
	}
}

func TestResizeToNothing(t *testing.T) {
	b := newBuilder(t)
	b.open = true
	x := b.input("x", schema.Float32, -1, 3)
	y := b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, b.floats(3, 5))
	b.output("y", b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Relu}, y))
	b.output("sum", b.op(schema.Reduce, &schema.ReduceOptions{Kind: schema.ReduceSum, KeepDims: true}, y, b.ints(0)))
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, batch := range []int{0, 2, 0} {
		if err := in.Resize(map[string][]int{"x": {batch, 3}}); err != nil {
			t.Fatal(err)
		}
		if got, want := in.Output(0).Shape(), []int{batch, 5}; !slices.Equal(got, want) {
			t.Errorf("output shape %v, want %v", got, want)
		}
		check(t, in)
	}
}

func TestOutputsOfEveryKind(t *testing.T) {
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 3)
	c := b.raw(schema.Float32, []float32{1, 2, 3}, 3)
	y := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Round}, x)
	z := b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Exp}, y)
	b.op(schema.Unary, &schema.UnaryOptions{Kind: schema.Exp}, z) // dead
	for i, o := range []int{x, x, c, c, y, z, z} {
		b.output(string(rune('a'+i)), o)
	}
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got := len(in.Operators()); got != 2 {
		t.Errorf("%d operators run, want 2 of 3", got)
	}
	check(t, in)
	// Spoiling what an output shows must not reach the next run.
	for _, y := range in.Outputs() {
		clear(y.Float32s())
	}
	check(t, in)
}
