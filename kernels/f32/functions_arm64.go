//go:build !noasm

package f32

const geluStepNEON = 16

// withDoubles replaces functions that compute in float64.
func withDoubles(f Functions) Functions {
	f.Exp = withConstants(expStepNEON, &exponents, expNEON, f.Exp)
	f.Sigmoid = withConstants(expStepNEON, &exponents, sigmoidNEON, f.Sigmoid)
	f.Tanh = withConstants(expStepNEON, &exponents, tanhNEON, f.Tanh)
	f.Softmax = softmaxNEON
	f.Normalize = normalizeRowNEON
	f.AddRowsWide = withColumns(4, addRowsWideNEON)
	return f
}

// addRowsWideNEON is addRowsNEON with sums in float64.
//
//go:noescape
func addRowsWideNEON(dst *float64, src *float32, cols, rows, stride int)
