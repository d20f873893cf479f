package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// Softmax is exp(x) / sum of exp along the middle axis of [outer, length, inner], or
// its logarithm. The maximum is taken off first, so that nothing overflows.
type Softmax struct {
	length, inner int
	log           bool
	spread        move.Spread
	dst, src      []float32
}

// softmaxLanes is how many columns are done at a time.
const softmaxLanes = 16

// NewSoftmax makes a softmax; log asks for its logarithm.
func NewSoftmax(outer, length, inner int, log bool) *Softmax {
	s := &Softmax{length: length, inner: inner, log: log}
	if length > 0 {
		s.spread = move.NewSpread(outer, inner, 40*length, softmaxLanes)
	}
	return s
}

// Run computes dst from src; they may be the same memory.
func (s *Softmax) Run(p *parallel.Pool, dst, src []float32) {
	s.dst, s.src = dst, src
	p.Run(s.spread.Tiles(), s)
	s.dst, s.src = nil, nil
}

// Tile computes some columns.
func (s *Softmax) Tile(i, _ int) {
	row, end, lo, hi := s.spread.Tile(i)
	size := s.length * s.inner
	for ; row < end; row++ {
		src, dst := s.src[row*size:][:size], s.dst[row*size:][:size]
		for at := lo; at < hi; at += softmaxLanes {
			s.columns(dst, src, at, min(softmaxLanes, hi-at))
		}
	}
}

// columns does n columns from column at on.
func (s *Softmax) columns(dst, src []float32, at, n int) {
	var most, sum [softmaxLanes]float64
	for j := range most {
		most[j] = math.Inf(-1)
	}
	for r := at; r < len(src); r += s.inner {
		for j, v := range src[r : r+n] {
			most[j] = max(most[j], float64(v))
		}
	}
	for r := at; r < len(src); r += s.inner {
		for j, v := range src[r : r+n] {
			e := math.Exp(float64(v) - most[j])
			sum[j] += e
			if !s.log {
				dst[r+j] = float32(e)
			}
		}
	}
	if s.log {
		for j := range sum {
			sum[j] = math.Log(sum[j]) + most[j]
		}
	}
	for r := at; r < len(src); r += s.inner {
		for j := range src[r : r+n] {
			if s.log {
				dst[r+j] = float32(float64(src[r+j]) - sum[j])
			} else {
				dst[r+j] = float32(float64(dst[r+j]) / sum[j])
			}
		}
	}
}
