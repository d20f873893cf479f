//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// tileRows is the number of rows of a tile.
const tileRows = 8

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "8x8_neon", needs: isa.NEON, rows: tileRows, panel: 8, step: 4, work: 1 << 18, run: gemmNEON},
}
