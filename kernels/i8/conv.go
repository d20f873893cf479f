package i8

import (
	"errors"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// ConvParams is the geometry of a convolution over maps [Batch, InH, InW, InC] of 8 bits
// with weights [OutC, KernelH, KernelW, InC/Groups]. The padding after the map follows from
// the sizes. Signed activations or weights are int8, else uint8.
type ConvParams struct {
	Batch, InH, InW, InC int
	OutH, OutW, OutC     int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Groups               int
	Signed, SignedW      bool
	// WeightsByK is for 1 by 1 weights [InC, OutC].
	WeightsByK bool
	Output     Output
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

// Conv is a convolution. Weights are packed by Pack, once if they are constant. The result
// is computed in bands, see bands; windows are read in place.
type Conv struct {
	p         ConvParams
	kernel    *kernel
	gemm      gemm // of a group
	bands     bands
	in        []int // offsets of the pixels of a band in what it reads
	packer    packer
	depthwise *depthwise
	tiles     []convTile

	start       []int32 // of each packed column of each group
	scale, add  []float32
	wZero       []int32
	centered    bool // the weights have zero points other than 0
	out         output
	dst, src    []byte
	packed      []byte
	scratch     []byte
	pad, flip   byte
	packedGroup int
}

// convTile is what a thread has for itself.
type convTile struct {
	tile
	depthwise depthwiseTile
	results   results
	band      int // whose copy is in its scratch memory, or -1
}

// Operands are what Run computes with. Only Dst, Src and Packed must be there; a nil WZero,
// Bias or Add is 0, a nil Scale is 1.
type Operands struct {
	Dst, Src, Packed []byte
	XZero            int32
	WZero            []int32   // one, or one for each output channel
	Bias             []int32   // one for each output channel
	Scale            []float32 // one, or one for each output channel
	Add              []float32 // one for each output channel
	Scratch          []byte
}

// NewConv makes a convolution for the given instruction sets and number of threads.
func NewConv(p ConvParams, f isa.Features, threads int) (*Conv, error) {
	isDepthwise := p.Groups == p.InC && p.InC == p.OutC && p.Groups > 1
	c := &Conv{p: p, kernel: selectKernel(f, p.Signed || isDepthwise), tiles: make([]convTile, threads)}
	k := p.KernelH * p.KernelW * (p.InC / p.Groups)
	n := p.OutC / p.Groups
	// The runs depend on the width of the copy, that on the bands.
	panels := (n + c.kernel.panel - 1) / c.kernel.panel
	c.bands = newBands(&p, c.kernel, p.Groups*panels, threads)
	c.gemm = newGemm(c.kernel, n, c.runs())
	c.packer = packer{gemm: &c.gemm, k: k, stepK: 1, stepN: k}
	if p.WeightsByK {
		c.packer.stepK, c.packer.stepN = n, 1
	}
	if !p.SignedW {
		c.packer.flip = 0x80
	}
	size := c.packer.bytes()
	if isDepthwise {
		c.depthwise = newDepthwise(c)
		size = int64(c.depthwise.bytes())
	}
	if size*int64(p.Groups) > 1<<31-64 || int64(c.bands.size())*int64(threads) > 1<<31-64 {
		return nil, errors.New("the convolution is too large to pack")
	}
	c.packedGroup = int(size)
	for y := range c.bands.Rows {
		for x := range p.OutW {
			c.in = append(c.in, (y*p.StrideH*c.bands.w+x*p.StrideW)*c.bands.pixel)
		}
	}
	columns := p.Groups * c.gemm.columns()
	if c.depthwise != nil {
		columns = c.depthwise.columns
	}
	c.start, c.scale, c.add = make([]int32, columns), make([]float32, columns), make([]float32, columns)
	return c, nil
}

// runs are the contiguous pieces of a window of a group.
func (c *Conv) runs() (runs []run) {
	p, b := &c.p, &c.bands
	if p.InC == 0 {
		return nil
	}
	for ky := range p.KernelH {
		row := ky * p.DilationH * b.w * b.pixel
		if p.Groups == 1 && p.DilationW == 1 {
			runs = append(runs, run{row, p.KernelW * p.InC})
			continue
		}
		for kx := range p.KernelW {
			runs = append(runs, run{row + kx*p.DilationW*b.pixel, p.InC / p.Groups})
		}
	}
	return runs
}

// Name is the kernel's name.
func (c *Conv) Name() string {
	if c.depthwise != nil {
		return "depthwise_" + c.kernel.name
	}
	return c.kernel.name
}

// PackedLen is the bytes of packed weights.
func (c *Conv) PackedLen() int {
	if c.depthwise != nil {
		return c.packedGroup
	}
	return c.packedGroup * c.p.Groups
}

// ScratchLen is the bytes of scratch memory that Run needs.
func (c *Conv) ScratchLen() int { return c.bands.size() * len(c.tiles) }

// PackedLayout says all that the packed form depends on, besides the weights.
func (c *Conv) PackedLayout() string {
	if c.depthwise != nil {
		return "depthwise " + c.packer.layout()
	}
	return c.packer.layout()
}

// Pack packs weights w into dst, which is aligned to 4.
func (c *Conv) Pack(p *parallel.Pool, dst, w []byte) {
	if c.depthwise != nil {
		c.depthwise.pack(dst, w)
		return
	}
	c.packer.pack(p, dst, w, c.p.Groups)
}

// Run computes the result.
func (c *Conv) Run(p *parallel.Pool, o *Operands) {
	if c.p.Batch*c.p.OutH*c.p.OutW*c.p.OutC == 0 {
		return
	}
	c.prepare(o)
	p.Run(c.bands.Count*c.bands.Parts, c)
	c.dst, c.src, c.packed, c.scratch, c.wZero = nil, nil, nil, nil, nil
}

// prepare sets what all tiles need.
func (c *Conv) prepare(o *Operands) {
	c.dst, c.src, c.packed, c.scratch = o.Dst, o.Src, o.Packed, o.Scratch
	zero := o.XZero
	c.flip = 0
	if c.kernel.signed != c.p.Signed {
		c.flip = 0x80
		if c.p.Signed {
			zero += 128
		} else {
			zero -= 128
		}
	}
	c.pad = byte(zero)
	c.out = output{c.p.Output, c.scale, c.add}
	c.wZero, c.centered = o.WZero, false
	groups, columns, n, k := c.p.Groups, c.gemm.columns(), c.gemm.n, int32(c.packer.k)
	if c.depthwise != nil {
		groups, n = 1, c.p.OutC
	}
	for g := range groups {
		var sums []int32
		if c.depthwise != nil {
			sums = c.depthwise.sums(o.Packed)
		} else {
			sums = c.gemm.sums(o.Packed[g*c.packedGroup:])
		}
		for i, sum := range sums[:n] {
			at, from := g*columns+i, g*n+i
			w := c.weightZero(from)
			c.centered = c.centered || w != 0
			start := k*zero*w - zero*sum
			if o.Bias != nil {
				start += o.Bias[from]
			}
			c.start[at] = start
			c.scale[at], c.add[at] = 1, noAddend
			if o.Scale != nil {
				c.scale[at] = o.Scale[min(from, len(o.Scale)-1)]
			}
			if o.Add != nil {
				c.add[at] = o.Add[from]
			}
		}
	}
	for i := range c.tiles {
		c.tiles[i].band = -1
	}
}

// weightZero is the zero point of an output channel of the packed weights, which are signed.
func (c *Conv) weightZero(channel int) int32 {
	zero := int32(0)
	if c.wZero != nil {
		zero = c.wZero[min(channel, len(c.wZero)-1)]
	}
	if !c.p.SignedW {
		zero -= 128
	}
	return zero
}

// Tile computes some panels of a band.
func (c *Conv) Tile(i, worker int) {
	b, g, p := &c.bands, &c.gemm, &c.p
	t := &c.tiles[worker]
	band, part := i/b.Parts, i%b.Parts
	at := b.At(band)
	src := c.src
	if b.copied {
		src = c.scratch[worker*b.size():][:b.size()]
		if t.band != band {
			b.fill(p, c.kernel, src, c.src, at, c.pad, c.flip)
			t.band = band
		}
	} else {
		src = src[(at.Image*p.InH+at.Row*p.StrideH)*p.InW*p.InC:]
	}
	first := (at.Image*p.OutH + at.Row) * p.OutW
	if c.depthwise != nil {
		c.depthwise.band(t, src, first, at.Rows*p.OutW)
		return
	}
	panels := g.panels()
	all := p.Groups * panels
	for j := part * all / b.Parts; j < (part+1)*all/b.Parts; j++ {
		group, panel := j/panels, j%panels
		t.src = src[group*(p.InC/p.Groups)*c.kernel.size:]
		for lo := 0; lo < at.Rows*p.OutW; lo += blockRows {
			c.block(t, first, lo, min(lo+blockRows, at.Rows*p.OutW), group, panel)
		}
	}
	t.src = nil
}

// block computes the pixels [lo, hi) of a band, whose first is given, of a panel.
func (c *Conv) block(t *convTile, first, lo, hi, group, panel int) {
	g := &c.gemm
	start := c.start[group*g.columns():][:g.columns()]
	g.block(&t.tile, c.in[lo:hi], c.packed[group*c.packedGroup:][:c.packedGroup], start, panel)
	at := panel * g.kernel.panel
	n, width := min(g.n-at, g.width(panel)), g.width(panel)
	if c.centered {
		c.correct(t, c.in[lo:hi], group*g.n+at, n, width)
	}
	c.store(t, first+lo, hi-lo, group*g.n+at, results{n: n, width: width, channel: group*g.columns() + at})
}

// correct takes away what zero points of weights make of sums of n channels.
func (c *Conv) correct(t *convTile, in []int, channel, n, width int) {
	for r, from := range in {
		sum := c.gemm.rowSum(t.src[from:])
		for i := range t.acc[r*width:][:n] {
			t.acc[r*width+i] -= sum * c.weightZero(channel+i)
		}
	}
}

// store writes the results of sums, of so many pixels from the first on, from a channel on.
func (c *Conv) store(t *convTile, first, pixels, channel int, r results) {
	size := c.p.Output.Type.Size()
	r.dst, r.stride = c.dst[(first*c.p.OutC+channel)*size:], c.p.OutC*size
	r.sums, r.rows = t.acc[:], pixels
	t.results = r
	c.kernel.store(&c.out, &t.results)
	t.results = results{}
}
