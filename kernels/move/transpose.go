package move

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// transposeCols is the number of columns of the source that are moved at a time, so
// that the lines of the result that they go to stay in the L1 cache.
const transposeCols = 64

// transposeSquare moves squares of 8 x 8 elements of 4 bytes that lie side by side in the
// source, for r below 8 and c below 8*squares, at least one:
//
//	dst[c*dstStep+r] = src[r*srcStep+c]
//
// The steps are in bytes.
type transposeSquare func(dst, src *uint32, dstStep, srcStep, squares int)

// Transpose moves a matrix of rows x cols elements of 4 bytes:
//
//	dst[c*dstStep+r] = src[r*srcStep+c]
func Transpose[T uint32 | int32 | float32](dst []T, dstStep int, src []T, srcStep, rows, cols int, f isa.Features) {
	if rows == 0 || cols == 0 {
		return
	}
	dst, src = dst[:(cols-1)*dstStep+rows], src[:(rows-1)*srcStep+cols]
	if rows == 2 && dstStep == 2 && cols >= 8 {
		if two := interleaver(f); two != nil {
			interleave(dst, src[:cols], src[srcStep:], two)
			return
		}
	}
	square := transposeSquares(f)
	for c0 := 0; c0 < cols; c0 += transposeCols {
		n := min(transposeCols, cols-c0)
		r, done := 0, 0
		if square != nil && n >= 8 {
			done = n &^ 7
			for ; r+8 <= rows; r += 8 {
				square((*uint32)(unsafe.Pointer(&dst[c0*dstStep+r])), (*uint32)(unsafe.Pointer(&src[r*srcStep+c0])), 4*dstStep, 4*srcStep, n/8)
			}
		}
		if done < n {
			transposeRows(dst[(c0+done)*dstStep:], dstStep, src[c0+done:], srcStep, 0, r, n-done)
		}
		transposeRows(dst[c0*dstStep:], dstStep, src[c0:], srcStep, r, rows, n)
	}
}

// interleaveCall bounds the elements of a call, which should end within 100 microseconds.
const interleaveCall = 1 << 15

// interleave puts the elements of two rows in turns.
func interleave[T uint32 | int32 | float32](dst, a, b []T, two func(dst, a, b *uint32, n int)) {
	at := func(x *T) *uint32 { return (*uint32)(unsafe.Pointer(x)) }
	for len(a) > 0 {
		n := len(a)
		if n >= 2*interleaveCall {
			n = interleaveCall
		}
		two(at(&dst[:2*n][0]), at(&a[0]), at(&b[:n][0]), n)
		dst, a, b = dst[2*n:], a[n:], b[n:]
	}
}

// transposeRows moves the rows [from, rows) of a matrix of cols columns, four at a time.
func transposeRows[T any](dst []T, dstStep int, src []T, srcStep, from, rows, cols int) {
	for r := from; r < rows; {
		a := src[r*srcStep:][:cols]
		if r+4 > rows {
			for c, v := range a {
				dst[c*dstStep+r] = v
			}
			r++
			continue
		}
		b, c, d := src[(r+1)*srcStep:][:cols], src[(r+2)*srcStep:][:cols], src[(r+3)*srcStep:][:cols]
		for i, v := range a {
			*(*[4]T)(dst[i*dstStep+r:]) = [4]T{v, b[i], c[i], d[i]}
		}
		r += 4
	}
}
