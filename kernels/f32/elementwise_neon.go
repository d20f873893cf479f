//go:build !noasm && (arm64 || arm)

package f32

import "github.com/lce-go/lce/kernels/isa"

// The functions compute n elements, a multiple of 4, at least one, as the Go functions of
// similar names do. dst may be a or b.

//go:noescape
func addNEON(dst, a, b *float32, n int)

//go:noescape
func subNEON(dst, a, b *float32, n int)

//go:noescape
func mulNEON(dst, a, b *float32, n int)

//go:noescape
func divNEON(dst, a, b *float32, n int)

//go:noescape
func maxNEON(dst, a, b *float32, n int)

//go:noescape
func minNEON(dst, a, b *float32, n int)

//go:noescape
func preluNEON(dst, a, b *float32, n int)

//go:noescape
func clampNEON(dst, a *float32, n int, lo, hi float32)

//go:noescape
func leakyNEON(dst, a *float32, n int, alpha float32)

var neonFunctions = withDoubles(withNEON(genericFunctions))

// withNEON replaces functions by those of NEON.
func withNEON(f Functions) Functions {
	f.Name = "_neon"
	f.Add, f.Sub, f.Mul = withTail(4, addNEON, f.Add), withTail(4, subNEON, f.Sub), withTail(4, mulNEON, f.Mul)
	f.Div = withTail(4, divNEON, f.Div)
	f.Max, f.Min = withTail(4, maxNEON, f.Max), withTail(4, minNEON, f.Min)
	f.PRelu = withTail(4, preluNEON, f.PRelu)
	f.Clip = clipWithTail(4, clampNEON)
	f.LeakyRelu = leakyWithTail(4, leakyNEON)
	f.Erf = withConstants(geluStepNEON, &gelus, erfNEON, f.Erf)
	f.Gelu = withConstants(geluStepNEON, &gelus, geluNEON, f.Gelu)
	f.GeluTanh = withConstants(geluStepNEON, &gelus, geluTanhNEON, f.GeluTanh)
	f.Swish = withConstants(geluStepNEON, &gelus, swishNEON, f.Swish)
	f.Mish = withConstants(geluStepNEON, &gelus, mishNEON, f.Mish)
	f.AddRows = withColumns(4, addRowsNEON)
	return f
}

// FunctionsFor is the best set of functions for the features.
func FunctionsFor(f isa.Features) *Functions {
	if f.Has(isa.NEON) {
		return &neonFunctions
	}
	return &genericFunctions
}
