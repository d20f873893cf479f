package f32

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/lce-go/lce/kernels/ktest"
)

// TestTopK compares with sorting all, on columns with equal numbers and NaN.
func TestTopK(t *testing.T) {
	r := ktest.Rand(31)
	for _, size := range [][3]int{{1, 1, 1}, {5, 3, 2}, {64, 2, 3}, {100, 7, 1}, {300, 1, 1}} {
		length, inner, outer := size[0], size[1], size[2]
		src := make([]float32, length*inner*outer)
		for i := range src {
			if src[i] = float32(r.IntN(20)); r.IntN(30) == 0 {
				src[i] = nan
			}
		}
		for _, k := range []int{0, 1, 2, 5, length / 2, length - 1, length} {
			if k > length {
				continue
			}
			for _, smallest := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/%d/%v", size, k, smallest), func(t *testing.T) {
					values, indices := newGuarded(k*inner*outer), make([]int64, k*inner*outer)
					TopK(values.data, indices, src, length, inner, k, smallest, make([]int32, k))
					values.check(t)
					for column := range inner * outer {
						at := column/inner*length*inner + column%inner
						order := make([]int, length)
						for i := range order {
							order[i] = i
						}
						slices.SortStableFunc(order, func(a, b int) int {
							if smallest {
								a, b = b, a
							}
							return cmp.Compare(src[at+b*inner], src[at+a*inner])
						})
						for j, want := range order[:k] {
							i := column/inner*k*inner + j*inner + column%inner
							if indices[i] != int64(want) || !sameFloat(values.data[i], src[at+want*inner]) {
								t.Fatalf("column %d, place %d: got %v at %d, want index %d", column, j, values.data[i], indices[i], want)
							}
						}
					}
				})
			}
		}
	}
}
