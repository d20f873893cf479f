//go:build !noasm && (amd64 || arm64)

package f32

import "math"

// withNormalize makes a NormalizeFunc of assembly functions for multiples of step, which sum and
// squares reduce to one sum. Without a scale and a bias Go does the last step.
func withNormalize(step int, sum func(src *float32, n int) float64, squares func(src *float32, n int, mean float64) float64,
	normalize func(dst, src *float32, n int, scale, bias *float32, mean, factor float64)) NormalizeFunc {
	return func(dst, src, scale, bias []float32, epsilon float64) {
		whole, n := len(src)&^(step-1), float64(len(src))
		total := sumRow(src[whole:])
		for at := 0; at < whole; at += expCall {
			total += sum(&src[at], min(expCall, whole-at))
		}
		mean := total / n
		total = squaresRow(src[whole:], mean)
		for at := 0; at < whole; at += expCall {
			total += squares(&src[at], min(expCall, whole-at), mean)
		}
		factor := 1 / math.Sqrt(total/n+epsilon)
		if scale == nil || bias == nil {
			scaleRow(dst, src, scale, bias, mean, factor)
			return
		}
		for at := 0; at < whole; at += expCall {
			normalize(&dst[at], &src[at], min(expCall, whole-at), &scale[at], &bias[at], mean, factor)
		}
		scaleRow(dst[whole:], src[whole:], scale[whole:], bias[whole:], mean, factor)
	}
}
