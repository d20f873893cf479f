package i8

import "github.com/lce-go/lce/kernels/cut"

// bands are those of the result of a convolution. Each is computed in some parts, of some
// panels each.
type bands struct {
	cut.Bands
	copied bool
	h, w   int // size of what a window is in: of the map, or of the copy of a band
	pixel  int // bytes from pixel to pixel
}

const (
	bandWork   = 1 << 21 // least products of a band: some microseconds
	fewWeights = 1 << 19 // of which all stay in the L2 cache
)

// newBands cuts a convolution into bands, of some panels of all groups, for a number of
// threads.
func newBands(p *ConvParams, k *kernel, panels, threads int) bands {
	b := bands{h: p.InH, w: p.InW, pixel: p.InC * k.size}
	h, w := p.PaddedSize()
	channels := p.InC / p.Groups
	b.copied = k.size > 1 || k.signed != p.Signed || channels%k.unit != 0 ||
		p.PadTop > 0 || p.PadLeft > 0 || h > int64(p.InH) || w > int64(p.InW)
	layer := cut.Layer{
		Batch: p.Batch, H: p.OutH, W: p.OutW, Weights: float64(p.KernelH*p.KernelW) * float64(channels) * float64(p.OutC),
		Work: bandWork, Cached: fewWeights, Stride: p.StrideH,
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

// size is the bytes of the copy of a band. A run that is not whole units reads behind it,
// and so does a vector of channels.
func (b *bands) size() int {
	if !b.copied {
		return 0
	}
	return (b.h*b.w*b.pixel + 2*maxVector + 63) &^ 63
}

// fill copies what the windows of a band read, with zero where they reach outside.
func (b *bands) fill(p *ConvParams, k *kernel, dst, src []byte, at cut.Band, zero, flip byte) {
	size := b.w * b.pixel
	left := min(p.PadLeft*b.pixel, size)
	right := min(left+p.InW*b.pixel, size)
	src = src[at.Image*p.InH*p.InW*p.InC:][:p.InH*p.InW*p.InC]
	for i := range int(p.rowsRead(at.Rows)) {
		to := dst[i*size:][:size]
		y := at.Row*p.StrideH - p.PadTop + i
		if y < 0 || y >= p.InH {
			fillNumbers(to, zero, k.size)
			continue
		}
		fillNumbers(to[:left], zero, k.size)
		k.load(to[left:right], src[y*p.InW*p.InC:][:(right-left)/k.size], flip)
		fillNumbers(to[right:], zero, k.size)
	}
}

// fillNumbers sets numbers of some bytes each.
func fillNumbers(dst []byte, v byte, size int) {
	if v == 0 || len(dst) == 0 {
		clear(dst)
		return
	}
	clear(dst[:size])
	dst[0] = v
	for n := size; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
