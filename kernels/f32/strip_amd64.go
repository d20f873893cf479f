//go:build !noasm

package f32

// stripArgs is a row of a depthwise convolution of 3 by 3 taps as assembly reads it.
type stripArgs struct {
	src0, src1, src2 *float32 // rows of the window; the first and the last are nil if they lie outside
	before           int      // bytes of the column before the map that windows begin with, or 0
	dst              *float32
	w                *float32
	bias             *float32
	step             int // bytes from column to column, and from tap to tap in w
	blocks           int // of channels, at least 1: 16 of AVX-512, 8 of AVX2
	strips           int // at least 1
	last             int // pixels from the last strip but one to the last, at most 7
	min              float32
	max              float32
	first, end       uint16 // all ones if the first and the last column lie in the map, else 0
	tail             uint16 // the channels of the last block, for AVX-512
}

// The functions compute 7 pixels p in each strip, for all channels c of the blocks, with
// n the step in elements, s the stride in their name and x the columns before the strip,
//
//	dst[p*n+c] = min(max(bias[c] + sum src_y[(x+p*s+i)*n+c] * w[(y*3+i)*n+c], min), max), where NaN stays
//
// over columns i and rows y that lie in the map, with a fused multiply-add.

//go:noescape
func strip1AVX512(a *stripArgs)

//go:noescape
func strip2AVX512(a *stripArgs)

//go:noescape
func strip1AVX2(a *stripArgs)

//go:noescape
func strip2AVX2(a *stripArgs)

// stripsAVX512 computes a row of the result, y of image b, and gives how many of its
// channels.
func stripsAVX512(d *depthwise, dst, src []float32, b, y int, w, bias []float32) int {
	a := d.stripArgs(dst, src, b, y, w, bias)
	a.blocks, a.tail = (d.c+15)/16, 0xffff>>((16-d.c%16)%16)
	if d.strideW == 1 {
		strip1AVX512(&a)
	} else {
		strip2AVX512(&a)
	}
	return d.c
}

func stripsAVX2(d *depthwise, dst, src []float32, b, y int, w, bias []float32) int {
	a := d.stripArgs(dst, src, b, y, w, bias)
	if a.blocks = d.c / 8; a.blocks == 0 {
		return 0
	}
	if d.strideW == 1 {
		strip1AVX2(&a)
	} else {
		strip2AVX2(&a)
	}
	return d.c &^ 7
}

// stripArgs describes a row. It checks the ends of what the kernel touches.
func (d *depthwise) stripArgs(dst, src []float32, b, y int, w, bias []float32) stripArgs {
	if bias == nil {
		bias = d.zeros
	}
	strips := (d.outW + minRow - 1) / minRow
	a := stripArgs{
		before: 4 * d.padLeft * d.c, dst: &dst[(b*d.outH+y)*d.outW*d.c:][:d.outW*d.c][0], w: &w[:9*d.c][0], bias: &bias[:d.c][0],
		step: 4 * d.c, strips: strips, last: d.outW - (strips-1)*minRow, min: d.min, max: d.max,
	}
	if d.padLeft == 0 {
		a.first = 0xffff
	}
	if (d.outW-1)*d.strideW+2-d.padLeft < d.inW {
		a.end = 0xffff
	}
	for i, row := range []**float32{&a.src0, &a.src1, &a.src2} {
		if at := y*d.strideH - d.padTop + i; at >= 0 && at < d.inH {
			*row = &src[(b*d.inH+at)*d.inW*d.c:][:d.inW*d.c][0]
		}
	}
	return a
}
