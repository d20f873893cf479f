//go:build !noasm && (amd64 || arm64 || arm)

package i8

import "unsafe"

// elementArgs is the arguments of the functions below, for n numbers, whole vectors, at least
// one.
type elementArgs struct {
	dst, x, y      unsafe.Pointer
	n              int
	min, max       float32
	scaleX, scaleY float32
	zero           int32
	zeroX, zeroY   int32
	flipX, flipY   byte
}

func (q *Quantizer) arguments(dst []byte, src []float32, scale float32, zero int32) elementArgs {
	return elementArgs{
		dst: unsafe.Pointer(&dst[0]), x: unsafe.Pointer(&src[0]), n: len(src),
		min: q.lo - float32(zero), max: q.hi - float32(zero), zero: zero, scaleX: scale,
	}
}

func (b *Binary) arguments(dst, x, y []byte) elementArgs {
	a := elementArgs{
		dst: unsafe.Pointer(&dst[0]), x: unsafe.Pointer(&x[0]), y: unsafe.Pointer(&y[0]), n: len(dst),
		zero: b.out.Zero, scaleX: b.a.Scale, scaleY: b.b.Scale,
	}
	a.min, a.max = (&output{Output: b.out}).limit()
	a.flipX, a.zeroX = b.a.flipped()
	a.flipY, a.zeroY = b.b.flipped()
	return a
}
