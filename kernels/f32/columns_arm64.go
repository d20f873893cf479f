//go:build !noasm

package f32

// The functions do what an AddRowsFunc does for cols columns, a multiple of 4, at least one, and
// rows rows, at least 1.

//go:noescape
func addRowsNEON(dst, src *float32, cols, rows, stride int)

//go:noescape
func addRowsWideNEON(dst *float64, src *float32, cols, rows, stride int)
