package move

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// Strided copies an array that is read through strides to a contiguous one. It is
// all of Transpose, Slice and Expand.
type Strided struct {
	mode   stridedMode
	size   int   // bytes of an element
	dims   []int // of the result, outer to inner, none of size 1 if there are several
	steps  []int // strides of the source, in elements
	offset int
	spread Spread

	features isa.Features
	// For mode2D: the axis along which the source is contiguous, and how far its
	// neighbours are apart in the result.
	axis, axisStep int

	dst, src []byte
}

type stridedMode int

const (
	modeEmpty   stridedMode = iota
	modeRows                // the last axis is contiguous in the source
	modeRepeat              // the last axis repeats an element
	mode2D                  // another axis than the last is contiguous: a transpose
	modeStrided             // any other
)

// NewStrided makes a copy to a contiguous array of the given shape. Element
// (i0, i1, ...) comes from offset + i0*strides[0] + i1*strides[1] + ...; all are
// counted in elements of size 1, 2, 4 or 8 bytes.
func NewStrided(shape, strides []int, offset, size int, f isa.Features) *Strided {
	s := &Strided{size: size, offset: offset, features: f}
	for i, d := range shape {
		if d == 0 {
			return s
		}
		if d == 1 {
			continue
		}
		// An axis that continues the one before it is one with it.
		if last := len(s.dims) - 1; last >= 0 && s.steps[last] == strides[i]*d {
			s.dims[last] *= d
			s.steps[last] = strides[i]
			continue
		}
		s.dims = append(s.dims, d)
		s.steps = append(s.steps, strides[i])
	}
	if len(s.dims) == 0 {
		s.dims, s.steps = []int{1}, []int{1}
	}
	last := len(s.dims) - 1
	rows := 1
	for _, d := range s.dims[:last] {
		rows *= d
	}
	s.mode = modeStrided
	switch s.steps[last] {
	case 1:
		s.mode = modeRows
	case 0:
		s.mode = modeRepeat
	default:
		step := s.dims[last]
		for i := last - 1; i >= 0; i-- {
			if s.steps[i] == 1 {
				s.mode, s.axis, s.axisStep = mode2D, i, step
			}
			step *= s.dims[i]
		}
	}
	s.spread = NewSpread(rows, s.dims[last], 1, 64)
	if s.mode == mode2D {
		// A row is a plane: all of the contiguous axis by all of the last.
		s.spread = NewSpread(rows/s.dims[s.axis], s.dims[s.axis], s.dims[last], block)
	}
	return s
}

// Name tells the way of copying: rows, repeat, 2d or strided.
func (s *Strided) Name() string {
	return [...]string{"empty", "rows", "repeat", "2d", "strided"}[s.mode]
}

// Run copies src to dst.
func (s *Strided) Run(p *parallel.Pool, dst, src []byte) {
	s.dst, s.src = dst, src
	p.Run(s.spread.tiles, s)
	s.dst, s.src = nil, nil
}

// Tile copies some rows.
func (s *Strided) Tile(i, _ int) {
	switch s.size {
	case 1:
		stridedTile(s, i, s.dst, s.src)
	case 2:
		stridedTile(s, i, view[uint16](s.dst), view[uint16](s.src))
	case 4:
		stridedTile(s, i, view[uint32](s.dst), view[uint32](s.src))
	case 8:
		stridedTile(s, i, view[uint64](s.dst), view[uint64](s.src))
	}
}

// source is where a row of the source begins; axis skip does not count as outer.
func (s *Strided) source(row, skip int) (from int) {
	from = s.offset
	for i := len(s.dims) - 2; i >= 0; i-- {
		if i == skip {
			continue
		}
		from += row % s.dims[i] * s.steps[i]
		row /= s.dims[i]
	}
	return from
}

func stridedTile[T any](s *Strided, i int, dst, src []T) {
	row, end, lo, hi := s.spread.Tile(i)
	last := len(s.dims) - 1
	if s.mode == mode2D {
		for ; row < end; row++ {
			transposePlane(s, row, lo, hi, dst, src)
		}
		return
	}
	n := s.dims[last]
	for row < end {
		// Rows along the last but one axis follow each other by a fixed step.
		from, step, run := s.source(row, -1), 0, end-row
		if last > 0 {
			step = s.steps[last-1]
			run = min(run, s.dims[last-1]-row%s.dims[last-1])
		}
		for ; run > 0; run-- {
			stridedRow(s.mode, s.steps[last], dst[row*n+lo:row*n+hi], src, from, lo)
			from += step
			row++
		}
	}
}

// stridedRow copies elements lo, lo+1, ... of the row that begins at from.
func stridedRow[T any](mode stridedMode, step int, dst, src []T, from, lo int) {
	switch mode {
	case modeRows:
		src = src[from+lo:][:len(dst)]
		if len(dst) > 8 {
			copy(dst, src)
			return
		}
		for i := range dst {
			dst[i] = src[i]
		}
	case modeRepeat:
		v := src[from]
		for i := range dst {
			dst[i] = v
		}
	default:
		at := from + lo*step
		for i := range dst {
			dst[i] = src[at]
			at += step
		}
	}
}

// block is the side of the squares that a transpose moves at a time: 16 lines of
// the source and 16 of the result stay in the L1 cache.
const block = 16

// transposePlane moves the elements [lo, hi) of the contiguous axis of a plane.
func transposePlane[T any](s *Strided, plane, lo, hi int, dst, src []T) {
	last := len(s.dims) - 1
	n, step := s.dims[last], s.steps[last]
	from := s.source(plane, s.axis)
	// plane counts the outer axes without s.axis; the result has it in between.
	below := s.axisStep / n // rows of the result below a step along s.axis
	to := (plane/below*s.dims[s.axis]*below + plane%below) * n
	if n == 3 && s.axisStep == 3 {
		at := from + lo
		interleave3(dst[to+3*lo:to+3*hi], src[at:], src[at+step:], src[at+2*step:])
		return
	}
	if words, ok := any(dst).([]uint32); ok && s.size == 4 {
		Transpose(words[to+lo*s.axisStep:], s.axisStep, any(src).([]uint32)[from+lo:], step, n, hi-lo, s.features)
		return
	}
	for i0 := lo; i0 < hi; i0 += block {
		i1 := min(i0+block, hi)
		for j0 := 0; j0 < n; j0 += block {
			j1 := min(j0+block, n)
			for i := i0; i < i1; i++ {
				out := dst[to+i*s.axisStep+j0:][:j1-j0]
				at := from + i + j0*step
				for j := range out {
					out[j] = src[at]
					at += step
				}
			}
		}
	}
}

// interleave3 is dst[3*i], dst[3*i+1], dst[3*i+2] = a[i], b[i], c[i]: an image in colour
// from channels to pixels.
func interleave3[T any](dst, a, b, c []T) {
	a = a[:len(dst)/3]
	b, c = b[:len(a)], c[:len(a)]
	for i := range a {
		pixel := dst[3*i:][:3]
		pixel[0], pixel[1], pixel[2] = a[i], b[i], c[i]
	}
}
