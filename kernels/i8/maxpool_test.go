package i8

import (
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

func TestMaxPool(t *testing.T) {
	r := ktest.Rand(3)
	for _, c := range []int{1, 3, 15, 16, 17, 64, 83, 130} {
		for _, p := range []PoolParams{
			{InH: 5, InW: 7, OutH: 5, OutW: 7, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1},
			{InH: 8, InW: 9, OutH: 4, OutW: 4, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1},
			{InH: 6, InW: 6, OutH: 3, OutW: 3, KernelH: 2, KernelW: 3, StrideH: 2, StrideW: 2, DilationH: 2, DilationW: 1, PadTop: 1, PadLeft: 1},
			{InH: 2, InW: 2, OutH: 4, OutW: 4, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1},
		} {
			p.Batch, p.C = 2, c
			for _, p.Signed = range []bool{false, true} {
				src := randomBytes(r, p.Batch*p.InH*p.InW*c)
				var want []byte
				for i := range p.Batch * p.OutH * p.OutW * c {
					best := int32(0)
					if p.Signed {
						best = -128
					}
					x, y, b := i/c%p.OutW, i/c/p.OutW%p.OutH, i/c/p.OutW/p.OutH
					for k := range p.KernelH * p.KernelW {
						iy, ix := y*p.StrideH-p.PadTop+k/p.KernelW*p.DilationH, x*p.StrideW-p.PadLeft+k%p.KernelW*p.DilationW
						if iy >= 0 && iy < p.InH && ix >= 0 && ix < p.InW {
							best = max(best, number(src[((b*p.InH+iy)*p.InW+ix)*c+i%c], p.Signed))
						}
					}
					want = append(want, byte(best))
				}
				for _, f := range isa.Levels(isa.Detect()) {
					pool := parallel.New(2)
					dst := guardBytes(len(want))
					NewMaxPool(p, f, 2).Run(pool, dst.data, src)
					pool.Close()
					if dst.check(t); !slices.Equal(dst.data, want) {
						t.Fatalf("%v: %+v differs", f, p)
					}
				}
			}
		}
	}
}
