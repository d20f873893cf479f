//go:build !noasm && (arm64 || arm)

package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwiseKernels are the depthwise kernels of instruction sets, best first.
var depthwiseKernels = []depthwiseKernel{
	{name: "neon", needs: isa.NEON, run: depthwisePixelsNEON, row: stripsNEON},
}

// depthwiseNEON computes, for each pixel p and each channel c of the blocks, with s and t
// elements from pixel to pixel,
//
//	dst[p*t+c] = min(max(bias[c] + sum src[p*s+taps[i].src+c] * w[taps[i].w+c], min), max), where NaN stays
//
// with a fused multiply-add on arm64.
//
//go:noescape
func depthwiseNEON(a *pixelArgs)

// The pools compute likewise the maximum (NaN if there is one) or the sum, divided by divisor, of
// src[p*s+taps[i].src+c] over i.

//go:noescape
func poolMaxNEON(a *pixelArgs)

//go:noescape
func poolAverageNEON(a *pixelArgs)

func depthwisePixelsNEON(d *depthwise, dst, src []float32, pixels int, taps []windowTap, w, bias []float32) {
	if d.c < 4 || len(taps) == 0 {
		depthwiseGeneric(d, dst, src, pixels, taps, w, bias)
		return
	}
	a := d.args(dst, src, pixels, taps, w, bias, 0, d.c/4)
	depthwiseNEON(&a)
	if d.c%4 != 0 {
		a = d.args(dst, src, pixels, taps, w, bias, d.c-4, 1)
		depthwiseNEON(&a)
	}
}

// poolVector is how many channels poolRun computes at a time, of c; 0 if it does none.
func poolVector(f isa.Features, c int) int {
	if f.Has(isa.NEON) && c >= 4 {
		return 4
	}
	return 0
}

// poolRun computes some vectors of channels of a run of pixels, from the given channel on; taps
// are in ascending order, at least one. The divisor of a maximum is 0.
func poolRun(w *windows, _, from, vectors int, dst, src []float32, pixels int, taps []windowTap, divisor float32) {
	a := w.poolArgs(from, vectors, dst, src, pixels, taps, divisor)
	if divisor == 0 {
		poolMaxNEON(&a)
	} else {
		poolAverageNEON(&a)
	}
}
