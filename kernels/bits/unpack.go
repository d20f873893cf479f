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
	cols, rows, perTile int
	kernel              unpackKernel
	dst                 []float32
	src                 []uint32
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
	// About 16 KB of output a tile.
	return &Unpacker{cols: cols, kernel: k, perTile: max(1, 4096/max(cols, 1))}
}

// Name is the name of the kernel.
func (u *Unpacker) Name() string { return u.kernel.name }

// Run unpacks all rows of dst, which has no gaps. It allocates nothing.
func (u *Unpacker) Run(pool *parallel.Pool, dst []float32, src []uint32) {
	if u.cols == 0 {
		return
	}
	u.dst, u.src, u.rows = dst, src, len(dst)/u.cols
	pool.Run((u.rows+u.perTile-1)/u.perTile, u)
	u.dst, u.src = nil, nil
}

// Tile unpacks some rows; it is called by the pool.
func (u *Unpacker) Tile(i, _ int) {
	first, words := i*u.perTile, Words(u.cols)
	last := min(first+u.perTile, u.rows)
	dst, src := u.dst[first*u.cols:last*u.cols], u.src[first*words:last*words]
	if u.cols%32 == 0 {
		u.kernel.whole(dst, src)
		return
	}
	for full := u.cols / 32; len(dst) > 0; dst, src = dst[u.cols:], src[words:] {
		if full > 0 {
			u.kernel.whole(dst[:full*32], src[:full])
		}
		unpackRow(dst[full*32:u.cols], src[full:words])
	}
}
