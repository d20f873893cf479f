package f32

import (
	"errors"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// ConvParams is the geometry of a convolution over maps [Batch, InH, InW, InC], or
// [Batch, InC, InH, InW] with ChannelsFirst, with weights
// [OutC, KernelH, KernelW, InC/Groups]. The padding after the map follows from the
// sizes. The result, [Batch, OutH, OutW, OutC], is limited to [Min, Max]; NaN stays.
// ChannelsFirst is for a single group.
type ConvParams struct {
	Batch, InH, InW, InC int
	OutH, OutW, OutC     int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Groups               int
	ChannelsFirst        bool
	Constant             bool // the weights, which are finite: they may be transformed
	Min, Max             float32
}

// PaddedSize is the size of the part of the padded map that windows touch.
func (p *ConvParams) PaddedSize() (h, w int64) {
	return p.rowsRead(p.OutH), int64(p.OutW-1)*int64(p.StrideW) + int64(p.KernelW-1)*int64(p.DilationW) + 1
}

// rowsRead is the number of rows of the padded map that so many rows of the result
// depend on.
func (p *ConvParams) rowsRead(rows int) int64 {
	return int64(rows-1)*int64(p.StrideH) + int64(p.KernelH-1)*int64(p.DilationH) + 1
}

// Conv is a convolution. Weights are packed by Pack, once if they are constant.
//
// The result is computed in bands, see bands. The window of a pixel is read in place:
// kernel rows that are contiguous in the map are runs of the shared inner loop (see
// gemm). Where windows reach outside, a thread copies what a band reads with a border
// of zeros first, into scratch memory that stays in its cache.
type Conv struct {
	p          ConvParams
	gemm       gemm // of one group, or of some that share a panel
	gemms      int
	bands      bands
	in, out    []int // offsets of the pixels of a band, in what it reads and in the result
	order      []int // element of the weights of an output channel, for each k; nil if they are the same
	packedSize int   // of one gemm
	packer     packer
	depthwise  *depthwise
	winograd   *winograd
	rowsPer    int // pixels of a tile of a depthwise convolution
	tiles      []convTile

	// The running task.
	dst, src, packed, bias, scratch []float32
}

// convTile is what a thread has for itself.
type convTile struct {
	tile
	band int // whose copy is in its scratch memory, or -1
}

// NewConv makes a convolution for the given instruction sets and number of threads.
func NewConv(p ConvParams, f isa.Features, threads int) (*Conv, error) {
	if p.ChannelsFirst && p.Groups != 1 {
		panic("f32: groups of a map with channels first")
	}
	c := &Conv{p: p, tiles: make([]convTile, threads)}
	k := p.KernelH * p.KernelW * (p.InC / p.Groups)
	size := int64(k)
	if p.Groups == p.InC && p.InC == p.OutC && !p.ChannelsFirst {
		c.depthwise = newDepthwise(&p, f, threads)
		c.gemms = p.Groups
		c.rowsPer = min(max(1<<18/(max(p.InC, 1)*p.KernelH*p.KernelW), 1), max(p.Batch*p.OutH*p.OutW, 1))
		if c.depthwise.rows {
			c.rowsPer = max(c.rowsPer/p.OutW, 1) * p.OutW
		}
	} else {
		shared := sharedGroups(&p, f)
		c.gemms = p.Groups / shared
		kernel := selectKernel(f)
		c.bands = newBands(&p, kernel, shared, c.gemms*kernel.panels(p.OutC/c.gemms), threads)
		if c.winograd = newWinograd(&p, f); c.winograd != nil {
			return c, c.transform(f)
		}
		c.gemm = newGemm(f, k, p.OutC/c.gemms, shared, c.runs(), p.Min, p.Max)
		c.packer = packer{gemm: &c.gemm, stepK: 1, stepN: k, order: c.order}
		size = c.gemm.packedLen()
		c.offsets()
	}
	if size*int64(c.gemms) > 1<<29-64 {
		return nil, errTooLarge
	}
	c.packedSize = int(size)
	return c, nil
}

// transform makes it a convolution by Winograd's method.
func (c *Conv) transform(f isa.Features) error {
	c.winograd.cut(&c.bands)
	c.gemm = newGemm(f, c.p.InC, c.p.OutC, 1, []run{{0, c.p.InC}}, negInf, posInf)
	c.packer = packer{gemm: &c.gemm, stepK: 1, stepN: c.p.InC}
	size := c.gemm.packedLen()
	if 16*size > 1<<29-64 {
		return errTooLarge
	}
	c.packedSize = int(size)
	return nil
}

var errTooLarge = errors.New("the weights are too large to pack")

// sharedGroups is the number of groups that share a panel: as many as fill the vector
// of a kernel that can do it.
func sharedGroups(p *ConvParams, f isa.Features) int {
	columns := selectKernel(f).shared
	outC := p.OutC / p.Groups
	if p.InC == 0 || outC < 2 || outC >= columns || columns%outC != 0 || p.Groups%(columns/outC) != 0 {
		return 1
	}
	return columns / outC
}

// runs are the contiguous pieces of a window, counted from its first element. Without
// weights there are none.
func (c *Conv) runs() (runs []run) {
	p, b := &c.p, &c.bands
	if p.InC == 0 || p.OutC == 0 {
		return nil
	}
	pixel, width, planes := b.pixel, p.InC/p.Groups, 1
	switch {
	case b.shared > 1:
		width = pixel
	case p.ChannelsFirst:
		width, planes = 1, p.InC
	}
	for plane := range planes {
		for ky := range p.KernelH {
			row := (plane*b.h + ky*p.DilationH) * b.w * pixel
			if width == pixel && p.DilationW == 1 {
				runs = append(runs, run{row, p.KernelW * pixel})
				continue
			}
			for kx := range p.KernelW {
				runs = append(runs, run{row + kx*p.DilationW*pixel, width})
			}
		}
	}
	if p.ChannelsFirst {
		for i := range p.KernelH * p.KernelW * p.InC {
			channel, tap := i/(p.KernelH*p.KernelW), i%(p.KernelH*p.KernelW)
			c.order = append(c.order, tap*p.InC+channel)
		}
	}
	return runs
}

// offsets lists the pixels of a band.
func (c *Conv) offsets() {
	p, b := &c.p, &c.bands
	for image := range b.Images {
		for y := range b.Rows {
			for x := range p.OutW {
				c.in = append(c.in, ((image*b.planes*b.h+y*p.StrideH)*b.w+x*p.StrideW)*b.pixel)
				c.out = append(c.out, ((image*p.OutH+y)*p.OutW+x)*p.OutC)
			}
		}
	}
}

// Name is the kernel's name.
func (c *Conv) Name() string {
	if c.depthwise != nil {
		return "conv2d_depthwise_" + c.depthwise.kernel.name
	}
	if c.winograd != nil {
		return "conv2d_winograd_" + c.gemm.kernel.name
	}
	return "conv2d_" + c.gemm.kernel.name
}

// PackedLen is the number of packed weights.
func (c *Conv) PackedLen() int {
	if c.winograd != nil {
		return 16 * c.packedSize
	}
	return c.packedSize * c.gemms
}

// ScratchLen is the number of float32 of scratch memory that Run needs.
func (c *Conv) ScratchLen() int { return c.perThread() * len(c.tiles) }

// perThread is the scratch memory of a thread.
func (c *Conv) perThread() int {
	size := c.bands.size()
	if c.winograd != nil {
		size += c.winograd.size(&c.p)
	}
	return size
}

// PackedLayout says all that the packed form depends on, besides the weights.
func (c *Conv) PackedLayout() string {
	if c.depthwise != nil {
		return "depthwise"
	}
	if c.winograd != nil {
		return "winograd " + c.packer.layout()
	}
	return c.packer.layout()
}

// Pack packs weights w into dst.
func (c *Conv) Pack(p *parallel.Pool, dst, w []float32) {
	if c.depthwise != nil {
		c.depthwise.pack(dst, w)
		return
	}
	if c.winograd != nil {
		c.winogradPack(p, dst, w)
		return
	}
	c.packer.pack(p, dst, w, c.gemms)
}

// Run computes out from in and the packed weights; bias may be nil.
func (c *Conv) Run(p *parallel.Pool, out, in, packed, bias, scratch []float32) {
	pixels := c.p.Batch * c.p.OutH * c.p.OutW
	if pixels*c.p.OutC == 0 {
		return
	}
	c.Begin(out, in, packed, bias, scratch)
	if c.depthwise != nil {
		p.Run((pixels+c.rowsPer-1)/c.rowsPer, c)
	} else {
		p.Run(c.bands.Count*c.bands.Parts, c)
	}
	c.End()
}

// Begin sets the operands, as for Run, of calls of Band until End.
func (c *Conv) Begin(out, in, packed, bias, scratch []float32) {
	c.dst, c.src, c.packed, c.bias, c.scratch = out, in, packed, bias, scratch
	for i := range c.tiles {
		c.tiles[i].band = -1
	}
}

// End lets go of the operands.
func (c *Conv) End() { c.dst, c.src, c.packed, c.bias, c.scratch = nil, nil, nil, nil, nil }

// Bands is the number of bands of a convolution, 0 if it is not computed in bands.
func (c *Conv) Bands() int { return c.bands.Count }

// BandPixels gives the pixels [lo, hi) of a band.
func (c *Conv) BandPixels(band int) (lo, hi int) {
	at := c.bands.At(band)
	lo = (at.Image*c.p.OutH + at.Row) * c.p.OutW
	return lo, lo + at.Images*at.Rows*c.p.OutW
}

// Band computes a band of the result between Begin and End, in dst if that is not nil.
func (c *Conv) Band(band, worker int, dst []float32) {
	if lo, _ := c.BandPixels(band); dst == nil {
		dst = c.dst[lo*c.p.OutC:]
	}
	c.panels(band, worker, 0, c.gemms*c.gemm.panels(), dst)
}

// Tile computes some panels of a band.
func (c *Conv) Tile(i, worker int) {
	if c.depthwise != nil {
		lo := i * c.rowsPer
		c.depthwiseTile(lo, min(lo+c.rowsPer, c.p.Batch*c.p.OutH*c.p.OutW), worker)
		return
	}
	parts, panels := c.bands.Parts, c.gemms*c.gemm.panels()
	band, part := i/parts, i%parts
	lo, _ := c.BandPixels(band)
	c.panels(band, worker, part*panels/parts, (part+1)*panels/parts, c.dst[lo*c.p.OutC:])
}

// panels computes the panels [from, to) of all groups of a band in dst.
func (c *Conv) panels(band, worker, from, to int, dst []float32) {
	if c.winograd != nil {
		c.winogradPanels(band, worker, from, to, dst)
		return
	}
	b, g, t := &c.bands, &c.gemm, &c.tiles[worker]
	at := b.At(band)
	src := c.src
	if b.copied {
		size := b.size()
		src = c.scratch[worker*size:][:size]
		if t.band != band {
			b.fill(src, c.src, at)
			t.band = band
		}
	} else {
		src = src[(at.Image*b.planes*b.h+at.Row*c.p.StrideH)*b.w*b.pixel:]
	}
	pixels := at.Images * at.Rows * c.p.OutW
	panels := g.panels()
	for j := from; j < to; j++ {
		group := j / panels
		var bias []float32
		if c.bias != nil {
			bias = c.bias[group*g.n:]
		}
		t.src = src[group*b.group():]
		g.rows(&t.tile, c.in[:pixels], c.out[:pixels], dst[group*g.n:], c.packed[group*c.packedSize:], bias, j%panels)
	}
	t.src = nil
}
