//go:build !noasm

package f32

import "github.com/lce-go/lce/kernels/isa"

// microKernels are the micro-kernels of instruction sets, best first.
var microKernels = []microKernel{
	{name: "6x64_avx512", needs: isa.AVX512, rows: 6, panel: 64, step: 16, work: 3 << 20, masked: true, run: gemmAVX512, shared: 16, mix: mixGroupsAVX512},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, work: 3 << 20, run: gemmAVX2},
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
func gemm4x64AVX512(a *gemmArgs)

//go:noescape
func gemm4x48AVX512(a *gemmArgs)

//go:noescape
func gemm4x32AVX512(a *gemmArgs)

//go:noescape
func gemm2x64AVX512(a *gemmArgs)

//go:noescape
func gemm2x48AVX512(a *gemmArgs)

//go:noescape
func gemm2x32AVX512(a *gemmArgs)

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
	rows, short := 6, [3]int{1, 2, 4}
	if t.width == 16 {
		rows, short = 12, [3]int{1, 1, 1}
	}
	if t.shared > 1 {
		short = [3]int{}
	}
	if t.whole(a, rows) {
		tileAVX512(t, a)
	}
	n := len(t.in) % rows
	switch {
	case n == 0:
	case n <= short[0]:
		t.repeat(a, n, 1)
		rowAVX512(t, a)
	case n <= short[1]:
		t.repeat(a, n, 2)
		twoRowsAVX512(t, a)
	case n <= short[2]:
		t.repeat(a, n, 4)
		fourRowsAVX512(t, a)
	default:
		t.repeat(a, n, rows)
		tileAVX512(t, a)
	}
}

// twoRowsAVX512 computes the two rows of a.
func twoRowsAVX512(t *tile, a *gemmArgs) {
	switch t.width {
	case 64:
		gemm2x64AVX512(a)
	case 48:
		gemm2x48AVX512(a)
	case 32:
		gemm2x32AVX512(a)
	}
}

// fourRowsAVX512 computes the four rows of a.
func fourRowsAVX512(t *tile, a *gemmArgs) {
	switch t.width {
	case 64:
		gemm4x64AVX512(a)
	case 48:
		gemm4x48AVX512(a)
	case 32:
		gemm4x32AVX512(a)
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
