package move

import "github.com/lce-go/lce/kernels/parallel"

// PadMode says where the elements around an array come from.
type PadMode int

// The modes of Pad.
const (
	PadConstant PadMode = iota // a given value
	PadReflect                 // the array mirrored at its edge, which is not repeated
	PadEdge                    // the nearest element
)

// Pad puts an array into a larger one, or crops it.
type Pad struct {
	size  int
	dims  []int   // of the result
	steps []int   // strides of the source, in elements
	from  [][]int // for each axis and position the position in the source, -1 for none
	// The part [inLo, inHi) of a row comes from the source as it is, from inFrom on.
	inLo, inHi, inFrom int
	spread             Spread

	dst, src, value []byte
}

// NewPad pads an array of shape from to shape to, with before[i] elements in front
// of axis i; negative numbers crop. Elements have size 1, 2, 4 or 8 bytes.
func NewPad(mode PadMode, from, to, before []int, size int) *Pad {
	p := &Pad{size: size, dims: to, steps: Strides(from)}
	if len(to) == 0 {
		p.dims, p.steps, from, before = []int{1}, []int{1}, []int{1}, []int{0}
	}
	last := len(p.dims) - 1
	rows := 1
	for i, d := range p.dims {
		list := make([]int, d)
		for j := range list {
			list[j] = padSource(mode, j-before[i], from[i])
		}
		p.from = append(p.from, list)
		if i < last {
			rows *= d
		}
	}
	p.inLo = min(max(before[last], 0), p.dims[last])
	p.inHi = max(min(before[last]+from[last], p.dims[last]), p.inLo)
	p.inFrom = p.inLo - before[last]
	p.spread = NewSpread(rows, p.dims[last], 1, 64)
	return p
}

// padSource is the position in an axis of size n that position i outside or inside
// of it takes its element from, or -1.
func padSource(mode PadMode, i, n int) int {
	if i >= 0 && i < n {
		return i
	}
	switch mode {
	case PadReflect:
		if i < 0 {
			return -i
		}
		return 2*(n-1) - i
	case PadEdge:
		return min(max(i, 0), n-1)
	}
	return -1
}

// Run pads src into dst. value is the element of PadConstant.
func (p *Pad) Run(pool *parallel.Pool, dst, src, value []byte) {
	p.dst, p.src, p.value = dst, src, value
	pool.Run(p.spread.tiles, p)
	p.dst, p.src, p.value = nil, nil, nil
}

// Tile fills some rows of the result.
func (p *Pad) Tile(i, _ int) {
	switch p.size {
	case 1:
		padTile(p, i, p.dst, p.src, p.value)
	case 2:
		padTile(p, i, view[uint16](p.dst), view[uint16](p.src), view[uint16](p.value))
	case 4:
		padTile(p, i, view[uint32](p.dst), view[uint32](p.src), view[uint32](p.value))
	case 8:
		padTile(p, i, view[uint64](p.dst), view[uint64](p.src), view[uint64](p.value))
	}
}

func padTile[T any](p *Pad, tile int, dst, src, value []T) {
	row, end, lo, hi := p.spread.Tile(tile)
	last := len(p.dims) - 1
	n := p.dims[last]
	for ; row < end; row++ {
		from, inside := 0, true
		for i, rest := last-1, row; i >= 0; i-- {
			at := p.from[i][rest%p.dims[i]]
			rest /= p.dims[i]
			inside = inside && at >= 0
			from += at * p.steps[i]
		}
		out := dst[row*n : (row+1)*n]
		if !inside {
			for j := range out[lo:hi] {
				out[lo+j] = value[0]
			}
			continue
		}
		border := func(lo, hi int) {
			for j := lo; j < hi; j++ {
				if at := p.from[last][j]; at >= 0 {
					out[j] = src[from+at]
				} else {
					out[j] = value[0]
				}
			}
		}
		a, b := min(max(p.inLo, lo), hi), max(min(p.inHi, hi), lo)
		border(lo, a)
		if a < b {
			copy(out[a:b], src[from+p.inFrom+a-p.inLo:])
		} else {
			b = a
		}
		border(b, hi)
	}
}
