//go:build !noasm && (amd64 || arm64 || arm)

package f32

// callColumns and callElements bound what a call adds, which should end within 100
// microseconds.
const (
	callColumns  = 1 << 10
	callElements = 1 << 18
)

// withColumns makes an AddRowsFunc of assembly for multiples of step columns.
func withColumns[A float32 | float64](step int, fn func(dst *A, src *float32, cols, rows, stride int)) AddRowsFunc[A] {
	return func(dst []A, src []float32, rows, stride int) {
		whole := len(dst) &^ (step - 1)
		if rows > 0 {
			for at := 0; at < whole; at += callColumns {
				n := min(callColumns, whole-at)
				for r, some := 0, max(callElements/n, 1); r < rows; r += some {
					m := min(some, rows-r)
					from := src[r*stride+at:][:(m-1)*stride+n]
					fn(&dst[at], &from[0], n, m, stride)
				}
			}
		}
		addRows(dst[whole:], src[min(whole, len(src)):], rows, stride)
	}
}
