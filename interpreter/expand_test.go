package interpreter

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/schema"
)

// TestExpandedWeights checks that weights in fewer bits are expanded while preparing,
// whatever their size, and that only their packed form is kept where a kernel packs them.
func TestExpandedWeights(t *testing.T) {
	const k, n = 300, 200
	product := func(b *builder, x, w int) int {
		return b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, w)
	}
	toFloat := &schema.CastOptions{To: schema.Float32}
	tests := []struct {
		name      string
		weights   func(b *builder) int
		stored    schema.DType
		layers    int
		constants int
		also      func(b *builder, w int)
	}{
		{name: "bits", stored: schema.Bits, layers: 1, weights: func(b *builder) int {
			w := b.op(schema.Reshape, &schema.ReshapeOptions{}, b.op(schema.Bunpack, nil, b.bits(k*n)), b.ints(k, n))
			return b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(n))
		}},
		{name: "float16", stored: schema.Float16, layers: 1, weights: func(b *builder) int {
			return b.op(schema.Cast, toFloat, b.half(k, n))
		}},
		{name: "int8", stored: schema.Int8, layers: 1, weights: func(b *builder) int { return b.int8s([]int{k, n}, 1, n) }},
		{name: "read by two layers", stored: schema.Float16, layers: 2, weights: func(b *builder) int {
			return b.op(schema.Cast, toFloat, b.half(k, n))
		}},
		{name: "read by another op", stored: schema.Float16, layers: 1, constants: 4 * k * n, weights: func(b *builder) int {
			return b.op(schema.Cast, toFloat, b.half(k, n))
		}, also: func(b *builder, w int) {
			b.output("sum", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Add}, w, b.input("y", schema.Float32, k, n)))
		}},
		{name: "scaled in two ways", stored: schema.Int8, layers: 1, constants: 4 * k * n, weights: func(b *builder) int {
			w := b.op(schema.Cast, toFloat, b.raw(schema.Int8, make([]int8, k*n), k, n))
			halved := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(n))
			b.output("halved", product(b, b.input("z", schema.Float32, 2, k), halved))
			return b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(1, n))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(t)
			w := tt.weights(b)
			for i := range tt.layers {
				b.output(fmt.Sprint("y", i), product(b, b.input(fmt.Sprint("x", i), schema.Float32, 2, k), w))
			}
			if tt.also != nil {
				tt.also(b, w)
			}
			m := b.load()
			in, err := New(m)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			for _, op := range in.Operators() {
				if op.Op != "MatMul" && op.Op != "Binary" {
					t.Errorf("%s runs, want it to be done while preparing", op.Op)
				}
				for _, x := range op.Inputs {
					if x.Constant && (x.Stored != tt.stored || x.DType != schema.Float32) {
						t.Errorf("operand %q of %s is %v stored as %v, want Float32 stored as %v", x.Name, op.Op, x.DType, x.Stored, tt.stored)
					}
				}
			}
			if got := in.Memory().Constants; got != tt.constants {
				t.Errorf("%d bytes of constants, want %d", got, tt.constants)
			}
			check(t, in)
			if _, err := New(m, WithMaxMemory(4*k*n)); !errors.Is(err, ErrMemory) {
				t.Errorf("a limit of the size of the weights: error %v, want one about memory", err)
			}
		})
	}
}

// TestExpandedOnce checks that another interpreter of the model, and another shape, take
// the packed weights that are there.
func TestExpandedOnce(t *testing.T) {
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 2, 64)
	w := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.half(64, 64))
	b.output("y", b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, w))
	m := b.load()
	first, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	expanded := &first.prepared.tensors[w]
	if expanded.Data != nil || expanded.Expand == nil {
		t.Fatalf("the weights are kept beside their packed form")
	}
	// Other bytes in the file now would show in a second packed form.
	half := m.parts[0].constants[b.graph.Operators[0].Inputs[0]]
	before := slices.Clone(half)
	clear(half)
	second, err := New(m)
	copy(half, before)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	check(t, second)
}

// TestExpandedLate checks weights of a layer that waits for the run.
func TestExpandedLate(t *testing.T) {
	b := newBuilder(t)
	x, shape := b.input("x", schema.Float32, 120), b.input("shape", schema.Int64, 2)
	r := b.late(schema.Reshape, &schema.ReshapeOptions{}, 2, x, shape)
	w := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.half(30, 30))
	b.output("y", b.late(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, 2, r, w))
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	fillInput(in.Input(0), 1)
	copy(in.Input(1).Int64s(), []int64{4, 30})
	want := reference(t, in, map[string][]byte{"x": in.Input(0).Bytes(), "shape": in.Input(1).Bytes()},
		map[string][]int{"x": {120}, "shape": {2}})
	for range 2 {
		if err := in.Run(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(in.Output(0).Bytes(), want[0]) {
			t.Error("differs from the operators run one by one")
		}
	}
}

// TestExpandedGraph checks that what expands weights is a chain: a file that doubles the
// way to them with each operator must not take ever longer.
func TestExpandedGraph(t *testing.T) {
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 2, 20)
	w := b.op(schema.Cast, &schema.CastOptions{To: schema.Float32}, b.half(20, 20))
	for range 60 {
		w = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Min}, w, w)
	}
	b.output("y", b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, w))
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	check(t, in)
}

// TestExpandedOutput checks that expanded weights that are an output stay.
func TestExpandedOutput(t *testing.T) {
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 1, 100)
	w := b.op(schema.Bunpack, nil, b.bits(100, 100))
	scaled := b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(100))
	b.output("w", w)
	b.output("y", b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, scaled))
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	check(t, in)
}

// TestUnpackedActivation checks that bits that are computed are not taken for weights.
func TestUnpackedActivation(t *testing.T) {
	b := newBuilder(t)
	x := b.op(schema.Bsign, &schema.BsignOptions{Compare: schema.SignGreater}, b.input("x", schema.Float32, 1, 100))
	b.output("y", b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, b.op(schema.Bunpack, nil, x), b.floats(100)))
	in, err := New(b.load())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got, want := len(in.Operators()), 3; got != want {
		t.Errorf("%d operators, want %d", got, want)
	}
	check(t, in)
}
