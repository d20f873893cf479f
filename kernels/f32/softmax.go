package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// Softmax is exp(x) / sum of exp along the middle axis of [outer, length, inner], or
// its logarithm. The maximum is taken off first, so that nothing overflows.
type Softmax struct {
	length, inner int
	log           bool
	row           SoftmaxFunc
	edges         [][softmaxLanes]float32 // of each thread
	spread        move.Spread
	dst, src      []float32
}

// SoftmaxFunc computes the softmax of a row; dst may be the memory of src, and edge is memory to
// work with.
type SoftmaxFunc func(dst, src []float32, edge *[softmaxLanes]float32)

// softmaxLanes is how many columns are done at a time.
const softmaxLanes = 16

// NewSoftmax makes a softmax; log asks for its logarithm.
func NewSoftmax(outer, length, inner int, log bool, f isa.Features, threads int) *Softmax {
	s := &Softmax{length: length, inner: inner, log: log, row: FunctionsFor(f).Softmax}
	s.edges = make([][softmaxLanes]float32, threads)
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
func (s *Softmax) Tile(i, worker int) {
	row, end, lo, hi := s.spread.Tile(i)
	size := s.length * s.inner
	for ; row < end; row++ {
		src, dst := s.src[row*size:][:size], s.dst[row*size:][:size]
		if s.inner == 1 && !s.log {
			s.row(dst, src, &s.edges[worker])
			continue
		}
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

// softmaxRow is a SoftmaxFunc in Go.
func softmaxRow(dst, src []float32, _ *[softmaxLanes]float32) {
	sum := expSumRow(dst, src, largest(src))
	for i, v := range dst {
		dst[i] = float32(float64(v) / sum)
	}
}

// largest is the maximum of a row; NaN if there is one, and -Inf of nothing.
func largest(v []float32) float64 {
	most := [4]float32{negInf, negInf, negInf, negInf}
	for ; len(v) >= 4; v = v[4:] {
		most[0], most[1] = max(most[0], v[0]), max(most[1], v[1])
		most[2], most[3] = max(most[2], v[2]), max(most[3], v[3])
	}
	for _, x := range v {
		most[0] = max(most[0], x)
	}
	return float64(max(most[0], most[1], most[2], most[3]))
}

// expSumRow does dst[i] = e^(src[i] - most) and gives the sum of these.
func expSumRow(dst, src []float32, most float64) float64 {
	sum := 0.0
	for i, v := range src {
		e := math.Exp(float64(v) - most)
		sum += e
		dst[i] = float32(e)
	}
	return sum
}
