//go:build !noasm

package rowwise

import "github.com/lce-go/lce/kernels/isa"

func kernels() []kernel {
	return []kernel{
		{suffix: "_avx512", needs: isa.AVX512, tile: 128, code: codesAVX512(), run: runAVX512},
		{suffix: "_avx2", needs: isa.AVX2, tile: 64, code: codesAVX2(), run: runAVX2},
	}
}

// codesAVX512 gives the addresses of the pieces of code of runAVX512.
func codesAVX512() *[codes]uintptr

// runAVX512 is a kernel.run for tiles of 128.
//
//go:noescape
func runAVX512(a *arguments)

// codesAVX2 gives the addresses of the pieces of code of runAVX2.
func codesAVX2() *[codes]uintptr

// runAVX2 is one for tiles of 64.
//
//go:noescape
func runAVX2(a *arguments)
