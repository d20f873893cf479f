package f32

import (
	"errors"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// ConvParams is the geometry of a convolution over maps [Batch, InH, InW, InC] with
// weights [OutC, KernelH, KernelW, InC/Groups]. The padding after the map follows
// from the sizes. The result is limited to [Min, Max]; NaN stays.
type ConvParams struct {
	Batch, InH, InW, InC int
	OutH, OutW, OutC     int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Groups               int
	Min, Max             float32
}

// PaddedSize is the size of the part of the padded map that windows touch.
func (p *ConvParams) PaddedSize() (h, w int64) {
	h = int64(p.OutH-1)*int64(p.StrideH) + int64(p.KernelH-1)*int64(p.DilationH) + 1
	w = int64(p.OutW-1)*int64(p.StrideW) + int64(p.KernelW-1)*int64(p.DilationW) + 1
	return h, w
}

// Conv is a convolution. Weights are packed by Pack, once if they are constant.
//
// The window of a pixel is read in place: kernel rows that are contiguous in the map
// are runs of the shared inner loop (see gemm). Where windows reach outside, the map
// is copied into scratch memory with its border of zeros first, some images at a
// time so that they are still in the cache when they are read.
type Conv struct {
	p          ConvParams
	h, w       int  // size of the map that windows are read from
	padded     bool // it is a copy with a border
	images     int  // images at a time
	gemm       gemm // of one group
	depthwise  *depthwise
	border     borderTask
	rowsPer    int // pixels of a tile
	tiles      []tile
	packedSize int // of one group

	// The running task.
	out, in, packed, bias []float32
	first, pixels         int // first pixel of the images at hand, and their number
	rowTilesNow           int
}

// paddedBytes is how much of padded maps is kept at a time: well within an L2 cache.
const paddedBytes = 256 << 10

// NewConv makes a convolution for the given instruction sets and number of threads.
func NewConv(p ConvParams, f isa.Features, threads int) (*Conv, error) {
	c := &Conv{p: p, h: p.InH, w: p.InW, images: max(p.Batch, 1)}
	h, w := p.PaddedSize()
	depthwise := p.Groups == p.InC && p.InC == p.OutC
	if !depthwise && (p.PadTop > 0 || p.PadLeft > 0 || h > int64(p.InH) || w > int64(p.InW)) {
		c.h, c.w, c.padded = int(h), int(w), true
		c.images = min(max(paddedBytes/4/max(c.h*c.w*p.InC, 1), 1), c.images)
	}
	groupC := p.InC / p.Groups
	k := p.KernelH * p.KernelW * groupC
	c.gemm = newGemm(f, k, p.OutC/p.Groups, c.runs(), p.Min, p.Max)
	size := c.gemm.packedLen()
	if depthwise {
		c.depthwise = newDepthwise(&p, f, threads)
		size = int64(k)
	}
	if size*int64(p.Groups) > 1<<29-64 {
		return nil, errors.New("the weights are too large to pack")
	}
	c.packedSize = int(size)
	c.border = borderTask{conv: c, spread: move.NewSpread(c.images*c.h, c.w*p.InC, 1, 64)}
	pixels := p.Batch * p.OutH * p.OutW
	c.rowsPer = c.gemm.rowsPerTile(pixels)
	if c.depthwise != nil {
		c.rowsPer = min(max(1<<18/(max(p.InC, 1)*p.KernelH*p.KernelW), 1), max(pixels, 1))
	}
	c.tiles = make([]tile, threads)
	return c, nil
}

// runs are the contiguous pieces of a window, counted from its first element. Without
// weights there are none.
func (c *Conv) runs() (runs []run) {
	p := &c.p
	if p.InC == 0 || p.OutC == 0 {
		return nil
	}
	whole := p.Groups == 1 && p.DilationW == 1
	for ky := range p.KernelH {
		if whole {
			runs = append(runs, run{ky * p.DilationH * c.w * p.InC, p.KernelW * p.InC})
			continue
		}
		for kx := range p.KernelW {
			runs = append(runs, run{(ky*p.DilationH*c.w + kx*p.DilationW) * p.InC, p.InC / p.Groups})
		}
	}
	return runs
}

// Name is the kernel's name.
func (c *Conv) Name() string {
	if c.depthwise != nil {
		return "conv2d_depthwise_" + c.depthwise.kernel.name
	}
	return "conv2d_" + c.gemm.kernel.name
}

// PackedLen is the number of packed weights.
func (c *Conv) PackedLen() int { return c.packedSize * c.p.Groups }

// ScratchLen is the number of float32 of scratch memory that Run needs.
func (c *Conv) ScratchLen() int {
	if !c.padded {
		return 0
	}
	return c.images * c.h * c.w * c.p.InC
}

// Pack packs weights w into dst.
func (c *Conv) Pack(dst, w []float32) {
	if c.depthwise != nil {
		c.depthwise.pack(dst, w)
		return
	}
	g := &c.gemm
	for group := range c.p.Groups {
		for panel := range g.panels() {
			g.packPanel(dst[group*c.packedSize:], w[group*g.n*g.k:], panel, 1, g.k)
		}
	}
}

// Run computes out from in and the packed weights; bias may be nil.
func (c *Conv) Run(p *parallel.Pool, out, in, packed, bias, scratch []float32) {
	perImage := c.p.OutH * c.p.OutW
	if c.p.Batch*perImage*c.p.OutC == 0 {
		return
	}
	c.out, c.packed, c.bias = out, packed, bias
	mapSize := c.p.InH * c.p.InW * c.p.InC
	for b := 0; b < c.p.Batch; b += c.images {
		n := min(c.images, c.p.Batch-b)
		c.in = in[b*mapSize:]
		if c.padded {
			c.border.run(p, scratch, c.in, n)
			c.in = scratch
		}
		c.first, c.pixels = b*perImage, n*perImage
		c.rowTilesNow = (c.pixels + c.rowsPer - 1) / c.rowsPer
		tiles := c.rowTilesNow
		if c.depthwise == nil {
			tiles *= c.gemm.panels() * c.p.Groups
		}
		p.Run(tiles, c)
	}
	c.out, c.in, c.packed, c.bias = nil, nil, nil, nil
}

// Tile computes some pixels of a panel.
func (c *Conv) Tile(i, worker int) {
	lo := i % c.rowTilesNow * c.rowsPer
	hi := min(lo+c.rowsPer, c.pixels)
	if c.depthwise != nil {
		c.depthwiseTile(lo, hi, worker)
		return
	}
	panel, group := i/c.rowTilesNow%c.gemm.panels(), i/c.rowTilesNow/c.gemm.panels()
	// The position of pixel lo, and of its window.
	p := &c.p
	x := lo % p.OutW
	y := lo / p.OutW % p.OutH
	b := lo / p.OutW / p.OutH
	stepX, stepY := p.StrideW*p.InC, p.StrideH*c.w*p.InC
	image := c.h * c.w * p.InC
	g := &c.gemm
	t := &c.tiles[worker]
	var bias []float32
	if c.bias != nil {
		bias = c.bias[group*g.n:]
	}
	packed := c.packed[group*c.packedSize:]
	t.src, t.dst = c.in, c.out
	t.rows = 0
	for q := lo; q < hi; q++ {
		t.in[t.rows] = b*image + y*stepY + x*stepX + group*(p.InC/p.Groups)
		t.out[t.rows] = (c.first+q)*p.OutC + group*g.n
		if x++; x == p.OutW {
			x = 0
			if y++; y == p.OutH {
				y = 0
				b++
			}
		}
		if t.rows++; t.rows == g.rowsCall || q == hi-1 {
			g.rows(t, packed, bias, panel)
			t.rows = 0
		}
	}
	t.src, t.dst = nil, nil
}

// borderTask copies maps into larger ones with a border of zeros.
type borderTask struct {
	conv     *Conv
	spread   move.Spread
	dst, src []float32
	images   int
}

func (t *borderTask) run(p *parallel.Pool, dst, src []float32, images int) {
	t.dst, t.src, t.images = dst, src, images
	p.Run(t.spread.Tiles(), t)
	t.dst, t.src = nil, nil
}

// Tile fills some rows.
func (t *borderTask) Tile(i, _ int) {
	c := t.conv
	row, end, lo, hi := t.spread.Tile(i)
	size := c.w * c.p.InC
	left := c.p.PadLeft * c.p.InC
	for ; row < min(end, t.images*c.h); row++ {
		dst := t.dst[row*size : (row+1)*size]
		y := row%c.h - c.p.PadTop
		if y < 0 || y >= c.p.InH {
			clear(dst[lo:hi])
			continue
		}
		src := t.src[(row/c.h*c.p.InH+y)*c.p.InW*c.p.InC:][:c.p.InW*c.p.InC]
		a := min(max(left, lo), hi)
		b := max(min(left+len(src), hi), a)
		clear(dst[lo:a])
		if a < b {
			copy(dst[a:b], src[a-left:])
		}
		clear(dst[b:hi])
	}
}
