//go:build !noasm

package bgemm

import "github.com/lce-go/lce/kernels/isa"

// carrySave counts by carry-save addition: each lane keeps the sum modulo 2 of the bits
// that differ in the words so far, takes two words at a time, and counts only their
// carries. The sum needs but the xor of both weights with the xor of both words of the
// pixel, which are prepared: for a core of two 512-bit ports that saves one operation of
// six. A panel is halves of up to 32 channels, [k][channels]uint32, where the second of
// each two words of a run is xor the first.
var carrySave = Kernel{
	Name:       "7x2_avx512popcnt",
	Needs:      isa.AVX512Popcnt,
	least:      3,
	step:       16,
	tile:       7,
	fits:       paysToPair,
	panelWords: func(n, k int) int { return k * roundUp(n, 16) / 2 },
	pack:       packPairs,
	run:        runPairs,
	newWork:    newPairWork,
}

const (
	// pairChannels is the channels of half a panel.
	pairChannels = 32
	// maxPairs bounds the words of a pair of which a block's are held at once, unless
	// a single pixel has more.
	maxPairs = 1 << 14
	// maxTileWords is for tiles of 7 x 32 what maxCallWords is for those of 6 x 64.
	maxTileWords = 8000
)

// paysToPair reports whether counting carries is faster: it takes 5 operations for each
// two words of a run and for an odd one, and about 7 in the end, where plain counting
// takes 3 for each word. With fewer pixels than a tile, time is that of loading weights.
func paysToPair(l *Layout) bool {
	runs := len(l.Runs)
	return l.Pixels >= 7 && 5*runs*((l.RunWords+1)/2)+7 < 3*runs*l.RunWords
}

// bgemm_7x2_avx512popcnt computes tiles tiles of 7 pixels times 32 channels, as
// runGeneric does. It writes all 32 channels of each pixel.
//
//go:noescape
func bgemm_7x2_avx512popcnt(b *block, tiles int)

// The others are the same for 16 channels, and for tiles of one pixel. They write whole
// words of bits.

//go:noescape
func bgemm_7x1_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x2pairs_avx512popcnt(b *block, tiles int)

//go:noescape
func bgemm_1x1pairs_avx512popcnt(b *block, tiles int)

// pairTiles7 and pairTiles1 are by the number of vectors, less 1.
var (
	pairTiles7 = [...]tileKernel{bgemm_7x1_avx512popcnt, bgemm_7x2_avx512popcnt}
	pairTiles1 = [...]tileKernel{bgemm_1x1pairs_avx512popcnt, bgemm_1x2pairs_avx512popcnt}
)

// xornext_avx512 is
//
//	for i := range n {
//		dst[i] = a[i] ^ a[i+1]
//	}
//
//go:noescape
func xornext_avx512(dst, a *uint32, n int)

func packPairs(dst []uint64, rows []uint32, k, runWords int) {
	out := words32(dst)
	for k > 0 && len(rows) > 0 {
		n := min(pairChannels*k, len(rows))
		width := interleave(out, rows[:n], k)
		for i := range k {
			if i%runWords%2 == 1 {
				first, second := out[(i-1)*width:][:width], out[i*width:][:width]
				for o, w := range first {
					second[o] ^= w
				}
			}
		}
		out, rows = out[k*width:], rows[n:]
	}
}

// pairWork is what a thread needs: each word of a block's runs xor the next one. Where
// runs of neighbouring pixels overlap, these words are there only once a run.
type pairWork struct {
	words []uint32
	runs  []int // offsets in words, plus that of a pixel
	half  block
}

func newPairWork(j *Job) any {
	most := j.rowWords()
	var ends, class [1]int
	for first := 0; first < j.Pixels; first += j.kernel.tile {
		j.loc.Locate(first, ends[:], class[:])
		start := ends[0]
		j.loc.Locate(min(first+j.blockSize, j.Pixels)-1, ends[:], class[:])
		if n := len(j.Runs) * (ends[0] - start + j.RunWords); n <= maxPairs {
			most = max(most, n)
		}
	}
	return &pairWork{words: make([]uint32, most), runs: make([]int, len(j.Runs))}
}

// pair prepares the words of as many pixels of the block as there is room for, one at
// least, and gives their number.
func (w *pairWork) pair(b *block) int {
	n := len(b.Pixels)
	first := b.Pixels[0]
	strip := func() int { return b.Pixels[n-1] - first + b.RunWords }
	for n > 1 && len(b.Runs)*strip() > len(w.words) {
		n--
	}
	size := strip()
	for r, run := range b.Runs {
		w.runs[r] = r*size - first
		if size > 1 {
			xornext_avx512(&w.words[r*size], &b.A[first+run], size-1)
		}
	}
	return n
}

// runPairs computes the halves of the panel one after the other, so that each stays in
// the first-level cache.
func runPairs(b *block) {
	w, k := b.work.own.(*pairWork), len(b.Runs)*b.RunWords
	isSpread, whole := b.work.isSpread, true
	for len(b.Pixels) > 0 {
		n := len(b.Pixels)
		if k > 0 && !isSpread {
			n = w.pair(b)
			b.work.isSpread = whole && n == len(b.Pixels)
			whole = false
		}
		for first := 0; first < b.Channels; first += pairChannels {
			w.half = b.channels(first, min(pairChannels, b.Channels-first), n)
			half := &w.half
			half.Panel, half.Pairs, half.PairRuns = b.Panel[first*k/2:], w.words, w.runs
			v := half.Channels/16 - 1
			half.tiles(7, maxTileWords/max(1, k), pairTiles7[v])
			half.tiles(1, max(1, 7*maxTileWords/max(1, k)), pairTiles1[v])
		}
		b.advance(n)
	}
}

// channels is the part of the block of n channels from first on, for the first pixels.
func (b *block) channels(first, n, pixels int) block {
	part := *b
	part.Pixels, part.Classes = b.Pixels[:pixels], b.Classes[:pixels]
	part.Channels = n
	part.Base, part.Mul, part.Bias = b.Base[first:], b.Mul[first:], b.Bias[first:]
	if b.F32 != nil {
		part.F32 = b.F32[first:]
	}
	if b.I32 != nil {
		part.I32 = b.I32[first:]
	}
	if b.Bits != nil {
		part.Limit, part.Bits = b.Limit[first:], b.Bits[first/32:]
	}
	return part
}
