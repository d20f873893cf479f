//go:build !noasm && (amd64 || arm64 || arm)

package f32

// withTail makes a function of any length from an assembly function for multiples of
// step and the Go function that does the elements after them.
func withTail(step int, fn func(dst, a, b *float32, n int), tail BinaryFunc[float32, float32, float32]) BinaryFunc[float32, float32, float32] {
	return func(dst, a, b []float32) bool {
		a, b = a[:len(dst)], b[:len(dst)]
		n := len(dst) &^ (step - 1)
		if n > 0 {
			fn(&dst[0], &a[0], &b[0], n)
		}
		return n == len(dst) || tail(dst[n:], a[n:], b[n:])
	}
}

// clipWithTail makes Functions.Clip likewise.
func clipWithTail(step int, fn func(dst, a *float32, n int, lo, hi float32)) func(lo, hi float32) UnaryFunc[float32] {
	return func(lo, hi float32) UnaryFunc[float32] {
		tail := Clip(lo, hi)
		return func(dst, src []float32) {
			dst = dst[:len(src)]
			n := len(src) &^ (step - 1)
			if n > 0 {
				fn(&dst[0], &src[0], n, lo, hi)
			}
			tail(dst[n:], src[n:])
		}
	}
}

// leakyWithTail makes Functions.LeakyRelu likewise.
func leakyWithTail(step int, fn func(dst, a *float32, n int, alpha float32)) func(alpha float32) UnaryFunc[float32] {
	return func(alpha float32) UnaryFunc[float32] {
		tail := LeakyRelu(alpha)
		return func(dst, src []float32) {
			dst = dst[:len(src)]
			n := len(src) &^ (step - 1)
			if n > 0 {
				fn(&dst[0], &src[0], n, alpha)
			}
			tail(dst[n:], src[n:])
		}
	}
}

// expCall bounds the elements of a call, which should end within 100 microseconds.
const expCall = 1 << 12

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
