package interpreter

import (
	"errors"
	"slices"
	"testing"

	"github.com/lce-go/lce/schema"
)

// TestExpandedWeights checks that weights stored as bits are expanded while preparing,
// whatever their size, and count once towards the memory limit.
func TestExpandedWeights(t *testing.T) {
	const k, n = 300, 200
	b := newBuilder(t)
	x := b.input("x", schema.Float32, 2, k)
	w := b.op(schema.Bunpack, nil, b.bits(k*n))
	w = b.op(schema.Reshape, &schema.ReshapeOptions{}, w, b.ints(k, n))
	w = b.op(schema.Binary, &schema.BinaryOptions{Kind: schema.Mul}, w, b.floats(n))
	b.output("y", b.op(schema.MatMul, &schema.MatMulOptions{Clamp: schema.NoClamp}, x, w))
	m := b.load()
	in, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var names []string
	for _, op := range in.Operators() {
		names = append(names, op.Op)
	}
	if want := []string{"MatMul"}; !slices.Equal(names, want) {
		t.Errorf("operators %q, want %q", names, want)
	}
	if got, want := in.Memory().Constants, 4*k*n; got != want {
		t.Errorf("%d bytes of constants, want the %d of the weights", got, want)
	}
	check(t, in)
	if _, err := New(m, WithMaxMemory(4*k*n)); !errors.Is(err, ErrMemory) {
		t.Errorf("a limit of the size of the weights: error %v, want one about memory", err)
	}
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
