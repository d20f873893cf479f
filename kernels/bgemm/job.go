package bgemm

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/parallel"
)

// blockPixels bounds the pixels of a block: enough of them that finding their places
// costs little, and whole rows of common sizes.
const blockPixels = 56

// Locator says where pixels are.
type Locator interface {
	// Locate sets the offset in words of the pixels from first on, and their border
	// classes.
	Locate(first int, offsets, classes []int)
}

// Job is the multiplication of all pixels of a layer by all its channels, prepared.
// It belongs to one goroutine at a time.
type Job struct {
	Layout
	kernel *Kernel
	loc    Locator
	works  []work

	panels    int // of a group
	blockSize int // pixels of a block, but for the last one
	base      []int32
	limit     []int32
	sumLimit  []int32 // limit of the sum of the counts of two planes
	mul       []float32
	bias      []float32
	epi       Epilogue
	clamped   int

	// Of the current run.
	weights   []uint64
	a         []uint32
	second    []uint32 // see RunTwo; nil for a alone
	out       Outputs
	wordRow   int // words of a row of Bits
	unitPanel int // panels that a unit of work takes
	unitSplit int // units that share the pixels of a block
	packing   packing
}

// Layout describes the operands of a Job.
type Layout struct {
	Pixels   int   // rows of the result
	Groups   int   // channel groups, each with its own part of a
	Channels int   // output channels of a group
	Plane    int   // words of a from one group's part to the next
	Runs     []int // offsets in words, from a pixel's, of its runs of words
	RunWords int   // length of each run
	// Depthwise is set if channel o reads bit o of each run and nothing else: a pixel's words
	// hold all channels, and the weights of a channel are a word for each run, in bit 0. There
	// is one group, and the kernel is one of DepthwiseKernels.
	Depthwise bool
	// TwoPlanes is set if RunTwo may have a second plane.
	TwoPlanes bool
	// Base is the dot product of each border class and channel when no bit differs:
	// Base[class*Groups*Channels + o].
	Base []int32
}

// work is what one thread needs.
type work struct {
	block     block
	offsets   [blockPixels]int
	classes   [blockPixels]int
	words     []uint32
	patch     []uint64
	groupBits [blockPixels * PanelChannels / 32]uint32
	stageF32  [blockPixels * PanelChannels]float32
	stageI32  [blockPixels * PanelChannels]int32
	stageBits [blockPixels * PanelChannels / 32]uint32
	f32       []float32 // for the floats of the block at hand; nil if none are wanted
	isSpread  bool      // the kernel has changed the pixels of the block at hand to its own form
	group     int       // that the last panel was of
	differ    bool      // there is a second plane, which differs in the block and group at hand
	own       any       // of the kernel
	_         [64]byte
}

// NewJob prepares a job for at most threads threads.
func NewJob(k *Kernel, l Layout, e Epilogue, loc Locator, threads int) *Job {
	j := &Job{Layout: l, kernel: k, loc: loc, epi: e, works: make([]work, max(1, threads))}
	j.panels = (l.Channels + PanelChannels - 1) / PanelChannels
	j.blockSize = k.blockSize(l.Pixels)
	for i := range j.works {
		w := &j.works[i]
		w.words = make([]uint32, j.rowWords())
		w.patch = make([]uint64, (j.rowWords()+1)/2)
		if k.newWork != nil {
			w.own = k.newWork(j.rowWords(), j.planes())
		}
	}
	if e.Pre != NoClamp {
		j.clamped |= 1
	}
	if e.Clamp != NoClamp {
		j.clamped |= 2
	}
	all := l.Groups * l.Channels
	if n := len(e.Threshold); n != 0 && n != all || len(e.Mul) != 0 && len(e.Mul) != all || len(e.Bias) != 0 && len(e.Bias) != all {
		panic(fmt.Sprintf("bgemm: %d thresholds, %d factors and %d biases for %d channels", n, len(e.Mul), len(e.Bias), all))
	}
	j.prepareVectors()
	return j
}

// blockSize is the number of pixels of a block of so many: whole tiles, and blocks that
// are nearly the same.
func (k *Kernel) blockSize(pixels int) int {
	most := blockPixels / k.tile * k.tile
	blocks := max(1, (pixels+most-1)/most)
	return min(most, max(1, roundUp((pixels+blocks-1)/blocks, k.tile)))
}

// planes is the most planes that a run has.
func (l *Layout) planes() int {
	if l.TwoPlanes {
		return 2
	}
	return 1
}

// rowWords is the number of words of a pixel, and of a channel's weights.
func (l *Layout) rowWords() int { return len(l.Runs) * l.RunWords }

// prepareVectors spreads the vectors of channels so that each group begins a panel.
func (j *Job) prepareVectors() {
	all := j.Groups * j.Channels
	padded := j.padded()
	j.mul, j.bias = make([]float32, padded), make([]float32, padded)
	for i := range j.mul {
		// Adding -0 changes no number.
		j.mul[i], j.bias[i] = 1, float32(math.Copysign(0, -1))
	}
	classes := 0
	if all > 0 {
		classes = len(j.Base) / all
	}
	j.base = make([]int32, classes*padded)
	if j.epi.Threshold != nil {
		// The tail bits are 0.
		j.limit = slices.Repeat([]int32{math.MaxInt32}, classes*padded)
		if j.TwoPlanes {
			j.sumLimit = slices.Clone(j.limit)
		}
	}
	for o := range all {
		at := o/j.Channels*j.panels*PanelChannels + o%j.Channels
		if j.epi.Mul != nil {
			j.mul[at] = j.epi.Mul[o]
		}
		if j.epi.Bias != nil {
			j.bias[at] = j.epi.Bias[o]
		}
		for c := range classes {
			base := j.Base[c*all+o]
			j.base[c*padded+at] = base
			if j.limit != nil {
				// dot >= t  <=>  2*popcount <= base - t, and so for the sum of two.
				l := int64(base) - int64(j.epi.Threshold[o])
				j.limit[c*padded+at] = int32(min(max(l>>1, -1), math.MaxInt32))
				if j.TwoPlanes {
					j.sumLimit[c*padded+at] = int32(min(max(l, -1), math.MaxInt32))
				}
			}
		}
	}
	j.Base = nil
}

// padded is the number of channels when each group is filled up to whole panels.
func (j *Job) padded() int { return j.Groups * j.panels * PanelChannels }

// PackedWords is the number of uint64 of packed weights.
func (j *Job) PackedWords() int { return j.Groups * j.panels * j.panelWords() }

// panelWords is the number of uint64 of a packed panel.
func (j *Job) panelWords() int {
	return j.kernel.panelWords(min(PanelChannels, j.Channels), j.rowWords())
}

// VectorBytes is the memory that the vectors of channels take.
func (j *Job) VectorBytes() int {
	return 4 * (len(j.base) + len(j.limit) + len(j.sumLimit) + len(j.mul) + len(j.bias))
}

// Run computes all pixels. weights was written by Pack. Bits are possible only
// with a threshold. It allocates nothing.
func (j *Job) Run(pool *parallel.Pool, weights []uint64, a []uint32, out Outputs) {
	j.RunTwo(pool, weights, a, nil, out)
}

// RunTwo is Run for values that are half the sum of two planes of signs, -1, 0 or +1,
// of the same layout. Half the sum of the two dot products is what both give for all bits
// alike, less the counts of both. A nil second plane is the first one.
func (j *Job) RunTwo(pool *parallel.Pool, weights []uint64, a, second []uint32, out Outputs) {
	if j.Pixels == 0 || j.padded() == 0 {
		return
	}
	if pool.Threads() > len(j.works) {
		pool = nil
	}
	j.Begin(weights, a, second, out)
	blocks := (j.Pixels + j.blockSize - 1) / j.blockSize
	j.unitPanel, j.unitSplit = j.Groups*j.panels, 1
	// Panels write words of their own unless groups share one.
	if j.Groups == 1 && blocks < 8*pool.Threads() {
		j.unitPanel, j.unitSplit = 1, j.panels
	}
	pool.Run(blocks*j.unitSplit, j)
	j.End()
}

// Begin sets the operands, as for RunTwo, of calls of Band until End.
func (j *Job) Begin(weights []uint64, a, second []uint32, out Outputs) {
	if out.Bits != nil && j.epi.Threshold == nil {
		panic("bgemm: bits wanted without a threshold")
	}
	if second != nil && !j.TwoPlanes {
		panic("bgemm: a second plane of a layer of one")
	}
	j.weights, j.a, j.second, j.out = weights, a, second, out
	j.wordRow = bits.Words(j.Groups * j.Channels)
}

// End lets go of the operands.
func (j *Job) End() { j.weights, j.a, j.second, j.out = nil, nil, nil, Outputs{} }

// BandPixels is the number of pixels of which a band should be a multiple.
func (j *Job) BandPixels() int { return j.blockSize }

// Band computes the pixels [lo, hi) between Begin and End. If f32 is not nil, the floats of
// these pixels go there.
func (j *Job) Band(lo, hi, worker int, f32 []float32) {
	all := j.Groups * j.Channels
	for ; lo < hi; lo += j.blockSize {
		n := min(j.blockSize, hi-lo)
		out := f32
		if f32 != nil {
			f32 = f32[n*all:]
		} else if j.out.F32 != nil {
			out = j.out.F32[lo*all:]
		}
		j.blocks(&j.works[worker], lo, n, 0, j.Groups*j.panels, out)
	}
}

// Tile computes one unit of work; it is called by the pool.
func (j *Job) Tile(i, worker int) {
	first := i / j.unitSplit * j.blockSize
	var f32 []float32
	if j.out.F32 != nil {
		f32 = j.out.F32[first*j.Groups*j.Channels:]
	}
	j.blocks(&j.works[worker], first, min(j.blockSize, j.Pixels-first), i%j.unitSplit*j.unitPanel, j.unitPanel, f32)
}

// blocks computes the given panels of the n pixels of a block; f32 is for the floats of
// the block.
func (j *Job) blocks(w *work, first, n, panel, panels int, f32 []float32) {
	j.loc.Locate(first, w.offsets[:n], w.classes[:n])
	if padded := j.padded(); len(j.base) > padded {
		for p := range n {
			w.classes[p] *= padded
		}
	}
	shared := j.out.Bits != nil && j.Groups > 1 && j.Channels%32 != 0
	if shared {
		clear(j.out.Bits[first*j.wordRow : (first+n)*j.wordRow])
	}
	w.group, w.f32 = -1, f32
	for p := range panels {
		j.panel(w, first, n, panel+p, shared)
	}
	w.f32 = nil
	w.block = block{}
}

// panel computes one panel of a block of n pixels.
func (j *Job) panel(w *work, first, n, panel int, shared bool) {
	group, inGroup := panel/j.panels, panel%j.panels*PanelChannels
	if group != w.group {
		w.group, w.isSpread = group, false
		w.differ = j.second != nil && j.planesDiffer(group*j.Plane, w.offsets[:n])
	}
	o := group*j.Channels + inGroup
	vector := panel * PanelChannels
	size := j.panelWords()
	all := j.Groups * j.Channels
	start := group * j.Plane
	if j.Depthwise {
		start = inGroup / 32
	}
	b := &w.block
	*b = block{
		A: j.a[start:], Panel: j.weights[panel*size : (panel+1)*size],
		Runs: j.Runs, RunWords: j.RunWords, Pixels: w.offsets[:n], Classes: w.classes[:n],
		Base: j.base[vector:], Mul: j.mul[vector:], Bias: j.bias[vector:],
		PreMin: j.epi.Pre.Min, PreMax: j.epi.Pre.Max, Min: j.epi.Clamp.Min, Max: j.epi.Clamp.Max, Clamped: j.clamped,
		Step: 2, Channels: min(PanelChannels, j.Channels-inGroup), Stride: all, BitStride: j.wordRow, work: w,
	}
	limit := j.limit
	if w.differ {
		b.Second, b.Step, limit = j.second[start:], 1, j.sumLimit
	}
	if w.f32 != nil {
		b.F32 = w.f32[o:]
	}
	if j.out.I32 != nil {
		b.I32 = j.out.I32[first*all+o:]
	}
	if j.out.Bits != nil {
		b.Limit = limit[vector:]
		if shared {
			b.Bits, b.BitStride = w.groupBits[:], PanelChannels/32
		} else {
			b.Bits = j.out.Bits[first*j.wordRow+o/32:]
		}
	}
	channels := b.Channels
	if channels%j.kernel.step != 0 {
		w.staged(j.kernel, n)
	} else {
		j.kernel.run(b)
	}
	if shared {
		for p := range n {
			row := j.out.Bits[(first+p)*j.wordRow:][:j.wordRow]
			bits.Copy(row, o, w.groupBits[p*PanelChannels/32:], 0, channels)
		}
	}
}

// planesDiffer reports whether the two planes differ in pixels of the group that begins at
// start.
func (j *Job) planesDiffer(start int, offsets []int) bool {
	words := j.RunWords
	if j.Depthwise {
		words = bits.Words(j.Channels)
	}
	for _, at := range offsets {
		for _, run := range j.Runs {
			at := start + at + run
			if !slices.Equal(j.a[at:at+words], j.second[at:at+words]) {
				return true
			}
		}
	}
	return false
}

// staged computes the block of n pixels, with as many channels as the kernel must
// compute, in the staging memory and copies the wanted ones.
func (w *work) staged(k *Kernel, n int) {
	b := &w.block
	out := *b
	b.Channels, b.Stride, b.BitStride = roundUp(b.Channels, k.step), PanelChannels, PanelChannels/32
	if b.F32 != nil {
		b.F32 = w.stageF32[:]
	}
	if b.I32 != nil {
		b.I32 = w.stageI32[:]
	}
	if b.Bits != nil {
		b.Bits = w.stageBits[:]
	}
	k.run(b)
	for p := range n {
		if out.F32 != nil {
			copy(out.F32[p*out.Stride:][:out.Channels], w.stageF32[p*PanelChannels:])
		}
		if out.I32 != nil {
			copy(out.I32[p*out.Stride:][:out.Channels], w.stageI32[p*PanelChannels:])
		}
		if out.Bits != nil {
			copy(out.Bits[p*out.BitStride:][:bits.Words(out.Channels)], w.stageBits[p*PanelChannels/32:])
		}
	}
}
