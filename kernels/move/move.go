// Package move has the kernels that put elements elsewhere without computing:
// copies, transposes, slices, joins, look-ups, padding and conversions of element
// types. They take bytes and sizes, and know neither tensors nor graphs.
//
// A kernel is made once for fixed shapes and run many times; a run allocates
// nothing. What a kernel is made with must be consistent: lengths are the caller's
// business, and a mistake there is a panic. Values that arrive with a run, such as
// indices, are checked and give an error.
package move

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/parallel"
)

// grain is the least number of units of work worth handing to another thread: a few
// microseconds, some ten times what handing over costs.
const grain = 1 << 14

// view gives bytes as elements of type T.
func view[T any](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// Spread cuts rows of equal length into tiles of about equal work: several rows, or
// a segment of one long row.
type Spread struct {
	rows, inner int
	rowsPerTile int // 1 if rows are cut
	segment     int // length of a segment
	segments    int // segments in a row
	tiles       int
}

// NewSpread cuts rows of inner units each, where a unit costs as much as weight
// copies of an element. unit is a number that segments are multiples of.
func NewSpread(rows, inner, weight, unit int) Spread {
	s := Spread{rows: rows, inner: inner, rowsPerTile: 1, segment: inner, segments: 1}
	if rows == 0 || inner == 0 {
		return s
	}
	least := max(grain/max(weight, 1), 1)
	if inner >= 2*least {
		pieces := inner / least
		s.segment = ((inner+pieces-1)/pieces + unit - 1) / unit * unit
		s.segments = (inner + s.segment - 1) / s.segment
	} else {
		s.rowsPerTile = min(max(least/inner, 1), rows)
	}
	s.tiles = (rows + s.rowsPerTile - 1) / s.rowsPerTile * s.segments
	return s
}

// Tiles is the number of tiles.
func (s *Spread) Tiles() int { return s.tiles }

// Tile gives the rows [row, end) of tile i and the part [lo, hi) of each.
func (s *Spread) Tile(i int) (row, end, lo, hi int) {
	if s.segments > 1 {
		row = i / s.segments
		lo = i % s.segments * s.segment
		return row, row + 1, lo, min(lo+s.segment, s.inner)
	}
	row = i * s.rowsPerTile
	return row, min(row+s.rowsPerTile, s.rows), 0, s.inner
}

// Strides are the strides of the axes of a contiguous array.
func Strides(shape []int) []int {
	s := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = step
		step *= shape[i]
	}
	return s
}

// BroadcastStrides are the strides with which a contiguous array of shape from is
// read as if it had shape to: 0 along the axes that numpy's rule repeats.
func BroadcastStrides(from, to []int) []int {
	s := make([]int, len(to))
	at := len(to) - len(from)
	for i, step := range Strides(from) {
		if from[i] != 1 {
			s[at+i] = step
		}
	}
	return s
}

// Copy copies a number of bytes.
type Copy struct {
	spread   Spread
	size     int
	dst, src []byte
}

// NewCopy makes a copy of size bytes.
func NewCopy(size int) *Copy {
	// 32 bytes are copied in the time of one element; segments are cache lines.
	return &Copy{spread: NewSpread(1, (size+31)/32, 1, 2), size: size}
}

// Run copies src to dst, unless they are the same memory.
func (c *Copy) Run(p *parallel.Pool, dst, src []byte) {
	if c.size == 0 || &dst[0] == &src[0] {
		return
	}
	c.dst, c.src = dst[:c.size], src[:c.size]
	p.Run(c.spread.tiles, c)
	c.dst, c.src = nil, nil
}

// Tile copies a piece.
func (c *Copy) Tile(i, _ int) {
	_, _, lo, hi := c.spread.Tile(i)
	hi = min(32*hi, c.size)
	copy(c.dst[32*lo:hi], c.src[32*lo:hi])
}

// Sections maps the parts of an array along an axis: in every block of the whole,
// part i is a run of bytes.
type Sections struct {
	size    int // bytes of a block of the whole
	offsets []int
	sizes   []int
	spread  Spread // of the whole: what a tile reads and writes fits the cache

	to    bool
	whole []byte
	parts [][]byte
}

// NewSections lays out parts whose blocks have the given numbers of bytes.
func NewSections(blocks int, sizes []int) *Sections {
	s := &Sections{sizes: sizes}
	for _, n := range sizes {
		s.offsets = append(s.offsets, s.size)
		s.size += n
	}
	s.spread = NewSpread(blocks, s.size, 1, 64)
	return s
}

// Join copies the parts into their places in whole.
func (s *Sections) Join(p *parallel.Pool, whole []byte, parts [][]byte) { s.run(p, whole, parts, true) }

// Cut copies the parts out of whole; one that is nil is not wanted.
func (s *Sections) Cut(p *parallel.Pool, parts [][]byte, whole []byte) { s.run(p, whole, parts, false) }

func (s *Sections) run(p *parallel.Pool, whole []byte, parts [][]byte, to bool) {
	s.to, s.whole, s.parts = to, whole, parts
	p.Run(s.spread.tiles, s)
	s.whole, s.parts = nil, nil
}

// Tile copies some blocks, or a segment of one.
func (s *Sections) Tile(i, _ int) {
	row, end, lo, hi := s.spread.Tile(i)
	for k, part := range s.parts {
		size, offset := s.sizes[k], s.offsets[k]
		from, to := max(lo-offset, 0), min(hi-offset, size)
		if part == nil || from >= to {
			continue
		}
		dst, dstStep := s.whole[row*s.size+offset+from:], s.size
		src, srcStep := part[row*size+from:], size
		if !s.to {
			dst, dstStep, src, srcStep = src, srcStep, dst, dstStep
		}
		copyRuns(dst, dstStep, src, srcStep, end-row, to-from)
	}
}

// copyRuns copies count runs of size bytes, at least one of each, the first of which is
// where dst and src begin.
func copyRuns(dst []byte, dstStep int, src []byte, srcStep, count, size int) {
	switch size { // a call of copy takes longer than to copy some words of bits
	case 4:
		copyArrays[[4]byte](dst, dstStep, src, srcStep, count)
	case 8:
		copyArrays[[8]byte](dst, dstStep, src, srcStep, count)
	case 16:
		copyArrays[[16]byte](dst, dstStep, src, srcStep, count)
	default:
		for i := range count {
			copy(dst[i*dstStep:][:size], src[i*srcStep:][:size])
		}
	}
}

func copyArrays[A [4]byte | [8]byte | [16]byte](dst []byte, dstStep int, src []byte, srcStep, count int) {
	var a A
	// The bounds are checked once for all runs.
	to := unsafe.Pointer(&dst[:(count-1)*dstStep+len(a)][0])
	from := unsafe.Pointer(&src[:(count-1)*srcStep+len(a)][0])
	d, s := 0, 0
	for range count {
		*(*A)(unsafe.Add(to, d)) = *(*A)(unsafe.Add(from, s))
		d += dstStep
		s += srcStep
	}
}

// Bytes gives float32 as bytes.
func Bytes(f []float32) []byte {
	if len(f) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(f))), 4*len(f))
}
