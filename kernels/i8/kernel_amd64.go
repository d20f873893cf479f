//go:build !noasm

package i8

import (
	"encoding/binary"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// kernels are those of instruction sets, best first.
var kernels = []kernel{
	{name: "6x64_vnni", needs: isa.AVX512Popcnt, rows: 6, panel: 64, step: 16, size: 1, unit: 4, weight: 4, pixels: 1,
		run: runVNNI, load: loadGeneric, store: storeAVX512, depthwise: depthwiseVNNI},
	{name: "6x16_avx2", needs: isa.AVX2, rows: 6, panel: 16, step: 8, size: 2, unit: 4, weight: 4, pixels: 1,
		run: runAVX2, load: loadAVX2, store: storeAVX2, depthwise: depthwiseAVX2},
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

// numbers views bytes as numbers of 16 bits.
func numbers(b []byte) *uint16 { return (*uint16)(unsafe.Pointer(unsafe.SliceData(b))) }
