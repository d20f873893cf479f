//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// The functions compute rows, at least one, of cols columns, at least a vector; dst is not src:
//
//	for j := range rows {
//		for i := range cols {
//			dst[j*stride+i] = src[places[2*j]*stride+i]*weights[2*j] + src[places[2*j+1]*stride+i]*weights[2*j+1]
//		}
//	}
//
// where each product is rounded.

//go:noescape
func mixRowsAVX512(dst, src *float32, places *int32, weights *float32, rows, cols, stride int)

//go:noescape
func mixRowsAVX2(dst, src *float32, places *int32, weights *float32, rows, cols, stride int)

// mixRowsFor gives the function that computes rows of the given number of columns, or of some of
// them, at least least; nil if there is none.
func mixRowsFor(f isa.Features, cols int) (mix mixRowsFunc, least int) {
	switch {
	case f.Has(isa.AVX512) && cols >= 16:
		return withMixCalls(mixRowsAVX512), 16
	case f.Has(isa.AVX2) && cols >= 8:
		return withMixCalls(mixRowsAVX2), 8
	}
	return nil, 0
}
