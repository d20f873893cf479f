package move

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
)

func TestSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range isa.Levels(isa.Detect()) {
		for _, cols := range []int{1, 7, 8, 9, 64, 301, 70000} {
			rows, sizes := 9, []int{1, 2, 4, 8}
			if cols > 1000 {
				rows, sizes = 2, []int{4}
			}
			// Of the operands each has all elements, a row, a column or one.
			shapes := [][]int{{rows, cols}, {cols}, {rows, 1}, {1}}
			for _, size := range sizes {
				for i := range len(shapes) * len(shapes) {
					cond, a, b := shapes[r.IntN(2+i%2)], shapes[i%len(shapes)], shapes[i/len(shapes)]
					testSelect(t, r, f, []int{rows, cols}, cond, a, b, size)
				}
			}
		}
	}
}

func testSelect(t *testing.T, r *rand.Rand, f isa.Features, shape, cond, a, b []int, size int) {
	t.Helper()
	count := func(s []int) int {
		n := 1
		for _, d := range s {
			n *= d
		}
		return n
	}
	at := func(s []int, row, col int) int {
		strides := BroadcastStrides(s, shape)
		return row*strides[0] + col*strides[1]
	}
	choice := make([]byte, count(cond))
	for i := range choice {
		choice[i] = byte(r.IntN(2))
	}
	x, y := random(r, count(a), size), random(r, count(b), size)
	var want []byte
	for row := range shape[0] {
		for col := range shape[1] {
			from, i := x, at(a, row, col)
			if choice[at(cond, row, col)] == 0 {
				from, i = y, at(b, row, col)
			}
			want = append(want, from[i*size:][:size]...)
		}
	}
	for _, p := range pools(t) {
		all := random(r, count(shape)+8, size)
		after := slices.Clone(all[len(want):])
		NewSelect(shape, cond, a, b, size, f).Run(p, all[:len(want)], choice, x, y)
		if !bytes.Equal(all[:len(want)], want) {
			t.Fatalf("%v, size %d, %v ? %v : %v: wrong elements of %v", f, size, cond, a, b, shape)
		}
		if !bytes.Equal(all[len(want):], after) {
			t.Fatalf("%v, size %d, %v ? %v : %v: written behind %v", f, size, cond, a, b, shape)
		}
	}
}
