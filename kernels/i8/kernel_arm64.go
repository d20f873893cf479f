//go:build !noasm

package i8

import "github.com/lce-go/lce/kernels/isa"

// kernels are those of instruction sets, best first.
var kernels = []kernel{
	{name: "8x8_dotprod", needs: isa.DotProd, rows: 8, panel: 8, step: 4, size: 1, signed: true,
		run: runDotProd, load: loadGeneric, store: storeNEON, depthwise: depthwiseNEON},
	{name: "4x8_neon", needs: isa.NEON, rows: 4, panel: 8, step: 8, size: 1, signed: true,
		run: runNEON, load: loadGeneric, store: storeNEON, depthwise: depthwiseNEON},
}

// The functions compute what tile says for the columns in their name. They move sums.

//go:noescape
func gemm8x8DotProd(a *gemmArgs)

//go:noescape
func gemm8x4DotProd(a *gemmArgs)

//go:noescape
func gemm4x8NEON(a *gemmArgs)

// rowsNEON is the rows of a call of gemm4x8NEON: a core that makes 2 products a cycle, at 1.2 GHz,
// takes about 100 microseconds for them.
const rowsNEON = 16

func runDotProd(t *tile) {
	a := t.arguments()
	if t.width == 8 {
		gemm8x8DotProd(&a)
	} else {
		gemm8x4DotProd(&a)
	}
}

func runNEON(t *tile) {
	a := t.arguments()
	for lo := 0; lo < len(t.in); lo += rowsNEON {
		a.in, a.rows = &t.in[lo], 8*min(rowsNEON, len(t.in)-lo)
		gemm4x8NEON(&a)
	}
}

// The functions make results of vectors of 8 sums, as Output says.

//go:noescape
func storeBytesNEON(a *storeArgs)

//go:noescape
func storeFloatsNEON(a *storeArgs)

func storeNEON(o *output, r *results) {
	n := r.n &^ 7
	if o.Type == Int32 || n == 0 {
		storeGeneric(o, r)
		return
	}
	a := o.arguments(r, n, 8)
	if o.Type == Float32 {
		storeFloatsNEON(&a)
	} else {
		storeBytesNEON(&a)
	}
	o.storeRest(r, n)
}

// depthwise16NEON computes what depthwiseTile says for 16 channels.
//
//go:noescape
func depthwise16NEON(a *depthwiseArgs)

func depthwiseNEON(d *depthwise, t *depthwiseTile) {
	for c := 0; c < t.width; c += 16 {
		a := d.arguments(t, c, 1)
		depthwise16NEON(&a)
	}
}
