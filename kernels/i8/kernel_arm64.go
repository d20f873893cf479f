//go:build !noasm

package i8

import "github.com/lce-go/lce/kernels/isa"

// kernels are those of instruction sets, best first.
var kernels = []kernel{
	{name: "6x16_i8mm", needs: isa.I8MM, rows: 6, panel: 16, step: 8, size: 1, unit: 8, signed: true, run: runSMMLA,
		load: loadNEON, store: storeNEON, depthwise: depthwiseNEON, pixels: 4, weight: 1},
	{name: "6x16_i8mm_unsigned", needs: isa.I8MM, rows: 6, panel: 16, step: 8, size: 1, unit: 8, run: runUSMMLA,
		load: loadNEON, store: storeNEON}, // depthwise convolutions take signed numbers
	{name: "8x8_dotprod", needs: isa.DotProd, rows: 8, panel: 8, step: 4, size: 1, unit: 4, signed: true, run: runDotProd,
		load: loadNEON, store: storeNEON, depthwise: depthwiseNEON, pixels: 4, weight: 1},
	{name: "4x8_neon", needs: isa.NEON, rows: 4, panel: 8, step: 8, size: 1, unit: 4, pairs: true, signed: true, run: runNEON,
		load: loadNEON, store: storeNEON, depthwise: depthwiseNEON, pixels: 4, weight: 1},
}

// The functions compute what tile says for the columns in their name. They move sums.

//go:noescape
func gemm6x16SMMLA(a *gemmArgs)

//go:noescape
func gemm6x8SMMLA(a *gemmArgs)

//go:noescape
func gemm6x16USMMLA(a *gemmArgs)

//go:noescape
func gemm6x8USMMLA(a *gemmArgs)

//go:noescape
func gemm8x8DotProd(a *gemmArgs)

//go:noescape
func gemm8x4DotProd(a *gemmArgs)

func runSMMLA(t *tile) {
	a := t.arguments()
	if t.width == 16 {
		gemm6x16SMMLA(&a)
	} else {
		gemm6x8SMMLA(&a)
	}
}

func runUSMMLA(t *tile) {
	a := t.arguments()
	if t.width == 16 {
		gemm6x16USMMLA(&a)
	} else {
		gemm6x8USMMLA(&a)
	}
}

func runDotProd(t *tile) {
	a := t.arguments()
	if t.width == 8 {
		gemm8x8DotProd(&a)
	} else {
		gemm8x4DotProd(&a)
	}
}
