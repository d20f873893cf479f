package f32

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lce-go/lce/kernels/isa"
)

// bestTime runs fn for the benchmark and gives the nanoseconds of the fastest run,
// which other work on the machine disturbs least.
func bestTime(b *testing.B, fn func()) float64 {
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		fn()
		best = min(best, time.Since(start))
	}
	return float64(best.Nanoseconds())
}

func BenchmarkElementwise(b *testing.B) {
	const n = 56 * 56 * 64
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	run := func(name string, fn func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(n/bestTime(b, fn), "Gelem/s")
		})
	}
	fast := FunctionsFor(isa.Detect())
	relu := NewUnary(fast.Clip(0, posInf), n, 1)
	run("relu", func() { relu.Run(nil, y, x) })
	leaky := NewUnary(fast.LeakyRelu(0.1), n, 1)
	run("leaky", func() { leaky.Run(nil, y, x) })
	add := NewBinary(fast.Add, []int{n / 64, 64}, []int{n / 64, 64}, []int{64}, 2, 1)
	run("add per channel", func() { _ = add.Run(nil, y, x, x) })
	sum := NewBinary(fast.Add, []int{n}, []int{n}, []int{n}, 2, 1)
	run("add", func() { _ = sum.Run(nil, y, x, x) })
	pool := NewMaxPool[float32](PoolParams{
		Batch: 1, InH: 56, InW: 56, C: 64, OutH: 28, OutW: 28, KernelH: 3, KernelW: 3,
		StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1, Features: isa.Detect(),
	}, 1)
	scratch := make([]float32, pool.ScratchLen(1))
	run("maxpool 3x3", func() { pool.Run(nil, y, x, scratch) })
	mean := NewReduce[float32](ReduceMean, []int{3136, 64}, []bool{true, false}, isa.Detect(), 1)
	run("spatial mean", func() { mean.Run(nil, y, x, nil) })
	rows := NewReduce[float32](ReduceSum, []int{3136, 64}, []bool{false, true}, isa.Detect(), 1)
	run("sum of rows", func() { rows.Run(nil, y, x, nil) })
	exp := NewUnary(Exp, n, 24)
	run("exp", func() { exp.Run(nil, y, x) })
	for _, c := range []struct {
		name string
		fn   UnaryFunc[float32]
	}{
		{"fast exp", fast.Exp}, {"tanh", fast.Tanh}, {"erf", fast.Erf}, {"gelu", fast.Gelu}, {"gelu tanh", fast.GeluTanh},
		{"softmax of 128", func(dst, src []float32) {
			var edge [softmaxLanes]float32
			for at := 0; at < len(src); at += 128 {
				fast.Softmax(dst[at:at+128], src[at:at+128], &edge)
			}
		}},
	} {
		run(c.name, func() { c.fn(y, x) })
	}
}
