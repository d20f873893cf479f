//go:build !noasm

package f32

import "math"

// expConstants are what the exponential functions compute with.
type expConstants struct {
	least, most, round, log2e, ln2, one float64
	sign                                uint64
	q                                   [10]float64 // of (e^r - 1)/r, from the highest power down
}

// exponents has the first terms of the series of (e^r - 1)/r. For |r| up to ln2/2 what is
// left out is below 1e-12, far less than half a unit of a float32.
var exponents = expConstants{
	least: -700, most: 700, round: 3<<51 + 1023, log2e: math.Log2E, ln2: math.Ln2, one: 1, sign: 1 << 63,
	q: [10]float64{
		1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1,
	},
}

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

// quotientsAVX512 does dst[i] = float32(float64(src[i]) / by).
//
//go:noescape
func quotientsAVX512(dst, src *float32, n int, by float64)

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
func quotientsAVX2(dst, src *float32, n int, by float64)

const (
	expStepAVX512 = 16
	expStepAVX2   = 8
	// expCall bounds the elements of a call, which should end within 100 microseconds.
	expCall = 1 << 15
)

// withExp makes a function of any length from an assembly function for multiples of step
// and the Go function that does the elements after them.
func withExp(step int, fn func(dst, src *float32, n int, constants *expConstants), tail UnaryFunc[float32]) UnaryFunc[float32] {
	return func(dst, src []float32) {
		for len(src) >= step {
			n := min(expCall, len(src)&^(step-1))
			fn(&dst[:n][0], &src[0], n, &exponents)
			dst, src = dst[n:], src[n:]
		}
		tail(dst, src)
	}
}

// withExpSum is the same for a row of a softmax; expSum gives the sum of the exponentials.
func withExpSum(step int, expSum func(dst, src *float32, n int, most float64) float64,
	quotients func(dst, src *float32, n int, by float64)) SoftmaxFunc {
	return func(dst, src []float32) {
		whole := len(src) &^ (step - 1)
		most := largest(src)
		sum := 0.0
		for at := 0; at < whole; at += expCall {
			sum += expSum(&dst[at], &src[at], min(expCall, whole-at), most)
		}
		sum = expSumRow(dst[whole:], src[whole:], most, sum)
		for at := 0; at < whole; at += expCall {
			quotients(&dst[at], &dst[at], min(expCall, whole-at), sum)
		}
		divideRow(dst[whole:], sum)
	}
}

// softmaxAVX512 and softmaxAVX2 call assembly by its name: what they hand over stays on the
// stack.
var (
	softmaxAVX512 = withExpSum(expStepAVX512, func(dst, src *float32, n int, most float64) float64 {
		var sums [expStepAVX512]float64
		expSumAVX512(dst, src, n, most, &sums[0], &exponents)
		return total(sums[:])
	}, quotientsAVX512)
	softmaxAVX2 = withExpSum(expStepAVX2, func(dst, src *float32, n int, most float64) float64 {
		var sums [expStepAVX2]float64
		expSumAVX2(dst, src, n, most, &sums[0], &exponents)
		return total(sums[:])
	}, quotientsAVX2)
)

func total(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}
