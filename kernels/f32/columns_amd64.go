//go:build !noasm

package f32

// The functions do what an AddRowsFunc does for cols columns, a multiple of a vector, and
// rows rows, at least 1.

//go:noescape
func addRowsAVX512(dst, src *float32, cols, rows, stride int)

//go:noescape
func addRowsWideAVX512(dst *float64, src *float32, cols, rows, stride int)

//go:noescape
func addRowsAVX2(dst, src *float32, cols, rows, stride int)

//go:noescape
func addRowsWideAVX2(dst *float64, src *float32, cols, rows, stride int)
