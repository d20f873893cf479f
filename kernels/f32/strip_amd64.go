//go:build !noasm

package f32

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
