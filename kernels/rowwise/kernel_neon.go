//go:build !noasm && (arm64 || arm)

package rowwise

// codesNEON gives the addresses of the pieces of code of runNEON.
func codesNEON() *[codes]uintptr

// runNEON is a kernel.run for tiles of 64, on arm of 16.
//
//go:noescape
func runNEON(a *arguments)
