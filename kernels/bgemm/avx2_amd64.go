//go:build !noasm

package bgemm

import (
	"math/bits"

	"github.com/lce-go/lce/kernels/isa"
)

// avx2 has no count of bits to build on, so it looks counts up: for a nibble of each
// of two pixels, VPSHUFB takes 32 channels through the table of what their nibbles
// differ by. The counts are nibbles, then bytes, then 16 bits. A panel has a byte for
// each nibble, [8*k][64], and the words of two pixels are spread to 16 bits likewise.
var avx2 = Kernel{
	Name:       "4x2_avx2",
	Needs:      isa.AVX2,
	least:      12,
	step:       PanelChannels,
	tile:       4,
	panelWords: func(_, k int) int { return k * PanelChannels },
	pack:       packNibbles,
	run:        runAVX2,
	newWork:    newAVX2Work,
}

const (
	// maxSpread bounds the elements of a block whose pixels are all spread at once, for
	// all panels.
	maxSpread = 1 << 16
	// nibbleWords is the number of words of a call; their count fits 16 bits, and a tile
	// of them takes about 15 microseconds.
	nibbleWords = 1000
)

// spreadPixels is the number of pixels of k words that are spread at once.
func spreadPixels(k int) int {
	if 4*k*blockPixels <= maxSpread {
		return blockPixels
	}
	return 4
}

// pairTables has 16 bytes for each pair of nibbles of two pixels: byte w of table
// a0 + 16*a1 is popcount(a0^w) + 16*popcount(a1^w).
var pairTables = func() *[256 * 16]byte {
	var t [256 * 16]byte
	for i := range t {
		a, w := i/16, i%16
		t[i] = byte(bits.OnesCount(uint(a&15^w)) + 16*bits.OnesCount(uint(a>>4^w)))
	}
	return &t
}()

// nibbleArgs are the operands of the look-up kernels.
type nibbleArgs struct {
	a      *uint16 // offset of the table of each nibble of the first pair of pixels
	stride int     // bytes from pair to pair
	panel  *uint64
	words  int // 1 to nibbleWords
	tables *[256 * 16]byte
	counts *int32 // 64 a pixel
	sums   *[4 * PanelChannels]uint16
}

// bgemm_4x2_avx2 adds to counts the number of bits by which each of 4 pixels differs
// from each of 64 channels. It overwrites sums.
//
//go:noescape
func bgemm_4x2_avx2(args *nibbleArgs)

// bgemm_2x2_avx2 is the same for two pixels.
//
//go:noescape
func bgemm_2x2_avx2(args *nibbleArgs)

// nibbles_avx2 spreads the words of the first pixels pixels, at least 1 of at least one
// word, to table offsets, 8 a word for each two pixels. The last one of an odd number
// is both pixels of its pair.
//
//go:noescape
func nibbles_avx2(b *block, dst *uint16, pixels int)

// store_avx2 writes the outputs of the first pixels pixels, at least 1, as block.store
// does, for 64 channels.
//
//go:noescape
func store_avx2(b *block, counts *int32, pixels int)

// packNibbles orders the channels so that VPUNPCKLBW and VPUNPCKHBW, which work on
// halves of a register, give them in sequence.
func packNibbles(dst []uint64, rows []uint32, k int) {
	clear(dst)
	if k == 0 {
		return
	}
	for o := range len(rows) / k {
		lane := o/32*32 + o/8%2*16 + o/16%2*8 + o%8
		for i, w := range rows[o*k : (o+1)*k] {
			for n := range 8 {
				at := (i*8+n)*PanelChannels + lane
				dst[at/8] |= uint64(w>>(4*n)&15) << (at % 8 * 8)
			}
		}
	}
}

// avx2Work is what a thread needs.
type avx2Work struct {
	spread []uint16 // offsets of tables
	counts [4 * PanelChannels]int32
	sums   [4 * PanelChannels]uint16
	args   nibbleArgs
}

func newAVX2Work(k int) any {
	return &avx2Work{spread: make([]uint16, spreadPixels(k)/2*8*k)}
}

func runAVX2(b *block) {
	w, k := b.work.own.(*avx2Work), len(b.Runs)*b.RunWords
	at := 0 // pixels before the first that is spread
	all := spreadPixels(k) >= len(b.Pixels)
	if k > 0 && all && !b.work.isSpread {
		nibbles_avx2(b, &w.spread[0], len(b.Pixels))
		b.work.isSpread = true
	}
	for len(b.Pixels) > 0 {
		n := min(4, len(b.Pixels))
		clear(w.counts[:])
		if k > 0 {
			if !all {
				nibbles_avx2(b, &w.spread[0], n)
				at = 0
			}
			w.count(b.Panel, k, at, n)
		}
		store_avx2(b, &w.counts[0], n)
		b.advance(n)
		at += n
	}
}

// count counts for n pixels, up to 4, from spread pixel at on, an even one.
func (w *avx2Work) count(panel []uint64, k, at, n int) {
	args := &w.args
	args.stride, args.tables, args.counts, args.sums = 2*8*k, pairTables, &w.counts[0], &w.sums
	for from := 0; from < k; from += nibbleWords {
		args.words = min(nibbleWords, k-from)
		args.panel = &panel[from*PanelChannels]
		args.a = &w.spread[8*(at/2*k+from)]
		if n > 2 {
			bgemm_4x2_avx2(args)
		} else {
			bgemm_2x2_avx2(args)
		}
	}
}
