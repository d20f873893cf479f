//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// tileRows is the number of rows of a tile.
const tileRows = 4

// microKernels are the micro-kernels of instruction sets, best first. NEON takes numbers
// below the normal ones for 0.
var microKernels = []microKernel{
	{name: "4x8_neon", needs: isa.NEON, rows: tileRows, panel: 8, step: 4, work: 1 << 17, run: gemmNEON},
}
