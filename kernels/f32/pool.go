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

// window is the part of a window that lies in the map: its taps [y0, y1) x [x0, x1).
type window struct {
	p                *PoolParams
	y0, y1, x0, x1   int64
	paddedH, paddedW int64 // taps before the end of the padding, along each axis
	startY, startX   int64 // position of tap (0, 0)
}

func (p *PoolParams) rowWindow(y int) (w window) {
	w.p = p
	w.y0, w.y1, w.paddedH = taps(y, p.StrideH, p.DilationH, p.KernelH, p.InH, p.PadTop, p.PadBottom)
	w.startY = int64(y)*int64(p.StrideH) - int64(p.PadTop)
	return w
}

func (w *window) at(x int) {
	p := w.p
	w.x0, w.x1, w.paddedW = taps(x, p.StrideW, p.DilationW, p.KernelW, p.InW, p.PadLeft, p.PadRight)
	w.startX = int64(x)*int64(p.StrideW) - int64(p.PadLeft)
}

// pixel is the index in an image of tap (i, j), which must lie in the map.
func (w *window) pixel(i, j int64) int {
	y := int(w.startY + i*int64(w.p.DilationH))
	x := int(w.startX + j*int64(w.p.DilationW))
	return y*w.p.InW + x
}

// MaxPool takes the maximum of each window, NaN if there is one. A window without a
// tap in the map has the lowest value of the type, -Inf for floats.
type MaxPool[T Number] struct {
	p      PoolParams
	spread move.Spread
	lowest T
	max    BinaryFunc[T, T, T]
	name   string
	out    []T
	in     []T
}

// NewMaxPool makes a maximum pool.
func NewMaxPool[T Number](p PoolParams) *MaxPool[T] {
	m := &MaxPool[T]{p: p, spread: p.spread(), lowest: lowest[T](), max: Max[T]}
	if fn, ok := any(FunctionsFor(p.Features).Max).(BinaryFunc[T, T, T]); ok {
		m.max, m.name = fn, FunctionsFor(p.Features).Name
	}
	return m
}

// Name is the end of the kernel's name: the instruction set, empty for Go.
func (m *MaxPool[T]) Name() string { return m.name }

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
	}
	return v.(T)
}

// Run computes out from in.
func (m *MaxPool[T]) Run(p *parallel.Pool, out, in []T) {
	if len(out) == 0 {
		return
	}
	m.out, m.in = out, in
	p.Run(m.spread.Tiles(), m)
	m.out, m.in = nil, nil
}

// Tile computes some rows of the result.
func (m *MaxPool[T]) Tile(i, _ int) {
	p := &m.p
	_, _, lo, hi := m.spread.Tile(i)
	for r := lo; r < hi; r++ {
		image := m.in[r/p.OutH*p.InH*p.InW*p.C:]
		w := p.rowWindow(r % p.OutH)
		for x := range p.OutW {
			w.at(x)
			out := m.out[(r*p.OutW+x)*p.C:][:p.C]
			for c := range out {
				out[c] = m.lowest
			}
			for i := w.y0; i < w.y1; i++ {
				for j := w.x0; j < w.x1; j++ {
					m.max(out, out, image[w.pixel(i, j)*p.C:][:p.C])
				}
			}
		}
	}
}

// AveragePool takes the mean of each window. A window without a tap to count has
// the value 0.
type AveragePool struct {
	p       PoolParams
	spread  move.Spread
	add     BinaryFunc[float32, float32, float32]
	out, in []float32
}

// NewAveragePool makes an average pool.
func NewAveragePool(p PoolParams) *AveragePool {
	return &AveragePool{p: p, spread: p.spread(), add: FunctionsFor(p.Features).Add}
}

// Run computes out from in.
func (a *AveragePool) Run(p *parallel.Pool, out, in []float32) {
	if len(out) == 0 {
		return
	}
	a.out, a.in = out, in
	p.Run(a.spread.Tiles(), a)
	a.out, a.in = nil, nil
}

// Tile computes some rows of the result.
func (a *AveragePool) Tile(i, _ int) {
	p := &a.p
	_, _, lo, hi := a.spread.Tile(i)
	for r := lo; r < hi; r++ {
		image := a.in[r/p.OutH*p.InH*p.InW*p.C:]
		w := p.rowWindow(r % p.OutH)
		for x := range p.OutW {
			w.at(x)
			out := a.out[(r*p.OutW+x)*p.C:][:p.C]
			clear(out)
			for i := w.y0; i < w.y1; i++ {
				for j := w.x0; j < w.x1; j++ {
					a.add(out, out, image[w.pixel(i, j)*p.C:][:p.C])
				}
			}
			count := (w.y1 - w.y0) * (w.x1 - w.x0)
			if p.CountPad {
				count = w.paddedH * w.paddedW
			}
			if count > 1 {
				divide(out, float32(count))
			}
		}
	}
}

func divide(dst []float32, by float32) {
	for i := range dst {
		dst[i] /= by
	}
}
