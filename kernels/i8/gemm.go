// Package i8 computes with 8-bit integers: convolutions and matrix products with sums in
// int32, and what quantized networks do between them. Integer results are the same on every
// instruction set.
package i8

import "github.com/lce-go/lce/kernels/isa"

// Convolutions and matrix products share one inner loop. A row of the result (a pixel, a row
// of A) is the product of K numbers, read in place in a few contiguous runs, with a packed
// matrix. A unit is the numbers that are multiplied together: 4 or 8 of 8 bits, or 2 of 16 bits
// for kernels that multiply those. The matrix is packed in panels of some columns,
// W[panel][unit][column][of a unit]; a run that is not whole units ends with weights of 0.
//
// A kernel takes activations of one sign only, the others are moved by 128 when they are
// copied; so are their zero points. Weights are signed. With the zero points a of the
// activations and b of a column
//
//	sum (x-a)*(w-b) = sum x*w - a*sum w - b*sum x + K*a*b
//
// where all but the first sum and, if b is not 0, the third are known before.

// blockRows is the number of rows whose sums are made at a time: they stay in the L1 cache.
const blockRows = 48

// maxPanel is the largest number of columns of a panel.
const maxPanel = 64

// chunkSize bounds the bytes of a row of the k of a call of a kernel, so that the weights of
// the call fit an L2 cache and that no call takes longer than some 50 microseconds.
const chunkSize = 2048

// kernel computes sums of rows of a panel.
type kernel struct {
	name   string
	needs  isa.Features
	rows   int  // of its tiles, a divisor of blockRows
	panel  int  // columns of a full panel
	step   int  // the last panel has a multiple of step columns
	size   int  // bytes of a number, 1 or 2
	unit   int  // bytes of a unit
	pairs  bool // adds up products of two units in 16 bits where it may
	signed bool // activations are -128 to 127, else 0 to 255
	run    func(t *tile)

	// load writes as many numbers as src has, each byte of it xor flip.
	load func(dst, src []byte, flip byte)
	// store makes results of sums, see Output.
	store func(o *output, r *results)
	// depthwise adds up the taps of pixels, see depthwise: of so many at a time, a divisor of
	// blockRows, with weights of so many bytes.
	depthwise      func(d *depthwise, t *depthwiseTile)
	pixels, weight int
}

// tile is a call of a kernel: for rows r, of whole tiles, and columns c
//
//	sums[r*width+c] = (start != nil ? start[c] : sums[r*width+c]) + sum x*w
//
// over the numbers x of all runs of a row. Offsets are in bytes.
type tile struct {
	src    []byte
	in     []int // offsets of the rows, which ascend
	runs   []int // offsets in a row
	runLen int   // bytes of a run, a multiple of a unit
	w      []byte
	pairs  bool   // products of two units from the first of a run on, and so on, may be added up in 16 bits
	ahead  []byte // weights that will be needed soon
	width  int    // columns, a multiple of step
	start  []int32
	sums   []int32

	rows [blockRows]int
	acc  [blockRows * maxPanel]int32
}

// selectKernel gives the first kernel of the best instruction set, or one beside it that takes
// activations of the given sign.
func selectKernel(f isa.Features, signed bool) *kernel {
	best := &genericKernel
	for i := range kernels {
		k := &kernels[i]
		switch {
		case !f.Has(k.needs) || best != &genericKernel && best.needs != k.needs:
		case best == &genericKernel || best.signed != signed && k.signed == signed:
			best = k
		}
	}
	return best
}

// run is a piece of the k axis that is contiguous in the source: offset in bytes, size in
// numbers.
type run struct{ offset, size int }

// kChunk is a part of the k axis: runs of equal length.
type kChunk struct {
	runs   []int
	runLen int // bytes, whole units
	at     int // units in the chunks before
}

// gemm is a product with a packed matrix of n columns.
type gemm struct {
	kernel *kernel
	n      int
	runs   []run
	chunks []kChunk
	units  int // of a column
}

func newGemm(k *kernel, n int, runs []run) gemm {
	g := gemm{kernel: k, n: n, runs: runs}
	for _, r := range runs {
		for bytes := r.size * k.size; bytes > 0; {
			size := min((bytes+k.unit-1)/k.unit*k.unit, chunkSize)
			g.add(r.offset, size)
			r.offset += size
			bytes -= size
		}
	}
	return g
}

// add appends a piece of k.
func (g *gemm) add(offset, size int) {
	last := len(g.chunks) - 1
	if last < 0 || g.chunks[last].runLen != size || (len(g.chunks[last].runs)+1)*size > chunkSize {
		g.chunks = append(g.chunks, kChunk{runLen: size, at: g.units})
		last++
	}
	g.chunks[last].runs = append(g.chunks[last].runs, offset)
	g.units += size / g.kernel.unit
}

func (g *gemm) panels() int { return (g.n + g.kernel.panel - 1) / g.kernel.panel }

// width is the number of columns of a panel as packed.
func (g *gemm) width(panel int) int {
	n := min(g.n-panel*g.kernel.panel, g.kernel.panel)
	return (n + g.kernel.step - 1) / g.kernel.step * g.kernel.step
}

// columns is the number of packed columns.
func (g *gemm) columns() int { return (g.n + g.kernel.step - 1) / g.kernel.step * g.kernel.step }

// bytes is the size of the packed matrix.
func (g *gemm) bytes() int64 { return int64(g.units*g.kernel.unit) * int64(g.columns()) }

// sums are what each packed column adds up to.
func (g *gemm) sums(packed []byte) []int32 { return ints(packed[g.bytes():])[:g.columns()] }

// flags say of each panel, by a number other than 0, that pairs of its units fit 16 bits.
func (g *gemm) flags(packed []byte) []int32 {
	return ints(packed[g.bytes():])[g.columns():][:g.panels()]
}

// pairFits reports whether the products of two weights with any activations add up in 16 bits.
func pairFits(v, w int8) bool { return v != -128 || w != -128 }

// pad gives a copy of offsets of rows whose number is a multiple of n: the last one is repeated.
func (t *tile) pad(in []int, n int) []int {
	i := copy(t.rows[:], in)
	for ; i%n != 0; i++ {
		t.rows[i] = t.rows[i-1]
	}
	return t.rows[:i]
}

// block computes the sums of at most blockRows rows of a panel in t.acc. The caller has set
// t.src. packed is the matrix, start has a number for each packed column.
func (g *gemm) block(t *tile, in []int, packed []byte, start []int32, panel int) {
	rows := t.pad(in, g.kernel.rows)
	n := len(rows)
	at, width := panel*g.kernel.panel, g.width(panel)
	w := packed[at*g.units*g.kernel.unit:]
	t.in, t.width, t.sums = rows, width, t.acc[:n*width]
	t.start, t.pairs = start[at:][:width], g.kernel.pairs && g.flags(packed)[panel] != 0
	if len(g.chunks) == 0 {
		for r := range n {
			copy(t.acc[r*width:], t.start)
		}
	}
	for i := range g.chunks {
		c := &g.chunks[i]
		t.runs, t.runLen = c.runs, c.runLen
		size := len(c.runs) * c.runLen * width
		t.w = w[c.at*g.kernel.unit*width:]
		t.ahead = t.w[size:]
		t.w = t.w[:size]
		g.kernel.run(t)
		t.start = nil
	}
	t.in, t.runs, t.w, t.ahead, t.start = nil, nil, nil, nil, nil
}

// rowSum adds up the numbers of a row, for weights with a zero point.
func (g *gemm) rowSum(src []byte) int32 {
	sum := int32(0)
	for _, r := range g.runs {
		for _, x := range src[r.offset:][:r.size*g.kernel.size] {
			if g.kernel.signed {
				sum += int32(int8(x))
			} else {
				sum += int32(x) // the upper half of a number of 16 bits is 0
			}
		}
	}
	return sum
}
