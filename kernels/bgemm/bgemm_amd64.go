//go:build !noasm

package bgemm

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
)

// avx512popcnt counts the bits that differ word by word. It keeps 16 channels in a
// register, one 32-bit lane each: nothing is ever summed across lanes. A panel is
// [k][channels]uint32, with channels filled up to whole registers.
var avx512popcnt = Kernel{
	Name:       "6x4_avx512popcnt",
	Needs:      isa.AVX512Popcnt,
	least:      3,
	step:       16,
	tile:       6,
	panelWords: func(n, k int) int { return k * roundUp(n, 16) / 2 },
	pack:       packInterleaved,
	run:        runAVX512,
}

func kernelsAsm() []*Kernel { return []*Kernel{&carrySave, &avx512popcnt, &avx512, &avx2} }

// maxCallWords bounds the words of all tiles of one assembly call. A goroutine in
// assembly cannot be stopped, so a call should end within 100 microseconds: 4,000
// words of a 6x4 tile take about 50 on a 3 GHz Xeon. Rows that are longer are left to
// the 1x4 kernel, which takes a sixth of the time a tile, up to maxRowWords.
const maxCallWords = 4000

// bgemm_6x4_avx512popcnt computes tiles tiles of 6 pixels times 64 channels, as
// runGeneric does. It writes all 64 channels of each pixel.
//
//go:noescape
func bgemm_6x4_avx512popcnt(b *block, tiles int)

// The others are the same for fewer channels, 16 for each register, and for tiles of
// one pixel. They write whole words of bits.

//go:noescape
func bgemm_6x3_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_6x2_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_6x1_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x4_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x3_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x2_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x1_avx512popcnt(b *block, tiles int)

// tileKernel computes tiles of a block.
type tileKernel func(b *block, tiles int)

// plainTiles6 and plainTiles1 are by the number of vectors, less 1.
var (
	plainTiles6 = [...]tileKernel{bgemm_6x1_avx512popcnt, bgemm_6x2_avx512popcnt, bgemm_6x3_avx512popcnt, bgemm_6x4_avx512popcnt}
	plainTiles1 = [...]tileKernel{bgemm_1x1_avx512popcnt, bgemm_1x2_avx512popcnt, bgemm_1x3_avx512popcnt, bgemm_1x4_avx512popcnt}
)

func packInterleaved(dst []uint64, rows []uint32, k int) {
	if k == 0 {
		return
	}
	out, n := words32(dst), len(rows)/k
	width := roundUp(n, 16)
	if n < width {
		clear(out)
	}
	move.Transpose(out, width, rows, k, n, k, isa.AVX2)
}

// runAVX512 hands the whole tiles to a kernel of 6 pixels and the rest to one of 1.
func runAVX512(b *block) {
	k := max(1, len(b.Runs)*b.RunWords*b.planes())
	v := b.Channels/16 - 1
	b.tiles(6, maxCallWords/k, plainTiles6[v])
	b.tiles(1, max(1, 6*maxCallWords/k), plainTiles1[v])
}

// tiles hands the whole tiles of so many pixels to a kernel, at most most a call.
func (b *block) tiles(pixels, most int, kernel tileKernel) {
	for most > 0 && len(b.Pixels) >= pixels {
		n := min(most, len(b.Pixels)/pixels)
		kernel(b, n)
		b.advance(n * pixels)
	}
}

// words32 views packed panels as 32-bit words, in memory order.
func words32(w []uint64) []uint32 {
	if len(w) == 0 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&w[0])), 2*len(w))
}
