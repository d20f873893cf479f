//go:build !noasm && (arm64 || arm)

package f32

import "github.com/lce-go/lce/kernels/isa"

// mixRowsNEON computes rows, at least one, of cols columns, at least 4; dst is not src:
//
//	for j := range rows {
//		for i := range cols {
//			dst[j*stride+i] = src[places[2*j]*stride+i]*weights[2*j] + src[places[2*j+1]*stride+i]*weights[2*j+1]
//		}
//	}
//
// where each product is rounded.
//
//go:noescape
func mixRowsNEON(dst, src *float32, places *int32, weights *float32, rows, cols, stride int)

// mixRowsFor gives the function that computes rows of the given number of columns, or of some of
// them, at least least; nil if there is none.
func mixRowsFor(f isa.Features, cols int) (mix mixRowsFunc, least int) {
	if f.Has(isa.NEON) && cols >= 4 {
		return withMixCalls(mixRowsNEON), 4
	}
	return nil, 0
}
