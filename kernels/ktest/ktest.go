// Package ktest holds what the tests of kernels share: deterministic random data,
// sizes around a tile, and buffers with guard values on both sides.
package ktest

import (
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/bits"
)

// Rand is a source of random numbers that is the same in every run.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) }

// Sizes are the sizes where a loop over tiles may go wrong.
func Sizes(tile int) []int {
	var list []int
	for _, n := range []int{1, tile - 1, tile, tile + 1, 2*tile + 3} {
		if n > 0 && (len(list) == 0 || n > list[len(list)-1]) {
			list = append(list, n)
		}
	}
	return list
}

// Signs gives n values of -1 and +1.
func Signs(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.IntN(2)*2 - 1)
	}
	return v
}

// Pack packs rows of cols values by their signs, one bit after the other.
func Pack(v []float32, cols int) []uint32 {
	if cols == 0 {
		return nil
	}
	words := bits.Words(cols)
	out := make([]uint32, len(v)/cols*words)
	for i, x := range v {
		if x < 0 {
			c := i % cols
			out[i/cols*words+c/32] |= 1 << (c % 32)
		}
	}
	return out
}

// Element is a type of element that can be guarded.
type Element interface {
	~float32 | ~int32 | ~uint32 | ~uint64
}

// guard is the number of elements on each side of a guarded buffer.
const guard = 67

// Guarded is a buffer between guard values.
type Guarded[T Element] struct {
	// Data is the buffer, filled with a value that is neither 0 nor 1.
	Data []T
	all  []T
}

// guardValue is exact in every element type.
const guardValue = 12345

// Guard makes a guarded buffer of n elements.
func Guard[T Element](n int) *Guarded[T] {
	g := &Guarded[T]{all: make([]T, n+2*guard)}
	for i := range g.all {
		g.all[i] = guardValue
	}
	g.Data = g.all[guard : guard+n : guard+n]
	return g
}

// Check fails the test if something was written outside the buffer.
func (g *Guarded[T]) Check(t testing.TB) {
	t.Helper()
	for i, v := range g.all {
		if at := i - guard; (at < 0 || at >= len(g.Data)) && v != guardValue {
			t.Fatalf("element %d of a buffer of %d was overwritten with %v", at, len(g.Data), v)
		}
	}
}
