//go:build !noasm && (arm64 || arm)

package bits

import "github.com/lce-go/lce/kernels/isa"

func signKernelsAsm() []signKernel { return []signKernel{{"bsign_neon", isa.NEON, bsign_neon}} }

func unpackKernelsAsm() []unpackKernel {
	return []unpackKernel{{"bunpack_neon", isa.NEON, unpackNEON}}
}

// bsign_neon does, for each row and each i below 32*words,
//
//	v := frombits(bits(src[i]) ^ flip[i])
//	bit i of dst = (!(v >= t[i])) != (invert != 0)
//
// Without t it is same for all i, and none is flipped. Without flip none is.
//
//go:noescape
func bsign_neon(a *signArgs)

// bunpack_neon writes 32 floats for each of words words, at least 1.
//
//go:noescape
func bunpack_neon(dst *float32, src *uint32, words int)

func unpackNEON(dst []float32, src []uint32) {
	dst = dst[:32*len(src)]
	bunpack_neon(&dst[0], &src[0], len(src))
}
