//go:build !noasm

package f32

// withDoubles replaces functions that compute in float64, and those of many steps.
func withDoubles(f Functions) Functions {
	f.Exp = withConstants(expStepNEON, &exponents, expNEON, f.Exp)
	f.Sigmoid = withConstants(expStepNEON, &exponents, sigmoidNEON, f.Sigmoid)
	f.Tanh = withConstants(expStepNEON, &exponents, tanhNEON, f.Tanh)
	f.Swish = withConstants(expStepNEON, &exponents, swishNEON, f.Swish)
	f.GeluTanh = withConstants(expStepNEON, &exponents, geluTanhNEON, f.GeluTanh)
	f.Erf = withConstants(geluStepNEON, &gelus, erfNEON, f.Erf)
	f.Gelu = withConstants(geluStepNEON, &gelus, geluNEON, f.Gelu)
	f.Softmax = softmaxNEON
	f.Normalize = normalizeRowNEON
	f.AddRowsWide = withColumns(4, addRowsWideNEON)
	return f
}

// addRowsWideNEON is addRowsNEON with sums in float64.
//
//go:noescape
func addRowsWideNEON(dst *float64, src *float32, cols, rows, stride int)
