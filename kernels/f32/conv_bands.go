package f32

import "github.com/lce-go/lce/kernels/cut"

// bands are those of the result of a convolution. Each is computed in some parts, of some
// panels each.
type bands struct {
	cut.Bands
	p      *ConvParams
	shared int // groups whose channels are side by side in the copy, in a plane of their own
	mixing mixing
	mix    func(m *mixing, dst, src []float32)

	copied bool
	h, w   int // size of what a window is in: of the map, or of the copy of a band
	planes int // of an image: 1, each channel by itself, or those of shared groups
	pixel  int // numbers from pixel to pixel in a plane
}

const (
	bandWork   = 1 << 19 // least products of a band: some microseconds
	fewWeights = 1 << 17 // of which all stay in the L2 cache
)

// newBands cuts a convolution with a kernel into bands, for some groups in a panel, some
// panels of all groups, and a number of threads.
func newBands(p *ConvParams, k *microKernel, shared, panels, threads int) bands {
	b := bands{p: p, shared: shared, mix: k.mix, h: p.InH, w: p.InW, planes: 1, pixel: p.InC}
	if p.ChannelsFirst {
		b.planes, b.pixel = p.InC, 1
	}
	if shared > 1 {
		b.planes, b.pixel = p.Groups/shared, p.InC/p.Groups*shared
		b.mixing = newMixing(p.InC/p.Groups, shared, p.InC)
	}
	h, w := p.PaddedSize()
	b.copied = shared > 1 || p.PadTop > 0 || p.PadLeft > 0 || h > int64(p.InH) || w > int64(p.InW)
	layer := cut.Layer{
		Batch: p.Batch, H: p.OutH, W: p.OutW, Weights: float64(p.KernelH*p.KernelW) * float64(p.InC/p.Groups) * float64(p.OutC),
		Work: bandWork, Cached: fewWeights, Stride: p.StrideH, Several: true,
	}
	if b.copied {
		layer.Overlap = p.rowsRead(1) - int64(p.StrideH)
	}
	b.Bands = cut.New(layer, panels, threads)
	if b.copied {
		b.h, b.w = int(p.rowsRead(b.Rows)), int(w)
	}
	return b
}

// size is the size of the copy of a band.
func (b *bands) size() int {
	if !b.copied {
		return 0
	}
	return b.Images * b.planes * b.h * b.w * b.pixel
}

// group is how far the channels of a group, or of groups that share a panel, lie behind
// those of the one before.
func (b *bands) group() int {
	if b.shared > 1 {
		return b.h * b.w * b.pixel
	}
	return b.p.InC / b.p.Groups
}

// fill copies what the windows of a band read, with zeros where they reach outside.
func (b *bands) fill(dst, src []float32, at cut.Band) {
	p := b.p
	size := b.w * b.pixel
	left := min(p.PadLeft*b.pixel, size)
	right := min(left+p.InW*b.pixel, size)
	rows := int(p.rowsRead(at.Rows))
	top := at.Row*p.StrideH - p.PadTop
	// In the map, groups that share a panel are not planes, but next to each other.
	row, plane := p.InW*b.pixel, p.InH*p.InW*b.pixel
	if b.shared > 1 {
		row, plane = p.InW*p.InC, b.pixel
	}
	image := p.InH * p.InW * p.InC
	for n := range at.Images * b.planes {
		from := src[(at.Image+n/b.planes)*image+n%b.planes*plane:]
		for i := range rows {
			to := dst[(n*b.h+i)*size:][:size]
			y := top + i
			if y < 0 || y >= p.InH {
				clear(to)
				continue
			}
			clear(to[:left])
			if b.shared > 1 {
				b.mix(&b.mixing, to[left:right], from[y*row:])
			} else {
				copy(to[left:right], from[y*row:])
			}
			clear(to[right:])
		}
	}
}

// mixing says how the channels of some groups, of size channels each, come to lie side by
// side: the first of each group, then the second.
type mixing struct {
	size, groups int
	step         int       // from pixel to pixel in the map
	order        [16]int32 // dst[i] = src[order[i]], for as many pixels side by side as have 16 channels
}

func newMixing(size, groups, step int) mixing {
	m := mixing{size: size, groups: groups, step: step}
	for i := range m.order {
		at := i % (size * groups)
		m.order[i] = int32(i - at + at%groups*size + at/groups)
	}
	return m
}
