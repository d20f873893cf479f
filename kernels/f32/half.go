package f32

import "github.com/lce-go/lce/kernels/move"

// EqualHalf is a == b of half-precision numbers given by their bits.
func EqualHalf(dst []uint8, a, b []uint16) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(move.Float16Value(a[i]) == move.Float16Value(b[i]))
	}
	return true
}
