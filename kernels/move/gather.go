package move

import (
	"fmt"

	"github.com/lce-go/lce/kernels/parallel"
)

// Gather picks slices of an array by indices along one of its axes.
type Gather struct {
	blocks, length, size, count int
	spread                      Spread

	dst, src []byte
	index32  []int32
	index64  []int64
}

// NewGather makes a look-up of count indices in an array of blocks x length slices
// of size bytes each.
func NewGather(blocks, length, size, count int) *Gather {
	return &Gather{
		blocks: blocks, length: length, size: size, count: count,
		// A slice costs its bytes, and as much as some more for finding it.
		spread: NewSpread(1, blocks*count, size/16+4, 1),
	}
}

// RunGather sets slice j of block b of dst to slice indices[j] of block b of src.
// An index may count from the end; one out of range is an error.
func RunGather[I int32 | int64](g *Gather, p *parallel.Pool, dst, src []byte, indices []I) error {
	for j, v := range indices[:g.count] {
		if v := int64(v); v < -int64(g.length) || v >= int64(g.length) {
			return fmt.Errorf("index %d at position %d, want %d to %d", v, j, -g.length, g.length-1)
		}
	}
	if g.size == 0 || g.blocks == 0 {
		return nil
	}
	g.dst, g.src = dst, src
	switch list := any(indices).(type) {
	case []int32:
		g.index32 = list
	case []int64:
		g.index64 = list
	}
	p.Run(g.spread.tiles, g)
	g.dst, g.src, g.index32, g.index64 = nil, nil, nil, nil
	return nil
}

// Tile copies some slices.
func (g *Gather) Tile(i, _ int) {
	_, _, lo, hi := g.spread.Tile(i)
	for at := lo; at < hi; at++ {
		b, j := at/g.count, at%g.count
		var v int
		if g.index32 != nil {
			v = int(g.index32[j])
		} else {
			v = int(g.index64[j])
		}
		if v < 0 {
			v += g.length
		}
		copy(g.dst[at*g.size:(at+1)*g.size], g.src[(b*g.length+v)*g.size:])
	}
}
