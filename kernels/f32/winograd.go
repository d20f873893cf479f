package f32

import (
	"github.com/lce-go/lce/kernels/cut"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// winograd computes a convolution of 3 by 3 taps with stride 1 in tiles of 2 by 2 pixels, by
// Winograd's F(2x2, 3x3): 16 products instead of 36 for each pair of channels.
//
// With d the 4 by 4 pixels that a tile reads and g the taps, the tile is
//
//	A^T ((G g G^T) * (B^T d B)) A
//
// where * is element by element, and sums over the channels make 16 matrix products of it:
// one for each place, of tiles by channels with the transformed weights. All transforms add
// and subtract but for G, which halves. A thread transforms what a band reads once, see bands.
//
// An infinity or NaN gets into pixels that do not depend on it, as large numbers may overflow in
// between. So columns of a band with a number that is not finite are computed again as direct sums.
type winograd struct {
	kernel *winogradKernel
	across int   // tiles in a row of tiles
	call   int   // tiles of a call of the kernel
	most   int   // tiles of a band
	in     []int // offsets of the tiles of a place, transformed
	out    []int // and in the product
}

// winogradKernel is the transforms of an instruction set, for multiples of winogradChannels.
type winogradKernel struct {
	// input transforms tiles side by side, at least one: the first begins at src, of channels
	// numbers a pixel and step a row. Place i of the result begins at i*place.
	input func(dst, src []float32, tiles, channels, step, place int)

	// output computes the pixels of tiles side by side, at least one, for some columns: column
	// j of place i of the first tile is sums[i*place+j], and channels numbers behind it that of
	// the next. right and below are the distances of the pixels of a tile in dst, or 0 if they
	// are not in the map: then the pixel left or above is left there. It reports whether
	// all numbers are finite.
	output func(dst, sums, bias []float32, tiles, columns, channels, place, right, below int, lo, hi float32) bool
}

// winogradChannels is what the channels of input and output are multiples of.
const winogradChannels = 16

// winogradTiles and winogradManyTiles are about how many tiles are in a band, the second if weights
// come from memory beyond the L2 cache for each band.
const (
	winogradTiles     = 64
	winogradManyTiles = 128
)

// With fewer pairs of channels than winogradLeast transforms take longer than they save. With more than
// winogradMost, weights come from memory, and fewer tiles than winogradFew do not make up for
// 16 numbers instead of 9.
const (
	winogradLeast = 1 << 10
	winogradMost  = 1 << 16
	winogradFew   = 40
)

// winogradWork is about how many products take the time of a number of a tile, transformed or back.
const winogradWork = 64

// winogradMemory bounds a sixteenth of the numbers that a thread has in between.
const winogradMemory = 1 << 20

// Transformable reports whether it makes a difference that weights are constant.
func (p *ConvParams) Transformable() bool {
	return !p.ChannelsFirst && p.Groups == 1 && p.KernelH == 3 && p.KernelW == 3 &&
		p.StrideH == 1 && p.StrideW == 1 && p.DilationH == 1 && p.DilationW == 1
}

// newWinograd gives nil if the convolution is not one of these.
func newWinograd(p *ConvParams, f isa.Features) *winograd {
	kernel := winogradKernelFor(f)
	across, down := (p.OutW+1)/2, (p.OutH+1)/2
	if kernel == nil || !p.Constant || !p.Transformable() ||
		(2*winogradManyTiles+across)*(p.InC+p.OutC) > winogradMemory ||
		p.InC%winogradChannels != 0 || p.OutC%winogradChannels != 0 || p.InC*p.OutC < winogradLeast ||
		p.InC*p.OutC > winogradMost && p.Batch*across*down < winogradFew ||
		p.OutH < 2 || p.OutW < 2 {
		return nil
	}
	return &winograd{kernel: kernel, across: across, call: max(maxCall/(winogradWork*max(p.InC, maxPanel)), 1)}
}

// cut makes bands of whole tiles, which read copies.
func (w *winograd) cut(b *bands) {
	p := b.p
	tiles := winogradTiles
	if p.InC*p.OutC > fewWeights/2 {
		tiles = winogradManyTiles
	}
	down := (p.OutH + 1) / 2
	rows := min((tiles+w.across-1)/w.across, down)
	parts := b.Parts
	b.Bands = cut.Even(p.Batch, down, (down+rows-1)/rows)
	b.Join(tiles/(down*w.across) + 1)
	rows = b.Rows
	b.H, b.Rows, b.Parts = p.OutH, 2*rows, parts
	b.copied = true
	b.h, b.w = 2*rows+2, 2*w.across+2
	w.most = b.Images * rows * w.across
	for i := range w.most {
		w.in, w.out = append(w.in, i*p.InC), append(w.out, i*p.OutC)
	}
}

// size is what a thread needs beside the copy.
func (w *winograd) size(p *ConvParams) int { return 16*w.most*(p.InC+p.OutC) + 9*p.InC }

// winogradWeights transforms weights [OutC, 3, 3, InC] to 16 matrices [OutC, InC].
func winogradWeights(p *ConvParams, w []float32) []float32 {
	matrix := p.OutC * p.InC
	out := make([]float32, 16*matrix)
	for o := range p.OutC {
		for c := range p.InC {
			var half [4][3]float32
			for x := range 3 {
				tap := func(y int) float32 { return w[((o*3+y)*3+x)*p.InC+c] }
				half[0][x], half[1][x], half[2][x], half[3][x] = winogradTaps(tap(0), tap(1), tap(2))
			}
			for y, h := range half {
				to := out[4*y*matrix+o*p.InC+c:]
				to[0], to[matrix], to[2*matrix], to[3*matrix] = winogradTaps(h[0], h[1], h[2])
			}
		}
	}
	return out
}

// winogradTaps is G times three taps.
func winogradTaps(a, b, c float32) (first, sum, difference, last float32) {
	return a, 0.5*(a+c) + 0.5*b, 0.5*(a+c) - 0.5*b, c
}

// winogradPack packs the transformed weights.
func (c *Conv) winogradPack(p *parallel.Pool, dst, w []float32) {
	c.packer.pack(p, dst, winogradWeights(&c.p, w), 16)
}

// winogradPanels computes the panels [from, to) of a band in dst.
func (c *Conv) winogradPanels(band, worker, from, to int, dst []float32) {
	p, b, w, t := &c.p, &c.bands, c.winograd, &c.tiles[worker]
	at := b.At(band)
	down := (at.Rows + 1) / 2
	tiles := at.Images * down * w.across
	scratch := c.scratch[worker*c.perThread():][:c.perThread()]
	src, scratch := scratch[:b.size()], scratch[b.size():]
	transformed, scratch := scratch[:16*w.most*p.InC], scratch[16*w.most*p.InC:]
	sums, taps := scratch[:16*w.most*p.OutC], scratch[16*w.most*p.OutC:]
	if t.band != band {
		even := at
		even.Rows = 2 * down
		b.fill(src, c.src, even)
		for row := range at.Images * down {
			from := (row/down*b.h + row%down*2) * b.w * p.InC
			w.inputRow(p, transformed[row*w.across*p.InC:], src[from:], b.w*p.InC)
		}
		t.band = band
	}
	g := &c.gemm
	for panel := from; panel < to; panel++ {
		for place := range 16 {
			t.src = transformed[place*w.most*p.InC:]
			g.rows(&t.tile, w.in[:tiles], w.out[:tiles], sums[place*w.most*p.OutC:], c.packed[place*c.packedSize:], nil, panel)
		}
		first := panel * g.kernel.panel
		columns := min(p.OutC-first, g.kernel.panel)
		bias := t.first[:columns]
		clear(bias)
		if c.bias != nil {
			copy(bias, c.bias[first:])
		}
		finite := true
		for row := range at.Images * down {
			image, y := row/down, row%down*2
			to := dst[(image*p.OutH+y)*p.OutW*p.OutC+first:]
			finite = w.outputRow(p, to, sums[row*w.across*p.OutC+first:], bias, columns, y+1 < at.Rows) && finite
		}
		if !finite {
			c.winogradRepair(at, dst, src, taps, first, columns)
		}
	}
	t.src = nil
}

// inputRow transforms a row of tiles of a copy with step numbers a row.
func (w *winograd) inputRow(p *ConvParams, dst, src []float32, step int) {
	for lo := 0; lo < w.across; lo += w.call {
		w.kernel.input(dst[lo*p.InC:], src[2*lo*p.InC:], min(w.call, w.across-lo), p.InC, step, w.most*p.InC)
	}
}

// outputRow computes the pixels of a row of tiles, of which the lower ones may not be in the map.
func (w *winograd) outputRow(p *ConvParams, dst, sums, bias []float32, columns int, lower bool) bool {
	below := 0
	if lower {
		below = p.OutW * p.OutC
	}
	whole := p.OutW / 2
	finite := true
	for lo := 0; lo < whole; lo += w.call {
		finite = w.kernel.output(dst[2*lo*p.OutC:], sums[lo*p.OutC:], bias, min(w.call, whole-lo), columns,
			p.OutC, w.most*p.OutC, p.OutC, below, p.Min, p.Max) && finite
	}
	if whole < w.across {
		finite = w.kernel.output(dst[2*whole*p.OutC:], sums[whole*p.OutC:], bias, 1, columns, p.OutC, w.most*p.OutC, 0, below, p.Min, p.Max) && finite
	}
	return finite
}

// winogradRepair computes some columns of a band again, from the copy of what it reads.
func (c *Conv) winogradRepair(at cut.Band, dst, src, taps []float32, first, columns int) {
	p, b := &c.p, &c.bands
	for o := first; o < first+columns; o++ {
		c.winogradTapsOf(taps, o)
		for i := range at.Images * at.Rows * p.OutW {
			image, y, x := i/(at.Rows*p.OutW), i/p.OutW%at.Rows, i%p.OutW
			sum := float32(0)
			if c.bias != nil {
				sum = c.bias[o]
			}
			for ky := range 3 {
				from := src[((image*b.h+y+ky)*b.w+x)*p.InC:][:3*p.InC]
				for k, v := range taps[ky*3*p.InC:][:3*p.InC] {
					sum += float32(from[k] * v)
				}
			}
			dst[((image*p.OutH+y)*p.OutW+x)*p.OutC+o] = clamp(sum, p.Min, p.Max)
		}
	}
}

// winogradTapsOf gives the taps of an output channel, [3, 3, InC], out of the packed weights.
func (c *Conv) winogradTapsOf(taps []float32, o int) {
	g := &c.gemm
	panel := o / g.kernel.panel
	width := g.width(panel)
	at := panel*g.kernel.panel*g.k + o%g.kernel.panel
	for k := range g.k {
		var half [3][4]float32
		for x := range 4 {
			of := func(y int) float32 { return c.packed[(4*y+x)*c.packedSize+at+k*width] }
			half[0][x], half[1][x], half[2][x] = of(0), of(1)-of(2), of(3)
		}
		for y, h := range half {
			to := taps[3*y*g.k+k:]
			to[0], to[g.k], to[2*g.k] = h[0], h[1]-h[2], h[3]
		}
	}
}
