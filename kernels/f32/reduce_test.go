package f32

import (
	"fmt"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
	"github.com/lce-go/lce/kernels/parallel"
)

// TestExtremes takes maxima and minima along each axis of arrays of odd sizes, with NaN and
// infinities.
func TestExtremes(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	r := ktest.Rand(21)
	for _, size := range [][3]int{{1, 1, 1}, {3, 2, 1}, {2, 17, 1}, {2, 63, 1}, {5, 64, 1}, {1, 65, 1}, {3, 301, 1}, {2, 7, 5}, {3, 1, 70}, {2, 9, 131}} {
		outer, length, inner := size[0], size[1], size[2]
		src := make([]float32, outer*length*inner)
		for i := range src {
			if src[i] = r.Float32() - 0.5; r.IntN(40) == 0 {
				src[i] = []float32{nan, posInf, negInf}[r.IntN(3)]
			}
		}
		for _, kind := range []ReduceKind{ReduceMax, ReduceMin} {
			var want []float32
			for i := range outer * inner {
				v := src[i/inner*length*inner+i%inner]
				for j := range length {
					x := src[(i/inner*length+j)*inner+i%inner]
					if kind == ReduceMax {
						v = max(v, x)
					} else {
						v = min(v, x)
					}
				}
				want = append(want, v)
			}
			for _, f := range isa.Levels(isa.Detect()) {
				t.Run(fmt.Sprintf("%v/%v/%d", f, size, kind), func(t *testing.T) {
					for _, p := range []*parallel.Pool{nil, pool} {
						s := NewReduce[float32](kind, size[:], []bool{false, true, false}, f, p.Threads())
						got := newGuarded(len(want))
						s.Run(p, got.data, src, nil)
						got.check(t)
						for i, w := range want {
							if !sameFloat(got.data[i], w) {
								t.Fatalf("element %d: got %v, want %v", i, got.data[i], w)
							}
						}
					}
				})
			}
		}
	}
}
