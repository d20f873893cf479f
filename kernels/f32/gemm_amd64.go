//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "6x64_avx512", needs: isa.AVX512, rows: 6, panel: 64, step: 16, masked: true, run: gemmAVX512, shared: 16, mix: mixGroupsAVX512},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, run: gemmAVX2},
}

// maxTileRows is the largest number of rows of a tile.
const maxTileRows = 12

// rest holds the rows of the last tile of a call, which repeats one.
type rest struct{ in, out [maxTileRows]int }

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

	// Of the weights behind these, the bytes from ahead to aheadEnd, counted from w, are
	// to be fetched for later calls, aheadStep of them by each tile.
	ahead, aheadEnd, aheadStep int

	limited int // 0 if min and max are infinite
	min     float32
	max     float32
	order   *[2][16]int32 // of the columns of groups in a vector, and its inverse
	mask    uint16        // the columns of the last 16 that the result has, for AVX-512
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
func gemm12x16AVX512(a *gemmArgs)

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

// With G groups in the vector, column c of it takes src[in[r]+run+i+c%G], and i advances
// by G. The column is that of the bias and the result with c = order[1][column].

//go:noescape
func gemm12x16Groups2AVX512(a *gemmArgs)

//go:noescape
func gemm12x16Groups4AVX512(a *gemmArgs)

//go:noescape
func gemm12x16Groups8AVX512(a *gemmArgs)

// mixAVX512 makes n vectors, at least one, of blocks of 16 or 8 numbers: it permutes, as
// dst[i] = src[order[i]], the numbers of the first mask at src and those of the second
// mask second bytes behind, and goes on to the next step bytes behind.
//
//go:noescape
func mixAVX512(dst, src *float32, order *[16]int32, n, step, second int, masks [2]uint16)

// mixGroupsAVX512 is mixGroups.
func mixGroupsAVX512(m *mixing, dst, src []float32) {
	pixels := 0
	if block := m.size * m.groups; (block == 16 || block == 8) && len(dst) >= 16 {
		n := len(dst) / 16
		pixels = n * 16 / block
		_ = src[(pixels-1)*m.step:][:block]
		if block == 16 {
			mixAVX512(&dst[0], &src[0], &m.order, n, 4*m.step, 0, [2]uint16{0xffff, 0})
		} else {
			mixAVX512(&dst[0], &src[0], &m.order, n, 8*m.step, 4*(m.step-8), [2]uint16{0xff, 0xff00})
		}
	}
	if done := pixels * m.size * m.groups; done < len(dst) {
		mixGroups(m, dst[done:], src[pixels*m.step:])
	}
}

// mixGroups mixes the channels of as many pixels as dst has.
func mixGroups(m *mixing, dst, src []float32) {
	block := m.size * m.groups
	for at := 0; len(dst) > 0; at += m.step {
		from := src[at:][:block]
		for g := range m.groups {
			for i, v := range from[g*m.size:][:m.size] {
				dst[i*m.groups+g] = v
			}
		}
		dst = dst[block:]
	}
}

func gemmAVX512(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	t.arguments(a)
	a.mask, a.order = 0xffff>>(t.width-t.columns), &groupOrders[t.shared]
	rows, single := 6, 2
	if t.width == 16 {
		rows, single = 12, 1
	}
	if t.shared > 1 {
		single = 0
	}
	if t.whole(a, rows) {
		tileAVX512(t, a)
	}
	switch t.left(a, rows, single) {
	case 0:
	case 1:
		rowAVX512(t, a)
	default:
		tileAVX512(t, a)
	}
}

// tileAVX512 computes the whole tiles of a.
func tileAVX512(t *tile, a *gemmArgs) {
	switch {
	case t.width == 64:
		gemm6x64AVX512(a)
	case t.width == 48:
		gemm6x48AVX512(a)
	case t.width == 32:
		gemm6x32AVX512(a)
	case t.shared == 1:
		gemm12x16AVX512(a)
	case t.shared == 2:
		gemm12x16Groups2AVX512(a)
	case t.shared == 4:
		gemm12x16Groups4AVX512(a)
	case t.shared == 8:
		gemm12x16Groups8AVX512(a)
	}
}

// rowAVX512 computes the rows of a one by one.
func rowAVX512(t *tile, a *gemmArgs) {
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

// groupOrders are, for each number of groups that share 16 columns, the column of the
// panel for each of the result, and the column of the result for each of the panel.
var groupOrders = [9][2][16]int32{
	2: groupOrder(2), 4: groupOrder(4), 8: groupOrder(8),
}

func groupOrder(groups int) (order [2][16]int32) {
	for i := range 16 {
		column := i%groups*(16/groups) + i/groups
		order[0][column], order[1][i] = int32(i), int32(column)
	}
	return order
}

func gemmAVX2(t *tile) {
	if len(t.runs) == 0 {
		gemmEmpty(t)
		return
	}
	var args gemmArgs
	a := &args
	t.arguments(a)
	wide := t.width == 16
	const rows = 6
	if t.whole(a, rows) {
		tileAVX2(a, wide)
	}
	switch t.left(a, rows, 2) {
	case 0:
	case rows:
		tileAVX2(a, wide)
	case 1:
		if wide {
			gemm1x16AVX2(a)
		} else {
			gemm1x8AVX2(a)
		}
	}
}

func tileAVX2(a *gemmArgs, wide bool) {
	if wide {
		gemm6x16AVX2(a)
	} else {
		gemm6x8AVX2(a)
	}
}

// gemmEmpty is a tile without any k, of any width.
func gemmEmpty(t *tile) {
	for _, o := range t.out {
		for c, v := range t.bias[:t.columns] {
			t.dst[o+c] = clamp(v, t.min, t.max)
		}
	}
}

// arguments sets the arguments that all rows have in common. It checks the ends of all
// that the kernels touch; offsets ascend.
func (t *tile) arguments(a *gemmArgs) {
	last := len(t.in) - 1
	end := t.runs[len(t.runs)-1] + t.runLen
	_, _ = t.src[t.in[0]:t.in[last]+end], t.dst[t.out[0]:t.out[last]+t.columns]
	w := t.w[:len(t.runs)*t.runLen/t.shared*t.width]
	a.src, a.dst = &t.src[0], &t.dst[0]
	a.w, a.runs, a.count, a.runLen = &w[0], &t.runs[0], len(t.runs), t.runLen
	if t.bias != nil {
		a.bias = &t.bias[:t.width][0]
	}
	a.ahead, a.aheadEnd, a.aheadStep = 4*(len(w)+t.fetched), 8*len(w), 64*len(w)/t.width
	if t.min > negInf || t.max < posInf {
		a.limited = 1
	}
	a.min, a.max = t.min, t.max
}

// whole makes the rows of a those of whole tiles, if there are.
func (t *tile) whole(a *gemmArgs, rows int) bool {
	n := len(t.in) / rows * rows
	a.in, a.out, a.rows = &t.in[0], &t.out[0], 8*n
	return n > 0
}

// left makes the rows of a those behind the whole tiles, and gives the rows of the tiles
// that compute them: 1 if there are at most single; otherwise one more tile, which
// repeats the last row. 0 says that there are none.
func (t *tile) left(a *gemmArgs, rows, single int) int {
	whole := len(t.in) / rows * rows
	n := len(t.in) - whole
	if n == 0 {
		return 0
	}
	if n <= single {
		a.in, a.out, a.rows = &t.in[whole], &t.out[whole], 8*n
		return 1
	}
	for r := range rows {
		from := min(whole+r, len(t.in)-1)
		t.rest.in[r], t.rest.out[r] = t.in[from], t.out[from]
	}
	a.in, a.out, a.rows = &t.rest.in[0], &t.rest.out[0], 8*rows
	return rows
}
