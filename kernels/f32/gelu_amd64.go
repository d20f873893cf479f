//go:build !noasm

package f32

// The functions compute n elements, a multiple of geluStep of their instruction set, at least one,
// as Erf, Gelu, GeluTanh, Swish and Mish do. dst may be src. Errors are below 3e-7 of the result for erf, and
// below 3e-7 of |x| for the others.

//go:noescape
func erfAVX512(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluAVX512(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluTanhAVX512(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func swishAVX512(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func mishAVX512(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func erfAVX2(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluAVX2(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func geluTanhAVX2(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func swishAVX2(dst, src *float32, n int, constants *geluConstants)

//go:noescape
func mishAVX2(dst, src *float32, n int, constants *geluConstants)

const (
	geluStepAVX512 = 32
	geluStepAVX2   = 16
)
