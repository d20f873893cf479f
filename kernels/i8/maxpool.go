package i8

import (
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// PoolParams is the geometry of a pool over maps [Batch, InH, InW, C] of 8 bits. Each window
// has a pixel of the map.
type PoolParams struct {
	Batch, InH, InW, C   int
	OutH, OutW           int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Signed               bool
}

// MaxPool takes the maximum of each window; what is outside of the map never wins.
type MaxPool struct {
	p    PoolParams
	taps func(dst, src []byte, taps []int, signed bool)
	all  []int   // offsets of the taps of a window
	some [][]int // by thread, those of a window at the border

	dst, src []byte
}

// NewMaxPool makes one for the given instruction sets and number of threads.
func NewMaxPool(p PoolParams, f isa.Features, threads int) *MaxPool {
	m := &MaxPool{p: p, taps: selectFunctions(f).max, some: make([][]int, threads)}
	for ky := range p.KernelH {
		for kx := range p.KernelW {
			m.all = append(m.all, (ky*p.DilationH*p.InW+kx*p.DilationW)*p.C)
		}
	}
	for i := range m.some {
		m.some[i] = make([]int, 0, len(m.all))
	}
	return m
}

// Run computes dst from src.
func (m *MaxPool) Run(p *parallel.Pool, dst, src []byte) {
	if len(dst) == 0 {
		return
	}
	m.dst, m.src = dst, src
	p.Run(m.p.Batch*m.p.OutH, m)
	m.dst, m.src = nil, nil
}

// Tile computes a row of the result.
func (m *MaxPool) Tile(i, worker int) {
	p := &m.p
	image, y0 := i/p.OutH*p.InH*p.InW*p.C, i%p.OutH*p.StrideH-p.PadTop
	for x := range p.OutW {
		x0 := x*p.StrideW - p.PadLeft
		dst, taps, at := m.dst[(i*p.OutW+x)*p.C:][:p.C], m.all, image+(y0*p.InW+x0)*p.C
		if y0 < 0 || x0 < 0 || y0+(p.KernelH-1)*p.DilationH >= p.InH || x0+(p.KernelW-1)*p.DilationW >= p.InW {
			taps, at = m.inside(y0, x0, worker), image
		}
		if len(taps) == 0 {
			m.least(dst)
			continue
		}
		m.taps(dst, m.src[at:], taps, p.Signed)
	}
}

// least is the maximum of nothing.
func (m *MaxPool) least(dst []byte) {
	clear(dst)
	if m.p.Signed {
		fillNumbers(dst, 0x80, 1)
	}
}

// inside lists the offsets in the map of the taps that are in it.
func (m *MaxPool) inside(y0, x0, worker int) []int {
	p, list := &m.p, m.some[worker][:0]
	for ky := range p.KernelH {
		for kx := range p.KernelW {
			y, x := y0+ky*p.DilationH, x0+kx*p.DilationW
			if y >= 0 && y < p.InH && x >= 0 && x < p.InW {
				list = append(list, (y*p.InW+x)*p.C)
			}
		}
	}
	return list
}

// maxGeneric is dst[i] = the maximum of src[t+i] over the taps t.
func maxGeneric(dst, src []byte, taps []int, signed bool) {
	flip := byte(0)
	if signed {
		flip = 0x80
	}
	copy(dst, src[taps[0]:])
	for _, t := range taps[1:] {
		for i, v := range src[t:][:len(dst)] {
			if v^flip > dst[i]^flip {
				dst[i] = v
			}
		}
	}
}
