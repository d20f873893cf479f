//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// The functions compute, for each pixel p and each channel c of the blocks, with s and
// t elements from pixel to pixel, the maximum (NaN if there is one) or the sum, divided
// by divisor, of src[p*s+taps[i].src+c] over i, into dst[p*t+c].

//go:noescape
func poolMaxAVX512(a *pixelArgs)

//go:noescape
func poolAverageAVX512(a *pixelArgs)

//go:noescape
func poolMaxAVX2(a *pixelArgs)

//go:noescape
func poolAverageAVX2(a *pixelArgs)

// poolVector is how many channels poolRun computes at a time, of c; 0 if it does none.
func poolVector(f isa.Features, c int) int {
	switch {
	case f.Has(isa.AVX512) && c >= 16:
		return 16
	case f.Has(isa.AVX2) && c >= 8:
		return 8
	}
	return 0
}

// poolRun computes some vectors of channels of a run of pixels, from the given channel on; taps
// are in ascending order, at least one. The divisor of a maximum is 0.
func poolRun(w *windows, vector, from, vectors int, dst, src []float32, pixels int, taps []windowTap, divisor float32) {
	a := w.poolArgs(from, vectors, dst, src, pixels, taps, divisor)
	switch {
	case vector == 16 && divisor == 0:
		poolMaxAVX512(&a)
	case vector == 16:
		poolAverageAVX512(&a)
	case divisor == 0:
		poolMaxAVX2(&a)
	default:
		poolAverageAVX2(&a)
	}
}
