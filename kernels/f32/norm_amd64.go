//go:build !noasm

package f32

// The functions take n elements, a multiple of expStep of their instruction set, at least one.

// sumAVX512 does sums[i%16] += src[i] in float64, with sums that begin at 0.
//
//go:noescape
func sumAVX512(src *float32, n int, sums *float64)

// squaresAVX512 does the same with the squares of src[i] - mean.
//
//go:noescape
func squaresAVX512(src *float32, n int, mean float64, sums *float64)

// normalizeAVX512 does dst[i] = float32((src[i] - mean) * factor) * scale[i] + bias[i]. dst may be
// src.
//
//go:noescape
func normalizeAVX512(dst, src *float32, n int, scale, bias *float32, mean, factor float64)

// sumAVX2 is sumAVX512 with 8 sums, and squaresAVX2 squaresAVX512.
//
//go:noescape
func sumAVX2(src *float32, n int, sums *float64)

//go:noescape
func squaresAVX2(src *float32, n int, mean float64, sums *float64)

//go:noescape
func normalizeAVX2(dst, src *float32, n int, scale, bias *float32, mean, factor float64)

// These call assembly by its name: what they hand over stays on the stack.
var (
	normalizeRowAVX512 = withNormalize(expStepAVX512, func(src *float32, n int) float64 {
		var sums [expStepAVX512]float64
		sumAVX512(src, n, &sums[0])
		return total(sums[:])
	}, func(src *float32, n int, mean float64) float64 {
		var sums [expStepAVX512]float64
		squaresAVX512(src, n, mean, &sums[0])
		return total(sums[:])
	}, normalizeAVX512)
	normalizeRowAVX2 = withNormalize(expStepAVX2, func(src *float32, n int) float64 {
		var sums [expStepAVX2]float64
		sumAVX2(src, n, &sums[0])
		return total(sums[:])
	}, func(src *float32, n int, mean float64) float64 {
		var sums [expStepAVX2]float64
		squaresAVX2(src, n, mean, &sums[0])
		return total(sums[:])
	}, normalizeAVX2)
)
