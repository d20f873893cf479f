//go:build !noasm

package move

import "github.com/lce-go/lce/kernels/isa"

// transposeAVX2 is a transposeSquare.
//
//go:noescape
func transposeAVX2(dst, src *uint32, dstStep, srcStep, squares int)

// interleaveAVX2 puts n elements of two rows, at least 8, in turns; dst is neither:
//
//	dst[2*i], dst[2*i+1] = a[i], b[i]
//
//go:noescape
func interleaveAVX2(dst, a, b *uint32, n int)

// interleaver is interleaveAVX2; nil if there is none.
func interleaver(f isa.Features) func(dst, a, b *uint32, n int) {
	if f.Has(isa.AVX2) {
		return interleaveAVX2
	}
	return nil
}

// transposeSquares is the fastest way to move squares; nil if there is none.
func transposeSquares(f isa.Features) transposeSquare {
	if f.Has(isa.AVX2) {
		return transposeAVX2
	}
	return nil
}
