package bpool

import (
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// plainPool is the definition, on float32; a window of padding only is -1.
func plainPool(p *Params, x []float32) []float32 {
	var y []float32
	for n := range p.Batch {
		for oy := range p.OutH {
			for ox := range p.OutW {
				for c := range p.C {
					best := float32(-1)
					for ky := range p.KernelH {
						for kx := range p.KernelW {
							iy, ix := oy*p.StrideH+ky*p.DilationH-p.PadTop, ox*p.StrideW+kx*p.DilationW-p.PadLeft
							if iy >= 0 && iy < p.H && ix >= 0 && ix < p.W {
								best = max(best, x[((n*p.H+iy)*p.W+ix)*p.C+c])
							}
						}
					}
					y = append(y, best)
				}
			}
		}
	}
	return y
}

func TestMax(t *testing.T) {
	r := ktest.Rand(1)
	pools := []*parallel.Pool{nil, parallel.New(2), parallel.New(5)}
	for n := range 500 {
		p := Params{
			Batch: 1 + r.IntN(3), H: 1 + r.IntN(8), W: 1 + r.IntN(8), C: 1 + r.IntN(400)>>r.IntN(4),
			OutH: 1 + r.IntN(6), OutW: 1 + r.IntN(6), KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4),
			StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(3), DilationH: 1 + r.IntN(3), DilationW: 1 + r.IntN(3),
			PadTop: r.IntN(6), PadLeft: r.IntN(6),
		}
		x := ktest.Signs(r, p.Batch*p.H*p.W*p.C)
		if n%3 == 0 { // mostly -1, or most windows would hold a +1
			for i := range x {
				x[i] = float32(max(0, r.IntN(20)-18)*2 - 1)
			}
		}
		want := ktest.Pack(plainPool(&p, x), p.C)
		pool := pools[n%len(pools)]
		for _, f := range []isa.Features{0, isa.Detect()} {
			got := ktest.Guard[uint32](len(want))
			NewMax(p, f, pool.Threads()).Run(pool, got.Data, ktest.Pack(x, p.C))
			got.Check(t)
			if !slices.Equal(got.Data, want) {
				t.Fatalf("case %d, %+v, features %v: %#x, want %#x", n, p, f, got.Data, want)
			}
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	p := Params{Batch: 1, H: 8, W: 8, C: 64, OutH: 4, OutW: 4, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1}
	m, src, dst := NewMax(p, isa.Detect(), 1), make([]uint32, 64*2), make([]uint32, 16*2)
	if got := testing.AllocsPerRun(20, func() { m.Run(nil, dst, src) }); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

func ExampleMax() {
	// One channel, a 2x2 map of -1 -1 / -1 +1.
	src, dst := []uint32{1, 1, 1, 0}, make([]uint32, 1)
	NewMax(Params{
		Batch: 1, H: 2, W: 2, C: 1, OutH: 1, OutW: 1, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1,
	}, 0, 1).Run(nil, dst, src)
	value := make([]float32, 1)
	bits.Unpack(value, dst, 1)
	fmt.Println(value)
	// Output: [1]
}

func BenchmarkMax(b *testing.B) {
	for _, c := range []int{32, 64, 128} {
		p := Params{
			Batch: 1, H: 56, W: 56, C: c, OutH: 28, OutW: 28, KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2,
			DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1,
		}
		b.Run(fmt.Sprintf("3x3/56x56x%d", c), func(b *testing.B) {
			m, src, dst := NewMax(p, isa.Detect(), 1), make([]uint32, 56*56*bits.Words(c)), make([]uint32, 28*28*bits.Words(c))
			for b.Loop() {
				m.Run(nil, dst, src)
			}
		})
	}
}
