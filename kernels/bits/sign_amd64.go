//go:build !noasm

package bits

import "github.com/lce-go/lce/kernels/isa"

func signKernelsAsm() []signKernel {
	return []signKernel{{"bsign_avx512", isa.AVX512, bsign_avx512}}
}

// bsign_avx512 does, for each row and each i below 32*words,
//
//	v := frombits(bits(src[i]) ^ flip[i])
//	bit i of dst = (!(v >= t[i])) ^ invert
//
//go:noescape
func bsign_avx512(a *signArgs)
