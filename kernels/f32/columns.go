package f32

// AddRowsFunc adds rows of a matrix to dst, one after the other: dst[c] += src[c], then
// src[stride+c], and so on.
type AddRowsFunc[A any] func(dst []A, src []float32, rows, stride int)

// addRows is an AddRowsFunc in Go: some columns at a time, whose sums are in registers.
func addRows[A float32 | float64](dst []A, src []float32, rows, stride int) {
	for ; len(dst) >= 4; dst, src = dst[4:], src[min(4, len(src)):] {
		a, b, c, d := dst[0], dst[1], dst[2], dst[3]
		for r := range rows {
			row := src[r*stride:][:4]
			a += A(row[0])
			b += A(row[1])
			c += A(row[2])
			d += A(row[3])
		}
		dst[0], dst[1], dst[2], dst[3] = a, b, c, d
	}
	for i := range dst {
		for r := range rows {
			dst[i] += A(src[r*stride+i])
		}
	}
}
