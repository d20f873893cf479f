//go:build !noasm && (arm64 || arm)

package bgemm

import (
	"math"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
)

// The NEON kernels count the bits that differ in bytes, and add the counts of a byte of up
// to 31 vectors of 128 bits before they widen them. A step of a tile takes 4 vectors of
// pixels, each with a unit of 4, 2 or 1 words of 1, 2 or 4 pixels, and 4 vectors of
// channels, each with as many copies of a unit. Fewer words a unit leave less of the last
// one unused, and fewer vectors to add up at the end, but panels are larger.
//
// A panel is [channels/4][steps][4] vectors, and the pixels of a tile are laid out
// likewise, [steps][4]: a step loads two times 4 vectors that follow one another.
var (
	neon4x4  = neonKernel("4x4_neon", 4)
	neon8x4  = neonKernel("8x4_neon", 2)
	neon16x4 = neonKernel("16x4_neon", 1)
)

func kernelsAsm() []*Kernel { return []*Kernel{neon4x4, neon8x4, neon16x4} }

// neonKernel is the kernel of units of so many words.
func neonKernel(name string, unit int) *Kernel {
	return &Kernel{
		Name:       name,
		Needs:      isa.NEON,
		least:      4,
		step:       4,
		tile:       16 / unit,
		fits:       func(l *Layout) bool { return bestUnit(l) >= unit },
		panelWords: func(n, k int) int { return roundUp(n, 4) * steps(k, unit) * 2 },
		pack:       func(dst []uint64, rows []uint32, k int) { packUnits(dst, rows, k, unit) },
		newWork:    func(k, planes int) any { return newNEONWork(k, unit, planes) },
		run:        runNEON,
	}
}

const (
	// maxSteps bounds the steps of a call: a core that does one vector operation a cycle,
	// at 1.2 GHz, takes about 100 microseconds.
	maxSteps = 2400
	// maxGathered bounds the words of a block whose pixels are all gathered at once, for
	// all panels.
	maxGathered = 1 << 14
	// maxCopies bounds the bytes of a panel with copies of units: half of the L1 cache of
	// small cores.
	maxCopies = 1 << 14
)

// steps is the number of units of k words.
func steps(k, unit int) int { return (k + unit - 1) / unit }

// bestUnit is the number of words of a unit that takes the fewest instructions, or nearly:
// 56 a step, and for what follows the steps 53 a tile of 4 pixels, 63 of 8, 87 of 16.
func bestUnit(l *Layout) int {
	best, least := 4, math.Inf(1)
	for _, u := range []struct{ words, end int }{{4, 53}, {2, 63}, {1, 87}} {
		n, tile := steps(l.rowWords(), u.words), 16/u.words
		if u.words < 4 && min(l.Channels, PanelChannels)*n*16 > maxCopies {
			break
		}
		pixels := roundUp(l.Pixels, tile)
		if u.words == 4 {
			pixels = l.Pixels // a kernel of single pixels does the last ones
		}
		if cost := float64(56*n+u.end) * float64(pixels) / float64(tile); cost < 0.95*least {
			best, least = u.words, cost
		}
	}
	return best
}

// neonArgs are the operands of the kernels.
type neonArgs struct {
	a     *uint32 // tiles
	panel *uint64
	sums  *uint32 // 64 a pixel
	steps int     // at least 1
	quads int     // of channels, at least 1
	tiles int     // at least 1
	add   int     // 0, or 1 to add to what sums has
}

// bgemm_4x4_neon sets sums, or adds to them, the number of bits by which each of the 4 pixels of each
// tile differs from each channel.
//
//go:noescape
func bgemm_4x4_neon(args *neonArgs)

// bgemm_8x4_neon is the same for tiles of 8 pixels, two a vector.
//
//go:noescape
func bgemm_8x4_neon(args *neonArgs)

// bgemm_16x4_neon is the same for tiles of 16 pixels, four a vector.
//
//go:noescape
func bgemm_16x4_neon(args *neonArgs)

// bgemm_1x4_neon is bgemm_4x4_neon for the first pixels of a tile, as many as tiles says.
//
//go:noescape
func bgemm_1x4_neon(args *neonArgs)

// store_neon writes the outputs of the first pixels pixels, at least 1, as block.store
// does, if PreMin and PreMax are numbers, PreMax is not -0, and bit 0 of Clamped says
// whether they bound anything, bit 1 whether Min and Max do.
//
//go:noescape
func store_neon(b *block, counts *uint32, pixels int)

// neonWork is what a thread needs.
type neonWork struct {
	unit   int         // words
	pixels [2][]uint32 // of two planes
	sums   [blockPixels * PanelChannels]uint32
	args   neonArgs

	gathering gatherArgs
	row       []uint32 // the words of a pixel, and zeros up to whole units
	depthwise depthwiseArgs
}

func newNEONWork(k, unit, planes int) *neonWork {
	w := &neonWork{unit: unit, row: make([]uint32, steps(k, unit)*unit)}
	for i := range planes {
		w.pixels[i] = make([]uint32, roundUp(w.gathered(k), w.tile())*steps(k, unit)*unit)
	}
	return w
}

// tile is the number of pixels of a tile.
func (w *neonWork) tile() int { return 16 / w.unit }

// gathered is the number of pixels of k words that are gathered at once.
func (w *neonWork) gathered(k int) int {
	if steps(k, w.unit)*w.unit*blockPixels <= maxGathered {
		return blockPixels
	}
	return w.tile()
}

func packUnits(dst []uint64, rows []uint32, k, unit int) {
	clear(dst)
	if k == 0 {
		return
	}
	out := unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(dst))), 2*len(dst))
	for o := range len(rows) / k {
		channel := out[o/4*steps(k, unit)*16+o%4*4:]
		for copied := 0; copied < 4; copied += unit {
			spread(channel[copied:], rows[o*k:][:k], unit)
		}
	}
}

// spread lays out a row of words as units, each in a step.
func spread(dst, row []uint32, unit int) {
	switch unit {
	case 4:
		for ; len(row) > 4; dst, row = dst[16:], row[4:] {
			*(*[4]uint32)(dst) = *(*[4]uint32)(row)
		}
	case 2:
		for ; len(row) > 2; dst, row = dst[16:], row[2:] {
			*(*[2]uint32)(dst) = *(*[2]uint32)(row)
		}
	default:
		for ; len(row) > 1; dst, row = dst[16:], row[1:] {
			dst[0] = row[0]
		}
	}
	copy(dst, row)
}

// gatherArgs are the operands of gather_neon.
type gatherArgs struct {
	dst       *uint32
	a         *uint32
	pixels    *int // offsets in a
	count     int  // of pixels, at least 1
	runs      *int
	runCount  int // at least 1
	units     int // of a run, at least 1; of all of them with row
	unit      int // words: 1, 2 or 4
	tile      int // pixels
	tileBytes int
	row       *uint32 // has units*unit words; nil for none
	words     int     // of a run, at least 1
}

// gather_neon lays out pixels in tiles:
//
//	dst[p/tile*tileBytes/4 + p%tile*unit + (r*units+u)*16:][:unit] = a[pixels[p]+runs[r]+u*unit:][:unit]
//
// With row it takes a single run from there, for each pixel:
//
//	row[r*words:][:words] = a[pixels[p]+runs[r]:][:words]
//
//go:noescape
func gather_neon(args *gatherArgs)

// gather lays out n pixels of a plane in tiles.
func (w *neonWork) gather(b *block, dst, a []uint32, n int) {
	k, unit, tile := len(b.Runs)*b.RunWords, w.unit, w.tile()
	if k == 0 {
		return
	}
	args := &w.gathering
	*args = gatherArgs{
		dst: &dst[0], a: &a[0], pixels: &b.Pixels[0], count: n, runs: &b.Runs[0], runCount: len(b.Runs),
		units: b.RunWords / unit, unit: unit, tile: tile, tileBytes: 64 * steps(k, unit),
	}
	if b.RunWords%unit != 0 {
		// Units go across runs, which are joined.
		args.row, args.words, args.units = &w.row[0], b.RunWords, len(w.row)/unit
	}
	gather_neon(args)
	*args = gatherArgs{}
}

func runNEON(b *block) {
	w, k := b.work.own.(*neonWork), len(b.Runs)*b.RunWords
	most := w.gathered(k)
	for len(b.Pixels) > 0 {
		n := min(most, len(b.Pixels))
		planes := [...][]uint32{b.A, b.Second}
		for i, a := range planes[:b.planes()] {
			if !b.work.isSpread {
				w.gather(b, w.pixels[i], a, n)
			}
			w.args.add = i
			w.count(w.pixels[i], b.Panel, steps(k, w.unit), b.Channels/4, n)
		}
		b.work.isSpread = most == blockPixels
		b.storeNEON(w, n)
		b.advance(n)
	}
}

// storeNEON writes the outputs of the first n pixels, whose counts are the sums of w.
func (b *block) storeNEON(w *neonWork, n int) {
	if b.PreMin == b.PreMin && b.PreMax == b.PreMax && math.Float32bits(b.PreMax) != 1<<31 {
		store_neon(b, &w.sums[0], n)
		return
	}
	for p := range n {
		b.store(p, (*[PanelChannels]int32)(unsafe.Pointer(&w.sums[p*PanelChannels])))
	}
}

// count counts n gathered pixels. What a tile has more than the
// block is not used.
func (w *neonWork) count(pixels []uint32, panel []uint64, steps, quads, n int) {
	if steps == 0 {
		clear(w.sums[:n*PanelChannels])
		return
	}
	switch w.unit {
	case 4:
		w.tiles(bgemm_4x4_neon, pixels, panel, steps, quads, 0, n/4, 4)
		// The last pixels, one by one.
		w.tiles(bgemm_1x4_neon, pixels, panel, steps, quads, n/4*4, n%4, 1)
	case 2:
		w.tiles(bgemm_8x4_neon, pixels, panel, steps, quads, 0, (n+7)/8, 8)
	default:
		w.tiles(bgemm_16x4_neon, pixels, panel, steps, quads, 0, (n+15)/16, 16)
	}
}

// tiles hands tiles of so many pixels, from pixel p on, to a kernel: as many channels and
// tiles a call as maxSteps allows, or a part of a row.
func (w *neonWork) tiles(kernel func(*neonArgs), a []uint32, panel []uint64, steps, quads, p, tiles, pixels int) {
	args, add := &w.args, w.args.add
	args.quads = min(quads, max(1, maxSteps/steps))
	most := max(1, maxSteps/(steps*args.quads))
	for first := 0; first < quads; first += args.quads {
		args.quads = min(args.quads, quads-first)
		for t := 0; t < tiles; t += args.tiles {
			args.tiles = min(most, tiles-t)
			at := p + t*pixels
			args.sums = &w.sums[at*PanelChannels+first*4]
			args.add = add
			for step := 0; step < steps; step += args.steps {
				args.steps = min(maxSteps, steps-step)
				args.a = &a[(at/w.tile()*steps+step)*16+at%w.tile()*w.unit]
				args.panel = &panel[(first*steps+step)*8]
				kernel(args)
				args.add = 1
			}
		}
	}
	args.add = add
}
