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
	// expCall bounds the elements of a call, which should end within 100 microseconds.
	expCall = 1 << 15
)

// withConstants makes a function of any length from an assembly function for multiples of step
// and the Go function that does the elements after them.
func withConstants[C any](step int, constants *C, fn func(dst, src *float32, n int, constants *C), tail UnaryFunc[float32]) UnaryFunc[float32] {
	return func(dst, src []float32) {
		for len(src) >= step {
			n := min(expCall, len(src)&^(step-1))
			fn(&dst[:n][0], &src[0], n, constants)
			dst, src = dst[n:], src[n:]
		}
		tail(dst, src)
	}
}

// withExpSum makes a SoftmaxFunc of assembly functions for multiples of step; expSum gives the sum of
// the exponentials. What is left of a row is filled up with -Inf, whose exponential is 0. A NaN
// makes the sum one, whatever the maximum is.
func withExpSum(step int, largest func(src *float32, n int) float32, expSum func(dst, src *float32, n int, most float64) float64,
	products func(dst, src *float32, n int, by float64)) SoftmaxFunc {
	return func(dst, src []float32, edge *[softmaxLanes]float32) {
		whole := len(src) &^ (step - 1)
		rest, most := whole < len(src), negInf
		if rest {
			for i := copy(edge[:], src[whole:]); i < step; i++ {
				edge[i] = negInf
			}
			most = largest(&edge[0], step)
		}
		for at := 0; at < whole; at += expCall {
			most = max(most, largest(&src[at], min(expCall, whole-at)))
		}
		sum := 0.0
		if rest {
			sum = expSum(&edge[0], &edge[0], step, float64(most))
		}
		for at := 0; at < whole; at += expCall {
			sum += expSum(&dst[at], &src[at], min(expCall, whole-at), float64(most))
		}
		if rest {
			products(&edge[0], &edge[0], step, 1/sum)
			copy(dst[whole:], edge[:])
		}
		for at := 0; at < whole; at += expCall {
			products(&dst[at], &dst[at], min(expCall, whole-at), 1/sum)
		}
	}
}

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

func total(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}
