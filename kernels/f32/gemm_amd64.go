//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "6x64_avx512", needs: isa.AVX512, rows: 6, panel: 64, step: 16, run: gemmAVX512},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, run: gemmAVX2},
}

// gemmArgs is some tiles as assembly reads them. All pointers are to valid memory for
// the whole of each run, the row of the result and the panel.
type gemmArgs struct {
	src    *float32
	dst    *float32
	in     *int // offsets of the rows from src, in elements
	out    *int // from dst
	rows   int  // 8 times their number, of whole tiles, at least one
	w      *float32
	runs   *int // offsets from the start of a row, in elements
	count  int  // of runs, at least 1
	runLen int  // at least 1
	bias   *float32
	min    float32
	max    float32
}

// The functions compute, for rows r and columns c of tiles of the size in their name,
//
//	acc = bias != nil ? bias[c] : dst[out[r]+c]
//	for each run and i < runLen: acc += src[in[r]+run+i] * w[c]; w += columns
//	dst[out[r]+c] = min(max(acc, min), max), where NaN stays
//
// with a fused multiply-add.

//go:noescape
func gemm6x64AVX512(a *gemmArgs)

//go:noescape
func gemm6x48AVX512(a *gemmArgs)

//go:noescape
func gemm6x32AVX512(a *gemmArgs)

//go:noescape
func gemm6x16AVX512(a *gemmArgs)

//go:noescape
func gemm1x64AVX512(a *gemmArgs)

//go:noescape
func gemm1x48AVX512(a *gemmArgs)

//go:noescape
func gemm1x32AVX512(a *gemmArgs)

//go:noescape
func gemm1x16AVX512(a *gemmArgs)

//go:noescape
func gemm6x16AVX2(a *gemmArgs)

//go:noescape
func gemm6x8AVX2(a *gemmArgs)

//go:noescape
func gemm1x16AVX2(a *gemmArgs)

//go:noescape
func gemm1x8AVX2(a *gemmArgs)

func gemmAVX512(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	whole, rest := t.arguments(a)
	if whole > 0 {
		switch t.width {
		case 64:
			gemm6x64AVX512(a)
		case 48:
			gemm6x48AVX512(a)
		case 32:
			gemm6x32AVX512(a)
		case 16:
			gemm6x16AVX512(a)
		}
	}
	if rest > 0 {
		t.rest(a, whole, rest)
		switch t.width {
		case 64:
			gemm1x64AVX512(a)
		case 48:
			gemm1x48AVX512(a)
		case 32:
			gemm1x32AVX512(a)
		case 16:
			gemm1x16AVX512(a)
		}
	}
}

func gemmAVX2(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	whole, rest := t.arguments(a)
	if whole > 0 {
		if t.width == 16 {
			gemm6x16AVX2(a)
		} else {
			gemm6x8AVX2(a)
		}
	}
	if rest > 0 {
		t.rest(a, whole, rest)
		if t.width == 16 {
			gemm1x16AVX2(a)
		} else {
			gemm1x8AVX2(a)
		}
	}
}

// gemmEmpty is a tile without any k, of any width.
func gemmEmpty(t *tile) {
	for r := range t.rows {
		for c, v := range t.bias[:t.width] {
			t.dst[t.out[r]+c] = clamp(v, t.min, t.max)
		}
	}
}

// tileRows is the number of rows of the larger tiles; maxRows is a multiple of it.
const tileRows = 6

// arguments sets the arguments for the rows that are computed in tiles of tileRows; the
// last tile repeats a row, unless so few are left that one at a time is faster. It
// checks the ends of all that the kernels touch; runs are in ascending order.
func (t *tile) arguments(a *gemmArgs) (whole, rest int) {
	end := t.runs[len(t.runs)-1] + t.runLen
	for r := range t.rows {
		_, _ = t.src[t.in[r]:][:end], t.dst[t.out[r]:][:t.width]
	}
	rest = t.rows % tileRows
	whole = t.rows - rest
	if rest > 2 {
		for rest = 0; whole < t.rows || whole%tileRows > 0; whole++ {
			last := min(whole, t.rows-1)
			t.in[whole], t.out[whole] = t.in[last], t.out[last]
		}
	}
	w := t.w[:len(t.runs)*t.runLen*t.width]
	a.src, a.dst, a.in, a.out, a.rows = &t.src[0], &t.dst[0], &t.in[0], &t.out[0], 8*whole
	a.w, a.runs, a.count, a.runLen = &w[0], &t.runs[0], len(t.runs), t.runLen
	a.bias = nil
	if t.bias != nil {
		a.bias = &t.bias[:t.width][0]
	}
	a.min, a.max = t.min, t.max
	return whole, rest
}

// rest makes the arguments those of the rows behind the whole tiles.
func (t *tile) rest(a *gemmArgs, whole, rest int) {
	a.in, a.out, a.rows = &t.in[whole], &t.out[whole], 8*rest
}
