// Package bpool is the max pool of packed maps of -1 and +1.
package bpool

import (
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
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
	kernel   kernel
	rows     [][]uint32 // for each worker, the AND of the rows of a window
	dst, src []uint32
}

// kernel is a way to give a AND b. All have the same length; dst may be a.
type kernel struct {
	name  string
	needs isa.Features
	and   func(dst, a, b []uint32)
}

var generic = kernel{name: "generic", and: and2}

// NewMax prepares a pool with the best kernel for the features, for at most threads
// threads.
func NewMax(p Params, f isa.Features, threads int) *Max {
	m := &Max{p: p, kernel: generic, rows: make([][]uint32, max(1, threads))}
	if k := kernelAsm(); f.Has(k.needs) {
		m.kernel = k
	}
	for i := range m.rows {
		m.rows[i] = make([]uint32, p.W*bits.Words(p.C))
	}
	return m
}

// Name is the name of the kernel.
func (m *Max) Name() string { return "bmaxpool2d_" + m.kernel.name }

// Run pools src into dst. A bit is 1 for -1, so the maximum is the AND of the
// words of the window. Padding never wins: a window that sees nothing else is -1,
// the least value there is.
func (m *Max) Run(pool *parallel.Pool, dst, src []uint32) {
	if m.p.C == 0 {
		return
	}
	if pool.Threads() > len(m.rows) {
		pool = nil
	}
	m.dst, m.src = dst, src
	pool.Run(m.p.Batch*m.p.OutH, m)
	m.dst, m.src = nil, nil
}

// Tile computes a row of the output, first down the columns of its windows and then
// along them; it is called by the pool.
func (m *Max) Tile(i, worker int) {
	p := &m.p
	words := bits.Words(p.C)
	image, y := i/p.OutH, i%p.OutH*p.StrideH-p.PadTop
	y0, y1 := window(y, p.KernelH, p.DilationH, p.H)
	out := m.dst[i*p.OutW*words : (i+1)*p.OutW*words]
	if y0 >= y1 {
		for x := range p.OutW {
			m.least(out[x*words:][:words])
		}
		return
	}
	size := p.W * words
	row := m.src[(image*p.H+y0)*size:][:size]
	if y0+p.DilationH < y1 {
		and := m.rows[worker]
		m.kernel.and(and, row, m.src[(image*p.H+y0+p.DilationH)*size:][:size])
		for y := y0 + 2*p.DilationH; y < y1; y += p.DilationH {
			m.kernel.and(and, and, m.src[(image*p.H+y)*size:][:size])
		}
		row = and
	}
	switch words {
	case 1:
		m.along1(out, row)
	case 2:
		m.along2(out, row)
	default:
		m.along(out, row, words)
	}
}

// least makes a pixel -1 in all channels.
func (m *Max) least(out []uint32) {
	for j := range out {
		out[j] = ^uint32(0)
	}
	out[len(out)-1] = bits.TailMask(m.p.C)
}

// columns is the part of the window of column x of the output that is on the map.
func (m *Max) columns(x int) (from, to int) {
	p := &m.p
	return window(x*p.StrideW-p.PadLeft, p.KernelW, p.DilationW, p.W)
}

// along1 pools along a row whose pixels are single words.
func (m *Max) along1(out, row []uint32) {
	tail, step := bits.TailMask(m.p.C), m.p.DilationW
	for ox := range out {
		x0, x1 := m.columns(ox)
		v := tail
		for x := x0; x < x1; x += step {
			v &= row[x]
		}
		out[ox] = v
	}
}

// along2 is along1 for pixels of two words.
func (m *Max) along2(out, row []uint32) {
	tail, step := bits.TailMask(m.p.C), m.p.DilationW
	for ox := range len(out) / 2 {
		x0, x1 := m.columns(ox)
		v0, v1 := ^uint32(0), tail
		for x := x0; x < x1; x += step {
			in := (*[2]uint32)(row[2*x:])
			v0 &= in[0]
			v1 &= in[1]
		}
		out[2*ox], out[2*ox+1] = v0, v1
	}
}

// along is along1 for pixels of any size.
func (m *Max) along(out, row []uint32, words int) {
	step := m.p.DilationW
	for ox := range len(out) / words {
		to := out[ox*words:][:words]
		x0, x1 := m.columns(ox)
		if x0 >= x1 {
			m.least(to)
			continue
		}
		copy(to, row[x0*words:])
		for x := x0 + step; x < x1; x += step {
			m.kernel.and(to, to, row[x*words:][:words])
		}
	}
}

// and2 is the generic kernel.
func and2(dst, a, b []uint32) {
	for len(dst) >= 8 {
		d, x, y := (*[8]uint32)(dst), (*[8]uint32)(a), (*[8]uint32)(b)
		d[0] = x[0] & y[0]
		d[1] = x[1] & y[1]
		d[2] = x[2] & y[2]
		d[3] = x[3] & y[3]
		d[4] = x[4] & y[4]
		d[5] = x[5] & y[5]
		d[6] = x[6] & y[6]
		d[7] = x[7] & y[7]
		dst, a, b = dst[8:], a[8:], b[8:]
	}
	for i := range dst {
		dst[i] = a[i] & b[i]
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
