package bgemm

// halved computes the block of n pixels from two planes: the kernel gives the sums of
// each, and half of what they add up to goes through the epilogue. least are the
// thresholds of the channels.
func (w *work) halved(k *Kernel, second []uint32, least []int32, n int) {
	out := w.block
	for i, a := range [2][]uint32{out.A, second} {
		b := &w.block
		*b = out
		b.A, b.I32, b.F32, b.Bits, b.Limit = a, w.sums[i][:], nil, nil, nil
		b.Channels, b.Stride = roundUp(out.Channels, k.step), PanelChannels
		w.isSpread = false
		k.run(b)
	}
	w.isSpread = false
	pre, clamp := Clamp{out.PreMin, out.PreMax}, Clamp{out.Min, out.Max}
	for p := range n {
		dots := w.sums[0][p*PanelChannels:][:out.Channels]
		for o, d := range w.sums[1][p*PanelChannels:][:out.Channels] {
			dots[o] = (dots[o] + d) / 2
		}
		if out.I32 != nil {
			copy(out.I32[p*out.Stride:], dots)
		}
		if out.F32 != nil {
			row := out.F32[p*out.Stride:][:len(dots)]
			for o, d := range dots {
				v := float32(pre.apply(float32(d)) * out.Mul[o])
				row[o] = clamp.apply(float32(v + out.Bias[o]))
			}
		}
		if out.Bits != nil {
			row := out.Bits[p*out.BitStride:]
			for at := 0; at < len(dots); at += 32 {
				word := uint32(0)
				for i, d := range dots[at:min(at+32, len(dots))] {
					if d < least[at+i] {
						word |= 1 << i
					}
				}
				row[at/32] = word
			}
		}
	}
}
