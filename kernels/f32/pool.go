package f32

import (
	"math"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// PoolParams is the geometry of a pool over maps [Batch, InH, InW, C].
type PoolParams struct {
	Batch, InH, InW, C                   int
	OutH, OutW                           int
	KernelH, KernelW                     int
	StrideH, StrideW                     int
	DilationH, DilationW                 int
	PadTop, PadLeft, PadBottom, PadRight int
	// CountPad divides an average by the taps that lie in the padded map, not in the
	// map only. Taps beyond the padding, of a last window that is cut off, never count.
	CountPad bool

	Features isa.Features
}

// taps is the range of taps [first, end) of a window that lie in a map of size in,
// and the number that lie before the end of the padding after it.
func taps(out, stride, dilation, kernel, in, before, after int) (first, end, padded int64) {
	start := int64(out)*int64(stride) - int64(before)
	d, size := int64(dilation), int64(in)
	if start < 0 {
		first = (-start + d - 1) / d
	}
	if start < size {
		end = min(int64(kernel), (size-1-start)/d+1)
	}
	if last := size + int64(after) - 1 - start; last >= 0 {
		padded = min(int64(kernel), last/d+1)
	}
	return first, max(first, end), padded
}

func (p *PoolParams) spread() move.Spread {
	work := int64(p.OutW) * int64(p.C) * int64(min(p.KernelH, p.InH)) * int64(min(p.KernelW, p.InW))
	return move.NewSpread(1, p.Batch*p.OutH, int(min(work, math.MaxInt32)), 1)
}

// wholeRows reports whether a window is all pixels of some rows of the map.
func (p *PoolParams) wholeRows() bool {
	return p.OutW == 1 && p.PadLeft == 0 && p.KernelW >= p.InW && p.DilationW == 1 && p.DilationH == 1
}

// tapsY is taps for the windows of a row of the result.
func (p *PoolParams) tapsY(y int) (first, end, padded int64) {
	return taps(y, p.StrideH, p.DilationH, p.KernelH, p.InH, p.PadTop, p.PadBottom)
}

// columns is the range [first, end) of windows of a row whose tap j lies in the map.
func (p *PoolParams) columns(j int64) (first, end int) {
	stride, in := int64(p.StrideW), int64(p.InW)
	start := j*int64(p.DilationW) - int64(p.PadLeft) // of the tap of window 0
	lo, hi := int64(0), int64(0)
	if start < 0 {
		lo = (-start + stride - 1) / stride
	}
	if start < in {
		hi = min(int64(p.OutW), (in-1-start)/stride+1)
	}
	return int(min(lo, hi)), int(hi)
}

// accumulate does row[x] = fn(row[x], tap) for each tap in the map of the windows of
// row y of the result. Taps are the outer loop, in order: with stride 1 a tap of all
// windows is one long vector.
func accumulate[T Number](p *PoolParams, y int, row, image []T, fn BinaryFunc[T, T, T]) {
	y0, y1, _ := p.tapsY(y)
	// Tap j of some window lies in the map: of the first window not behind it, of the last
	// not before it.
	d, last := int64(p.DilationW), int64(p.OutW-1)*int64(p.StrideW)
	j0 := max(0, (int64(p.PadLeft)-last+d-1)/d)
	j1 := min(int64(p.KernelW), (int64(p.InW)+int64(p.PadLeft)+d-1)/d)
	for i := y0; i < y1; i++ {
		line := int(int64(y)*int64(p.StrideH)-int64(p.PadTop)+i*int64(p.DilationH)) * p.InW
		for j := j0; j < j1; j++ {
			first, end := p.columns(j)
			if first == end {
				continue
			}
			at := (line + int(int64(first)*int64(p.StrideW)-int64(p.PadLeft)+j*int64(p.DilationW))) * p.C
			if p.StrideW == 1 {
				dst := row[first*p.C : end*p.C]
				fn(dst, dst, image[at:][:len(dst)])
				continue
			}
			for x := first; x < end; x++ {
				dst := row[x*p.C:][:p.C]
				fn(dst, dst, image[at:][:p.C])
				at += p.StrideW * p.C
			}
		}
	}
}

// fill sets all elements to v at the speed of copying.
func fill[T any](dst []T, v T) {
	if len(dst) == 0 {
		return
	}
	dst[0] = v
	for n := 1; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// MaxPool takes the maximum of each window, NaN if there is one. A window without a
// tap in the map has the lowest value of the type, -Inf for floats.
//
// The maximum down the columns of a row of windows comes first, then that along the
// row: KernelH + KernelW steps for each element instead of their product.
type MaxPool[T Number] struct {
	p      PoolParams
	along  PoolParams // the pool along the row that is left of it
	spread move.Spread
	lowest T
	max    BinaryFunc[T, T, T]
	name   string
	out    []T
	in     []T
	lines  []T // by thread, the maximum down the columns
	window *windowPool
}

// NewMaxPool makes a maximum pool for at most threads threads.
func NewMaxPool[T Number](p PoolParams, threads int) *MaxPool[T] {
	m := &MaxPool[T]{p: p, spread: p.spread(), lowest: lowest[T](), max: Max[T]}
	if fn, ok := any(FunctionsFor(p.Features).Max).(BinaryFunc[T, T, T]); ok {
		m.max, m.name = fn, FunctionsFor(p.Features).Name
	}
	if _, ok := any(m).(*MaxPool[float32]); ok {
		m.window = newWindowPool(&p, threads)
	}
	m.along = p
	m.along.InH, m.along.KernelH, m.along.StrideH, m.along.DilationH = 1, 1, 1, 1
	m.along.PadTop, m.along.PadBottom = 0, 0
	return m
}

// Name is the end of the kernel's name: the instruction set, empty for Go.
func (m *MaxPool[T]) Name() string { return m.name }

// separate tells whether the two steps are less work: not if there is one row or column
// of taps, nor if columns are skipped.
func (m *MaxPool[T]) separate() bool {
	p := &m.p
	return m.window == nil && p.KernelH > 1 && p.KernelW > 1 && p.StrideW <= p.KernelW
}

// ScratchLen is the number of elements of scratch memory that Run needs with that many
// threads.
func (m *MaxPool[T]) ScratchLen(threads int) int {
	if !m.separate() {
		return 0
	}
	return threads * m.p.InW * m.p.C
}

// Run computes out from in.
func (m *MaxPool[T]) Run(p *parallel.Pool, out, in, scratch []T) {
	if len(out) == 0 {
		return
	}
	m.Begin(out, in, scratch)
	p.Run(m.spread.Tiles(), m)
	m.End()
}

// Begin sets the operands, as for Run, of calls of Rows until End.
func (m *MaxPool[T]) Begin(out, in, scratch []T) { m.out, m.in, m.lines = out, in, scratch }

// End lets go of the operands.
func (m *MaxPool[T]) End() { m.out, m.in, m.lines = nil, nil, nil }

// Tile computes some rows of the result.
func (m *MaxPool[T]) Tile(i, worker int) {
	_, _, lo, hi := m.spread.Tile(i)
	m.Rows(lo, hi, worker, nil)
}

// Rows computes the rows [lo, hi) of the result of all images between Begin and End, in
// dst if that is not nil.
func (m *MaxPool[T]) Rows(lo, hi, worker int, dst []T) {
	p := &m.p
	if dst == nil {
		dst = m.out[lo*p.OutW*p.C:]
	}
	if m.window != nil {
		m.window.run(any(dst).([]float32), any(m.in).([]float32), lo*p.OutW, hi*p.OutW, worker, nil)
		return
	}
	size := p.InW * p.C
	for r := lo; r < hi; r++ {
		row := dst[(r-lo)*p.OutW*p.C:][:p.OutW*p.C]
		fill(row, m.lowest)
		image := m.in[r/p.OutH*p.InH*size:]
		if !m.separate() {
			accumulate(p, r%p.OutH, row, image, m.max)
			continue
		}
		if line, ok := m.down(r%p.OutH, image, m.lines[worker*size:][:size]); ok {
			accumulate(&m.along, 0, row, line, m.max)
		}
	}
}

// down is the maximum of the rows of the map that the windows of row y reach, in line
// or where it lies in the map; not ok if there is none.
func (m *MaxPool[T]) down(y int, image, line []T) (_ []T, ok bool) {
	p := &m.p
	y0, y1, _ := p.tapsY(y)
	at := func(tap int64) []T {
		return image[int(int64(y)*int64(p.StrideH)-int64(p.PadTop)+tap*int64(p.DilationH))*len(line):][:len(line)]
	}
	switch {
	case y0 >= y1:
		return nil, false
	case y0+1 == y1:
		return at(y0), true
	}
	m.max(line, at(y0), at(y0+1))
	for tap := y0 + 2; tap < y1; tap++ {
		m.max(line, line, at(tap))
	}
	return line, true
}

// lowest is the least value of a type.
func lowest[T Number]() T {
	var v any
	var zero T
	switch any(zero).(type) {
	case float32:
		v = float32(math.Inf(-1))
	case float64:
		v = math.Inf(-1)
	case int8:
		v = int8(math.MinInt8)
	case uint8:
		v = uint8(0)
	case int32:
		v = int32(math.MinInt32)
	case int64:
		v = int64(math.MinInt64)
	case uint64:
		v = uint64(0)
	}
	return v.(T)
}

// highest is the greatest value of a type.
func highest[T Number]() T {
	var v any
	var zero T
	switch any(zero).(type) {
	case float32:
		v = float32(math.Inf(1))
	case float64:
		v = math.Inf(1)
	case int8:
		v = int8(math.MaxInt8)
	case uint8:
		v = uint8(math.MaxUint8)
	case int32:
		v = int32(math.MaxInt32)
	case int64:
		v = int64(math.MaxInt64)
	case uint64:
		v = uint64(math.MaxUint64)
	}
	return v.(T)
}

// AveragePool takes the mean of each window. A window without a tap to count has
// the value 0.
type AveragePool struct {
	p       PoolParams
	spread  move.Spread
	fn      *Functions
	out, in []float32
	window  *windowPool
}

// NewAveragePool makes an average pool for at most threads threads.
func NewAveragePool(p PoolParams, threads int) *AveragePool {
	return &AveragePool{p: p, spread: p.spread(), fn: FunctionsFor(p.Features), window: newWindowPool(&p, threads)}
}

// Run computes out from in.
func (a *AveragePool) Run(p *parallel.Pool, out, in []float32) {
	if len(out) == 0 {
		return
	}
	a.Begin(out, in)
	p.Run(a.spread.Tiles(), a)
	a.End()
}

// Begin sets the operands, as for Run, of calls of Rows until End.
func (a *AveragePool) Begin(out, in []float32) { a.out, a.in = out, in }

// End lets go of the operands.
func (a *AveragePool) End() { a.out, a.in = nil, nil }

// Tile computes some rows of the result.
func (a *AveragePool) Tile(i, worker int) {
	_, _, lo, hi := a.spread.Tile(i)
	a.Rows(lo, hi, worker, nil)
}

// Rows computes the rows [lo, hi) of the result of all images between Begin and End, in
// dst if that is not nil.
func (a *AveragePool) Rows(lo, hi, worker int, dst []float32) {
	p := &a.p
	if dst == nil {
		dst = a.out[lo*p.OutW*p.C:]
	}
	if a.window != nil && !p.wholeRows() {
		a.window.run(dst, a.in, lo*p.OutW, hi*p.OutW, worker, p)
		return
	}
	for r := lo; r < hi; r++ {
		row := dst[(r-lo)*p.OutW*p.C:][:p.OutW*p.C]
		clear(row)
		image := a.in[r/p.OutH*p.InH*p.InW*p.C:]
		if p.wholeRows() {
			first, end, _ := p.tapsY(r % p.OutH)
			at := (r%p.OutH*p.StrideH - p.PadTop + int(first)) * p.InW * p.C
			if n := int(end-first) * p.InW; n > 0 {
				a.fn.AddRows(row, image[at:][:n*p.C], n, p.C)
			}
		} else {
			accumulate(p, r%p.OutH, row, image, a.fn.Add)
		}
		for x := range p.OutW {
			if count := p.count(r%p.OutH, x); count > 1 {
				divide(row[x*p.C:][:p.C], float32(count))
			}
		}
	}
}

// count is the number of taps that the average of a window is divided by.
func (p *PoolParams) count(y, x int) int64 {
	y0, y1, paddedH := p.tapsY(y)
	x0, x1, paddedW := taps(x, p.StrideW, p.DilationW, p.KernelW, p.InW, p.PadLeft, p.PadRight)
	if p.CountPad {
		return paddedH * paddedW
	}
	return (y1 - y0) * (x1 - x0)
}

func divide(dst []float32, by float32) {
	for i := range dst {
		dst[i] /= by
	}
}
