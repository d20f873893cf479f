//go:build !noasm && (amd64 || arm64 || arm)

package i8

import "unsafe"

// gemmArgs is a tile as assembly reads it.
type gemmArgs struct {
	src    *byte
	in     *int
	rows   int // 8 times their number, of whole tiles, at least one
	w      *byte
	ahead  uintptr // what is to be fetched into the L2 cache, 64 bytes for each unit; nothing may be there
	runs   *int
	count  int // of runs, at least 1
	runLen int // at least a unit
	pairs  int // 1 for those of tile, for NEON
	start  *int32
	sums   *int32
}

func (t *tile) arguments() gemmArgs {
	last := t.runs[len(t.runs)-1] + t.runLen
	_ = t.src[t.in[0] : t.in[len(t.in)-1]+last]
	_, _ = t.w[len(t.runs)*t.runLen*t.width-1], t.sums[len(t.in)*t.width-1]
	a := gemmArgs{
		src: &t.src[0], in: &t.in[0], rows: 8 * len(t.in), w: &t.w[0], ahead: uintptr(unsafe.Pointer(&t.w[0])),
		runs: &t.runs[0], count: len(t.runs), runLen: t.runLen, sums: &t.sums[0],
	}
	if len(t.ahead) > 0 {
		a.ahead = uintptr(unsafe.Pointer(&t.ahead[0]))
	}
	if t.pairs {
		a.pairs = 1
	}
	if t.start != nil {
		a.start = &t.start[:t.width][0]
	}
	return a
}
