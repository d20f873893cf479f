package f32

import (
	"fmt"
	"math"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// TestLayerNorm compares rows of any length with the formula, also far from 0.
func TestLayerNorm(t *testing.T) {
	r := ktest.Rand(11)
	pool := parallel.New(3)
	defer pool.Close()
	for _, level := range isa.Levels(isa.Detect()) {
		for _, cols := range append(ktest.Sizes(16), 40, 768, 40000) {
			for _, at := range []float32{0, 1000} {
				t.Run(fmt.Sprintf("%v/%d at %v", level, cols, at), func(t *testing.T) {
					const rows, epsilon = 3, 1e-5
					src, scale, bias := make([]float32, rows*cols), make([]float32, cols), make([]float32, cols)
					for i := range src {
						src[i] = r.Float32()*4 + at
					}
					for i := range scale {
						scale[i], bias[i] = r.Float32()-0.5, r.Float32()-0.5
					}
					l := NewLayerNorm(rows, cols, epsilon, level)
					for _, c := range []struct {
						name        string
						scale, bias []float32
					}{{"both", scale, bias}, {"scale", scale, nil}, {"bias", nil, bias}, {"none", nil, nil}} {
						got := newGuarded(len(src))
						copy(got.data, src)
						l.Run(pool, got.data, got.data, c.scale, c.bias)
						got.check(t)
						for row := range rows {
							checkNormalized(t, c.name, got.data[row*cols:][:cols], src[row*cols:], c.scale, c.bias, epsilon)
						}
					}
					if a := testing.AllocsPerRun(5, func() { l.Run(nil, src, src, scale, bias) }); a != 0 {
						t.Errorf("%v allocations, want 0", a)
					}
				})
			}
		}
	}
}

func checkNormalized(t *testing.T, name string, got, src, scale, bias []float32, epsilon float64) {
	t.Helper()
	mean, variance := 0.0, 0.0
	for _, v := range src[:len(got)] {
		mean += float64(v) / float64(len(got))
	}
	for _, v := range src[:len(got)] {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(got))
	}
	for i, v := range got {
		want := (float64(src[i]) - mean) / math.Sqrt(variance+epsilon)
		if scale != nil {
			want *= float64(scale[i])
		}
		if bias != nil {
			want += float64(bias[i])
		}
		if !(math.Abs(float64(v)-want) <= 3e-7*max(1, math.Abs(want))) {
			t.Fatalf("%s, element %d: got %v, want %v", name, i, v, want)
		}
	}
}
