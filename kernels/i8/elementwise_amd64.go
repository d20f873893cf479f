//go:build !noasm

package i8

import "github.com/lce-go/lce/kernels/isa"

// vectorFunctions are those of instruction sets, best first.
var vectorFunctions = []functions{
	{needs: isa.AVX512, quantize: quantizeVectors16, binary: binaryVectors16, max: maxAVX512},
	{needs: isa.AVX2, quantize: quantizeVectors8, binary: binaryVectors8, max: maxAVX2},
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

func quantizeVectors16(q *Quantizer, dst []byte, src []float32, scale float32, zero int32) {
	n := len(dst) &^ 15
	if n > 0 {
		a := q.arguments(dst, src[:n], scale, zero)
		quantizeAVX512(&a)
	}
	quantizeGeneric(q, dst[n:], src[n:], scale, zero)
}

func quantizeVectors8(q *Quantizer, dst []byte, src []float32, scale float32, zero int32) {
	n := len(dst) &^ 7
	if n > 0 {
		a := q.arguments(dst, src[:n], scale, zero)
		quantizeAVX2(&a)
	}
	quantizeGeneric(q, dst[n:], src[n:], scale, zero)
}

func binaryVectors16(b *Binary, dst, x, y []byte) {
	n := len(dst) &^ 15
	if n > 0 {
		a := b.arguments(dst[:n], x[:n], y[:n])
		if b.mul {
			mulAVX512(&a)
		} else {
			addAVX512(&a)
		}
	}
	binaryGeneric(b, dst[n:], x[n:], y[n:])
}

func binaryVectors8(b *Binary, dst, x, y []byte) {
	n := len(dst) &^ 7
	if n > 0 {
		a := b.arguments(dst[:n], x[:n], y[:n])
		if b.mul {
			mulAVX2(&a)
		} else {
			addAVX2(&a)
		}
	}
	binaryGeneric(b, dst[n:], x[n:], y[n:])
}
