package f32

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/peak"
)

// reportMACs reports what the fastest run of fn reaches, and what part that is of the
// best of the peak loops that run in between.
func reportMACs(b *testing.B, f isa.Features, macs int, fn func()) {
	best, limit := math.Inf(1), 0.0
	for b.Loop() {
		start := time.Now()
		fn()
		best = min(best, time.Since(start).Seconds())
		limit = max(limit, peak.Float(f))
	}
	b.ReportMetric(float64(macs)/best/1e9, "GMAC/s")
	b.ReportMetric(best*1e6, "best-us")
	b.ReportMetric(100*float64(macs)/best/limit, "%peak")
}

func BenchmarkConv(b *testing.B) {
	none, ones := [4]int{}, [4]int{1, 1, 1, 1}
	image := func(p ConvParams) ConvParams {
		p.ChannelsFirst = true
		return p
	}
	constant := func(p ConvParams) ConvParams {
		p.Constant = true
		return p
	}
	for _, p := range []ConvParams{
		convCase(1, 56, 56, 64, 64, 3, 3, 1, 1, 1, ones),
		convCase(1, 28, 28, 128, 128, 3, 3, 1, 1, 1, ones),
		convCase(1, 14, 14, 256, 256, 3, 3, 1, 1, 1, ones),
		convCase(1, 7, 7, 512, 512, 3, 3, 1, 1, 1, ones),
		constant(convCase(1, 56, 56, 64, 64, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 28, 28, 128, 128, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 14, 14, 256, 256, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 7, 7, 512, 512, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 112, 112, 32, 32, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 14, 14, 512, 512, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 224, 224, 64, 64, 3, 3, 1, 1, 1, ones)),
		constant(convCase(1, 28, 28, 128, 32, 3, 3, 1, 1, 1, ones)),
		convCase(1, 14, 14, 256, 256, 1, 1, 1, 1, 1, none),
		convCase(1, 56, 56, 64, 128, 1, 1, 1, 1, 1, none),
		convCase(1, 56, 56, 64, 128, 1, 1, 2, 1, 1, none),
		convCase(1, 14, 14, 256, 512, 1, 1, 2, 1, 1, none),
		image(convCase(1, 224, 224, 3, 64, 7, 7, 2, 1, 1, [4]int{3, 3, 3, 3})),
		image(convCase(1, 224, 224, 3, 32, 3, 3, 2, 1, 1, ones)),
		image(convCase(1, 224, 224, 3, 16, 3, 3, 2, 1, 1, ones)),
		convCase(1, 224, 224, 3, 32, 3, 3, 2, 1, 1, ones),
		convCase(1, 112, 112, 32, 32, 3, 3, 1, 1, 4, ones),
		convCase(1, 112, 112, 32, 64, 3, 3, 1, 1, 8, ones),
		convCase(1, 56, 56, 16, 64, 1, 1, 1, 1, 1, none),
		convCase(1, 56, 56, 144, 24, 1, 1, 1, 1, 1, none),
		convCase(1, 112, 112, 32, 32, 3, 3, 1, 1, 32, ones),
		convCase(1, 112, 112, 96, 96, 3, 3, 2, 1, 96, ones),
		convCase(1, 56, 56, 128, 128, 3, 3, 1, 1, 128, ones),
		convCase(1, 56, 56, 144, 144, 3, 3, 2, 1, 144, ones),
		convCase(1, 28, 28, 192, 192, 3, 3, 1, 1, 192, ones),
		convCase(1, 14, 14, 384, 384, 3, 3, 1, 1, 384, ones),
		convCase(1, 14, 14, 576, 576, 3, 3, 2, 1, 576, ones),
		convCase(1, 7, 7, 960, 960, 3, 3, 1, 1, 960, ones),
	} {
		for _, f := range featureSets() {
			c, err := NewConv(p, f, 1)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%dx%d@%d_k%ds%d_g%d/%s", p.InC, p.OutC, p.InH, p.KernelH, p.StrideH, p.Groups, c.Name()), func(b *testing.B) {
				in, w := make([]float32, p.InH*p.InW*p.InC), make([]float32, p.OutC*p.KernelH*p.KernelW*p.InC/p.Groups)
				packed, out, scratch := make([]float32, c.PackedLen()), make([]float32, p.OutH*p.OutW*p.OutC), make([]float32, c.ScratchLen())
				c.Pack(nil, packed, w)
				reportMACs(b, f, len(out)*(len(w)/p.OutC), func() { c.Run(nil, out, in, packed, nil, scratch) })
			})
		}
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{1024, 1024, 1024}, {512, 512, 512}, {1, 512, 1000}, {1, 4096, 4096}} {
		for _, f := range featureSets() {
			p := MatMulParams{M: s[0], K: s[1], N: s[2], CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0}, Min: negInf, Max: posInf}
			m := NewMatMul(p, f, 1)
			b.Run(fmt.Sprintf("%dx%dx%d/%s", p.M, p.K, p.N, m.Name()), func(b *testing.B) {
				x, packed, out := make([]float32, p.M*p.K), make([]float32, m.PackedLen()), make([]float32, p.M*p.N)
				reportMACs(b, f, p.M*p.K*p.N, func() { m.Run(nil, out, x, packed, nil, nil) })
			})
		}
	}
}

// BenchmarkClassifier reports bytes of weights a second, where each run finds them in no
// cache of the core.
func BenchmarkClassifier(b *testing.B) {
	const k, n, copies = 512, 1000, 12
	for _, f := range featureSets() {
		m := NewMatMul(MatMulParams{M: 1, K: k, N: n, CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0}, Min: negInf, Max: posInf}, f, 1)
		b.Run(m.Name(), func(b *testing.B) {
			x, out := make([]float32, k), make([]float32, n)
			var packed [copies][]float32
			for i := range packed {
				packed[i] = make([]float32, m.PackedLen())
				m.Pack(nil, packed[i], make([]float32, k*n))
			}
			i := 0
			best := bestTime(b, func() {
				m.Run(nil, out, x, packed[i%copies], nil, nil)
				i++
			})
			b.ReportMetric(4*k*n/best, "GB/s")
			b.ReportMetric(best/1e3, "best-us")
		})
	}
}
