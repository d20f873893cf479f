//go:build !noasm && (amd64 || arm64 || arm)

package f32

// mixCall bounds the elements of a call, which should end within 100 microseconds.
const mixCall = 1 << 16

func withMixCalls(fn func(dst, src *float32, places *int32, weights *float32, rows, cols, stride int)) mixRowsFunc {
	return func(dst, src []float32, places []int32, weights []float32, cols, stride int) {
		for len(places) > 0 {
			n := min(len(places)/2, max(mixCall/cols, 1))
			fn(&dst[:(n-1)*stride+cols][0], &src[0], &places[0], &weights[:2*n][0], n, cols, stride)
			dst, places, weights = dst[min(n*stride, len(dst)):], places[2*n:], weights[2*n:]
		}
	}
}
