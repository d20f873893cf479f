//go:build !noasm && (amd64 || arm64)

package f32

// winogradInputArgs checks the ends of what the kernel touches.
func winogradInputArgs(dst, src []float32, tiles, channels, step, place, vector int) winogradArgs {
	dst, src = dst[:15*place+tiles*channels], src[:3*step+(2*tiles+2)*channels]
	return winogradArgs{
		dst: &dst[0], src: &src[0], tiles: tiles, blocks: channels / vector,
		pixel: 4 * channels, step: 4 * step, place: 4 * place,
	}
}

// winogradOutputArgs checks the ends of what the kernel touches.
func winogradOutputArgs(dst, sums, bias []float32, tiles, columns, channels, place, right, below int, lo, hi float32, vector int) winogradArgs {
	last := (tiles - 1) * channels
	dst, sums, bias = dst[:below+2*last+right+columns], sums[:15*place+last+columns], bias[:columns]
	return winogradArgs{
		dst: &dst[0], src: &sums[0], bias: &bias[0], tiles: tiles, blocks: columns / vector,
		pixel: 4 * channels, place: 4 * place, right: 4 * right, below: 4 * below, min: lo, max: hi,
	}
}

func (a *winogradArgs) finite() bool {
	for _, v := range a.check {
		if v != v {
			return false
		}
	}
	return true
}

// winogradArgs is a row of tiles as assembly reads it. Steps are in bytes.
type winogradArgs struct {
	dst, src, bias *float32
	tiles          int // at least 1
	blocks         int // of channels, at least 1: 16 of AVX-512, 8 of AVX2, 4 of NEON
	pixel          int // from pixel to pixel, of an output from tile to tile, in src
	step           int // from row to row in src
	place          int // from place to place in what is transformed
	right, below   int // in the result
	min, max       float32
	check          [16]float32 // NaN where a result is not finite, else 0
}
