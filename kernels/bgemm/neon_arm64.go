//go:build !noasm

package bgemm

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// neon counts the bits that differ in bytes, and adds the counts of a byte of up to 31
// vectors of 128 bits before it widens them. A panel is [channels/4][vectors][4] vectors,
// and the words of 4 pixels are laid out likewise, [vectors][4]: a step of a tile loads
// two times 4 vectors that follow one another.
var neon = Kernel{
	Name:       "4x4_neon",
	Needs:      isa.NEON,
	least:      4,
	step:       4,
	tile:       4,
	fits:       func(l *Layout) bool { return vectors(len(l.Runs)*l.RunWords) <= maxSteps },
	panelWords: func(n, k int) int { return roundUp(n, 4) * vectors(k) * 2 },
	pack:       packVectors,
	newWork:    func(k int) any { return &neonWork{pixels: make([]uint32, gatherPixels(k)*vectors(k)*4)} },
	run:        runNEON,
}

func kernelsAsm() []*Kernel { return []*Kernel{&neon} }

const (
	// maxSteps bounds the steps of a call, of 16 vectors each: a core that does one vector
	// operation a cycle, at 1.2 GHz, takes about 100 microseconds.
	maxSteps = 2400
	// maxGathered bounds the words of a block whose pixels are all gathered at once, for
	// all panels.
	maxGathered = 1 << 14
)

// vectors is the number of vectors of 128 bits of k words.
func vectors(k int) int { return (k + 3) / 4 }

// gatherPixels is the number of pixels of k words that are gathered at once.
func gatherPixels(k int) int {
	if 4*vectors(k)*blockPixels <= maxGathered {
		return blockPixels
	}
	return 4
}

// neonArgs are the operands of bgemm_4x4_neon.
type neonArgs struct {
	a       *uint32 // tiles of 4 pixels
	panel   *uint64
	sums    *uint32 // 64 a pixel
	vectors int     // of a pixel, at least 1
	quads   int     // of channels, at least 1
	tiles   int     // at least 1
}

// bgemm_4x4_neon sets sums to the number of bits by which each pixel of each tile differs
// from each channel.
//
//go:noescape
func bgemm_4x4_neon(args *neonArgs)

// store_neon writes the outputs of the first pixels pixels, at least 1, as block.store
// does, of a block that is not clamped.
//
//go:noescape
func store_neon(b *block, counts *uint32, pixels int)

// neonWork is what a thread needs.
type neonWork struct {
	pixels []uint32
	sums   [blockPixels * PanelChannels]uint32
	args   neonArgs
}

func packVectors(dst []uint64, rows []uint32, k int) {
	clear(dst)
	if k == 0 {
		return
	}
	out := unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(dst))), 2*len(dst))
	for o := range len(rows) / k {
		spread(out[o/4*vectors(k)*16+o%4*4:], rows[o*k:][:k])
	}
}

// spread lays out a row of words as vectors, each the fourth of a step.
func spread(dst, row []uint32) {
	for ; len(row) > 4; dst, row = dst[16:], row[4:] {
		*(*[4]uint32)(dst) = *(*[4]uint32)(row)
	}
	copy(dst, row)
}

// gather lays out n pixels in tiles.
func (w *neonWork) gather(b *block, n int) {
	k := len(b.Runs) * b.RunWords
	size := vectors(k) * 16 // of a tile
	for p, at := range b.Pixels[:n] {
		dst := w.pixels[p/4*size+p%4*4:]
		if len(b.Runs) == 1 {
			spread(dst, b.A[at+b.Runs[0]:][:k])
			continue
		}
		row := b.work.words[:k]
		for r, run := range b.Runs {
			copy(row[r*b.RunWords:][:b.RunWords], b.A[at+run:])
		}
		spread(dst, row)
	}
}

func runNEON(b *block) {
	w, k := b.work.own.(*neonWork), len(b.Runs)*b.RunWords
	most := gatherPixels(k)
	for len(b.Pixels) > 0 {
		n := min(most, len(b.Pixels))
		if !b.work.isSpread {
			w.gather(b, n)
			b.work.isSpread = most == blockPixels
		}
		w.count(b.Panel, vectors(k), b.Channels/4, (n+3)/4)
		if b.Clamped == 0 {
			store_neon(b, &w.sums[0], n)
		} else {
			for p := range n {
				b.store(p, (*[PanelChannels]int32)(unsafe.Pointer(&w.sums[p*PanelChannels])))
			}
		}
		b.advance(n)
	}
}

// count counts tiles of gathered pixels of at most maxSteps vectors. What a tile has more
// than the block is not used.
func (w *neonWork) count(panel []uint64, vectors, quads, tiles int) {
	if vectors == 0 {
		clear(w.sums[:tiles*4*PanelChannels])
		return
	}
	args := &w.args
	args.vectors, args.quads = vectors, min(quads, maxSteps/vectors)
	most := max(1, maxSteps/(vectors*args.quads))
	for first := 0; first < quads; first += args.quads {
		args.quads = min(args.quads, quads-first)
		args.panel = &panel[first*vectors*8]
		for t := 0; t < tiles; t += args.tiles {
			args.tiles = min(most, tiles-t)
			args.a, args.sums = &w.pixels[t*vectors*16], &w.sums[t*4*PanelChannels+first*4]
			bgemm_4x4_neon(args)
		}
	}
}
