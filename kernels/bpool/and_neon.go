//go:build !noasm && (arm64 || arm)

package bpool

import "github.com/lce-go/lce/kernels/isa"

func kernelAsm() kernel { return kernel{"neon", isa.NEON, andNEON} }

// maxVectors bounds the vectors of a call to a few microseconds.
const maxVectors = 4096

// and_neon gives a AND b in the first 4*vectors words of dst; vectors is at least 1.
//
//go:noescape
func and_neon(dst, a, b *uint32, vectors int)

func andNEON(dst, a, b []uint32) {
	for len(dst) >= 4 {
		n := min(len(dst)/4, maxVectors)
		a, b = a[:len(dst)], b[:len(dst)]
		and_neon(&dst[0], &a[0], &b[0], n)
		dst, a, b = dst[4*n:], a[4*n:], b[4*n:]
	}
	and2(dst, a, b)
}
