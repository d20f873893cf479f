//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwiseKernels are the depthwise kernels of instruction sets, best first.
var depthwiseKernels = []depthwiseKernel{
	{name: "avx512", needs: isa.AVX512, run: depthwiseAVX512, row: stripsAVX512},
	{name: "avx2", needs: isa.AVX2, run: depthwiseAVX2, row: stripsAVX2},
}

// The functions compute, for each pixel p and each channel c of the blocks, with s and
// t elements from pixel to pixel,
//
//	dst[p*t+c] = min(max(bias[c] + sum src[p*s+taps[i].src+c] * w[taps[i].w+c], min), max), where NaN stays
//
// with a fused multiply-add.

//go:noescape
func depthwise16AVX512(a *pixelArgs)

//go:noescape
func depthwise8AVX2(a *pixelArgs)

func depthwiseAVX512(d *depthwise, dst, src []float32, pixels int, taps []windowTap, w, bias []float32) {
	if d.c < 16 {
		depthwiseAVX2(d, dst, src, pixels, taps, w, bias)
		return
	}
	if len(taps) == 0 {
		depthwiseGeneric(d, dst, src, pixels, taps, w, bias)
		return
	}
	a := d.args(dst, src, pixels, taps, w, bias, 0, d.c/16)
	depthwise16AVX512(&a)
	if d.c%16 != 0 {
		a = d.args(dst, src, pixels, taps, w, bias, d.c-16, 1)
		depthwise16AVX512(&a)
	}
}

func depthwiseAVX2(d *depthwise, dst, src []float32, pixels int, taps []windowTap, w, bias []float32) {
	if d.c < 8 || len(taps) == 0 {
		depthwiseGeneric(d, dst, src, pixels, taps, w, bias)
		return
	}
	a := d.args(dst, src, pixels, taps, w, bias, 0, d.c/8)
	depthwise8AVX2(&a)
	if d.c%8 != 0 {
		a = d.args(dst, src, pixels, taps, w, bias, d.c-8, 1)
		depthwise8AVX2(&a)
	}
}
