//go:build !noasm && (arm64 || arm)

package bgemm

import (
	"math"
	"math/bits"
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
// likewise, [steps][4]: a step loads two times 4 vectors that follow one another. Of two
// planes a tile is [steps][2][4]: the first plane, and where the second differs.
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

// neonKernels are the kernels of units of 4, 2 and 1 words, and of single pixels of units of 4.
type neonKernels struct{ four, two, one, single func(*neonArgs) }

var (
	plainNEON  = neonKernels{bgemm_4x4_neon, bgemm_8x4_neon, bgemm_16x4_neon, bgemm_1x4_neon}
	maskedNEON = neonKernels{masked_4x4_neon, masked_8x4_neon, masked_16x4_neon, masked_1x4_neon}
)

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

// The masked kernels take of each step the vectors of the pixels and then those of the bits to
// leave out, and count each of the others twice.

//go:noescape
func masked_4x4_neon(args *neonArgs)

//go:noescape
func masked_8x4_neon(args *neonArgs)

//go:noescape
func masked_16x4_neon(args *neonArgs)

//go:noescape
func masked_1x4_neon(args *neonArgs)

// store_neon writes the outputs of the first pixels pixels, at least 1, as block.store
// does, if PreMin and PreMax are numbers, PreMax is not -0, and bit 0 of Clamped says
// whether they bound anything, bit 1 whether Min and Max do.
//
//go:noescape
func store_neon(b *block, counts *uint32, pixels int)

// neonWork is what a thread needs.
type neonWork struct {
	unit   int // words
	pixels []uint32
	sums   [blockPixels * PanelChannels]uint32
	args   neonArgs

	// Of two planes, that is values of -1, 0 and +1: the second one, tiles for the masked kernels,
	// and how many zeros each pixel has, with those that fill up the last tile.
	second, masked []uint32
	zeros          [blockPixels + 16]uint32

	gathering gatherArgs
	row       []uint32 // the words of a pixel, and zeros up to whole units
	depthwise depthwiseArgs
}

func newNEONWork(k, unit, planes int) *neonWork {
	w := &neonWork{unit: unit, row: make([]uint32, steps(k, unit)*unit)}
	size := roundUp(w.gathered(k), w.tile()) * steps(k, unit) * unit
	w.pixels = make([]uint32, size)
	if planes == 2 {
		w.second, w.masked = make([]uint32, size), make([]uint32, 2*size)
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
		if !b.work.isSpread {
			w.gather(b, w.pixels, b.A, n)
			if b.planes() == 2 {
				w.gather(b, w.second, b.Second, n)
				w.mask(steps(k, w.unit), n)
			}
		}
		b.work.isSpread = most == blockPixels
		w.count(b, steps(k, w.unit), n)
		b.storeNEON(w, n)
		b.advance(n)
	}
}

// mask makes masked of the n gathered pixels of two planes. A number is 0 where they differ.
func (w *neonWork) mask(steps, n int) {
	clear(w.zeros[:])
	for i := range (n + w.tile() - 1) / w.tile() * steps {
		first, second, to := w.pixels[16*i:][:16], w.second[16*i:][:16], w.masked[32*i:][:32]
		zeros := w.zeros[i/steps*w.tile():]
		for j, v := range first {
			differ := v ^ second[j]
			to[j], to[16+j] = v, differ
			if differ != 0 {
				zeros[j/w.unit] += uint32(bits.OnesCount32(differ))
			}
		}
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

// count counts the bits by which n gathered pixels differ from the channels, and of two planes
// those of both: one for a 0, and two or none for -1 and +1. What a tile has more than the block is
// not used.
func (w *neonWork) count(b *block, steps, n int) {
	if steps == 0 {
		clear(w.sums[:n*PanelChannels])
		return
	}
	t := tilesNEON{a: w.pixels, panel: b.Panel, steps: steps, stepWords: 16, quads: b.Channels / 4}
	kernels := &plainNEON
	if b.planes() == 2 {
		kernels, t.a, t.stepWords, t.add = &maskedNEON, w.masked, 32, 1
		for p, zeros := range w.zeros[:n] {
			sums := w.sums[p*PanelChannels:][:b.Channels]
			for o := range sums {
				sums[o] = zeros
			}
		}
	}
	switch w.unit {
	case 4:
		w.tiles(kernels.four, &t, 0, n/4, 4)
		// The last pixels, one by one.
		w.tiles(kernels.single, &t, n/4*4, n%4, 1)
	case 2:
		w.tiles(kernels.two, &t, 0, (n+7)/8, 8)
	default:
		w.tiles(kernels.one, &t, 0, (n+15)/16, 16)
	}
}

// tilesNEON are the operands of kernels for all tiles.
type tilesNEON struct {
	a         []uint32
	panel     []uint64
	steps     int
	stepWords int // of a step of a tile
	quads     int // of channels
	add       int // 0, or 1 to add to the sums
}

// tiles hands tiles of so many pixels, from pixel p on, to a kernel: as many channels and
// tiles a call as maxSteps allows, or a part of a row.
func (w *neonWork) tiles(kernel func(*neonArgs), t *tilesNEON, p, tiles, pixels int) {
	// A step with a mask takes longer.
	args, limit := &w.args, maxSteps*16/t.stepWords
	args.quads = min(t.quads, max(1, limit/t.steps))
	most := max(1, limit/(t.steps*args.quads))
	for first := 0; first < t.quads; first += args.quads {
		args.quads = min(args.quads, t.quads-first)
		for tile := 0; tile < tiles; tile += args.tiles {
			args.tiles = min(most, tiles-tile)
			at := p + tile*pixels
			args.sums = &w.sums[at*PanelChannels+first*4]
			args.add = t.add
			for step := 0; step < t.steps; step += args.steps {
				args.steps = min(limit, t.steps-step)
				args.a = &t.a[(at/w.tile()*t.steps+step)*t.stepWords+at%w.tile()*w.unit]
				args.panel = &t.panel[(first*t.steps+step)*8]
				kernel(args)
				args.add = 1
			}
		}
	}
}
