package i8

// bands cuts the result of a convolution into bands: some rows of an image. Each is
// computed in some parts, of some panels each.
type bands struct {
	rows     int // of the result in a band
	perImage int
	count    int
	parts    int

	copied bool
	h, w   int // size of what a window is in: of the map, or of the copy of a band
	pixel  int // bytes from pixel to pixel
}

const (
	bandWork   = 1 << 21 // least products of a band: some microseconds
	fewPixels  = 96      // least pixels of a band: few are in its last tile
	manyPixels = 192     // if weights come from memory beyond the L2 cache for each band
	fewWeights = 1 << 19 // of which all stay in that cache
)

// newBands cuts a convolution into bands, of some panels of all groups, for a number of
// threads.
func newBands(p *ConvParams, k *kernel, panels, threads int) bands {
	b := bands{h: p.InH, w: p.InW, pixel: p.InC * k.size}
	h, w := p.PaddedSize()
	channels := p.InC / p.Groups
	b.copied = k.size > 1 || k.signed != p.Signed || channels%k.unit != 0 ||
		p.PadTop > 0 || p.PadLeft > 0 || h > int64(p.InH) || w > int64(p.InW)
	weights := float64(p.KernelH*p.KernelW) * float64(channels) * float64(p.OutC)
	least := max(bandWork/max(weights, 1), fewPixels)
	if weights > fewWeights {
		least = max(least, manyPixels)
	}
	rows := int(min(least/float64(max(p.OutW, 1)), float64(p.OutH))) + 1
	if b.copied {
		// Of the rows of the map at most a third is copied twice.
		rows = max(rows, int(min(3*(p.rowsRead(1)-int64(p.StrideH))/int64(p.StrideH), int64(p.OutH))))
	}
	b.perImage = max(p.OutH/rows, 1)
	b.rows = (p.OutH + b.perImage - 1) / b.perImage
	b.perImage = (p.OutH + max(b.rows, 1) - 1) / max(b.rows, 1)
	b.count = p.Batch * b.perImage
	if b.copied {
		b.h, b.w = int(p.rowsRead(b.rows)), int(w)
	}
	b.parts = 1
	if work := weights * float64(b.rows*p.OutW); threads > 1 && work > 2*bandWork {
		b.parts = max(min(4*threads/max(b.count, 1), panels, int(work/bandWork)), 1)
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

// at is where a band is: its image, its first row and their number.
func (b *bands) at(p *ConvParams, band int) (image, row, rows int) {
	row = band % max(b.perImage, 1) * b.rows
	return band / max(b.perImage, 1), row, min(b.rows, p.OutH-row)
}

// fill copies what the windows of a band read, with zero where they reach outside.
func (b *bands) fill(p *ConvParams, k *kernel, dst, src []byte, band int, zero, flip byte) {
	image, row, rows := b.at(p, band)
	size := b.w * b.pixel
	left := min(p.PadLeft*b.pixel, size)
	right := min(left+p.InW*b.pixel, size)
	src = src[image*p.InH*p.InW*p.InC:][:p.InH*p.InW*p.InC]
	for i := range int(p.rowsRead(rows)) {
		to := dst[i*size:][:size]
		y := row*p.StrideH - p.PadTop + i
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
