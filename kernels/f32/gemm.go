package f32

import "github.com/lce-go/lce/kernels/isa"

// Convolutions and matrix products share one inner loop. A row of the result (a
// pixel, a row of A) is the product of K numbers, read in place in a few contiguous
// runs, with a packed matrix of K rows. The matrix is packed in panels of some
// columns: W[panel][k][column].
//
// Each number of the result is the sum over k in order, begun with the bias, also
// where the sum is cut into chunks. So it does not depend on how rows and columns
// are cut into tiles or handed to threads.

// maxRows is the largest number of rows of a call of a micro-kernel.
const maxRows = 48

// maxPanel is the largest number of columns of a panel.
const maxPanel = 64

// chunkSize bounds the k of a call of a micro-kernel, so that no call takes longer
// than some 30 microseconds and a goroutine can be stopped between calls.
const chunkSize = 8192

// microKernel computes a tile of rows x columns.
type microKernel struct {
	name  string
	needs isa.Features
	rows  int // of its tiles
	panel int // columns of a full panel
	step  int // the last panel has a multiple of step columns
	run   func(t *tile)
}

// tile is a call of a micro-kernel, whole tiles as far as there are rows: for its rows r
// and columns c
//
//	dst[out[r]+c] = limit(first ? bias[c] : dst[out[r]+c] + sum src[in[r]+run+i] * w[k*width+c])
//
// where k counts the elements i of all runs.
type tile struct {
	src, dst []float32
	in, out  [maxRows]int
	rows     int
	w        []float32
	width    int // columns, a multiple of step
	runs     []int
	runLen   int
	bias     []float32 // width numbers; nil continues the sums in dst
	min, max float32

	// edge holds a tile of a last panel that is wider than the matrix, and edgeBias
	// its bias.
	edge     [maxRows * maxPanel]float32
	edgeBias [maxPanel]float32
}

// run is a piece of the k axis that is contiguous in the source.
type run struct{ offset, size int }

// kChunk is a part of the k axis: runs of equal length.
type kChunk struct {
	runs   []int
	runLen int
	k      int // elements in the chunks before
}

// chunksOf cuts runs into chunks. There is always one, if only to write the bias.
func chunksOf(runs []run) []kChunk {
	chunks := []kChunk{{}}
	k := 0
	add := func(offset, size int) {
		last := &chunks[len(chunks)-1]
		if len(last.runs) > 0 && (last.runLen != size || (len(last.runs)+1)*size > chunkSize) {
			chunks = append(chunks, kChunk{k: k})
			last = &chunks[len(chunks)-1]
		}
		last.runs = append(last.runs, offset)
		last.runLen = size
		k += size
	}
	for _, r := range runs {
		for r.size > 0 {
			n := min(r.size, chunkSize)
			add(r.offset, n)
			r.offset += n
			r.size -= n
		}
	}
	return chunks
}

// gemm is a product with a packed matrix of k rows and n columns.
type gemm struct {
	kernel   *microKernel
	k, n     int
	rowsCall int // rows of a call
	chunks   []kChunk
	min, max float32
}

// newGemm picks the best micro-kernel for the features.
func newGemm(f isa.Features, k, n int, runs []run, lo, hi float32) gemm {
	g := gemm{kernel: selectKernel(f), k: k, n: n, chunks: chunksOf(runs), min: lo, max: hi}
	tiles := max(chunkSize/max(k, 1), 1) // as much work as a tile with a whole chunk
	g.rowsCall = min(tiles*g.kernel.rows, maxRows/g.kernel.rows*g.kernel.rows)
	return g
}

func selectKernel(f isa.Features) *microKernel {
	for i := range microKernels {
		if f.Has(microKernels[i].needs) {
			return &microKernels[i]
		}
	}
	return &genericKernel
}

func (g *gemm) panels() int { return (g.n + g.kernel.panel - 1) / g.kernel.panel }

// width is the number of columns of a panel as packed.
func (g *gemm) width(panel int) int {
	n := min(g.n-panel*g.kernel.panel, g.kernel.panel)
	return (n + g.kernel.step - 1) / g.kernel.step * g.kernel.step
}

// packedLen is the size of the packed matrix.
func (g *gemm) packedLen() int64 {
	if g.n == 0 {
		return 0
	}
	last := g.panels() - 1
	return int64(g.k) * (int64(last)*int64(g.kernel.panel) + int64(g.width(last)))
}

// packPanel packs a panel of the matrix whose element (k, column) is
// w[k*stepK + column*stepN].
func (g *gemm) packPanel(dst, w []float32, panel, stepK, stepN int) {
	if g.k == 0 {
		return
	}
	width := g.width(panel)
	at := panel * g.kernel.panel
	n := min(g.n-at, width)
	dst = dst[g.k*at:][:g.k*width]
	if n < width {
		clear(dst)
	}
	if stepN == 1 {
		for k := range g.k {
			copy(dst[k*width:][:n], w[k*stepK+at:])
		}
		return
	}
	// Some columns at a time, along k: reads and writes both stay within few lines.
	for c := range n {
		from := w[(at+c)*stepN:]
		to := dst[c:]
		for k := range g.k {
			to[k*width] = from[k*stepK]
		}
	}
}

// rows computes t.rows rows of a panel. The caller has set src, dst, in, out and
// rows; out is the start of a row of the result, whose first column is column 0 of
// panel 0.
func (g *gemm) rows(t *tile, packed, bias []float32, panel int) {
	width := g.width(panel)
	at := panel * g.kernel.panel
	n := min(g.n-at, width)
	w := packed[g.k*at:][:g.k*width]
	t.width = width
	dst, out := t.dst, t.out
	if n < width {
		t.dst = t.edge[:]
		for r := range t.rows {
			t.out[r] = r * width
		}
	} else {
		for r := range t.rows {
			t.out[r] += at
		}
	}
	first := t.edgeBias[:width]
	if bias == nil {
		clear(first)
	} else if n < width {
		clear(first[copy(first, bias[at:at+n]):])
	} else {
		first = bias[at : at+width]
	}
	last := len(g.chunks) - 1
	for i := range g.chunks {
		c := &g.chunks[i]
		t.bias = nil
		if i == 0 {
			t.bias = first
		}
		t.min, t.max = negInf, posInf
		if i == last {
			t.min, t.max = g.min, g.max
		}
		t.runs, t.runLen = c.runs, c.runLen
		t.w = w[c.k*width:]
		g.kernel.run(t)
	}
	if n < width {
		for r := range t.rows {
			copy(dst[out[r]+at:][:n], t.edge[r*width:])
		}
	}
	t.dst, t.out = dst, out
	t.w, t.bias = nil, nil
}

// rowsPerTile is how many rows a thread takes at a time: about a million products,
// which is some 10 microseconds of the fastest kernel.
func (g *gemm) rowsPerTile(rows int) int {
	const work = 1 << 20
	n := work / (max(g.k, 1) * min(max(g.n, 1), g.kernel.panel))
	n = max(n/g.kernel.rows, 1) * g.kernel.rows
	return min(n, max(rows, 1))
}
