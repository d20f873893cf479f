package bits

import (
	"math"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Unpack writes rows of cols elements as float32 -1 and +1. src holds Words(cols)
// words a row; dst has no gaps and its length says how many rows there are.
func Unpack(dst []float32, src []uint32, cols int) {
	if cols == 0 {
		return
	}
	words := Words(cols)
	for len(dst) > 0 {
		unpackRow(dst[:cols], src[:words])
		dst, src = dst[cols:], src[words:]
	}
}

func unpackRow(row []float32, src []uint32) {
	for _, w := range src {
		n := min(32, len(row))
		for i := range row[:n] {
			row[i] = math.Float32frombits(0x3f800000 | w<<31)
			w >>= 1
		}
		row = row[n:]
	}
}

// unpackKernel is a way to unpack words that are full, at least one.
type unpackKernel struct {
	name  string
	needs isa.Features
	whole func(dst []float32, src []uint32)
}

// unpackKernels lists all kernels, best first. The last one is always usable.
func unpackKernels() []unpackKernel {
	return append(unpackKernelsAsm(), unpackKernel{name: "bunpack_generic", whole: unpackRow})
}

// Unpacker unpacks rows as Unpack does. It belongs to one goroutine at a time.
type Unpacker struct {
	cols   int
	kernel unpackKernel
	dst    []float32
	src    []uint32
	tiling tiling
}

// NewUnpacker prepares unpacking of rows of cols elements with the best kernel for
// the features.
func NewUnpacker(cols int, f isa.Features) *Unpacker {
	for _, k := range unpackKernels() {
		if f.Has(k.needs) {
			return newUnpacker(cols, k)
		}
	}
	panic("bits: no kernel")
}

func newUnpacker(cols int, k unpackKernel) *Unpacker {
	return &Unpacker{cols: cols, kernel: k}
}

// Name is the name of the kernel.
func (u *Unpacker) Name() string { return u.kernel.name }

// Run unpacks all rows of dst, which has no gaps. It allocates nothing.
func (u *Unpacker) Run(pool *parallel.Pool, dst []float32, src []uint32) {
	if u.cols == 0 {
		return
	}
	u.dst, u.src, u.tiling = dst, src, newTiling(len(dst)/u.cols, u.cols)
	pool.Run(u.tiling.tiles(), u)
	u.dst, u.src = nil, nil
}

// Tile unpacks some rows, or part of one; it is called by the pool.
func (u *Unpacker) Tile(i, _ int) {
	first, rows, lo, hi := u.tiling.tile(i)
	words := u.tiling.words
	dst, src := u.dst[first*u.cols+lo*32:], u.src[first*words+lo:]
	if u.cols%32 == 0 {
		n := (rows-1)*words + hi - lo
		u.kernel.whole(dst[:32*n], src[:n])
		return
	}
	full, end := min(hi, u.cols/32), min(hi*32, u.cols)
	for r := range rows {
		row, from := dst[r*u.cols:], src[r*words:]
		if full > lo {
			u.kernel.whole(row[:(full-lo)*32], from[:full-lo])
		}
		unpackRow(row[(full-lo)*32:end-lo*32], from[full-lo:hi-lo])
	}
}
