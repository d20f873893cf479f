// Package bconv is the 2-D convolution of maps of -1 and +1 that are packed into
// bits.
//
// It is direct: kernels of package bgemm read the windows out of a copy of the
// input that has a border, or out of the input itself where there is no padding.
// In the copy each group of channels begins at a word of its own.
//
// A tap outside the map that counts as -1 or +1 is a bit in the border. One that
// counts as 0 is a 0 bit too, and the sum is corrected: output pixels whose
// windows leave the map by the same taps form a border class, and each class has
// its own vector of what the dot product is when no bit differs.
package bconv

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Params describe a convolution. The input is [Batch, H, W, C], the output [Batch,
// OutH, OutW, O]. Strides, dilations, C and O are at least 1, Groups divides C and O.
type Params struct {
	Batch, H, W, C       int
	OutH, OutW, O        int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	PadBottom, PadRight  int
	Groups               int
	PadValue             int  // -1, 0 or +1
	TwoPlanes            bool // RunTwo and Begin may have a second plane
	bgemm.Epilogue
	Keep    bgemm.Keeper
	Without []string // names of kernels to leave out
}

// Conv is a prepared convolution. It belongs to one goroutine at a time.
type Conv struct {
	p      Params
	job    *bgemm.Job
	packed []uint64
	name   string

	groups       int  // that the kernels read apart
	words        int  // of a pixel in one group
	tapWords     int  // of a weight
	copied       bool // the kernels read a padded copy
	mapH, mapW   int  // the map that the kernels read
	border       uint32
	rowOf, colOf []int // border class of output rows and columns
	columns      int   // border classes of columns
	rowsPerTile  int   // rows of the copy that a tile makes
	bandH        int   // rows of all maps of the copy
	src, dst     []uint32
}

const (
	// maxScratch bounds the words of the padded copy.
	maxScratch = 1 << 27
	// maxVectors bounds the elements of the vectors of all border classes.
	maxVectors = 1 << 22
	// maxTaps bounds the taps of a filter, maxOutput the rows and columns of the output,
	// for which there are tables.
	maxTaps   = 1 << 20
	maxOutput = 1 << 22
)

// New prepares a convolution for the threads of pool. w is [O, KernelH,
// KernelW, C/Groups], packed along the last axis. It is an error if the padded
// input or the tables of its geometry would be too large.
func New(p Params, w []uint32, f isa.Features, pool *parallel.Pool) (*Conv, error) {
	return newConv(p, w, f, nil, pool)
}

// newConv is New with a kernel, or with the best one for nil.
func newConv(p Params, w []uint32, f isa.Features, k *bgemm.Kernel, pool *parallel.Pool) (*Conv, error) {
	if int64(p.KernelH)*int64(p.KernelW) > maxTaps {
		return nil, fmt.Errorf("filter of %d x %d taps, more than %d", p.KernelH, p.KernelW, maxTaps)
	}
	if max(p.OutH, p.OutW) > maxOutput {
		return nil, fmt.Errorf("output of %d x %d, more than %d rows or columns", p.OutH, p.OutW, maxOutput)
	}
	c := &Conv{p: p, groups: p.Groups, tapWords: bits.Words(p.C / p.Groups)}
	depthwise := p.Groups > 1 && p.C == p.Groups && p.O == p.Groups
	if k != nil {
		depthwise = depthwise && slices.Contains(bgemm.DepthwiseKernels(), k)
	}
	if depthwise {
		c.groups = 1
	}
	c.words = bits.Words(p.C / c.groups)
	if err := c.layoutMap(); err != nil {
		return nil, err
	}
	base, err := c.classes(w)
	if err != nil {
		return nil, err
	}
	l := bgemm.Layout{
		Pixels: p.Batch * p.OutH * p.OutW, Groups: c.groups, Channels: p.O / c.groups,
		Plane: p.Batch * c.mapH * c.mapW * c.words, Depthwise: depthwise, TwoPlanes: p.TwoPlanes, Base: base,
	}
	l.Runs, l.RunWords = c.runs(depthwise)
	switch {
	case k != nil:
	case depthwise:
		k = bgemm.SelectDepthwise(f)
	default:
		k = bgemm.Select(f, &l, p.Without)
	}
	c.name = "bconv2d_" + k.Name
	c.job = bgemm.NewJob(k, l, p.Epilogue, c, pool.Threads())
	c.packed = c.job.Weights(pool, w, p.Keep)
	return c, nil
}

// layoutMap decides on the map that the kernels read.
func (c *Conv) layoutMap() error {
	p := &c.p
	c.mapH, c.mapW = p.H, p.W
	c.copied = c.groups > 1 || p.PadTop|p.PadLeft|p.PadBottom|p.PadRight != 0
	if !c.copied {
		return nil
	}
	// What no window reaches is not copied.
	h := int64(p.OutH-1)*int64(p.StrideH) + int64(p.KernelH-1)*int64(p.DilationH) + 1
	w := int64(p.OutW-1)*int64(p.StrideW) + int64(p.KernelW-1)*int64(p.DilationW) + 1
	if float64(h)*float64(w)*float64(p.Batch)*float64(c.groups)*float64(c.words) > maxScratch {
		return fmt.Errorf("padded input of %d maps of %d x %d, %d groups of %d words: more than %d words",
			p.Batch, h, w, c.groups, c.words, maxScratch)
	}
	c.mapH, c.mapW = int(h), int(w)
	if p.PadValue < 0 {
		c.border = ^uint32(0)
	}
	// About 16 KB of the copy a tile.
	c.bandH = c.groups * p.Batch * c.mapH
	c.rowsPerTile = max(1, 4096/max(1, c.mapW*c.words))
	return nil
}

// runs are the contiguous words of a window: its rows, or its taps if columns are
// skipped. Of a depthwise convolution they are its taps, as long as a weight.
func (c *Conv) runs(depthwise bool) (runs []int, words int) {
	p := &c.p
	row := p.DilationH * c.mapW * c.words
	if p.DilationW == 1 && !depthwise {
		for y := range p.KernelH {
			runs = append(runs, y*row)
		}
		return runs, p.KernelW * c.words
	}
	for y := range p.KernelH {
		for x := range p.KernelW {
			runs = append(runs, y*row+x*p.DilationW*c.words)
		}
	}
	return runs, c.tapWords
}

// Locate finds the windows of output pixels; it is called by the job.
func (c *Conv) Locate(first int, offsets, classes []int) {
	p := &c.p
	x := first % p.OutW
	y := first / p.OutW % p.OutH
	n := first / p.OutW / p.OutH
	for len(offsets) > 0 {
		cols := c.colOf[x:min(p.OutW, x+len(offsets))]
		at, step := ((n*c.mapH+y*p.StrideH)*c.mapW+x*p.StrideW)*c.words, p.StrideW*c.words
		class, some := c.rowOf[y]*c.columns, offsets[:len(cols)]
		for i, col := range cols {
			some[i], classes[i] = at, class+col
			at += step
		}
		offsets, classes, x = offsets[len(cols):], classes[len(cols):], 0
		if y++; y == p.OutH {
			y = 0
			n++
		}
	}
}

// Name is the name of the kernel.
func (c *Conv) Name() string { return c.name }

// Packed is the number of bytes of packed weights and of vectors of channels.
func (c *Conv) Packed() int { return 8*len(c.packed) + c.job.VectorBytes() }

// ScratchWords is the number of uint32 that Run needs as scratch memory.
func (c *Conv) ScratchWords() int {
	if !c.copied {
		return 0
	}
	return c.bandH * c.mapW * c.words
}

// Run computes the outputs. It allocates nothing.
func (c *Conv) Run(pool *parallel.Pool, x []uint32, out bgemm.Outputs, scratch []uint32) {
	c.job.Run(pool, c.packed, c.padded(pool, x, scratch), out)
}

// BandPixels is the number of pixels of which a band should be a multiple.
func (c *Conv) BandPixels() int { return c.job.BandPixels() }

// Begin makes ready to compute bands of the outputs until End: all that is done once, in
// parallel. second is nil, or the second plane as for RunTwo.
func (c *Conv) Begin(pool *parallel.Pool, x, second []uint32, out bgemm.Outputs, scratch []uint32) {
	x = c.padded(pool, x, scratch)
	if second != nil {
		second = c.padded(pool, second, scratch[c.ScratchWords():])
	}
	c.job.Begin(c.packed, x, second, out)
}

// Band computes the pixels [lo, hi) of the outputs. If f32 is not nil, the floats of these
// pixels go there.
func (c *Conv) Band(lo, hi, worker int, f32 []float32) { c.job.Band(lo, hi, worker, f32) }

// End lets go of the operands.
func (c *Conv) End() { c.job.End() }

// RunTwo is Run for values that are half the sum of two planes of signs, packed like x
// alone. It needs twice the scratch memory.
func (c *Conv) RunTwo(pool *parallel.Pool, x, second []uint32, out bgemm.Outputs, scratch []uint32) {
	x = c.padded(pool, x, scratch)
	second = c.padded(pool, second, scratch[c.ScratchWords():])
	c.job.RunTwo(pool, c.packed, x, second, out)
}

// padded gives the map that the kernels read: x, or its copy with a border in scratch.
func (c *Conv) padded(pool *parallel.Pool, x, scratch []uint32) []uint32 {
	if !c.copied {
		return x
	}
	c.src, c.dst = x, scratch[:c.ScratchWords()]
	pool.Run((c.bandH+c.rowsPerTile-1)/c.rowsPerTile, c)
	x = c.dst
	c.src, c.dst = nil, nil
	return x
}
