//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "8x8_neon", needs: isa.NEON, rows: 8, panel: 8, step: 4, work: 1 << 18, run: gemmNEON},
}

// The functions compute, for rows r and columns c of tiles of the size in their name,
//
//	acc = bias != nil ? bias[c] : dst[out[r]+c]
//	for each run and i < runLen: acc += src[in[r]+run+i] * w[c]; w += columns
//	dst[out[r]+c] = min(max(acc, min), max), where NaN stays
//
// with a fused multiply-add.

//go:noescape
func gemm8x8NEON(a *gemmArgs)

//go:noescape
func gemm8x4NEON(a *gemmArgs)

//go:noescape
func gemm1x8NEON(a *gemmArgs)

//go:noescape
func gemm1x4NEON(a *gemmArgs)

func gemmNEON(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	t.arguments(a)
	wide := t.width == 8
	const rows = 8
	if t.whole(a, rows) {
		tileNEON(a, wide)
	}
	switch t.left(a, rows, 3) {
	case 0:
	case rows:
		tileNEON(a, wide)
	case 1:
		if wide {
			gemm1x8NEON(a)
		} else {
			gemm1x4NEON(a)
		}
	}
}

func tileNEON(a *gemmArgs, wide bool) {
	if wide {
		gemm8x8NEON(a)
	} else {
		gemm8x4NEON(a)
	}
}
