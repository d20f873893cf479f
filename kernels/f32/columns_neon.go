//go:build !noasm && (arm64 || arm)

package f32

// addRowsNEON does what an AddRowsFunc does for cols columns, a multiple of 4, at least one, and
// rows rows, at least 1.
//
//go:noescape
func addRowsNEON(dst, src *float32, cols, rows, stride int)
