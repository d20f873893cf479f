//go:build !noasm

package f32

// The functions compute n elements, a multiple of expStep of their instruction set, at least
// one, as the Go functions of similar names do. dst may be src. Errors are below 0.501 units
// in the last place.

//go:noescape
func expAVX512(dst, src *float32, n int, constants *expConstants)

//go:noescape
func sigmoidAVX512(dst, src *float32, n int, constants *expConstants)

//go:noescape
func tanhAVX512(dst, src *float32, n int, constants *expConstants)

// expSumAVX512 does, in float64, dst[i] = e^(src[i] - most) and sums[i%16] += e^(src[i] - most),
// with sums that begin at 0.
//
//go:noescape
func expSumAVX512(dst, src *float32, n int, most float64, sums *float64, constants *expConstants)

// productsAVX512 does dst[i] = float32(float64(src[i]) * by).
//
//go:noescape
func productsAVX512(dst, src *float32, n int, by float64)

// largestAVX512 is the maximum of src, or any number if there is a NaN.
//
//go:noescape
func largestAVX512(src *float32, n int) float32

//go:noescape
func expAVX2(dst, src *float32, n int, constants *expConstants)

//go:noescape
func sigmoidAVX2(dst, src *float32, n int, constants *expConstants)

//go:noescape
func tanhAVX2(dst, src *float32, n int, constants *expConstants)

// expSumAVX2 is expSumAVX512 with 8 sums.
//
//go:noescape
func expSumAVX2(dst, src *float32, n int, most float64, sums *float64, constants *expConstants)

//go:noescape
func productsAVX2(dst, src *float32, n int, by float64)

//go:noescape
func largestAVX2(src *float32, n int) float32

const (
	expStepAVX512 = 16
	expStepAVX2   = 8
)

// softmaxAVX512 and softmaxAVX2 call assembly by its name: what they hand over stays on the
// stack.
var (
	softmaxAVX512 = withExpSum(expStepAVX512, largestAVX512, func(dst, src *float32, n int, most float64) float64 {
		var sums [expStepAVX512]float64
		expSumAVX512(dst, src, n, most, &sums[0], &exponents)
		return total(sums[:])
	}, productsAVX512)
	softmaxAVX2 = withExpSum(expStepAVX2, largestAVX2, func(dst, src *float32, n int, most float64) float64 {
		var sums [expStepAVX2]float64
		expSumAVX2(dst, src, n, most, &sums[0], &exponents)
		return total(sums[:])
	}, productsAVX2)
)
