//go:build !noasm && (arm64 || arm)

package move

import "github.com/lce-go/lce/kernels/isa"

// transposeNEON is a transposeSquare.
//
//go:noescape
func transposeNEON(dst, src *uint32, dstStep, srcStep, squares int)

// interleaveNEON puts n elements of two rows, at least 8, in turns; dst is neither:
//
//	dst[2*i], dst[2*i+1] = a[i], b[i]
//
//go:noescape
func interleaveNEON(dst, a, b *uint32, n int)

// interleaver is interleaveNEON; nil if there is none.
func interleaver(f isa.Features) func(dst, a, b *uint32, n int) {
	if f.Has(isa.NEON) {
		return interleaveNEON
	}
	return nil
}

// transposeSquares is the fastest way to move squares; nil if there is none.
func transposeSquares(f isa.Features) transposeSquare {
	if f.Has(isa.NEON) {
		return transposeNEON
	}
	return nil
}
