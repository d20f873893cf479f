//go:build !noasm && (arm64 || arm)

package f32

// The functions compute 7 pixels p in each strip, for all channels c of the blocks, with
// n the step in elements, s the stride in their name and x the columns before the strip,
//
//	dst[p*n+c] = min(max(bias[c] + sum src_y[(x+p*s+i)*n+c] * w[(y*3+i)*n+c], min), max), where NaN stays
//
// over columns i and rows y that lie in the map, with a fused multiply-add on arm64.

//go:noescape
func strip1NEON(a *stripArgs)

//go:noescape
func strip2NEON(a *stripArgs)

// stripsNEON computes a row of the result, y of image b, and gives how many of its channels.
func stripsNEON(d *depthwise, dst, src []float32, b, y int, w, bias []float32) int {
	a := d.stripArgs(dst, src, b, y, w, bias)
	if a.blocks = d.c / 4; a.blocks == 0 {
		return 0
	}
	if d.strideW == 1 {
		strip1NEON(&a)
	} else {
		strip2NEON(&a)
	}
	return d.c &^ 3
}
