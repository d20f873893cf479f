//go:build !noasm && (arm64 || arm)

package i8

// The functions compute what maxGeneric does for n bytes, a multiple of 16 and not 0, and at least
// one tap.

//go:noescape
func maxUnsignedNEON(dst, src *byte, taps *int, count, n int)

//go:noescape
func maxSignedNEON(dst, src *byte, taps *int, count, n int)

func maxNEON(dst, src []byte, taps []int, signed bool) {
	max16(dst, src, taps, signed, maxSignedNEON, maxUnsignedNEON)
}
