//go:build !noasm && (amd64 || arm64 || arm)

package f32

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
	// to be fetched for later calls, aheadStep of them by each tile, fetchStep for each k.
	ahead, aheadEnd, aheadStep, fetchStep int

	limited int // 0 if min and max are infinite
	min     float32
	max     float32

	//lint:ignore U1000 for AVX-512 only
	order *[2][16]int32 // of the columns of groups in a vector, and its inverse
	//lint:ignore U1000 for AVX-512 only
	mask uint16 // the columns of the last 16 that the result has
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
	a.ahead, a.aheadEnd = 4*(len(w)+t.fetched), 8*len(w)
	a.aheadStep, a.fetchStep = t.fetchStep*len(w)/t.width, t.fetchStep
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
	t.repeat(a, n, rows)
	return rows
}

// repeat makes the rows of a the last n, and repeats the last of them up to the given number.
func (t *tile) repeat(a *gemmArgs, n, rows int) {
	for r := range rows {
		from := len(t.in) - max(n-r, 1)
		t.rest.in[r], t.rest.out[r] = t.in[from], t.out[from]
	}
	a.in, a.out, a.rows = &t.rest.in[0], &t.rest.out[0], 8*rows
}
