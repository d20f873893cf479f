// Package bits is the layout of packed tensors, written down once: packing of
// float32 rows by sign, unpacking, and copies of bit ranges.
//
// A row of n elements takes Words(n) words of 32 bits: bit i of word j is element
// 32j+i, 1 means -1 and 0 means +1. The bits after the last element are 0.
package bits

// Words is the number of words of a row of n elements.
func Words(n int) int { return (n + 31) / 32 }

// TailMask has a 1 for each bit of the last word of a row of n elements that
// holds an element. n is at least 1.
func TailMask(n int) uint32 { return ^uint32(0) >> (uint(-n) & 31) }

// Copy copies n bits, from bit srcBit of src to bit dstBit of dst, and leaves the
// other bits of dst alone. src and dst do not overlap.
func Copy(dst []uint32, dstBit int, src []uint32, srcBit, n int) {
	if dstBit&31 == 0 && srcBit&31 == 0 {
		whole := n / 32
		copy(dst[dstBit/32:dstBit/32+whole], src[srcBit/32:])
		dstBit, srcBit, n = dstBit+whole*32, srcBit+whole*32, n-whole*32
	}
	for n > 0 {
		d := uint(dstBit & 31)
		step := min(n, 32-int(d))
		mask := TailMask(step) << d
		p := &dst[dstBit/32]
		*p = *p&^mask | extract(src, srcBit, step)<<d&mask
		dstBit, srcBit, n = dstBit+step, srcBit+step, n-step
	}
}

// extract gives n bits, 1 to 32, from bit at on; the bits above them are undefined.
func extract(src []uint32, at, n int) uint32 {
	j, s := at/32, uint(at&31)
	v := src[j] >> s
	if int(s)+n > 32 {
		v |= src[j+1] << (32 - s)
	}
	return v
}
