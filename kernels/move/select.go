package move

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Select picks each element from one of two operands.
type Select struct {
	plan     *Plan
	size     int
	features isa.Features

	dst, cond, a, b []byte
}

// NewSelect makes a choice of elements of size 1, 2, 4 or 8 bytes, where the three
// operands broadcast to shape.
func NewSelect(shape, cond, a, b []int, size int, f isa.Features) *Select {
	return &Select{plan: NewPlan(4, shape, cond, a, b), size: size, features: f}
}

// Run sets dst to cond ? a : b. cond holds a byte of 0 or 1 for each element.
func (s *Select) Run(p *parallel.Pool, dst, cond, a, b []byte) {
	s.dst, s.cond, s.a, s.b = dst, cond, a, b
	p.Run(s.plan.tiles, s)
	s.dst, s.cond, s.a, s.b = nil, nil, nil, nil
}

// Tile picks the elements of some rows.
func (s *Select) Tile(i, _ int) {
	switch s.size {
	case 1:
		selectTile(s, i, s.dst, s.a, s.b, nil)
	case 2:
		selectTile(s, i, view[uint16](s.dst), view[uint16](s.a), view[uint16](s.b), nil)
	case 4:
		selectTile(s, i, view[uint32](s.dst), view[uint32](s.a), view[uint32](s.b), selectWords)
	case 8:
		selectTile(s, i, view[uint64](s.dst), view[uint64](s.a), view[uint64](s.b), nil)
	}
}

// selectTile does rows, the first elements of them by vectors if there are any.
func selectTile[T any](s *Select, tile int, dst, a, b []T, vectors func(f isa.Features, dst, a, b []T, cond []byte, aStep, bStep int) int) {
	p := s.plan
	row, end, lo, hi := p.Tile(tile)
	n := p.inner
	for ; row < end; row++ {
		out := dst[row*n+lo : row*n+hi]
		c := p.Offset(0, row) + lo*p.step[0]
		x := p.Offset(1, row) + lo*p.step[1]
		y := p.Offset(2, row) + lo*p.step[2]
		if vectors != nil && p.step[0] == 1 {
			done := vectors(s.features, out, a[x:], b[y:], s.cond[c:c+len(out)], p.step[1], p.step[2])
			out = out[done:]
			c += done
			x += done * p.step[1]
			y += done * p.step[2]
		}
		for j := range out {
			if s.cond[c] != 0 {
				out[j] = a[x]
			} else {
				out[j] = b[y]
			}
			c += p.step[0]
			x += p.step[1]
			y += p.step[2]
		}
	}
}
