//go:build !noasm

package i8

// The functions compute what maxGeneric does for n bytes, a multiple of 64 or 16 and not 0, and
// at least one tap.

//go:noescape
func maxUnsignedAVX512(dst, src *byte, taps *int, count, n int)

//go:noescape
func maxSignedAVX512(dst, src *byte, taps *int, count, n int)

//go:noescape
func maxUnsignedAVX2(dst, src *byte, taps *int, count, n int)

//go:noescape
func maxSignedAVX2(dst, src *byte, taps *int, count, n int)

func maxAVX512(dst, src []byte, taps []int, signed bool) {
	n := len(dst) &^ 63
	if n*len(taps) > maxCall {
		n = 0
	}
	if n > 0 {
		checkTaps(src, taps, n)
		if signed {
			maxSignedAVX512(&dst[0], &src[0], &taps[0], len(taps), n)
		} else {
			maxUnsignedAVX512(&dst[0], &src[0], &taps[0], len(taps), n)
		}
	}
	if n < len(dst) {
		maxAVX2(dst[n:], src[n:], taps, signed)
	}
}

func maxAVX2(dst, src []byte, taps []int, signed bool) {
	max16(dst, src, taps, signed, maxSignedAVX2, maxUnsignedAVX2)
}
