//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// depthwiseKernels are the depthwise kernels of instruction sets, best first.
var depthwiseKernels = []depthwiseKernel{
	{name: "avx512", needs: isa.AVX512, run: depthwiseAVX512},
	{name: "avx2", needs: isa.AVX2, run: depthwiseAVX2},
}

// depthwiseArgs is a pixel as assembly reads it.
type depthwiseArgs struct {
	dst    *float32
	src    *float32
	w      *float32
	bias   *float32
	taps   *depthwiseTap
	count  int // of taps, at least 1
	blocks int // of channels, at least 1: 16 of AVX-512, 8 of AVX2
	min    float32
	max    float32
}

// The functions compute, for each channel c of the blocks,
//
//	dst[c] = min(max(bias[c] + sum src[taps[i].src+c] * w[taps[i].w+c], min), max), where NaN stays
//
// with a fused multiply-add.

//go:noescape
func depthwise16AVX512(a *depthwiseArgs)

//go:noescape
func depthwise8AVX2(a *depthwiseArgs)

func depthwiseAVX512(d *depthwise, dst, src []float32, taps []depthwiseTap, w, bias []float32) {
	n := 0
	if d.channels >= 16 && len(taps) > 0 {
		n = d.channels &^ 15
		a := d.args(dst, src, taps, w, bias, n/16)
		depthwise16AVX512(&a)
	}
	depthwiseFrom(d, n, dst, src, taps, w, bias)
}

func depthwiseAVX2(d *depthwise, dst, src []float32, taps []depthwiseTap, w, bias []float32) {
	n := 0
	if d.channels >= 8 && len(taps) > 0 {
		n = d.channels &^ 7
		a := d.args(dst, src, taps, w, bias, n/8)
		depthwise8AVX2(&a)
	}
	depthwiseFrom(d, n, dst, src, taps, w, bias)
}

// args checks the ends of what the kernel touches; taps are in ascending order.
func (d *depthwise) args(dst, src []float32, taps []depthwiseTap, w, bias []float32, blocks int) depthwiseArgs {
	if bias == nil {
		bias = d.zeros
	}
	n := d.channels
	last := taps[len(taps)-1]
	dst, bias, w, src = dst[:n], bias[:n], w[:last.w+n], src[:last.src+n]
	return depthwiseArgs{
		dst: &dst[0], src: &src[0], w: &w[0], bias: &bias[0], taps: &taps[0], count: len(taps),
		blocks: blocks, min: d.min, max: d.max,
	}
}
