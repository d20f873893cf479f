//go:build !noasm && (amd64 || arm64)

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

// total is the sum of v, a multiple of 4 elements.
func total(v []float64) float64 {
	var a, b, c, d float64
	for ; len(v) >= 4; v = v[4:] {
		a, b, c, d = a+v[0], b+v[1], c+v[2], d+v[3]
	}
	return (a + b) + (c + d)
}
