//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// winogradNEON calls assembly by its name: what it hands over stays on the stack.
var winogradNEON = winogradKernel{
	input: func(dst, src []float32, tiles, channels, step, place int) {
		a := winogradInputArgs(dst, src, tiles, channels, step, place, 4)
		winogradInputNEON(&a)
	},
	output: func(dst, sums, bias []float32, tiles, columns, channels, place, right, below int, lo, hi float32) bool {
		a := winogradOutputArgs(dst, sums, bias, tiles, columns, channels, place, right, below, lo, hi, 4)
		winogradOutputNEON(&a)
		return a.finite()
	},
}

// winogradKernelFor gives the transforms for the features; nil if there are none.
func winogradKernelFor(f isa.Features) *winogradKernel {
	if f.Has(isa.NEON) {
		return &winogradNEON
	}
	return nil
}

// The functions do what the fields of winogradKernel say.

//go:noescape
func winogradInputNEON(a *winogradArgs)

//go:noescape
func winogradOutputNEON(a *winogradArgs)
