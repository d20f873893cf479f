//go:build !noasm

package i8

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// vectorFunctions are those of instruction sets, best first.
var vectorFunctions = []functions{
	{isa.AVX512, vectors{16, quantizeAVX512, addAVX512, mulAVX512}.quantize, vectors{16, quantizeAVX512, addAVX512, mulAVX512}.binary, maxAVX512},
	{isa.AVX2, vectors{8, quantizeAVX2, addAVX2, mulAVX2}.quantize, vectors{8, quantizeAVX2, addAVX2, mulAVX2}.binary, maxAVX2},
}

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

// quantizeAVX512 is, for floats x,
//
//	dst[i] = int32(round(limit(x[i]/scaleX))) + zero
//
//go:noescape
func quantizeAVX512(a *elementArgs)

//go:noescape
func quantizeAVX2(a *elementArgs)

// addAVX512 is, and mul* with a product,
//
//	dst[i] = int32(round(limit(float32(x[i]^flipX-zeroX)*scaleX + float32(y[i]^flipY-zeroY)*scaleY))) + zero
//
//go:noescape
func addAVX512(a *elementArgs)

//go:noescape
func mulAVX512(a *elementArgs)

//go:noescape
func addAVX2(a *elementArgs)

//go:noescape
func mulAVX2(a *elementArgs)

// vectors is the functions of an instruction set.
type vectors struct {
	numbers                  int // of a vector
	quantizeRun, addRun, mul func(a *elementArgs)
}

func (v vectors) quantize(q *Quantizer, dst []byte, src []float32, scale float32, zero int32) {
	n := len(dst) / v.numbers * v.numbers
	if n > 0 {
		_ = src[:n]
		v.quantizeRun(&elementArgs{
			dst: unsafe.Pointer(&dst[0]), x: unsafe.Pointer(&src[0]), n: n,
			min: q.lo - float32(zero), max: q.hi - float32(zero), zero: zero, scaleX: scale,
		})
	}
	quantizeGeneric(q, dst[n:], src[n:], scale, zero)
}

func (v vectors) binary(b *Binary, dst, x, y []byte) {
	n := len(dst) / v.numbers * v.numbers
	if n > 0 {
		_, _ = x[:n], y[:n]
		a := elementArgs{
			dst: unsafe.Pointer(&dst[0]), x: unsafe.Pointer(&x[0]), y: unsafe.Pointer(&y[0]), n: n,
			zero: b.out.Zero, scaleX: b.a.Scale, scaleY: b.b.Scale,
		}
		a.min, a.max = (&output{Output: b.out}).limit()
		a.flipX, a.zeroX = b.a.flipped()
		a.flipY, a.zeroY = b.b.flipped()
		if b.mul {
			v.mul(&a)
		} else {
			v.addRun(&a)
		}
	}
	binaryGeneric(b, dst[n:], x[n:], y[n:])
}
