//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwiseKernels are the depthwise kernels of instruction sets, best first.
var depthwiseKernels = []depthwiseKernel{
	{name: "avx512", needs: isa.AVX512, run: depthwiseAVX512, row: stripsAVX512},
	{name: "avx2", needs: isa.AVX2, run: depthwiseAVX2, row: stripsAVX2},
}

// pixelArgs is a run of pixels as assembly reads it, of a depthwise convolution or a pool.
type pixelArgs struct {
	dst     *float32
	src     *float32
	taps    *windowTap
	count   int // of taps, at least 1
	blocks  int // of channels, at least 1: 16 of AVX-512, 8 of AVX2
	pixels  int // at least 1
	srcStep int // bytes from pixel to pixel
	dstStep int

	// Of a convolution.
	w, bias  *float32
	min, max float32

	divisor float32 // of an average
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

// args describes blocks of channels from the given one on: those behind the last whole block are in
// a block that overlaps it. It checks the ends of what the kernel touches; taps are in ascending
// order.
func (d *depthwise) args(dst, src []float32, pixels int, taps []windowTap, w, bias []float32, from, blocks int) pixelArgs {
	if bias == nil {
		bias = d.zeros
	}
	n := d.c
	last := taps[len(taps)-1]
	dst, bias, w, src = dst[:pixels*n], bias[:n], w[:last.w+n], src[:(pixels-1)*d.step()+last.src+n]
	return pixelArgs{
		dst: &dst[from], src: &src[from], w: &w[from], bias: &bias[from], taps: &taps[0], count: len(taps),
		blocks: blocks, pixels: pixels, srcStep: 4 * d.step(), dstStep: 4 * n, min: d.min, max: d.max,
	}
}
