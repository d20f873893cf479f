package f32

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// ReduceKind is what a reduction computes.
type ReduceKind int

// The reductions. The mean is of floats only.
const (
	ReduceSum ReduceKind = iota
	ReduceMean
	ReduceMax
	ReduceProd
	ReduceMin
)

// Reducible is an element type of reductions.
type Reducible interface {
	float32 | float64 | int32 | int64 | uint64
}

// Reduce takes away axes of an array by a sum, mean, maximum, minimum or product. Sums and
// products of floats are made in float64 and rounded at the end of each run of adjacent
// axes; integers wrap around. Over no elements a sum is 0, a mean NaN, a maximum the
// lowest value of the type, a minimum the highest and a product 1. A NaN wins a maximum
// and a minimum.
type Reduce[T Reducible] struct {
	stages []*reduceStage[T]
	count  int // elements of the input
	temp   int // elements of a buffer between stages
}

// reduceStage reduces [outer, length, inner] to [outer, inner].
type reduceStage[T Reducible] struct {
	kind                 ReduceKind
	length, inner, total int // total: elements of a mean
	start                T   // of a maximum or minimum
	size                 int // elements of the result
	addRows              AddRowsFunc[float64]
	extreme              BinaryFunc[float32, float32, float32] // of a maximum or minimum
	sums                 [][lanes]float64                      // by thread
	row                  [][lanes]float32                      // by thread, for extremes
	spread               move.Spread
	dst, src             []T
}

// NewReduce makes a reduction of an array over the axes that are marked, for at most
// threads threads.
func NewReduce[T Reducible](kind ReduceKind, shape []int, marked []bool, f isa.Features, threads int) *Reduce[T] {
	r := &Reduce[T]{count: 1}
	type axis struct {
		size   int
		marked bool
	}
	var axes []axis
	total := 1
	for i, d := range shape {
		r.count *= d
		if marked[i] {
			total *= d
		}
		if last := len(axes) - 1; d == 1 {
			continue
		} else if last >= 0 && axes[last].marked == marked[i] {
			axes[last].size *= d
		} else {
			axes = append(axes, axis{d, marked[i]})
		}
	}
	inner := 1
	for i := len(axes) - 1; i >= 0; i-- {
		if !axes[i].marked {
			inner *= axes[i].size
			continue
		}
		outer := 1
		for _, a := range axes[:i] {
			outer *= a.size
		}
		s := &reduceStage[T]{
			kind: kind, length: axes[i].size, inner: inner, start: lowest[T](), size: outer * inner,
			spread: move.NewSpread(outer, inner, max(axes[i].size, 1), lanes), addRows: FunctionsFor(f).AddRowsWide, sums: make([][lanes]float64, max(threads, 1)),
			row: make([][lanes]float32, max(threads, 1)),
		}
		s.extreme = FunctionsFor(f).Max
		if kind == ReduceMin {
			s.start, s.extreme = highest[T](), FunctionsFor(f).Min
		}
		if len(r.stages) > 0 {
			r.temp = max(r.temp, r.stages[len(r.stages)-1].size)
		}
		r.stages = append(r.stages, s)
	}
	if kind == ReduceMean && len(r.stages) > 0 {
		r.stages[len(r.stages)-1].total = total
	}
	if kind == ReduceMean {
		for _, s := range r.stages[:max(len(r.stages)-1, 0)] {
			s.kind = ReduceSum
		}
	}
	return r
}

// ScratchBytes is the size of the scratch memory that Run needs.
func (r *Reduce[T]) ScratchBytes() int {
	var zero T
	return max(min(len(r.stages)-1, 2), 0) * r.temp * int(unsafe.Sizeof(zero))
}

// Run reduces src to dst.
func (r *Reduce[T]) Run(p *parallel.Pool, dst, src, scratch []T) {
	if len(r.stages) == 0 {
		copy(dst, src[:r.count])
		return
	}
	for i, s := range r.stages {
		out := dst
		if i < len(r.stages)-1 {
			out = scratch[i%2*r.temp:]
		}
		s.dst, s.src = out, src
		p.Run(s.spread.Tiles(), s)
		s.dst, s.src = nil, nil
		src = out
	}
}

// lanes is how many columns a stage sums at a time.
const lanes = 64

// Tile computes some elements of the result.
func (s *reduceStage[T]) Tile(i, worker int) {
	row, end, lo, hi := s.spread.Tile(i)
	for ; row < end; row++ {
		src := s.src[row*s.length*s.inner:][:s.length*s.inner]
		dst := s.dst[row*s.inner:][:s.inner]
		for at := lo; at < hi; at += lanes {
			out := dst[at:min(at+lanes, hi)]
			switch {
			case s.kind == ReduceMax || s.kind == ReduceMin:
				s.extremeLanes(out, src, at, worker)
			case s.kind == ReduceProd:
				s.multiplyLanes(out, src, at)
			case len(out) == 1:
				out[0] = s.sumColumn(src, at)
			default:
				s.sumLanes(out, src, at, worker)
			}
		}
	}
}

// extremeLanes takes the extremes of columns at, at+1, ... of src.
func (s *reduceStage[T]) extremeLanes(out, src []T, at, worker int) {
	if floats, ok := any(src).([]float32); ok && s.length > 1 {
		s.extremeFloats(any(out).([]float32), floats, at, worker)
		return
	}
	for i := range out {
		out[i] = s.start
	}
	for r := 0; r < s.length; r++ {
		row := src[r*s.inner+at:][:len(out)]
		if s.kind == ReduceMin {
			for i, v := range row {
				out[i] = min(out[i], v)
			}
			continue
		}
		for i, v := range row {
			out[i] = max(out[i], v)
		}
	}
}

func (s *reduceStage[T]) extremeFloats(out, src []float32, at, worker int) {
	if s.inner > 1 {
		copy(out, src[at:])
		for r := 1; r < s.length; r++ {
			s.extreme(out, out, src[r*s.inner+at:][:len(out)])
		}
		return
	}
	// One column: the row is folded, as long as that is worth a call.
	n := min(lanes, len(src))
	all := s.row[worker][:n]
	copy(all, src)
	for src = src[n:]; len(src) > 0; src = src[n:] {
		n = min(len(all), len(src))
		s.extreme(all[:n], all[:n], src[:n])
	}
	for len(all) >= 16 {
		half := len(all) / 2
		s.extreme(all[:half], all[:half], all[len(all)-half:])
		all = all[:len(all)-half]
	}
	v := all[0]
	for _, x := range all[1:] {
		if s.kind == ReduceMin {
			v = min(v, x)
		} else {
			v = max(v, x)
		}
	}
	out[0] = v
}

// floating reports whether T is a type of floats.
func floating[T Reducible]() bool {
	var zero T
	switch any(zero).(type) {
	case float32, float64:
		return true
	}
	return false
}

func (s *reduceStage[T]) multiplyLanes(out, src []T, at int) {
	float := floating[T]()
	for i := range out {
		product, exact := 1.0, T(1)
		for c := at + i; c < len(src); c += s.inner {
			if float {
				product *= float64(src[c])
			} else {
				exact *= src[c]
			}
		}
		if out[i] = exact; float {
			out[i] = T(product)
		}
	}
}

// sumLanes sums columns at, at+1, ... of src.
func (s *reduceStage[T]) sumLanes(out, src []T, at, worker int) {
	if floating[T]() {
		sums := s.sums[worker][:len(out)]
		clear(sums)
		if floats, ok := any(src).([]float32); ok && s.length > 0 {
			s.addRows(sums, floats[at:], s.length, s.inner)
		} else {
			for r := range s.length {
				row := src[r*s.inner+at:][:len(sums)]
				for i, v := range row {
					sums[i] += float64(v)
				}
			}
		}
		for i, v := range sums {
			out[i] = s.result(v)
		}
		return
	}
	clear(out)
	for r := 0; r < s.length; r++ {
		row := src[r*s.inner+at:][:len(out)]
		for i, v := range row {
			out[i] += v
		}
	}
}

// sumColumn sums one column: four sums side by side, so that an addition need not
// wait for the one before.
func (s *reduceStage[T]) sumColumn(src []T, at int) T {
	if floating[T]() {
		var a, b, c, d float64
		if s.inner == 1 {
			for ; len(src) >= 4; src = src[4:] {
				a += float64(src[0])
				b += float64(src[1])
				c += float64(src[2])
				d += float64(src[3])
			}
		}
		for ; at < len(src); at += s.inner {
			a += float64(src[at])
		}
		return s.result((a + b) + (c + d))
	}
	sum := T(0)
	for ; at < len(src); at += s.inner {
		sum += src[at]
	}
	return sum
}

// result rounds a sum, or the mean.
func (s *reduceStage[T]) result(sum float64) T {
	if s.kind == ReduceMean {
		sum /= float64(s.total)
	}
	return T(sum)
}
