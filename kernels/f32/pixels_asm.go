//go:build !noasm && (amd64 || arm64 || arm)

package f32

// pixelArgs is a run of pixels as assembly reads it, of a depthwise convolution or a pool.
type pixelArgs struct {
	dst     *float32
	src     *float32
	taps    *windowTap
	count   int // of taps, at least 1
	blocks  int // of channels, at least 1: 16 of AVX-512, 8 of AVX2, 4 of NEON
	pixels  int // at least 1
	srcStep int // bytes from pixel to pixel
	dstStep int

	// Of a convolution.
	w, bias  *float32
	min, max float32

	divisor float32 // of an average
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

// poolArgs does the same for poolRun.
func (w *windows) poolArgs(from, blocks int, dst, src []float32, pixels int, taps []windowTap, divisor float32) pixelArgs {
	last := taps[len(taps)-1].src
	dst, src = dst[:pixels*w.c], src[:(pixels-1)*w.step()+last+w.c]
	return pixelArgs{
		dst: &dst[from], src: &src[from], taps: &taps[0], count: len(taps), blocks: blocks, pixels: pixels,
		srcStep: 4 * w.step(), dstStep: 4 * w.c, divisor: divisor,
	}
}
