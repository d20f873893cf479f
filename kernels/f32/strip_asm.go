//go:build !noasm && (amd64 || arm64 || arm)

package f32

// stripArgs is a row of a depthwise convolution of 3 by 3 taps as assembly reads it.
type stripArgs struct {
	src0, src1, src2 *float32 // rows of the window; the first and the last are nil if they lie outside
	before           int      // bytes of the column before the map that windows begin with, or 0
	dst              *float32
	w                *float32
	bias             *float32
	step             int // bytes from column to column, and from tap to tap in w
	blocks           int // of channels, at least 1: 16 of AVX-512, 8 of AVX2, 4 of NEON
	strips           int // at least 1
	last             int // pixels from the last strip but one to the last, at most 7
	min              float32
	max              float32
	first, end       uint16 // all ones if the first and the last column lie in the map, else 0
	//lint:ignore U1000 for AVX-512 only
	tail  uint16   // the channels of the last block
	zeros *float32 // as many as channels, for NEON
}

// stripArgs describes a row. It checks the ends of what the kernel touches.
func (d *depthwise) stripArgs(dst, src []float32, b, y int, w, bias []float32) stripArgs {
	if bias == nil {
		bias = d.zeros
	}
	strips := (d.outW + minRow - 1) / minRow
	a := stripArgs{
		before: 4 * d.padLeft * d.c, dst: &dst[(b*d.outH+y)*d.outW*d.c:][:d.outW*d.c][0], w: &w[:9*d.c][0], bias: &bias[:d.c][0],
		step: 4 * d.c, strips: strips, last: d.outW - (strips-1)*minRow, min: d.min, max: d.max, zeros: &d.zeros[0],
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
