package bgemm

import "math/bits"

// generic is always compiled and the oracle of the other kernels. It gathers the
// words of a pixel once, as uint64, and takes four channels at a time. A panel is
// rows of (k+1)/2 uint64, a multiple of four.
var generic = Kernel{
	Name:       "generic",
	step:       1,
	tile:       1,
	panelWords: func(n, k int) int { return (n + 3) / 4 * 4 * ((k + 1) / 2) },
	pack:       packGeneric,
	run:        runGeneric,
}

func packGeneric(dst []uint64, rows []uint32, k int) {
	clear(dst)
	k64 := (k + 1) / 2
	for len(rows) > 0 && k > 0 {
		gather(dst[:k64], rows[:k])
		dst, rows = dst[k64:], rows[k:]
	}
}

// gather joins pairs of words; the last one may be alone.
func gather(dst []uint64, src []uint32) {
	for len(src) >= 2 {
		dst[0] = uint64(src[0]) | uint64(src[1])<<32
		dst, src = dst[1:], src[2:]
	}
	if len(src) > 0 {
		dst[0] = uint64(src[0])
	}
}

func runGeneric(b *block) {
	k := len(b.Runs) * b.RunWords
	k64 := (k + 1) / 2
	words, patch := b.work.words[:k], b.work.patch[:k64]
	var count [PanelChannels]int32
	planes := [...][]uint32{b.A, b.Second}
	for p, at := range b.Pixels {
		clear(count[:])
		for _, a := range planes[:b.planes()] {
			for r, run := range b.Runs {
				copy(words[r*b.RunWords:(r+1)*b.RunWords], a[at+run:])
			}
			gather(patch, words)
			for o := 0; o < b.Channels; o += 4 {
				popcounts((*[4]int32)(count[o:]), patch, b.Panel[o*k64:(o+4)*k64])
			}
		}
		b.store(p, &count)
	}
}

// popcounts adds the number of bits that differ from each of four rows.
func popcounts(count *[4]int32, a, rows []uint64) {
	k := len(a)
	r0, r1, r2, r3 := rows[:k], rows[k:][:k], rows[2*k:][:k], rows[3*k:][:k]
	c0, c1, c2, c3 := int(count[0]), int(count[1]), int(count[2]), int(count[3])
	for i, x := range a {
		c0 += bits.OnesCount64(x ^ r0[i])
		c1 += bits.OnesCount64(x ^ r1[i])
		c2 += bits.OnesCount64(x ^ r2[i])
		c3 += bits.OnesCount64(x ^ r3[i])
	}
	*count = [4]int32{int32(c0), int32(c1), int32(c2), int32(c3)}
}

// store writes the outputs of pixel p.
func (b *block) store(p int, count *[PanelChannels]int32) {
	n, class, step := b.Channels, b.Classes[p], int32(b.Step)
	if b.Bits != nil {
		out, limit := b.Bits[p*b.BitStride:], b.Limit[class:]
		for j := 0; j*32 < n; j++ {
			var w uint32
			for i := range min(32, n-j*32) {
				var minus uint32
				if count[j*32+i] > limit[j*32+i] {
					minus = 1
				}
				w |= minus << i
			}
			out[j] = w
		}
	}
	if b.I32 != nil {
		out, base := b.I32[p*b.Stride:][:n], b.Base[class:]
		for o := range out {
			out[o] = base[o] - step*count[o]
		}
	}
	if b.F32 != nil {
		out, base := b.F32[p*b.Stride:][:n], b.Base[class:]
		pre, clamp := Clamp{b.PreMin, b.PreMax}, Clamp{b.Min, b.Max}
		for o := range out {
			v := pre.apply(float32(base[o] - step*count[o]))
			v = float32(v * b.Mul[o])
			out[o] = clamp.apply(float32(v + b.Bias[o]))
		}
	}
}
