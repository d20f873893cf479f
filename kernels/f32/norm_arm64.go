//go:build !noasm

package f32

// The functions take n elements, a multiple of expStepNEON, at least one.

// sumNEON does sums[i%8] += src[i] in float64, with sums that begin at 0.
//
//go:noescape
func sumNEON(src *float32, n int, sums *float64)

// squaresNEON does the same with the squares of src[i] - mean.
//
//go:noescape
func squaresNEON(src *float32, n int, mean float64, sums *float64)

// normalizeNEON does dst[i] = float32((src[i] - mean) * factor) * scale[i] + bias[i], where the product
// is rounded. dst may be src.
//
//go:noescape
func normalizeNEON(dst, src *float32, n int, scale, bias *float32, mean, factor float64)

// normalizeRowNEON calls assembly by its name: what it hands over stays on the stack.
var normalizeRowNEON = withNormalize(expStepNEON, func(src *float32, n int) float64 {
	var sums [expStepNEON]float64
	sumNEON(src, n, &sums[0])
	return total(sums[:])
}, func(src *float32, n int, mean float64) float64 {
	var sums [expStepNEON]float64
	squaresNEON(src, n, mean, &sums[0])
	return total(sums[:])
}, normalizeNEON)
