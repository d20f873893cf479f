package f32

import (
	"unsafe"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// ResizeAxis says how the elements along an axis of a resized array are made: each of Taps
// elements of the original, with their weights.
type ResizeAxis struct {
	Axis    int
	Taps    int
	Places  []int32   // Taps for each element of the result
	Weights []float32 // Taps for each element of the result
	Outside []bool    // elements that are not in the original but have a value of their own
}

// Resize makes an array of another size by weighted sums along one axis after the other.
type Resize[T float32 | float64] struct {
	stages  []*resizeStage[T]
	longest int // elements of the largest array between stages
}

// resizeStage works on outer x in x inner elements.
type resizeStage[T float32 | float64] struct {
	ResizeAxis
	in, out, inner int
	value          T // of what is outside
	spread         move.Spread
	dst, src       []T
	mix            mixRowsFunc // of two taps of Float32, unless it is nil
	least          int         // elements that mix takes
}

// mixRowsFunc computes rows of cols elements, each the sum of two rows of src by weights. Rows of dst
// and src are stride elements apart; dst and places end with the last one.
type mixRowsFunc func(dst, src []float32, places []int32, weights []float32, cols, stride int)

// NewResize makes an array of the given shape of another size along some axes, in order.
func NewResize[T float32 | float64](shape []int, axes []ResizeAxis, value float32, f isa.Features) *Resize[T] {
	r := &Resize[T]{}
	dims := append([]int{}, shape...)
	for i, a := range axes {
		s := &resizeStage[T]{ResizeAxis: a, in: dims[a.Axis], out: len(a.Places) / a.Taps, inner: 1, value: T(value)}
		outer := 1
		for _, d := range dims[:a.Axis] {
			outer *= d
		}
		for _, d := range dims[a.Axis+1:] {
			s.inner *= d
		}
		dims[a.Axis] = s.out
		s.spread = move.NewSpread(outer*s.out, s.inner, 2*a.Taps, 64)
		if a.Taps == 2 && a.Outside == nil {
			s.mix, s.least = mixRowsFor(f, s.inner)
		}
		r.stages = append(r.stages, s)
		if i < len(axes)-1 {
			r.longest = max(r.longest, outer*s.out*s.inner)
		}
	}
	return r
}

// ScratchBytes is the size of the scratch memory that Run needs.
func (r *Resize[T]) ScratchBytes() int {
	var zero T
	return min(max(len(r.stages)-1, 0), 2) * r.longest * int(unsafe.Sizeof(zero))
}

// Run resizes src to dst.
func (r *Resize[T]) Run(p *parallel.Pool, dst, src, scratch []T) {
	if len(r.stages) == 0 {
		copy(dst, src)
		return
	}
	for i, s := range r.stages {
		s.src, s.dst = src, dst
		if i < len(r.stages)-1 {
			s.dst = scratch[i%2*r.longest:]
		}
		src = s.dst
		p.Run(s.spread.Tiles(), s)
		s.src, s.dst = nil, nil
	}
}

// Tile computes some rows of the result.
func (s *resizeStage[T]) Tile(i, _ int) {
	row, end, lo, hi := s.spread.Tile(i)
	if dst, ok := any(s.dst).([]float32); ok && s.mix != nil && hi-lo >= s.least {
		src := any(s.src).([]float32)
		for row < end {
			block, j := row/s.out, row%s.out
			n := min(end-row, s.out-j)
			s.mix(dst[row*s.inner+lo:][:(n-1)*s.inner+hi-lo], src[block*s.in*s.inner+lo:], s.Places[2*j:2*(j+n)], s.Weights[2*j:], hi-lo, s.inner)
			row += n
		}
		return
	}
	for ; row < end; row++ {
		block, j := row/s.out, row%s.out
		dst := s.dst[row*s.inner+lo : row*s.inner+hi]
		if s.Outside != nil && s.Outside[j] {
			for k := range dst {
				dst[k] = s.value
			}
			continue
		}
		for t := range s.Taps {
			w := T(s.Weights[j*s.Taps+t])
			from := (block*s.in+int(s.Places[j*s.Taps+t]))*s.inner + lo
			src := s.src[from:][:len(dst)]
			if t == 0 {
				for k, v := range src {
					dst[k] = w * v
				}
				continue
			}
			for k, v := range src {
				dst[k] += T(w * v)
			}
		}
	}
}
