package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lce-go/lce/kernels/parallel"
)

func TestMatMul(t *testing.T) {
	pool := parallel.New(3)
	defer pool.Close()
	type size struct{ m, k, n int }
	sizes := []size{
		{1, 1, 1}, {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 4096, 10}, {1, 300, 257}, {2, 17, 65}, {7, 33, 31},
		{13, 64, 64}, {5, 20, 16}, {4, 70, 100}, {9, 20, 48}, {8, 30, 32}, {2, 9, 48}, {3, 600, 32}, {7, 8200, 17}, {5, 20000, 3}, {129, 65, 130},
	}
	for _, s := range sizes {
		for variant := range 8 {
			p := MatMulParams{
				M: s.m, K: s.k, N: s.n, TransposeA: variant&1 != 0, TransposeB: variant&2 != 0,
				CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0}, Min: -300, Max: 200,
			}
			if variant&4 != 0 {
				if s.k > 4096 {
					continue
				}
				p.CountA, p.CountB, p.IndexA, p.IndexB = 3, 2, []int{0, 1, 2, 0, 1}, []int{0, 0, 1, 1, 1}
			}
			t.Run(fmt.Sprintf("%dx%dx%d_%d", s.m, s.k, s.n, variant), func(t *testing.T) {
				r := rand.New(rand.NewPCG(7, uint64(variant)))
				a, b := integers(r, p.CountA*p.M*p.K), integers(r, p.CountB*p.K*p.N)
				var bias []float32
				if variant&1 == 0 {
					bias = integers(r, p.N)
				}
				want := matMulOracle(p, a, b, bias)
				for _, f := range featureSets() {
					for _, workers := range []*parallel.Pool{nil, pool} {
						m := NewMatMul(p, f, workers.Threads())
						packed, out, scratch := newGuarded(int(m.PackedLen())), newGuarded(len(want)), newGuarded(m.ScratchLen())
						m.Pack(workers, packed.data, b)
						m.Run(workers, out.data, a, packed.data, bias, scratch.data)
						packed.check(t)
						out.check(t)
						scratch.check(t)
						mustEqual(t, out.data, want)
						if m.IsPacked() {
							mustEqual(t, packed.data, b)
						}
					}
				}
			})
		}
	}
}

// matMulOracle is the definition of a batch of matrix products.
func matMulOracle(p MatMulParams, a, b, bias []float32) []float32 {
	out := make([]float32, 0, len(p.IndexA)*p.M*p.N)
	stepM, stepK := p.K, 1
	if p.TransposeA {
		stepM, stepK = 1, p.M
	}
	rowB, colB := p.N, 1
	if p.TransposeB {
		rowB, colB = 1, p.K
	}
	for i := range p.IndexA {
		x, y := a[p.IndexA[i]*p.M*p.K:], b[p.IndexB[i]*p.K*p.N:]
		for m := range p.M {
			for n := range p.N {
				sum := 0.0
				if bias != nil {
					sum = float64(bias[n])
				}
				for k := range p.K {
					sum += float64(x[m*stepM+k*stepK]) * float64(y[k*rowB+n*colB])
				}
				out = append(out, clamp(float32(sum), p.Min, p.Max))
			}
		}
	}
	return out
}

// TestMatMulRows checks that a row does not depend on the rows around it.
func TestMatMulRows(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	const k, n = 333, 70
	a, b := make([]float32, 9*k), make([]float32, k*n)
	for i := range a {
		a[i] = r.Float32()
	}
	for i := range b {
		b[i] = r.Float32() - 0.5
	}
	for _, f := range featureSets() {
		run := func(m int, a []float32) []float32 {
			mm := NewMatMul(MatMulParams{M: m, K: k, N: n, CountA: 1, CountB: 1, IndexA: []int{0}, IndexB: []int{0}, Min: negInf, Max: posInf}, f, 1)
			packed, out := make([]float32, mm.PackedLen()), make([]float32, m*n)
			mm.Pack(nil, packed, b)
			mm.Run(nil, out, a, packed, nil, nil)
			return out
		}
		all := run(9, a)
		for m := range 9 {
			mustEqual(t, run(1, a[m*k:]), all[m*n:(m+1)*n])
		}
	}
}
