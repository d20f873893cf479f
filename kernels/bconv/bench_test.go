package bconv

import (
	"fmt"
	"testing"
	"time"

	"github.com/lce-go/lce/kernels/bgemm"
	"github.com/lce-go/lce/kernels/bits"
	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
	"github.com/lce-go/lce/kernels/peak"
)

// BenchmarkBConv2D times the layers of a QuickNet and some of fewer channels. It reports the best run, and
// what part it is of the best of the peak loops of one thread that run in between.
func BenchmarkBConv2D(b *testing.B) {
	for _, s := range []struct{ size, channels, kernel int }{
		{56, 64, 3}, {28, 128, 3}, {14, 256, 3}, {7, 512, 3}, {14, 256, 1}, {56, 32, 3}, {56, 16, 3}, {28, 96, 3}, {14, 160, 3}, {14, 384, 1}, {14, 512, 1},
	} {
		for _, output := range []string{"bits", "float", "both"} {
			for _, k := range bgemm.Kernels() {
				if !isa.Detect().Has(k.Needs) || k.Needs == 0 && output != "bits" {
					continue
				}
				for _, threads := range []int{1, 2} {
					name := fmt.Sprintf("%dx%d/%dx%dx%d/%s/%s/threads=%d", s.kernel, s.kernel, s.size, s.size, s.channels, output, k.Name, threads)
					b.Run(name, func(b *testing.B) { benchmark(b, s.size, s.channels, s.kernel, output, k, threads) })
				}
			}
		}
	}
}

func benchmark(b *testing.B, size, channels, kernel int, output string, k *bgemm.Kernel, threads int) {
	p := Params{
		Batch: 1, H: size, W: size, C: channels, OutH: size, OutW: size, O: channels, KernelH: kernel, KernelW: kernel,
		StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1,
		PadTop: kernel / 2, PadLeft: kernel / 2, PadBottom: kernel / 2, PadRight: kernel / 2, Groups: 1,
	}
	r := ktest.Rand(3)
	p.Epilogue = bgemm.Epilogue{Pre: bgemm.NoClamp, Clamp: bgemm.NoClamp, Threshold: make([]int32, channels)}
	x := ktest.Pack(ktest.Signs(r, size*size*channels), channels)
	w := ktest.Pack(ktest.Signs(r, channels*kernel*kernel*channels), channels)
	pool := parallel.New(threads)
	defer pool.Close()
	c, err := newConv(p, w, 0, k, pool)
	if err != nil {
		b.Fatal(err)
	}
	var out bgemm.Outputs
	if output != "bits" {
		out.F32 = make([]float32, size*size*channels)
	}
	if output != "float" {
		out.Bits = make([]uint32, size*size*bits.Words(channels))
	}
	scratch := make([]uint32, c.ScratchWords())
	best, limit := time.Hour, 0.0
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		c.Run(pool, x, out, scratch)
		best = min(best, time.Since(start))
		if n%16 == 0 {
			limit = max(limit, peak.Binary(k.Needs))
		}
	}
	macs := float64(size*size) * float64(channels*channels) * float64(kernel*kernel) / best.Seconds()
	b.ReportMetric(macs/1e9, "GMAC/s")
	b.ReportMetric(float64(best.Nanoseconds())/1e3, "best-us")
	b.ReportMetric(100*macs/limit, "%peak")
}
