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

// poolChannels is the number of channels, of c, that poolRun computes.
func poolChannels(f isa.Features, c int) int {
	if !f.Has(isa.AVX512) {
		return 0
	}
	return c &^ 15
}

// poolRun computes the first channels of a run of pixels; taps are in ascending order,
// at least one. The divisor of a maximum is 0.
func poolRun(w *windows, channels int, dst, src []float32, pixels int, taps []windowTap, divisor float32) {
	last := taps[len(taps)-1].src
	dst, src = dst[:pixels*w.c], src[:(pixels-1)*w.step()+last+w.c]
	a := pixelArgs{
		dst: &dst[0], src: &src[0], taps: &taps[0], count: len(taps), blocks: channels / 16, pixels: pixels,
		srcStep: 4 * w.step(), dstStep: 4 * w.c, divisor: divisor,
	}
	if divisor == 0 {
		poolMaxAVX512(&a)
	} else {
		poolAverageAVX512(&a)
	}
}
