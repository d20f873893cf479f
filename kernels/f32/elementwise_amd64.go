//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// The functions compute n elements, a multiple of 8 that may be 0, as the Go
// functions of similar names do. dst may be a or b.

//go:noescape
func addAVX2(dst, a, b *float32, n int)

//go:noescape
func subAVX2(dst, a, b *float32, n int)

//go:noescape
func mulAVX2(dst, a, b *float32, n int)

//go:noescape
func divAVX2(dst, a, b *float32, n int)

//go:noescape
func maxAVX2(dst, a, b *float32, n int)

//go:noescape
func minAVX2(dst, a, b *float32, n int)

//go:noescape
func preluAVX2(dst, a, b *float32, n int)

//go:noescape
func clampAVX2(dst, a *float32, n int, lo, hi float32)

//go:noescape
func leakyAVX2(dst, a *float32, n int, alpha float32)

// These take multiples of 16.

//go:noescape
func maxAVX512(dst, a, b *float32, n int)

//go:noescape
func minAVX512(dst, a, b *float32, n int)

var avx2Functions = Functions{
	Name:      "_avx2",
	Add:       withTail(8, func(dst, a, b *float32, n int) { addAVX2(dst, a, b, n) }, Add[float32]),
	Sub:       withTail(8, func(dst, a, b *float32, n int) { subAVX2(dst, a, b, n) }, Sub[float32]),
	Mul:       withTail(8, func(dst, a, b *float32, n int) { mulAVX2(dst, a, b, n) }, Mul[float32]),
	Div:       withTail(8, func(dst, a, b *float32, n int) { divAVX2(dst, a, b, n) }, Div[float32]),
	Max:       withTail(8, func(dst, a, b *float32, n int) { maxAVX2(dst, a, b, n) }, Max[float32]),
	Min:       withTail(8, func(dst, a, b *float32, n int) { minAVX2(dst, a, b, n) }, Min[float32]),
	PRelu:     withTail(8, func(dst, a, b *float32, n int) { preluAVX2(dst, a, b, n) }, PRelu[float32]),
	Clip:      clipWithTail(8, clampAVX2),
	LeakyRelu: leakyWithTail(8, leakyAVX2),
	Exp:       withConstants(expStepAVX2, &exponents, expAVX2, Exp),
	Sigmoid:   withConstants(expStepAVX2, &exponents, sigmoidAVX2, Sigmoid),
	Tanh:      withConstants(expStepAVX2, &exponents, tanhAVX2, Tanh),
	Erf:       withConstants(geluStepAVX2, &gelus, erfAVX2, Erf),
	Gelu:      withConstants(geluStepAVX2, &gelus, geluAVX2, Gelu),
	GeluTanh:  withConstants(geluStepAVX2, &gelus, geluTanhAVX2, GeluTanh),
	Swish:     withConstants(geluStepAVX2, &gelus, swishAVX2, Swish),
	Mish:      withConstants(geluStepAVX2, &gelus, mishAVX2, Mish),
	Softmax:   softmaxAVX2,
	Normalize: normalizeRowAVX2,
	AddRows:   withColumns(8, func(dst, src *float32, cols, rows, stride int) { addRowsAVX2(dst, src, cols, rows, stride) }),
	AddRowsWide: withColumns(4, func(dst *float64, src *float32, cols, rows, stride int) {
		addRowsWideAVX2(dst, src, cols, rows, stride)
	}),
}

// avx512Functions has the functions that AVX-512 makes faster, and those of AVX2.
var avx512Functions = Functions{
	Name:      "_avx512",
	Add:       avx2Functions.Add,
	Sub:       avx2Functions.Sub,
	Mul:       avx2Functions.Mul,
	Div:       avx2Functions.Div,
	Max:       withTail(16, func(dst, a, b *float32, n int) { maxAVX512(dst, a, b, n) }, Max[float32]),
	Min:       withTail(16, func(dst, a, b *float32, n int) { minAVX512(dst, a, b, n) }, Min[float32]),
	PRelu:     avx2Functions.PRelu,
	Clip:      avx2Functions.Clip,
	LeakyRelu: avx2Functions.LeakyRelu,
	Exp:       withConstants(expStepAVX512, &exponents, expAVX512, Exp),
	Sigmoid:   withConstants(expStepAVX512, &exponents, sigmoidAVX512, Sigmoid),
	Tanh:      withConstants(expStepAVX512, &exponents, tanhAVX512, Tanh),
	Erf:       withConstants(geluStepAVX512, &gelus, erfAVX512, Erf),
	Gelu:      withConstants(geluStepAVX512, &gelus, geluAVX512, Gelu),
	GeluTanh:  withConstants(geluStepAVX512, &gelus, geluTanhAVX512, GeluTanh),
	Swish:     withConstants(geluStepAVX512, &gelus, swishAVX512, Swish),
	Mish:      withConstants(geluStepAVX512, &gelus, mishAVX512, Mish),
	Softmax:   softmaxAVX512,
	Normalize: normalizeRowAVX512,
	AddRows:   withColumns(16, func(dst, src *float32, cols, rows, stride int) { addRowsAVX512(dst, src, cols, rows, stride) }),
	AddRowsWide: withColumns(8, func(dst *float64, src *float32, cols, rows, stride int) {
		addRowsWideAVX512(dst, src, cols, rows, stride)
	}),
}

// FunctionsFor is the best set of functions for the features.
func FunctionsFor(f isa.Features) *Functions {
	switch {
	case f.Has(isa.AVX512):
		return &avx512Functions
	case f.Has(isa.AVX2):
		return &avx2Functions
	}
	return &genericFunctions
}
