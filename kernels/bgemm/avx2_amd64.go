//go:build !noasm

package bgemm

import "github.com/lce-go/lce/kernels/isa"

// avx2 has no count of bits to build on, so it looks counts up: for a nibble of a
// pixel, VPSHUFB takes 32 channels through the table of what their nibbles differ by.
// The counts are bytes at first. A panel has a byte for each nibble, [8*k][64], and
// the words of the pixels are spread to bytes likewise.
var avx2 = Kernel{
	Name:       "4x2_avx2",
	Needs:      isa.AVX2,
	whole:      true,
	panelWords: func(_, k int) int { return k * PanelChannels },
	pack:       packNibbles,
	run:        runAVX2,
	spread:     func(k int) int { return spreadPixels(k) * 8 * k },
}

const (
	// maxSpread bounds the bytes of a block whose pixels are all spread at once, for
	// all panels.
	maxSpread = 1 << 17
	// nibbleWords is the number of words whose count fits 16 bits; a tile of them takes
	// about 15 microseconds.
	nibbleWords = 1000
)

// spreadPixels is the number of pixels of k words that are spread at once.
func spreadPixels(k int) int {
	if 8*k*blockPixels <= maxSpread {
		return blockPixels
	}
	return 4
}

// nibbleArgs are the operands of the look-up kernels.
type nibbleArgs struct {
	a      *byte // 16*nibble of each nibble of the first pixel
	stride int   // bytes from pixel to pixel
	panel  *uint64
	words  int    // 1 to nibbleWords
	counts *int32 // 64 a pixel
	sums   [4 * PanelChannels]uint16
}

// bgemm_4x2_avx2 adds to counts the number of bits by which each of 4 pixels differs
// from each of 64 channels. It overwrites sums.
//
//go:noescape
func bgemm_4x2_avx2(args *nibbleArgs)

// bgemm_1x2_avx2 is the same for one pixel.
//
//go:noescape
func bgemm_1x2_avx2(args *nibbleArgs)

// nibbles_avx2 spreads the words of the first pixels pixels, at least 1 of at least one
// word, to 8 bytes each: byte i is 16 times nibble i.
//
//go:noescape
func nibbles_avx2(b *block, dst *byte, pixels int)

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

func runAVX2(b *block) {
	w, k := b.work, len(b.Runs)*b.RunWords
	at := 0 // pixels before the first that is spread
	all := spreadPixels(k) >= len(b.Pixels)
	if k > 0 && all && !w.isSpread {
		nibbles_avx2(b, &w.spread[0], len(b.Pixels))
		w.isSpread = true
	}
	for len(b.Pixels) > 0 {
		n := min(4, len(b.Pixels))
		counts := w.counts[:n*PanelChannels]
		clear(counts)
		if k > 0 {
			if !all {
				nibbles_avx2(b, &w.spread[0], n)
				at = 0
			}
			w.count(b.Panel, k, at, n)
		}
		store_avx2(b, &counts[0], n)
		b.advance(n)
		at += n
	}
}

// count counts for n pixels, up to 4, from spread pixel at on.
func (w *work) count(panel []uint64, k, at, n int) {
	args := &w.nibbles
	for from := 0; from < k; from += nibbleWords {
		args.words, args.stride = min(nibbleWords, k-from), 8*k
		args.panel = &panel[from*PanelChannels]
		if n == 4 {
			args.a, args.counts = &w.spread[8*(at*k+from)], &w.counts[0]
			bgemm_4x2_avx2(args)
			continue
		}
		for p := range n {
			args.a, args.counts = &w.spread[8*((at+p)*k+from)], &w.counts[p*PanelChannels]
			bgemm_1x2_avx2(args)
		}
	}
}

// kernelWork is what the kernels of this platform need for each thread.
type kernelWork struct {
	counts  [4 * PanelChannels]int32
	nibbles nibbleArgs
}
