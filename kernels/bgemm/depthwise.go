package bgemm

import "github.com/lce-go/lce/kernels/isa"

// depthwise computes layers of which each channel reads only its own bit of a pixel. It
// counts 64 channels at once: bit o of count[i] is bit i of the count of channel o. A panel
// has a word of 64 channels for each tap.
var depthwise = Kernel{
	Name:       "depthwise_generic",
	step:       1,
	tile:       1,
	panelWords: func(_, taps int) int { return taps },
	pack:       packDepthwise,
	run: func(b *block) {
		var count [PanelChannels]int32
		planes := [...][]uint32{b.A, b.Second}
		for p, at := range b.Pixels {
			clear(count[:])
			for _, a := range planes[:b.planes()] {
				b.countTaps(&count, a[at:])
			}
			b.store(p, &count)
		}
	},
}

// DepthwiseKernels lists the kernels for a Layout with Depthwise, best first. The last is
// generic and needs nothing.
func DepthwiseKernels() []*Kernel { return append(depthwiseKernelsAsm(), &depthwise) }

// SelectDepthwise is the best of them for the features.
func SelectDepthwise(f isa.Features) *Kernel {
	for _, k := range DepthwiseKernels() {
		if f.Has(k.Needs) {
			return k
		}
	}
	return &depthwise
}

// packDepthwise packs rows of a word a tap, of which bit 0 is the weight.
func packDepthwise(dst []uint64, rows []uint32, taps int) {
	clear(dst)
	for o := 0; len(rows) > 0; o++ {
		for t, w := range rows[:taps] {
			dst[t] |= uint64(w&1) << o
		}
		rows = rows[taps:]
	}
}

// mostTaps is what four bits of a count hold.
const mostTaps = 15

// bytesOf has bit i of its index in byte i.
var bytesOf = func() *[256]uint64 {
	var t [256]uint64
	for i := range t {
		for bit := range 8 {
			t[i] |= uint64(i) >> bit & 1 << (8 * bit)
		}
	}
	return &t
}()

// countTaps adds the number of bits by which the taps of a pixel differ from the weights.
func (b *block) countTaps(count *[PanelChannels]int32, pixel []uint32) {
	bytes := (b.Channels + 7) / 8
	for first := 0; first < len(b.Runs); first += mostTaps {
		runs := b.Runs[first:min(first+mostTaps, len(b.Runs))]
		var c0, c1, c2, c3 uint64
		for t, run := range runs {
			a := pixel[run:]
			x := uint64(a[0])
			if bytes > 4 {
				x |= uint64(a[1]) << 32
			}
			x ^= b.Panel[first+t]
			carry0 := c0 & x
			c0 ^= x
			carry1 := c1 & carry0
			c1 ^= carry0
			c3 ^= c2 & carry1
			c2 ^= carry1
		}
		for i := range bytes {
			v := bytesOf[byte(c0)] | bytesOf[byte(c1)]<<1 | bytesOf[byte(c2)]<<2 | bytesOf[byte(c3)]<<3
			c0, c1, c2, c3 = c0>>8, c1>>8, c2>>8, c3>>8
			for o := range (*[8]int32)(count[8*i:]) {
				count[8*i+o] += int32(v & 0xff)
				v >>= 8
			}
		}
	}
}
