package i8

import "encoding/binary"

// genericKernel is the kernel of every machine, and what others are compared with.
var genericKernel = kernel{
	name: "generic_2x4", rows: 2, panel: 4, step: 4, size: 1, unit: 4, weight: 4, pixels: 1,
	run: runGeneric, load: loadGeneric, store: storeGeneric, depthwise: depthwiseGeneric,
}

func runGeneric(t *tile) {
	for r := 0; r < len(t.in); r += 2 {
		sums := t.sums[r*4:][:8]
		if t.start != nil {
			copy(sums[:4], t.start)
			copy(sums[4:], t.start)
		}
		s0, s1, s2, s3 := sums[0], sums[1], sums[2], sums[3]
		u0, u1, u2, u3 := sums[4], sums[5], sums[6], sums[7]
		w := t.w
		for _, run := range t.runs {
			x, y := t.src[t.in[r]+run:][:t.runLen], t.src[t.in[r+1]+run:][:t.runLen]
			for len(x) >= 4 && len(y) >= 4 {
				w0, w1, w2, w3 := (*[4]byte)(w), (*[4]byte)(w[4:]), (*[4]byte)(w[8:]), (*[4]byte)(w[12:])
				for i := range 4 {
					a, b := int32(x[i]), int32(y[i])
					s0 += a * int32(int8(w0[i]))
					u0 += b * int32(int8(w0[i]))
					s1 += a * int32(int8(w1[i]))
					u1 += b * int32(int8(w1[i]))
					s2 += a * int32(int8(w2[i]))
					u2 += b * int32(int8(w2[i]))
					s3 += a * int32(int8(w3[i]))
					u3 += b * int32(int8(w3[i]))
				}
				x, y, w = x[4:], y[4:], w[16:]
			}
		}
		sums[0], sums[1], sums[2], sums[3] = s0, s1, s2, s3
		sums[4], sums[5], sums[6], sums[7] = u0, u1, u2, u3
	}
}

// loadGeneric copies bytes xor flip.
func loadGeneric(dst, src []byte, flip byte) {
	if flip == 0 {
		copy(dst, src)
		return
	}
	all := 0x0101010101010101 * uint64(flip)
	dst = dst[:len(src)]
	i := 0
	for ; i+8 <= len(src); i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:])^all)
	}
	for ; i < len(src); i++ {
		dst[i] = src[i] ^ flip
	}
}
