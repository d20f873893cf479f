package bits

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Sign says which elements become +1: with v = -x in the channels that Negate
// marks and v = x elsewhere, those with v >= t, or v > t if Greater. A NaN is -1,
// -0 equals 0. Invert turns the result around afterwards.
type Sign struct {
	Threshold []float32 // one, or one a channel; none means 0
	Negate    []uint32  // a bit a channel, 1 for a negated one; nil for none
	Greater   bool
	Invert    bool
}

// Signer packs rows of float32 by their signs. It belongs to one goroutine at a time.
type Signer struct {
	cols    int
	t       []float32 // +1 iff v >= t, a channel
	flip    []uint32  // sign bits of the channels that are negated
	least   []int32   // key of t
	span    []int64   // keys from least to that of +inf, less 1; -1 if t is NaN
	invert  uint32    // all ones to turn the result around
	same    bool      // all channels have the same t, and none is negated
	negates bool      // some channel is negated
	name    string
	whole   func(*signArgs) // does the words that are full; nil if Go does them
	args    []signArgs      // one for each worker
	src     []float32
	dst     []uint32
	tiling  tiling
}

// signArgs are the operands of an assembly kernel: rows rows of words full words.
type signArgs struct {
	dst       unsafe.Pointer // uint32
	src       unsafe.Pointer // float32
	t, flip   unsafe.Pointer // float32 and uint32, 32*words each; nil: same, none
	rows      int
	words     int // at least 1
	dstStride int // bytes from row to row
	srcStride int
	invert    int // not 0 to turn the result around
	same      float32
}

// signKernel is a way to pack full words.
type signKernel struct {
	name  string
	needs isa.Features
	whole func(*signArgs)
}

// signKernels lists all kernels, best first. The last one is always usable.
func signKernels() []signKernel {
	return append(signKernelsAsm(), signKernel{name: "bsign_generic"})
}

// NewSigner prepares packing of rows of cols elements with the best kernel for
// the features, for at most threads threads. The lengths in s must fit cols.
func NewSigner(cols int, s Sign, f isa.Features, threads int) *Signer {
	for _, k := range signKernels() {
		if f.Has(k.needs) && (k.whole == nil || cols >= 32) {
			return newSigner(cols, s, k, threads)
		}
	}
	panic("bits: no kernel")
}

func newSigner(cols int, s Sign, k signKernel, threads int) *Signer {
	if n := len(s.Threshold); n > 1 && n != cols || s.Negate != nil && len(s.Negate) != Words(cols) {
		panic(fmt.Sprintf("bits: %d thresholds and %d words of negated channels for %d channels",
			n, len(s.Negate), cols))
	}
	g := &Signer{
		cols: cols, name: k.name, whole: k.whole,
		t: make([]float32, cols), flip: make([]uint32, cols),
		least: make([]int32, cols), span: make([]int64, cols), args: make([]signArgs, max(threads, 1)),
	}
	for c := range g.t {
		switch len(s.Threshold) {
		case 0:
		case 1:
			g.t[c] = s.Threshold[0]
		default:
			g.t[c] = s.Threshold[c]
		}
		if s.Greater {
			g.t[c] = above(g.t[c])
		}
		g.least[c], g.span[c] = interval(g.t[c])
		if s.Negate != nil {
			g.flip[c] = s.Negate[c/32] >> (c & 31) << 31
		}
	}
	g.same = len(s.Threshold) <= 1 && s.Negate == nil
	g.negates = s.Negate != nil
	if s.Invert {
		g.invert = ^uint32(0)
	}
	return g
}

// above is the t2 for which v > t is v >= t2: the next float, or NaN if there is none.
func above(t float32) float32 {
	if t == float32(math.Inf(1)) {
		return float32(math.NaN())
	}
	return math.Nextafter32(t, float32(math.Inf(1)))
}

// Name is the name of the kernel.
func (g *Signer) Name() string { return g.name }

// Columns gives for each column t and flip such that an element x is +1, before Invert
// turns it around, iff x with its sign bit flipped by flip is at least t.
func (g *Signer) Columns() (t []float32, flip []uint32) { return g.t, g.flip }

// Pack packs elements of one row, from column c on, into dst, in Go. c is a multiple of
// 32.
func (g *Signer) Pack(dst []uint32, src []float32, c int) { g.row(dst, src, c) }

// Run packs all rows of src, which has no gaps, into dst, Words(cols) words a row.
func (g *Signer) Run(pool *parallel.Pool, dst []uint32, src []float32) {
	if g.cols == 0 {
		return
	}
	g.src, g.dst, g.tiling = src, dst, newTiling(len(src)/g.cols, g.cols)
	if pool.Threads() > len(g.args) {
		pool = nil
	}
	pool.Run(g.tiling.tiles(), g)
	g.src, g.dst = nil, nil
}

// Tile packs some rows, or part of one; it is called by the pool.
func (g *Signer) Tile(i, worker int) {
	first, rows, lo, hi := g.tiling.tile(i)
	words := g.tiling.words
	src, dst := g.src[first*g.cols+lo*32:], g.dst[first*words+lo:]
	done := lo
	if full := min(hi, g.cols/32); g.whole != nil && full > lo {
		a := &g.args[worker]
		*a = signArgs{
			dst: unsafe.Pointer(&dst[0]), src: unsafe.Pointer(&src[:(rows-1)*g.cols+(full-lo)*32][0]),
			t: unsafe.Pointer(&g.t[lo*32]), flip: unsafe.Pointer(&g.flip[lo*32]),
			rows: rows, words: full - lo, dstStride: words * 4, srcStride: g.cols * 4, invert: int(g.invert),
		}
		if !g.negates {
			a.flip = nil
		}
		if g.same {
			a.t, a.same = nil, g.t[0]
			if full-lo == words && g.cols%32 == 0 {
				a.rows, a.words = 1, rows*words // one long row
			}
		}
		g.whole(a)
		*a = signArgs{}
		done = full
	}
	if done == hi {
		return
	}
	end := min(hi*32, g.cols)
	for r := range rows {
		g.row(dst[r*words:][done-lo:hi-lo], src[r*g.cols:][(done-lo)*32:end-lo*32], done*32)
	}
}
