package bits

import "math"

// key maps float32 bits to integers in the order of the numbers. -0 is -1, just
// below 0; NaNs are beyond the infinities.
func key(b uint32) int32 {
	k := int32(b)
	return k ^ k>>31&math.MaxInt32
}

// interval is the range of keys that are v >= t: those with 0 <= key-least <= span.
func interval(t float32) (least int32, span int64) {
	if t != t {
		return 0, -1
	}
	least = key(math.Float32bits(t))
	if t == 0 {
		least = -1 // -0 >= 0
	}
	return least, int64(key(math.Float32bits(float32(math.Inf(1))))) - int64(least)
}

// row packs the elements of src, from channel c on, into dst. The comparison is
// done on integers, and nothing branches on the data.
func (g *Signer) row(dst []uint32, src []float32, c int) {
	j := 0
	for ; len(src) >= 32; j++ {
		s, least := (*[32]float32)(src), (*[32]int32)(g.least[c:])
		span, flip := (*[32]int64)(g.span[c:]), (*[32]uint32)(g.flip[c:])
		var w uint32
		for i := range s {
			w = w>>1 | below(s[i], flip[i], least[i], span[i])<<31
		}
		dst[j] = w ^ g.invert
		src, c = src[32:], c+32
	}
	if len(src) > 0 {
		var w uint32
		for i, x := range src {
			w |= below(x, g.flip[c+i], g.least[c+i], g.span[c+i]) << (i & 31)
		}
		dst[j] = (w ^ g.invert) & TailMask(len(src))
	}
}

// below is 1 for an element that is -1 before inversion.
func below(x float32, flip uint32, least int32, span int64) uint32 {
	k := key(math.Float32bits(x) ^ flip)
	return uint32(uint64(span-int64(uint32(k-least))) >> 63)
}
