package f32

import (
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// PoolNDParams is the geometry of a pool over maps of any number of axes, a channel after
// the other. The pads after a map follow from the sizes, but for CountPad.
type PoolNDParams struct {
	Maps                       int
	In, Out                    []int
	Kernel, Strides, Dilations []int
	Before, After              []int
	CountPad                   bool
	ColumnMajor                bool // the order that indices count in
}

// PoolND pools maps of any number of axes, one element after the other.
type PoolND[T Number] struct {
	p       PoolNDParams
	average bool
	spread  move.Spread
	in, out int   // elements of a map
	order   []int // steps of an index along each axis
	spots   [][]int

	dst, src []T
	indices  []int64
}

// NewPoolND makes a pool for a number of threads.
func NewPoolND[T Number](p PoolNDParams, average bool, threads int) *PoolND[T] {
	k := &PoolND[T]{p: p, average: average, in: 1, out: 1, order: make([]int, len(p.In))}
	taps := 1
	for i, d := range p.In {
		k.in *= d
		k.out *= p.Out[i]
		taps *= p.Kernel[i]
	}
	step := 1
	for i := range p.In {
		axis := len(p.In) - 1 - i
		if p.ColumnMajor {
			axis = i
		}
		k.order[axis] = step
		step *= p.In[axis]
	}
	k.spread = move.NewSpread(1, p.Maps*k.out, taps*4, 1)
	for range threads {
		k.spots = append(k.spots, make([]int, len(p.In)))
	}
	return k
}

// Run pools src; the indices of the largest elements go to indices unless that is nil.
func (k *PoolND[T]) Run(p *parallel.Pool, dst, src []T, indices []int64) {
	k.dst, k.src, k.indices = dst, src, indices
	p.Run(k.spread.Tiles(), k)
	k.dst, k.src, k.indices = nil, nil, nil
}

// Tile computes some elements.
func (k *PoolND[T]) Tile(i, worker int) {
	_, _, lo, hi := k.spread.Tile(i)
	for at := lo; at < hi; at++ {
		k.window(at, k.spots[worker])
	}
}

// window computes the element at an index of the result. spot is room for a tap.
func (k *PoolND[T]) window(at int, spot []int) {
	p := &k.p
	src := k.src[at/k.out*k.in:][:k.in]
	best, index, found := lowest[T](), int64(0), false
	sum, count := 0.0, 0
	clear(spot)
	for {
		// Where the tap is, from the last axis to the first.
		place, order, rest, inside, padded := 0, 0, at%k.out, true, true
		step := 1
		for axis := len(spot) - 1; axis >= 0; axis-- {
			x := rest%p.Out[axis]*p.Strides[axis] - p.Before[axis] + spot[axis]*p.Dilations[axis]
			rest /= p.Out[axis]
			inside = inside && x >= 0 && x < p.In[axis]
			padded = padded && x < p.In[axis]+p.After[axis]
			place += x * step
			order += x * k.order[axis]
			step *= p.In[axis]
		}
		if inside {
			v := src[place]
			sum += float64(v)
			if !found || v > best || v != v {
				best, index, found = v, int64(order), true
			}
		}
		if inside || p.CountPad && padded {
			count++
		}
		axis := len(spot) - 1
		for ; axis >= 0; axis-- {
			if spot[axis]++; spot[axis] < p.Kernel[axis] {
				break
			}
			spot[axis] = 0
		}
		if axis < 0 {
			break
		}
	}
	switch {
	case !k.average:
		k.dst[at] = best
	case count == 0:
		k.dst[at] = 0
	default:
		k.dst[at] = T(sum / float64(count))
	}
	if k.indices != nil {
		k.indices[at] = int64(at/k.out*k.in) + index
	}
}
