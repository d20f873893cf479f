//go:build !noasm

package bgemm

import "github.com/lce-go/lce/kernels/isa"

// avx512popcnt keeps 16 channels in a register, one 32-bit lane each: nothing is
// ever summed across lanes. A panel is [k][64]uint32.
var avx512popcnt = Kernel{
	Name:       "6x4_avx512popcnt",
	Needs:      isa.AVX512Popcnt,
	panelWords: func(_, k int) int { return k * PanelChannels / 2 },
	pack:       packInterleaved,
	run:        runAVX512,
}

func kernelsAsm() []*Kernel { return []*Kernel{&avx512popcnt} }

// maxCallWords bounds the words of all tiles of one assembly call. A goroutine in
// assembly cannot be stopped, so a call should end within 100 microseconds: 4,000
// words of a 6x4 tile take about 50 on a 3 GHz Xeon.
const maxCallWords = 4000

// bgemm_6x4_avx512popcnt computes tiles tiles of 6 pixels times 64 channels, as
// runGeneric does. It writes all 64 channels.
//
//go:noescape
func bgemm_6x4_avx512popcnt(b *block)

// bgemm_1x4_avx512popcnt is the same for one pixel a tile.
//
//go:noescape
func bgemm_1x4_avx512popcnt(b *block)

func packInterleaved(dst []uint64, rows []uint32, k int) {
	out := words32(dst)
	clear(out)
	if k == 0 {
		return
	}
	for o := range len(rows) / k {
		for i, w := range rows[o*k : (o+1)*k] {
			out[i*PanelChannels+o] = w
		}
	}
}

// runAVX512 hands the whole tiles to the 6x4 kernel and the rest to the 1x4 kernel.
// A panel that is not full goes through the worker's staging memory.
func runAVX512(b *block) {
	if b.Channels < PanelChannels {
		runStaged(b)
		return
	}
	k := max(1, len(b.Runs)*b.RunWords)
	six := maxCallWords / k
	for six > 0 && len(b.Pixels) >= 6 {
		b.tiles = min(six, len(b.Pixels)/6)
		bgemm_6x4_avx512popcnt(b)
		b.advance(6 * b.tiles)
	}
	one := max(1, 6*maxCallWords/k)
	for len(b.Pixels) > 0 {
		b.tiles = min(one, len(b.Pixels))
		bgemm_1x4_avx512popcnt(b)
		b.advance(b.tiles)
	}
}

// advance drops the first n pixels.
func (b *block) advance(n int) {
	b.Pixels, b.Classes = b.Pixels[n:], b.Classes[n:]
	if len(b.Pixels) == 0 {
		return
	}
	if b.F32 != nil {
		b.F32 = b.F32[n*b.Stride:]
	}
	if b.I32 != nil {
		b.I32 = b.I32[n*b.Stride:]
	}
	if b.Bits != nil {
		b.Bits = b.Bits[n*b.BitStride:]
	}
}

// runStaged computes all 64 channels and copies the wanted ones.
func runStaged(b *block) {
	out := *b
	pixels := len(b.Pixels)
	b.Channels, b.Stride, b.BitStride = PanelChannels, PanelChannels, PanelChannels/32
	w := b.work
	if b.F32 != nil {
		b.F32 = w.stageF32[:]
	}
	if b.I32 != nil {
		b.I32 = w.stageI32[:]
	}
	if b.Bits != nil {
		b.Bits = w.stageBits[:]
	}
	runAVX512(b)
	for p := range pixels {
		if out.F32 != nil {
			copy(out.F32[p*out.Stride:][:out.Channels], w.stageF32[p*PanelChannels:])
		}
		if out.I32 != nil {
			copy(out.I32[p*out.Stride:][:out.Channels], w.stageI32[p*PanelChannels:])
		}
		if out.Bits != nil {
			copy(out.Bits[p*out.BitStride:][:(out.Channels+31)/32], w.stageBits[p*2:])
		}
	}
}
