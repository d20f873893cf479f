//go:build !noasm

package move

import "github.com/lce-go/lce/kernels/isa"

// transposeAVX2 is a transposeSquare.
//
//go:noescape
func transposeAVX2(dst, src *uint32, dstStep, srcStep, squares int)

// transposeSquares is the fastest way to move squares; nil if there is none.
func transposeSquares(f isa.Features) transposeSquare {
	if f.Has(isa.AVX2) {
		return transposeAVX2
	}
	return nil
}
