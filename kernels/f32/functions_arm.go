//go:build !noasm

package f32

const geluStepNEON = 8

// withExponentials replaces functions of many steps that may compute in float32: vectors have neither
// float64 nor a division here.
func withExponentials(f Functions) Functions {
	f.Erf = withConstants(geluStepNEON, &gelus, erfNEON, f.Erf)
	f.Gelu = withConstants(geluStepNEON, &gelus, geluNEON, f.Gelu)
	f.GeluTanh = withConstants(geluStepNEON, &gelus, geluTanhNEON, f.GeluTanh)
	f.Swish = withConstants(geluStepNEON, &gelus, swishNEON, f.Swish)
	f.Mish = withConstants(geluStepNEON, &gelus, mishNEON, f.Mish)
	return f
}
