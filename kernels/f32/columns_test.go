package f32

import (
	"fmt"
	"testing"

	"github.com/lce-go/lce/kernels/isa"
	"github.com/lce-go/lce/kernels/ktest"
)

// TestAddRows adds rows in the same order with every instruction set, so that sums agree
// to the last bit.
func TestAddRows(t *testing.T) {
	r := ktest.Rand(5)
	for _, cols := range append(ktest.Sizes(64), 16, 31, 100, 1031) {
		for _, rows := range []int{0, 1, 2, 301} {
			stride := cols + rows%3
			src := make([]float32, rows*stride)
			for i := range src {
				src[i] = r.Float32() - 0.25
			}
			narrow, wide := make([]float32, cols), make([]float64, cols)
			for c := range cols {
				narrow[c], wide[c] = 1, 1
				for i := c; i < len(src); i += stride {
					narrow[c] += src[i]
					wide[c] += float64(src[i])
				}
			}
			for _, f := range isa.Levels(isa.Detect()) {
				t.Run(fmt.Sprintf("%v/%dx%d", f, rows, cols), func(t *testing.T) {
					got, gotWide := newGuarded(cols), make([]float64, cols+1)
					for c := range cols {
						got.data[c], gotWide[c] = 1, 1
					}
					FunctionsFor(f).AddRows(got.data, src, rows, stride)
					FunctionsFor(f).AddRowsWide(gotWide[:cols], src, rows, stride)
					got.check(t)
					mustEqual(t, got.data, narrow)
					for c, want := range append(wide, 0) {
						if gotWide[c] != want {
							t.Fatalf("column %d in float64: got %v, want %v", c, gotWide[c], want)
						}
					}
				})
			}
		}
	}
}
