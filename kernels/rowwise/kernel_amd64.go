//go:build !noasm

package rowwise

import "github.com/lce-go/lce/kernels/isa"

func kernels() []kernel {
	return []kernel{
		{"_avx512", isa.AVX512, 128, codesAVX512(), runAVX512},
		{"_avx2", isa.AVX2, 64, codesAVX2(), runAVX2},
	}
}

// codesAVX512 gives the addresses of the pieces of code of runAVX512.
func codesAVX512() *[codes]uintptr

// runAVX512 jumps for each tile to the code of the instructions of a.program, in order.
// With x and y the elements of base for the tile, of a vector from byte a.at on, the same
// one for all if it is a scalar, they do
//
//	Load    value = x
//	Store   y = value
//	Add     value += x; so do Sub and Mul
//	PRelu   value *= x where value < 0
//	Neg     value = -value
//	Abs     value = |value|
//	Clip    value = min(max(value, min), max) unless it is NaN; of equals the bound
//	LeakyRelu, HardSigmoid, HardSwish as their Ops say, each product rounded
//	Sign    bit of y = !(frombits(bits(value) ^ flip) >= t), or its inverse; flip only if negated
//	End     a.at += a.step, less a.period if that is reached; the next tile, or return
//
//go:noescape
func runAVX512(a *arguments)

// codesAVX2 gives the addresses of the pieces of code of runAVX2.
func codesAVX2() *[codes]uintptr

// runAVX2 is the same for tiles of 64.
//
//go:noescape
func runAVX2(a *arguments)
