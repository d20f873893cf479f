//go:build !noasm

package i8

import "github.com/lce-go/lce/kernels/isa"

// kernels are those of instruction sets.
var kernels = []kernel{
	{name: "4x8_neon", needs: isa.NEON, rows: 4, panel: 8, step: 8, size: 1, unit: 4, signed: true, run: runNEON,
		load: loadNEON, store: storeNEON, depthwise: depthwiseNEON, pixels: 4, weight: 1},
}
