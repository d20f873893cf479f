//go:build !noasm && (amd64 || arm64 || arm)

package i8

// maxCall bounds the bytes that a call reads.
const maxCall = 1 << 20

// max16 does what maxGeneric does by functions for multiples of 16 bytes.
func max16(dst, src []byte, taps []int, signed bool, maxSigned, maxUnsigned func(dst, src *byte, taps *int, count, n int)) {
	n := len(dst) &^ 15
	if n*len(taps) > maxCall {
		n = 0
	}
	if n > 0 {
		checkTaps(src, taps, n)
		if signed {
			maxSigned(&dst[0], &src[0], &taps[0], len(taps), n)
		} else {
			maxUnsigned(&dst[0], &src[0], &taps[0], len(taps), n)
		}
	}
	if n < len(dst) {
		maxGeneric(dst[n:], src[n:], taps, signed)
	}
}

// checkTaps panics unless src has n bytes behind each tap; the last one is the furthest.
func checkTaps(src []byte, taps []int, n int) { _ = src[taps[len(taps)-1]:][:n] }
