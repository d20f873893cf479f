//go:build !noasm

package i8

import "github.com/lce-go/lce/kernels/isa"

// kernels are those of instruction sets.
var kernels = []kernel{
	{name: "4x8_neon", needs: isa.NEON, rows: 4, panel: 8, step: 8, size: 1, unit: 4, signed: true, run: runNEON,
		load: loadNEON, store: storeNEON, depthwise: depthwiseNEON, pixels: 1, weight: 4},
}

// depthwise16NEON computes what depthwiseTile says for 16 channels of int8.
//
//go:noescape
func depthwise16NEON(a *depthwiseArgs)

func depthwiseNEON(d *depthwise, t *depthwiseTile) {
	for c := 0; c < t.width; c += 16 {
		a := d.arguments(t, c, 1)
		depthwise16NEON(&a)
	}
}
