//go:build !noasm && (arm64 || arm)

package f32

// The functions compute n elements, a multiple of geluStepNEON, at least one, as Erf, Gelu, GeluTanh, Swish and Mish
// do. dst may be src. Errors are below 3e-7 of the result for erf, and below 3e-7 of |x| for the others.

//go:noescape
func erfNEON(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluNEON(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluTanhNEON(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func swishNEON(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func mishNEON(dst, src *float32, n int, constants *geluConstants)
