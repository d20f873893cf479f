//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// winogradAVX512 and winogradAVX2 call assembly by its name: what they hand over stays on the stack.
var (
	winogradAVX512 = winogradKernel{
		input: func(dst, src []float32, tiles, channels, step, place int) {
			a := winogradInputArgs(dst, src, tiles, channels, step, place, 16)
			winogradInputAVX512(&a)
		},
		output: func(dst, sums, bias []float32, tiles, columns, channels, place, right, below int, lo, hi float32) bool {
			a := winogradOutputArgs(dst, sums, bias, tiles, columns, channels, place, right, below, lo, hi, 16)
			winogradOutputAVX512(&a)
			return a.finite()
		},
	}
	winogradAVX2 = winogradKernel{
		input: func(dst, src []float32, tiles, channels, step, place int) {
			a := winogradInputArgs(dst, src, tiles, channels, step, place, 8)
			winogradInputAVX2(&a)
		},
		output: func(dst, sums, bias []float32, tiles, columns, channels, place, right, below int, lo, hi float32) bool {
			a := winogradOutputArgs(dst, sums, bias, tiles, columns, channels, place, right, below, lo, hi, 8)
			winogradOutputAVX2(&a)
			return a.finite()
		},
	}
)

// winogradKernelFor gives the best transforms for the features; nil if there are none.
func winogradKernelFor(f isa.Features) *winogradKernel {
	switch {
	case f.Has(isa.AVX512):
		return &winogradAVX512
	case f.Has(isa.AVX2):
		return &winogradAVX2
	}
	return nil
}

// The functions do what the fields of winogradKernel say.

//go:noescape
func winogradInputAVX512(a *winogradArgs)

//go:noescape
func winogradOutputAVX512(a *winogradArgs)

//go:noescape
func winogradInputAVX2(a *winogradArgs)

//go:noescape
func winogradOutputAVX2(a *winogradArgs)
