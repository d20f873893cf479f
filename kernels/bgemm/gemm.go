package bgemm

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Params describe a product of a [M, K] and the transpose of b [N, K], Batch times.
type Params struct {
	Batch, M, N, K int
	// SharedB is one b for all batches.
	SharedB bool
	// TwoPlanes is set if RunTwo may have a second plane.
	TwoPlanes bool
	Epilogue
	Keep    Keeper   // of a constant b
	Without []string // names of kernels to leave out
}

// GEMM is a prepared product. It belongs to one goroutine at a time.
type GEMM struct {
	Params
	job    *Job
	words  int
	packed []uint64 // of a constant b
}

// New prepares a product for the threads of pool. A b that is constant and shared by all
// batches is packed here; a nil b comes with each Run.
func New(p Params, b []uint32, f isa.Features, pool *parallel.Pool) *GEMM {
	return newGEMM(p, b, f, nil, pool)
}

// newGEMM is New with a kernel, or with the best one for nil.
func newGEMM(p Params, b []uint32, f isa.Features, k *Kernel, pool *parallel.Pool) *GEMM {
	g := &GEMM{Params: p, words: bits.Words(p.K)}
	base := make([]int32, p.N)
	for i := range base {
		base[i] = int32(p.K)
	}
	pixels := p.M
	if p.SharedB {
		pixels *= p.Batch
	}
	l := Layout{Pixels: pixels, Groups: 1, Channels: p.N, Runs: []int{0}, RunWords: g.words, TwoPlanes: p.TwoPlanes, Base: base}
	if k == nil {
		k = Select(f, &l, p.Without)
	}
	g.job = NewJob(k, l, p.Epilogue, rowLocator(g.words), pool.Threads())
	if b != nil && p.SharedB {
		g.packed = g.job.Weights(pool, b, p.Keep)
	}
	return g
}

// rowLocator finds rows of that many words.
type rowLocator int

// Locate sets the offsets of rows.
func (l rowLocator) Locate(first int, offsets, classes []int) {
	for i := range offsets {
		offsets[i], classes[i] = (first+i)*int(l), 0
	}
}

// Name is the name of the kernel.
func (g *GEMM) Name() string { return "bgemm_" + g.job.kernel.Name }

// Packed is the number of bytes of packed weights and of vectors of channels.
func (g *GEMM) Packed() int { return 8*len(g.packed) + g.job.VectorBytes() }

// ScratchWords is the number of uint64 that Run needs as scratch memory.
func (g *GEMM) ScratchWords() int {
	if g.packed != nil {
		return 0
	}
	return g.job.PackedWords()
}

// Run computes the outputs. a is [Batch, M, K] packed; b is [N, K] packed, once or
// Batch times, and may be nil if New had it.
func (g *GEMM) Run(pool *parallel.Pool, a, b []uint32, out Outputs, scratch []uint64) {
	g.RunTwo(pool, a, nil, b, out, scratch)
}

// RunTwo is Run for values that are half the sum of two planes of signs, packed like a
// alone; a nil second plane is the first one.
func (g *GEMM) RunTwo(pool *parallel.Pool, a, second, b []uint32, out Outputs, scratch []uint64) {
	if g.packed != nil {
		g.job.RunTwo(pool, g.packed, a, second, out)
		return
	}
	scratch = scratch[:g.job.PackedWords()]
	if g.SharedB {
		g.job.Pack(pool, scratch, b)
		g.job.RunTwo(pool, scratch, a, second, out)
		return
	}
	row := bits.Words(g.N)
	for range g.Batch {
		g.job.Pack(pool, scratch, b)
		g.job.RunTwo(pool, scratch, a, second, out)
		a, b = a[g.M*g.words:], b[g.N*g.words:]
		if second != nil {
			second = second[g.M*g.words:]
		}
		if out.F32 != nil {
			out.F32 = out.F32[g.M*g.N:]
		}
		if out.I32 != nil {
			out.I32 = out.I32[g.M*g.N:]
		}
		if out.Bits != nil {
			out.Bits = out.Bits[g.M*row:]
		}
	}
}

// Words64 views scratch memory, aligned to 8 bytes, as uint64.
func Words64(b []byte) []uint64 {
	if len(b) < 8 {
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(b)/8)
}
