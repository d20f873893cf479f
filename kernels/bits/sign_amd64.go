//go:build !noasm

package bits

import "github.com/lce-go/lce/kernels/isa"

func signKernelsAsm() []signKernel {
	return []signKernel{{"bsign_avx512", isa.AVX512, bsign_avx512}, {"bsign_avx2", isa.AVX2, bsign_avx2}}
}

func unpackKernelsAsm() []unpackKernel {
	return []unpackKernel{
		{"bunpack_avx512", isa.AVX512, unpackAVX512},
		{"bunpack_avx2", isa.AVX2, unpackAVX2},
	}
}

// bsign_avx512 does, for each row and each i below 32*words,
//
//	v := frombits(bits(src[i]) ^ flip[i])
//	bit i of dst = (!(v >= t[i])) != (invert != 0)
//
// Without t it is same for all i, and none is flipped. Without flip none is.
//
//go:noescape
func bsign_avx512(a *signArgs)

// bsign_avx2 is the same.
//
//go:noescape
func bsign_avx2(a *signArgs)

// bunpack_avx512 writes 32 floats for each of words words, at least 1.
//
//go:noescape
func bunpack_avx512(dst *float32, src *uint32, words int)

// bunpack_avx2 is the same.
//
//go:noescape
func bunpack_avx2(dst *float32, src *uint32, words int)

func unpackAVX512(dst []float32, src []uint32) {
	dst = dst[:32*len(src)]
	bunpack_avx512(&dst[0], &src[0], len(src))
}

func unpackAVX2(dst []float32, src []uint32) {
	dst = dst[:32*len(src)]
	bunpack_avx2(&dst[0], &src[0], len(src))
}
