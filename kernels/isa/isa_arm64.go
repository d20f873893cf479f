//go:build !noasm

package isa

// cpu needs no question: Go on arm64 requires SIMD.
func cpu() Features { return NEON }
