//go:build !noasm

package rowwise

import "github.com/lce-go/lce/kernels/isa"

func kernels() []kernel {
	return []kernel{{"_neon", isa.NEON, 64, codesNEON(), runNEON}}
}

// codesNEON gives the addresses of the pieces of code of runNEON.
func codesNEON() *[codes]uintptr

// runNEON is a kernel.run for tiles of 64.
//
//go:noescape
func runNEON(a *arguments)
