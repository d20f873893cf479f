//go:build !noasm

package f32

const geluStepNEON = 16

// withExponentials replaces functions of many steps, some of which compute in float64, and the quotient.
func withExponentials(f Functions) Functions {
	f.Div = withTail(4, divNEON, f.Div)
	f.Exp = withConstants(expStepNEON, &exponents, expNEON, f.Exp)
	f.Sigmoid = withConstants(expStepNEON, &exponents, sigmoidNEON, f.Sigmoid)
	f.Tanh = withConstants(expStepNEON, &exponents, tanhNEON, f.Tanh)
	f.Erf = withConstants(geluStepNEON, &gelus, erfNEON, f.Erf)
	f.Gelu = withConstants(geluStepNEON, &gelus, geluNEON, f.Gelu)
	f.GeluTanh = withConstants(geluStepNEON, &gelus, geluTanhNEON, f.GeluTanh)
	f.Swish = withConstants(geluStepNEON, &gelus, swishNEON, f.Swish)
	f.Mish = withConstants(geluStepNEON, &gelus, mishNEON, f.Mish)
	f.Softmax = softmaxNEON
	f.Normalize = normalizeRowNEON
	f.AddRowsWide = withColumns(4, addRowsWideNEON)
	return f
}

// divNEON divides n elements, a multiple of 4, at least one, as Div does. dst may be a or b.
//
//go:noescape
func divNEON(dst, a, b *float32, n int)

// addRowsWideNEON is addRowsNEON with sums in float64.
//
//go:noescape
func addRowsWideNEON(dst *float64, src *float32, cols, rows, stride int)
