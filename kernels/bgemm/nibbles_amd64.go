//go:build !noasm

package bgemm

import (
	"math/bits"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// Without an instruction that counts bits, counts are looked up: for a nibble of each
// of two pixels, VPSHUFB takes 32 or 64 channels through the table of what their
// nibbles differ by. The counts are nibbles, then bytes, then 16 bits. A panel has a
// byte for each nibble and channel, [8*k][64], or [8*k][32] of up to 32 channels, and
// the words of two pixels are spread to 16 bits likewise. Both are filled up with zeros
// to triples of nibbles.

var avx2 = Kernel{
	Name:       "4x2_avx2",
	Needs:      isa.AVX2,
	least:      8,
	step:       narrowChannels,
	tile:       4,
	panelWords: nibblePanelWords,
	pack:       func(dst []uint64, rows []uint32, k int) { packNibbles(dst, rows, k, 32) },
	run:        func(b *block) { runNibbles(b, &tiles4x2) },
	newWork:    newNibbleWork,
}

// avx512 is for CPUs that do not count bits in vectors.
var avx512 = Kernel{
	Name:       "8x1_avx512",
	Needs:      isa.AVX512,
	least:      8,
	step:       narrowChannels,
	tile:       8,
	panelWords: nibblePanelWords,
	pack:       func(dst []uint64, rows []uint32, k int) { packNibbles(dst, rows, k, 64) },
	run:        func(b *block) { runNibbles(b, &tiles8x1) },
	newWork:    newNibbleWork,
}

// nibbleTiles are the kernels of panels of so many channels, for tiles of so many
// pixels, and of 2.
type nibbleTiles struct {
	channels int
	pixels   int
	many     func(*nibbleArgs)
	two      func(*nibbleArgs)
}

var (
	tiles4x2    = nibbleTiles{PanelChannels, 4, bgemm_4x2_avx2, bgemm_2x2_avx2}
	tiles8x1    = nibbleTiles{PanelChannels, 8, bgemm_8x1_avx512, bgemm_2x1_avx512}
	tilesNarrow = nibbleTiles{narrowChannels, 8, bgemm_8x1_avx2, bgemm_2x1_avx2}
)

// narrowChannels is the number of channels up to which a panel is narrow.
const narrowChannels = 32

const (
	// maxSpread bounds the elements of a block whose pixels are all spread at once, for
	// all panels.
	maxSpread = 1 << 16
	// fewPixels are spread at once otherwise.
	fewPixels = 8
	// maxTriples is the number of triples of a call; their count fits 16 bits, and a
	// tile of 8 pixels of them takes about 15 microseconds.
	maxTriples = 2600
)

// triples is the number of triples of nibbles of k words.
func triples(k int) int { return (8*k + 2) / 3 }

func nibblePanelWords(n, k int) int { return triples(k) * 3 * panelWidth(n) / 8 }

// panelWidth is the number of channels that a panel of n has room for.
func panelWidth(n int) int {
	if n <= narrowChannels {
		return narrowChannels
	}
	return PanelChannels
}

// spreadPixels is the number of pixels of k words that are spread at once.
func spreadPixels(k int) int {
	if 4*k*blockPixels <= maxSpread {
		return blockPixels
	}
	return fewPixels
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
	a       *uint16 // offset of the table of each nibble of the first pair of pixels
	stride  int     // bytes from pair to pair
	panel   *uint64
	triples int // 1 to maxTriples
	tables  *[256 * 16]byte
	sums    *uint16 // 64 a pixel
	tiles   int     // 1 or more
}

// bgemm_4x2_avx2 sets sums to the number of bits by which each of the 4 pixels of each
// tile differs from each of 64 channels.
//
//go:noescape
func bgemm_4x2_avx2(args *nibbleArgs)

// The others are the same for tiles of 2 and 8 pixels, and those of AVX2 of one vector
// for the first 32 of the 64 channels.

//go:noescape
func bgemm_2x2_avx2(args *nibbleArgs)

//go:noescape
func bgemm_8x1_avx2(args *nibbleArgs)

//go:noescape
func bgemm_2x1_avx2(args *nibbleArgs)

//go:noescape
func bgemm_8x1_avx512(args *nibbleArgs)

//go:noescape
func bgemm_2x1_avx512(args *nibbleArgs)

// nibbles_avx2 spreads the words of the first pixels pixels, at least 1 of at least one
// word, to table offsets, 8 a word for each two pixels, and stride bytes from these to
// the next. The last one of an odd number is both pixels of its pair.
//
//go:noescape
func nibbles_avx2(b *block, dst *uint16, stride, pixels int)

// store_avx2 writes the outputs of the first pixels pixels, at least 1, as block.store
// does, for 32 or 64 channels.
//
//go:noescape
func store_avx2(b *block, counts *uint16, pixels int)

// packNibbles orders the channels of a vector of so many, or of a narrow panel, so that its
// even bytes have the first half.
func packNibbles(dst []uint64, rows []uint32, k, vector int) {
	clear(dst)
	if k == 0 {
		return
	}
	n := len(rows) / k
	width := panelWidth(n)
	vector = min(vector, width)
	var lanes [PanelChannels]int
	for o := range n {
		in := o % vector
		lanes[o] = o - in + in%(vector/2)*2 + in/(vector/2)
	}
	out := unsafe.Slice((*byte)(unsafe.Pointer(&dst[0])), 8*len(dst))
	for i := range k {
		word := out[i*8*width:][:8*width]
		for o := range n {
			w := rows[o*k+i]
			for at := lanes[o]; at < len(word); at += width {
				word[at] = byte(w & 15)
				w >>= 4
			}
		}
	}
}

// nibbleWork is what a thread needs.
type nibbleWork struct {
	sums   [2][blockPixels * PanelChannels]uint16 // of two planes; first, where they are aligned to whole vectors
	spread [2][]uint16                            // offsets of tables
	args   nibbleArgs
}

func newNibbleWork(k, planes int) any {
	w := &nibbleWork{}
	for i := range planes {
		w.spread[i] = make([]uint16, spreadPixels(k)/2*3*triples(k))
	}
	return w
}

func runNibbles(b *block, t *nibbleTiles) {
	w, k := b.work.own.(*nibbleWork), len(b.Runs)*b.RunWords
	if b.Channels <= narrowChannels {
		t = &tilesNarrow
	}
	most := spreadPixels(k)
	for len(b.Pixels) > 0 {
		n := min(most, len(b.Pixels))
		if k > 0 && !b.work.isSpread {
			w.spreadPlanes(b, n)
			b.work.isSpread = most == blockPixels
		}
		if triples(k)*b.planes() > maxTriples {
			w.long(b, t, n)
		} else {
			for plane := range b.planes() {
				w.count(t, plane, b.Panel, 0, triples(k), triples(k), n)
			}
			if b.planes() == 2 {
				w.addPlanes(n)
			}
			store_avx2(b, &w.sums[0][0], n)
		}
		b.advance(n)
	}
}

// spreadPlanes spreads n pixels.
func (w *nibbleWork) spreadPlanes(b *block, n int) {
	stride, first := 6*triples(len(b.Runs)*b.RunWords), b.A
	nibbles_avx2(b, &w.spread[0][0], stride, n)
	if b.planes() == 2 {
		b.A = b.Second
		nibbles_avx2(b, &w.spread[1][0], stride, n)
		b.A = first
	}
}

// addPlanes adds the sums of the second plane to those of the first, four at a time.
func (w *nibbleWork) addPlanes(n int) {
	first, second := (*[len(w.sums[0]) / 4]uint64)(unsafe.Pointer(&w.sums[0])), (*[len(w.sums[1]) / 4]uint64)(unsafe.Pointer(&w.sums[1]))
	for i := range n * PanelChannels / 4 {
		first[i] += second[i]
	}
}

// count counts n spread pixels of a plane with triples from to to of all.
func (w *nibbleWork) count(t *nibbleTiles, plane int, panel []uint64, from, to, all, n int) {
	if from == to {
		clear(w.sums[plane][:n*PanelChannels])
		return
	}
	args := &w.args
	args.stride, args.tables = 6*all, pairTables
	args.panel, args.triples = &panel[from*3*t.channels/8], to-from
	most := max(1, maxTriples/args.triples)
	for at := 0; at < n; {
		args.a, args.sums = &w.spread[plane][3*(at/2*all+from)], &w.sums[plane][at*PanelChannels]
		if left := n - at; left > t.pixels-2 {
			// The pixels after the last one of the block are not used.
			args.tiles = min(most, max(1, left/t.pixels))
			t.many(args)
			at += args.tiles * t.pixels
		} else {
			args.tiles = (left + 1) / 2
			t.two(args)
			at += left
		}
	}
}

// long does n spread pixels whose counts need more than 16 bits.
func (w *nibbleWork) long(b *block, t *nibbleTiles, n int) {
	var counts [fewPixels][PanelChannels]int32
	all := triples(len(b.Runs) * b.RunWords)
	for plane := range b.planes() {
		for from := 0; from < all; from += maxTriples {
			w.count(t, plane, b.Panel, from, min(from+maxTriples, all), all, n)
			for p := range n {
				for o, v := range w.sums[plane][p*PanelChannels:][:PanelChannels] {
					counts[p][o] += int32(v)
				}
			}
		}
	}
	for p := range n {
		b.store(p, &counts[p])
	}
}
