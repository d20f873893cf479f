package f32

import (
	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/kernels/parallel"
)

// Summable is an element type of products other than float32. Integers wrap around.
type Summable interface {
	float64 | int32 | int64 | uint64
}

// PlainMatMul multiplies matrices of other types than float32: as MatMul, without a bias
// and a clamp, a row of the result after the other.
type PlainMatMul[T Summable] struct {
	p         MatMulParams
	spread    move.Spread
	dst, a, b []T
}

// NewPlainMatMul makes a product.
func NewPlainMatMul[T Summable](p MatMulParams) *PlainMatMul[T] {
	return &PlainMatMul[T]{p: p, spread: move.NewSpread(1, len(p.IndexA)*p.M, max(p.K*p.N, 1), 1)}
}

// Run computes dst from a and b.
func (m *PlainMatMul[T]) Run(p *parallel.Pool, dst, a, b []T) {
	m.dst, m.a, m.b = dst, a, b
	p.Run(m.spread.Tiles(), m)
	m.dst, m.a, m.b = nil, nil, nil
}

// Tile computes some rows.
func (m *PlainMatMul[T]) Tile(i, _ int) {
	p := &m.p
	_, _, lo, hi := m.spread.Tile(i)
	for at := lo; at < hi; at++ {
		dst := m.dst[at*p.N:][:p.N]
		if p.K == 0 {
			clear(dst)
			continue
		}
		batch, row := at/p.M, at%p.M
		a, b := m.a[p.IndexA[batch]*p.M*p.K:], m.b[p.IndexB[batch]*p.K*p.N:]
		step := 1
		if a = a[row*p.K:]; p.TransposeA {
			a, step = m.a[p.IndexA[batch]*p.M*p.K+row:], p.M
		}
		if p.TransposeB {
			for j := range dst {
				dst[j] = dot(a, step, b[j*p.K:][:p.K])
			}
			continue
		}
		clear(dst)
		for k := range p.K {
			v := a[k*step]
			for j, w := range b[k*p.N:][:p.N] {
				dst[j] += T(v * w)
			}
		}
	}
}

// dot is the sum of products of every step-th element of a with those of b.
func dot[T Summable](a []T, step int, b []T) T {
	sum := T(0)
	for k, v := range b {
		sum += T(a[k*step] * v)
	}
	return sum
}

// IntConv is Conv on int32, which wraps around: the channels of a tap after the other,
// without a bias and a clamp.
type IntConv struct {
	p         ConvParams
	spread    move.Spread
	dst, x, w []int32
}

// NewIntConv makes a convolution of NHWC maps.
func NewIntConv(p ConvParams) *IntConv {
	work := p.OutC * p.KernelH * p.KernelW * p.InC / p.Groups
	return &IntConv{p: p, spread: move.NewSpread(1, p.Batch*p.OutH*p.OutW, max(work, 1), 1)}
}

// Run computes dst from the maps x and the weights w, OHWI.
func (c *IntConv) Run(p *parallel.Pool, dst, x, w []int32) {
	c.dst, c.x, c.w = dst, x, w
	p.Run(c.spread.Tiles(), c)
	c.dst, c.x, c.w = nil, nil, nil
}

// Tile computes some pixels.
func (c *IntConv) Tile(i, _ int) {
	p := &c.p
	_, _, lo, hi := c.spread.Tile(i)
	each, outs := p.InC/p.Groups, p.OutC/p.Groups
	for at := lo; at < hi; at++ {
		dst := c.dst[at*p.OutC:][:p.OutC]
		clear(dst)
		x0, y0 := at%p.OutW*p.StrideW-p.PadLeft, at/p.OutW%p.OutH*p.StrideH-p.PadTop
		maps := c.x[at/p.OutW/p.OutH*p.InH*p.InW*p.InC:]
		for ky := range p.KernelH {
			y := y0 + ky*p.DilationH
			if y < 0 || y >= p.InH {
				continue
			}
			for kx := range p.KernelW {
				x := x0 + kx*p.DilationW
				if x < 0 || x >= p.InW {
					continue
				}
				pixel := maps[(y*p.InW+x)*p.InC:][:p.InC]
				for o := range dst {
					w := c.w[((o*p.KernelH+ky)*p.KernelW+kx)*each:][:each]
					dst[o] += dot(pixel[o/outs*each:], 1, w)
				}
			}
		}
	}
}
