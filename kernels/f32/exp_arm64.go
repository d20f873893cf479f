//go:build !noasm

package f32

// The functions compute n elements, a multiple of expStepNEON, at least one, as the Go functions
// of similar names do. dst may be src. Errors are below 0.501 units in the last place.

//go:noescape
func expNEON(dst, src *float32, n int, constants *expConstants)

//go:noescape
func sigmoidNEON(dst, src *float32, n int, constants *expConstants)

//go:noescape
func tanhNEON(dst, src *float32, n int, constants *expConstants)

// expSumNEON does, in float64, dst[i] = e^(src[i] - most) and sums[i%8] += e^(src[i] - most), with
// sums that begin at 0.
//
//go:noescape
func expSumNEON(dst, src *float32, n int, most float64, sums *float64, constants *expConstants)

// productsNEON does dst[i] = float32(float64(src[i]) * by).
//
//go:noescape
func productsNEON(dst, src *float32, n int, by float64)

// largestNEON is the maximum of src, NaN if there is one.
//
//go:noescape
func largestNEON(src *float32, n int) float32

const expStepNEON = 8

// softmaxNEON calls assembly by its name: what it hands over stays on the stack.
var softmaxNEON = withExpSum(expStepNEON, largestNEON, func(dst, src *float32, n int, most float64) float64 {
	var sums [expStepNEON]float64
	expSumNEON(dst, src, n, most, &sums[0], &exponents)
	return total(sums[:])
}, productsNEON)
