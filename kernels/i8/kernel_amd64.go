//go:build !noasm

package i8

import (
	"encoding/binary"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// kernels are those of instruction sets, best first.
var kernels = []kernel{
	{name: "6x64_vnni", needs: isa.AVX512Popcnt, rows: 6, panel: 64, step: 16, size: 1,
		run: runVNNI, load: loadGeneric, store: storeAVX512, depthwise: depthwiseVNNI},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, size: 2,
		run: runAVX2, load: loadAVX2, store: storeAVX2, depthwise: depthwiseAVX2},
}

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

func runVNNI(t *tile) {
	a := t.arguments()
	switch t.width {
	case 64:
		gemm6x64VNNI(&a)
	case 48:
		gemm6x48VNNI(&a)
	case 32:
		gemm6x32VNNI(&a)
	default:
		gemm6x16VNNI(&a)
	}
}

func runAVX2(t *tile) {
	a := t.arguments()
	if t.width == 16 {
		gemm6x16AVX2(&a)
	} else {
		gemm6x8AVX2(&a)
	}
}

func (t *tile) arguments() gemmArgs {
	last := t.runs[len(t.runs)-1] + t.runLen
	for _, in := range t.in {
		_ = t.src[in:][:last]
	}
	_, _ = t.w[len(t.runs)*t.runLen*t.width-1], t.sums[len(t.in)*t.width-1]
	a := gemmArgs{
		src: &t.src[0], in: &t.in[0], rows: 8 * len(t.in), w: &t.w[0], ahead: uintptr(unsafe.Pointer(&t.w[0])),
		runs: &t.runs[0], count: len(t.runs), runLen: t.runLen, sums: &t.sums[0],
	}
	if len(t.ahead) > 0 {
		a.ahead = uintptr(unsafe.Pointer(&t.ahead[0]))
	}
	if t.start != nil {
		a.start = &t.start[:t.width][0]
	}
	return a
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
