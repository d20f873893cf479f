package f32

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// MatMulParams describes a batch of products of matrices [M, K] and [K, N], or
// [K, M] and [N, K] where the operand is transposed. There are CountA and CountB of
// them; product i takes matrices IndexA[i] and IndexB[i]. The result is limited to
// [Min, Max]; NaN stays.
type MatMulParams struct {
	M, K, N                int
	TransposeA, TransposeB bool
	CountA, CountB         int
	IndexA, IndexB         []int
	Min, Max               float32
}

// MatMul is a batch of matrix products. The matrices on the right are packed by
// Pack, once if they are constant.
type MatMul struct {
	p          MatMulParams
	gemm       gemm
	packedSize int64
	rowsPer    int
	rowTiles   int
	inRows     []int // offsets of the rows of a tile in the matrix on the left
	outRows    []int // and in the result
	tiles      []tile
	transpose  *move.Strided
	packer     packer

	out, a, packed, bias []float32
}

// NewMatMul makes a matrix product for the given instruction sets and number of
// threads.
func NewMatMul(p MatMulParams, f isa.Features, threads int) *MatMul {
	m := &MatMul{p: p, gemm: newGemm(f, p.K, p.N, 1, []run{{0, p.K}}, p.Min, p.Max)}
	m.packedSize = m.gemm.packedLen()
	m.rowsPer = m.gemm.rowsPerTile(p.M, threads)
	for r := range min(m.rowsPer, p.M) {
		m.inRows, m.outRows = append(m.inRows, r*p.K), append(m.outRows, r*p.N)
	}
	m.rowTiles = (p.M + m.rowsPer - 1) / m.rowsPer
	m.tiles = make([]tile, threads)
	m.packer = packer{gemm: &m.gemm, stepK: p.N, stepN: 1}
	if p.TransposeB {
		m.packer.stepK, m.packer.stepN = 1, p.K
	}
	if p.TransposeA {
		m.transpose = move.NewStrided([]int{p.CountA, p.M, p.K}, []int{p.M * p.K, 1, p.M}, 0, 4, f)
	}
	return m
}

// Name is the kernel's name.
func (m *MatMul) Name() string { return "matmul_" + m.gemm.kernel.name }

// IsPacked reports whether the matrices on the right are packed as they are: all columns make one
// panel.
func (m *MatMul) IsPacked() bool {
	return !m.p.TransposeB && m.p.N > 0 && m.gemm.panels() == 1 && m.gemm.width(0) == m.p.N
}

// PackedLen is the number of float32 of the packed matrices.
func (m *MatMul) PackedLen() int64 { return m.packedSize * int64(m.p.CountB) }

// ScratchLen is the number of float32 of scratch memory that Run needs.
func (m *MatMul) ScratchLen() int {
	if !m.p.TransposeA {
		return 0
	}
	return m.p.CountA * m.p.M * m.p.K
}

// PackedLayout says all that the packed form depends on, besides the matrices.
func (m *MatMul) PackedLayout() string { return m.packer.layout() }

// Pack packs the matrices b into dst.
func (m *MatMul) Pack(p *parallel.Pool, dst, b []float32) {
	m.packer.pack(p, dst, b, m.p.CountB)
}

// Run computes out from a and the packed matrices; bias, one number for each column,
// may be nil.
func (m *MatMul) Run(p *parallel.Pool, out, a, packed, bias, scratch []float32) {
	if len(m.p.IndexA)*m.p.M*m.p.N == 0 {
		return
	}
	if m.transpose != nil {
		m.transposeTo(p, scratch, a)
		a = scratch
	}
	m.out, m.a, m.packed, m.bias = out, a, packed, bias
	p.Run(len(m.p.IndexA)*m.gemm.panels()*m.rowTiles, m)
	m.out, m.a, m.packed, m.bias = nil, nil, nil, nil
}

// transposeTo writes the matrices on the left row by row.
func (m *MatMul) transposeTo(p *parallel.Pool, dst, a []float32) {
	m.transpose.Run(p, move.Bytes(dst), move.Bytes(a))
}

// Tile computes some rows of a panel of a product.
func (m *MatMul) Tile(i, worker int) {
	g := &m.gemm
	panel := i % g.panels()
	i /= g.panels()
	lo := i % m.rowTiles * m.rowsPer
	hi := min(lo+m.rowsPer, m.p.M)
	product := i / m.rowTiles
	packed := m.packed[m.p.IndexB[product]*int(m.packedSize):]
	t := &m.tiles[worker]
	t.src = m.a[(m.p.IndexA[product]*m.p.M+lo)*m.p.K:]
	g.rows(t, m.inRows[:hi-lo], m.outRows[:hi-lo], m.out[(product*m.p.M+lo)*m.p.N:], packed, m.bias, panel)
	t.src = nil
}
