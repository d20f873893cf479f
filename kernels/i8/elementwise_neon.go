//go:build !noasm && (arm64 || arm)

package i8

import "github.com/lce-go/lce/kernels/isa"

// vectorFunctions are those of instruction sets, best first.
var vectorFunctions = []functions{
	{needs: isa.NEON, quantize: quantizeVectors, binary: binaryVectors, max: maxNEON},
}

// quantizeNEON is, for floats x,
//
//	dst[i] = int32(round(limit(x[i]/scaleX))) + zero
//
//go:noescape
func quantizeNEON(a *elementArgs)

// addNEON is, and mulNEON with a product,
//
//	dst[i] = int32(round(limit(float32(x[i]^flipX-zeroX)*scaleX + float32(y[i]^flipY-zeroY)*scaleY))) + zero
//
//go:noescape
func addNEON(a *elementArgs)

//go:noescape
func mulNEON(a *elementArgs)

func quantizeVectors(q *Quantizer, dst []byte, src []float32, scale float32, zero int32) {
	n := len(dst) &^ 7
	if n > 0 {
		a := q.arguments(dst, src[:n], scale, zero)
		quantizeNEON(&a)
	}
	quantizeGeneric(q, dst[n:], src[n:], scale, zero)
}

func binaryVectors(b *Binary, dst, x, y []byte) {
	n := len(dst) &^ 7
	if n > 0 {
		a := b.arguments(dst[:n], x[:n], y[:n])
		if b.mul {
			mulNEON(&a)
		} else {
			addNEON(&a)
		}
	}
	binaryGeneric(b, dst[n:], x[n:], y[n:])
}
