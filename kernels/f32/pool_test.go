package f32

import (
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/parallel"
)

// TestPools compares the pools of every instruction set with windows looked at one by
// one, bit by bit, on numbers that include zeros of both signs, infinities and NaN.
func TestPools(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pool := parallel.New(3)
	defer pool.Close()
	for range 400 {
		p := PoolParams{
			Batch: 1 + r.IntN(2), InH: 1 + r.IntN(9), InW: 1 + r.IntN(20), C: 1 + r.IntN(70),
			KernelH: 1 + r.IntN(4), KernelW: 1 + r.IntN(4), StrideH: 1 + r.IntN(3), StrideW: 1 + r.IntN(3),
			DilationH: 1 + r.IntN(2), DilationW: 1 + r.IntN(2),
			PadTop: r.IntN(4), PadLeft: r.IntN(4), PadBottom: r.IntN(4), PadRight: r.IntN(4), CountPad: r.IntN(2) == 0,
		}
		if r.IntN(4) == 0 { // windows of whole rows
			p.KernelW, p.DilationW, p.DilationH, p.PadLeft, p.PadRight = p.InW, 1, 1, 0, 0
		}
		p.OutH = (p.InH+p.PadTop+p.PadBottom-(p.KernelH-1)*p.DilationH-1)/p.StrideH + 1
		p.OutW = (p.InW+p.PadLeft+p.PadRight-(p.KernelW-1)*p.DilationW-1)/p.StrideW + 1
		if p.OutH < 1 || p.OutW < 1 {
			continue
		}
		if r.IntN(4) == 0 { // a last window that is cut off, as ceil_mode makes
			p.OutW++
		}
		in := make([]float32, p.Batch*p.InH*p.InW*p.C)
		for i := range in {
			in[i] = []float32{r.Float32() - 0.5, float32(r.IntN(5) - 2), -float32(r.IntN(2)), posInf, negInf, nan}[min(r.IntN(40)/7, 5)]
		}
		for _, average := range []bool{false, true} {
			want := poolOracle(&p, in, average)
			for _, f := range isa.Levels(isa.Detect()) {
				p.Features = f
				for _, workers := range []*parallel.Pool{nil, pool} {
					got := newGuarded(len(want))
					if average {
						NewAveragePool(p, 3).Run(workers, got.data, in)
					} else {
						m := NewMaxPool[float32](p, 3)
						m.Run(workers, got.data, in, make([]float32, m.ScratchLen(3)))
					}
					got.check(t)
					for i, w := range want {
						if !sameFloat(got.data[i], w) {
							t.Fatalf("%+v, average %v, element %d: got %v, want %v", p, average, i, got.data[i], w)
						}
					}
				}
			}
		}
	}
}

// poolOracle takes each window by itself, taps row by row.
func poolOracle(p *PoolParams, in []float32, average bool) []float32 {
	out := make([]float32, p.Batch*p.OutH*p.OutW*p.C)
	for i := range out {
		c, x, y, b := i%p.C, i/p.C%p.OutW, i/p.C/p.OutW%p.OutH, i/p.C/p.OutW/p.OutH
		v, count := negInf, 0
		if average {
			v = 0
		}
		for ky := range p.KernelH {
			for kx := range p.KernelW {
				sy, sx := y*p.StrideH-p.PadTop+ky*p.DilationH, x*p.StrideW-p.PadLeft+kx*p.DilationW
				inside := sy >= 0 && sy < p.InH && sx >= 0 && sx < p.InW
				if inside || p.CountPad && sy < p.InH+p.PadBottom && sx < p.InW+p.PadRight {
					count++
				}
				if !inside {
					continue
				}
				e := in[((b*p.InH+sy)*p.InW+sx)*p.C+c]
				if average {
					v += e
				} else {
					v = max(v, e)
				}
			}
		}
		if average && count > 1 {
			v /= float32(count)
		}
		out[i] = v
	}
	return out
}
