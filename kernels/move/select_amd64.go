//go:build !noasm

package move

import "github.com/lce-go/lce/kernels/isa"

// selectAVX2 does dst[i] = cond[i] != 0 ? a[i] : b[i] for n elements, a multiple of 8, at least one.
// After each 8 of them it goes on by 32 bytes in dst, and by aStep and bStep in a and b.
//
//go:noescape
func selectAVX2(dst, a, b *uint32, cond *byte, n, aStep, bStep int)

// selectCall bounds the elements of a call, which should end within 100 microseconds.
const selectCall = 1 << 16

// selectWords does the first elements of a row of dst and returns how many: cond has one for
// each, and a and b have, or one element where their step is 0.
func selectWords(f isa.Features, dst, a, b []uint32, cond []byte, aStep, bStep int) int {
	if !f.Has(isa.AVX2) {
		return 0
	}
	var same [2][8]uint32
	whole := len(dst) &^ 7
	for at := 0; at < whole; at += selectCall {
		n := min(selectCall, whole-at)
		x, xStep := words(&same[0], a, at, aStep)
		y, yStep := words(&same[1], b, at, bStep)
		selectAVX2(&dst[at], x, y, &cond[at], n, xStep, yStep)
	}
	return whole
}

// words gives the elements of an operand from the given one on, and how far 8 of them go.
func words(same *[8]uint32, v []uint32, at, step int) (first *uint32, bytes int) {
	if step == 1 {
		return &v[at], 32
	}
	for i := range same {
		same[i] = v[0]
	}
	return &same[0], 0
}
