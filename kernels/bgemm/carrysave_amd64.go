//go:build !noasm

package bgemm

import "github.com/lce-go/lce/kernels/isa"

// carrySave counts by carry-save addition: each lane keeps the sum modulo 2 of the bits
// that differ in the words so far, and only the carries of two words at a time are
// counted. On a core of two 512-bit ports that saves one operation of six. A panel is
// halves of up to 32 channels, each like a panel of avx512popcnt.
var carrySave = Kernel{
	Name:       "7x2_avx512popcnt",
	Needs:      isa.AVX512Popcnt,
	least:      avx512popcnt.least,
	step:       avx512popcnt.step,
	tile:       7,
	fits:       paysToSave,
	panelWords: avx512popcnt.panelWords,
	pack:       packHalves,
	run:        runCarrySave,
}

const (
	// halfChannels is the number of channels of half a panel.
	halfChannels = 32
	// maxSaveRow bounds the words of a pixel in all planes: counts are multiplied as 16 bits.
	maxSaveRow = 1000
	// maxSaveWords is for tiles of 7 x 32 what maxCallWords is for those of 6 x 64.
	maxSaveWords = 8000
)

// paysToSave reports whether counting carries is faster: it takes 5 operations for two
// words of a run, 4 for an odd one, and about 2 in the end, where plain counting takes 3
// for each word. With fewer pixels than a tile, time is that of loading weights.
func paysToSave(l *Layout) bool {
	runs := len(l.Runs)
	return l.Pixels >= 7 && runs*l.RunWords <= maxSaveRow && runs*(l.RunWords/2*5+l.RunWords%2*4)+2 < 3*runs*l.RunWords
}

// bgemm_7x2_avx512popcnt computes tiles tiles of 7 pixels times 32 channels, as
// runGeneric does, of runs of at least two words, at most maxSaveRow words in all planes. It
// writes all 32 channels of each pixel.
//
//go:noescape
func bgemm_7x2_avx512popcnt(b *block, tiles int)

// bgemm_7x1_avx512popcnt is the same for 16 channels. It writes whole words of bits.
//
//go:noescape
func bgemm_7x1_avx512popcnt(b *block, tiles int)

// saveTiles are by the number of vectors, less 1.
var saveTiles = [...]tileKernel{bgemm_7x1_avx512popcnt, bgemm_7x2_avx512popcnt}

// packHalves packs each half as packInterleaved does a panel.
func packHalves(dst []uint64, rows []uint32, k int) {
	for k > 0 && len(rows) > 0 {
		n := min(halfChannels*k, len(rows))
		packInterleaved(dst, rows[:n], k)
		dst, rows = dst[min(len(dst), halfChannels*k/2):], rows[n:]
	}
}

// runCarrySave computes the halves of the panel one after the other, so that each stays
// in the first-level cache. Pixels that are left over are counted plainly.
func runCarrySave(b *block) {
	k := len(b.Runs) * b.RunWords
	all := k * b.planes()
	pixels, classes := b.Pixels, b.Classes
	f32, i32, bits, channels := b.F32, b.I32, b.Bits, b.Channels
	for first := 0; first < channels; first += halfChannels {
		if first > 0 {
			b.Panel = b.Panel[halfChannels*k/2:]
			b.Base, b.Mul, b.Bias = b.Base[halfChannels:], b.Mul[halfChannels:], b.Bias[halfChannels:]
			b.Pixels, b.Classes = pixels, classes
			if f32 != nil {
				b.F32 = f32[first:]
			}
			if i32 != nil {
				b.I32 = i32[first:]
			}
			if bits != nil {
				b.Limit, b.Bits = b.Limit[halfChannels:], bits[first/32:]
			}
		}
		b.Channels = min(halfChannels, channels-first)
		v := b.Channels/16 - 1
		if b.RunWords >= 2 && all <= maxSaveRow {
			b.tiles(7, maxSaveWords/all, saveTiles[v])
		}
		b.tiles(1, max(1, 6*maxCallWords/max(1, all)), plainTiles1[v])
	}
}
