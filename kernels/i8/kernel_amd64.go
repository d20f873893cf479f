//go:build !noasm

package i8

import (
	"encoding/binary"

	"github.com/lce-go/lce/kernels/isa"
)

// kernels are those of instruction sets, best first.
var kernels = []kernel{
	{name: "6x64_vnni", needs: isa.AVX512Popcnt, rows: 6, panel: 64, step: 16, size: 1,
		run: runVNNI, load: loadGeneric, store: storeAVX512, depthwise: depthwiseVNNI},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, size: 2,
		run: runAVX2, load: loadAVX2, store: storeAVX2, depthwise: depthwiseAVX2},
}

// gemmArgs is a tile as assembly reads it. All pointers but ahead are to valid memory.
type gemmArgs struct {
	src    *byte
	in     *int
	rows   int // 8 times their number, of whole tiles, at least one
	w      *byte
	ahead  *byte // to be fetched into the L2 cache, 64 bytes for each unit
	runs   *int
	count  int // of runs, at least 1
	runLen int // at least a unit
	start  *int32
	sums   *int32
}

// The functions compute what tile says for the columns in their name. They move ahead and
// sums.

//go:noescape
func gemm6x64VNNI(a *gemmArgs)

//go:noescape
func gemm6x48VNNI(a *gemmArgs)

//go:noescape
func gemm6x32VNNI(a *gemmArgs)

//go:noescape
func gemm6x16VNNI(a *gemmArgs)

//go:noescape
func gemm6x16AVX2(a *gemmArgs)

//go:noescape
func gemm6x8AVX2(a *gemmArgs)

// widenAVX2 is dst[i] = src[i] ^ flip for n elements, a multiple of 16 and not 0.
//
//go:noescape
func widenAVX2(dst *uint16, src *byte, n int, flip uint64)

var (
	tilesVNNI = [...]func(a *gemmArgs){gemm6x16VNNI, gemm6x32VNNI, gemm6x48VNNI, gemm6x64VNNI}
	tilesAVX2 = [...]func(a *gemmArgs){gemm6x8AVX2, gemm6x16AVX2}
)

func runVNNI(t *tile) { runTiles(t, tilesVNNI[t.width/16-1]) }

func runAVX2(t *tile) { runTiles(t, tilesAVX2[t.width/8-1]) }

func runTiles(t *tile, run func(a *gemmArgs)) {
	last := t.runs[len(t.runs)-1] + t.runLen
	for _, in := range t.in {
		_ = t.src[in:][:last]
	}
	_, _ = t.w[len(t.runs)*t.runLen*t.width-1], t.sums[len(t.in)*t.width-1]
	a := gemmArgs{
		src: &t.src[0], in: &t.in[0], rows: 8 * len(t.in), w: &t.w[0], ahead: &t.w[0],
		runs: &t.runs[0], count: len(t.runs), runLen: t.runLen, sums: &t.sums[0],
	}
	if len(t.ahead) > 0 {
		a.ahead = &t.ahead[0]
	}
	if t.start != nil {
		a.start = &t.start[:t.width][0]
	}
	run(&a)
}

// loadAVX2 writes numbers of 16 bits.
func loadAVX2(dst, src []byte, flip byte) {
	dst = dst[:2*len(src)]
	n := len(src) &^ 15
	if n > 0 {
		widenAVX2(numbers(dst), &src[0], n, uint64(flip))
	}
	for i, v := range src[n:] {
		binary.LittleEndian.PutUint16(dst[2*(n+i):], uint16(v^flip))
	}
}
