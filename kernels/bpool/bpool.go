// Package bpool is the max pool of packed maps of -1 and +1.
package bpool

import (
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/parallel"
)

// Params describe a pool of a map [Batch, H, W, C] to [Batch, OutH, OutW, C].
type Params struct {
	Batch, H, W, C       int
	OutH, OutW           int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
}

// Max is a prepared pool. It belongs to one goroutine at a time.
type Max struct {
	p        Params
	dst, src []uint32
}

// NewMax prepares a pool.
func NewMax(p Params) *Max { return &Max{p: p} }

// Run pools src into dst. A bit is 1 for -1, so the maximum is the AND of the
// words of the window. Padding never wins: a window that sees nothing else is -1,
// the least value there is.
func (m *Max) Run(pool *parallel.Pool, dst, src []uint32) {
	if m.p.C == 0 {
		return
	}
	m.dst, m.src = dst, src
	pool.Run(m.p.Batch*m.p.OutH, m)
	m.dst, m.src = nil, nil
}

// Tile computes a row of the output; it is called by the pool.
func (m *Max) Tile(i, _ int) {
	p := &m.p
	words, tail := bits.Words(p.C), bits.TailMask(p.C)
	image, y := i/p.OutH, i%p.OutH*p.StrideH-p.PadTop
	y0, y1 := window(y, p.KernelH, p.DilationH, p.H)
	for ox := range p.OutW {
		out := m.dst[(i*p.OutW+ox)*words:][:words]
		for j := range out {
			out[j] = ^uint32(0)
		}
		out[words-1] = tail
		x := ox*p.StrideW - p.PadLeft
		x0, x1 := window(x, p.KernelW, p.DilationW, p.W)
		for yy := y0; yy < y1; yy += p.DilationH {
			for xx := x0; xx < x1; xx += p.DilationW {
				in := m.src[((image*p.H+yy)*p.W+xx)*words:][:words]
				for j, w := range in {
					out[j] &= w
				}
			}
		}
	}
}

// window is the part of a window on the map: its first tap and the end.
func window(start, kernel, dilation, size int) (from, to int) {
	to = min(start+(kernel-1)*dilation+1, size)
	if start < 0 {
		start += (-start + dilation - 1) / dilation * dilation
	}
	return start, to
}
