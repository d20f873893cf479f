package f32

import (
	"cmp"
	"slices"
)

// An array is taken as outer x length x inner elements; these functions work along the
// axis in the middle.

// CumSum sums up to each element, from the end with reverse, and without the element
// itself with exclusive.
func CumSum[T Reducible](dst, src []T, length, inner int, exclusive, reverse bool) {
	if length == 0 || inner == 0 {
		return
	}
	for block := 0; block < len(src); block += length * inner {
		for i := range inner {
			at, step := block+i, inner
			if reverse {
				at, step = at+(length-1)*inner, -inner
			}
			sum := T(0)
			for range length {
				before := sum
				sum += src[at]
				if dst[at] = sum; exclusive {
					dst[at] = before
				}
				at += step
			}
		}
	}
}

// ArgReduce finds the index of the largest element, or the smallest; with last the last of
// equal ones, else the first. A NaN is found only where it comes first.
func ArgReduce[T Number](dst []int64, src []T, length, inner int, smallest, last bool) {
	for i := range dst {
		at := i/inner*length*inner + i%inner
		best, found := src[at], 0
		for j := 1; j < length; j++ {
			at += inner
			v := src[at]
			better := v > best
			if smallest {
				better = v < best
			}
			if better || last && v == best {
				best, found = v, j
			}
		}
		dst[i] = int64(found)
	}
}

// TopK finds the k largest elements, or the smallest, in order, and their indices. Of
// equal ones the first comes first, and NaN is smaller than anything. order has room for
// length indices.
func TopK[T Number](values []T, indices []int64, src []T, length, inner, k int, smallest bool, order []int32) {
	if k == 0 {
		return
	}
	for row := range len(values) / k {
		from := row/inner*length*inner + row%inner
		for j := range order[:length] {
			order[j] = int32(j)
		}
		slices.SortFunc(order[:length], func(a, b int32) int {
			c := cmp.Compare(src[from+int(b)*inner], src[from+int(a)*inner])
			if smallest {
				c = -c
			}
			return cmp.Or(c, cmp.Compare(a, b))
		})
		to := row/inner*k*inner + row%inner
		for j, index := range order[:k] {
			values[to+j*inner] = src[from+int(index)*inner]
			indices[to+j*inner] = int64(index)
		}
	}
}
