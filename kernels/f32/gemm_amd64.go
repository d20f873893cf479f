//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "6x64_avx512", needs: isa.AVX512, rows: 6, panel: 64, step: 16, run: gemmAVX512},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, run: gemmAVX2},
}

// gemmArgs is a tile as assembly reads it. All pointers are to valid memory for the
// whole of each run, the row of the result and the panel.
type gemmArgs struct {
	in     [maxRows]*float32
	out    [maxRows]*float32
	w      *float32
	runs   *int // offsets from in, in elements
	count  int  // of runs, at least 1
	runLen int  // at least 1
	bias   *float32
	min    float32
	max    float32
}

// The functions compute, for rows r and columns c of a tile of the size in their name,
//
//	acc = bias != nil ? bias[c] : out[r][c]
//	for each run and i < runLen: acc += in[r][run+i] * w[c]; w += columns
//	out[r][c] = min(max(acc, min), max), where NaN stays
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
	t.common(a)
	if t.rows <= 2 {
		for r := range t.rows {
			t.row(a, 0, r)
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
		return
	}
	t.allRows(a)
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

func gemmAVX2(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	t.common(a)
	if t.rows <= 2 {
		for r := range t.rows {
			t.row(a, 0, r)
			if t.width == 16 {
				gemm1x16AVX2(a)
			} else {
				gemm1x8AVX2(a)
			}
		}
		return
	}
	t.allRows(a)
	if t.width == 16 {
		gemm6x16AVX2(a)
	} else {
		gemm6x8AVX2(a)
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

// common sets what all rows share. Slicing checks that the panel is there.
func (t *tile) common(a *gemmArgs) {
	w := t.w[:len(t.runs)*t.runLen*t.width]
	a.w, a.runs, a.count, a.runLen = &w[0], &t.runs[0], len(t.runs), t.runLen
	a.bias = nil
	if t.bias != nil {
		a.bias = &t.bias[:t.width][0]
	}
	a.min, a.max = t.min, t.max
}

// row makes row r of the tile row i of the arguments. It checks the ends of what the
// kernel touches; runs are in ascending order.
func (t *tile) row(a *gemmArgs, i, r int) {
	src := t.src[t.in[r]:][:t.runs[len(t.runs)-1]+t.runLen]
	dst := t.dst[t.out[r]:][:t.width]
	a.in[i], a.out[i] = &src[0], &dst[0]
}

// allRows fills the arguments; a row that is missing repeats the last one.
func (t *tile) allRows(a *gemmArgs) {
	for i := range maxRows {
		t.row(a, i, min(i, t.rows-1))
	}
}
