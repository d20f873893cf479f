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

// edgeRows is the largest number of rows of a call whose columns do not all exist.
const edgeRows = 48

// maxPanel is the largest number of columns of a panel.
const maxPanel = 64

// chunkSize bounds the k of a call of a micro-kernel, so that the weights of the call and
// those of the next fit an L2 cache.
const chunkSize = 512

// microKernel computes some rows of a panel.
type microKernel struct {
	name   string
	needs  isa.Features
	rows   int  // of its tiles
	panel  int  // columns of a full panel
	step   int  // the last panel has a multiple of step columns
	work   int  // products of a call, at most: no more than some 30 to 100 microseconds, as nobody can stop a goroutine in it
	masked bool // of which the result may lack some
	run    func(t *tile)

	// shared is how many columns of a panel groups of a convolution can share, or 0, and
	// mix is mixGroups.
	shared int
	mix    func(m *mixing, dst, src []float32)
}

// tile is a call of a micro-kernel: for its rows r and columns c
//
//	dst[out[r]+c] = limit(first ? bias[c] : dst[out[r]+c] + sum src[in[r]+run+i] * w[k*width+c])
//
// where k counts the elements i of all runs. Offsets of rows ascend. If several groups
// share the panel, a k has that many elements, of which column c takes its group's; see
// gemm.shared.
type tile struct {
	src, dst []float32
	in, out  []int
	w        []float32
	width    int // columns of w, a multiple of step
	columns  int // of the result, as many unless the kernel is masked
	shared   int
	runs     []int
	runLen   int
	fetched  int // of the weights of the next chunk, those that calls before have fetched
	// fetchStep is how many bytes of the weights of the next chunk are fetched for each k: a
	// cache line, or a part of one, which many rows spread out over all.
	fetchStep int
	bias      []float32 // width numbers; nil continues the sums in dst
	min, max  float32

	// edge holds rows of a last panel that is wider than the matrix, and first its
	// bias.
	edge  [edgeRows * maxPanel]float32
	first [maxPanel]float32
	//lint:ignore U1000 for tiles of assembly only
	rest rest
}

// run is a piece of the k axis that is contiguous in the source.
type run struct{ offset, size int }

// kChunk is a part of the k axis: runs of equal length.
type kChunk struct {
	runs   []int
	runLen int
	at     int // elements in the chunks before
}

// chunksOf cuts runs into chunks. There is always one, if only to write the bias.
func chunksOf(runs []run) []kChunk {
	chunks := []kChunk{{}}
	at := 0
	add := func(offset, size int) {
		last := &chunks[len(chunks)-1]
		if len(last.runs) > 0 && (last.runLen != size || (len(last.runs)+1)*size > chunkSize) {
			chunks = append(chunks, kChunk{at: at})
			last = &chunks[len(chunks)-1]
		}
		last.runs = append(last.runs, offset)
		last.runLen = size
		at += size
	}
	for _, r := range runs {
		for pieces := (r.size + chunkSize - 1) / chunkSize; pieces > 0; pieces-- {
			n := (r.size + pieces - 1) / pieces
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
	features isa.Features
	k, n     int
	shared   int // groups of a convolution in a panel, at least 1: column i of the panel is of group i%shared
	rowsCall int // rows of a call
	chunks   []kChunk
	min, max float32
	edgeOut  []int
}

// newGemm picks the best micro-kernel for the features.
func newGemm(f isa.Features, k, n, shared int, runs []run, lo, hi float32) gemm {
	g := gemm{kernel: selectKernel(f), features: f, k: k, n: n, shared: shared, chunks: chunksOf(runs), min: lo, max: hi}
	g.rowsCall = max(g.kernel.work/(min(max(k, 1), chunkSize)*g.kernel.panel)/g.kernel.rows, 1) * g.kernel.rows
	if !g.kernel.masked {
		for r := range edgeRows {
			g.edgeOut = append(g.edgeOut, r*maxPanel)
		}
	}
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

func (k *microKernel) panels(n int) int { return (n + k.panel - 1) / k.panel }

func (g *gemm) panels() int { return g.kernel.panels(g.n) }

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

// rows computes rows of a panel. The caller has set t.src; dst begins with column 0 of
// panel 0 of the first row, in and out are the offsets of the rows in src and dst.
func (g *gemm) rows(t *tile, in, out []int, dst, packed, bias []float32, panel int) {
	width := g.width(panel)
	at := panel * g.kernel.panel
	n := min(g.n-at, width)
	w := packed[g.k*at:][:g.k*width]
	t.width, t.columns, t.shared = width, n, g.shared
	first := t.first[:width]
	if bias == nil {
		clear(first)
	} else if n < width {
		clear(first[copy(first, bias[at:at+n]):])
	} else {
		first = bias[at : at+width]
	}
	edge, step := n < width && !g.kernel.masked, len(in)
	if edge {
		t.columns, step = width, edgeRows
	}
	for lo := 0; lo < len(in); lo += step {
		hi := min(lo+step, len(in))
		if !edge {
			g.chunked(t, in[lo:hi], out[lo:hi], dst[at:], w, first)
			continue
		}
		g.chunked(t, in[lo:hi], g.edgeOut[:hi-lo], t.edge[:], w, first)
		for r, o := range out[lo:hi] {
			copy(dst[o+at:][:n], t.edge[r*maxPanel:])
		}
	}
	t.in, t.out, t.dst, t.w, t.bias = nil, nil, nil, nil, nil
}

// chunked adds up the chunks of k, each for all rows: its weights stay in the cache.
func (g *gemm) chunked(t *tile, in, out []int, dst, w, bias []float32) {
	last := len(g.chunks) - 1
	t.fetchStep = 64
	if len(in) >= 16*g.kernel.rows {
		t.fetchStep = 16
	}
	t.dst = dst
	for i := range g.chunks {
		c := &g.chunks[i]
		t.bias = nil
		if i == 0 {
			t.bias = bias
		}
		t.min, t.max = negInf, posInf
		if i == last {
			t.min, t.max = g.min, g.max
		}
		t.runs, t.runLen = c.runs, c.runLen
		t.w = w[c.at/g.shared*t.width:]
		t.fetched = 0
		for lo := 0; lo < len(in); lo += g.rowsCall {
			hi := min(lo+g.rowsCall, len(in))
			t.in, t.out = in[lo:hi], out[lo:hi]
			g.kernel.run(t)
			t.fetched += len(c.runs) * c.runLen * t.fetchStep / 4 * ((hi - lo) / g.kernel.rows)
		}
	}
}

// rowsPerTile is how many rows a thread takes at a time, of a product with so many: some
// millions of products, which is tens of microseconds of the fastest kernel, and enough rows
// to make the way of weights to the L2 cache worth while, or less to leave tiles for all threads.
func (g *gemm) rowsPerTile(rows, threads int) int {
	const work, least, manyRows = 1 << 22, 1 << 20, 240
	perRow := max(g.k, 1) * min(max(g.n, 1), g.kernel.panel)
	n := max(work/perRow, manyRows)
	if threads > 1 {
		n = min(n, max(rows*g.panels()/(4*threads), least/perRow))
	}
	n = max(n/g.kernel.rows, 1) * g.kernel.rows
	return min(n, max(rows, 1))
}
