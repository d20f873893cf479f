//go:build !noasm

package move

import "github.com/lce-go/lce/kernels/isa"

// transposeAVX2 moves squares of 8 x 8 elements of 4 bytes that lie side by side in the
// source, for r below 8 and c below 8*squares, at least one:
//
//	dst[c*dstStep+r] = src[r*srcStep+c]
//
// The steps are in bytes.
//
//go:noescape
func transposeAVX2(dst, src *uint32, dstStep, srcStep, squares int)

// transposeSquares is the fastest way to move squares; nil if there is none.
func transposeSquares(f isa.Features) func(dst, src *uint32, dstStep, srcStep, squares int) {
	if f.Has(isa.AVX2) {
		return transposeAVX2
	}
	return nil
}
