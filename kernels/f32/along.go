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
// k indices.
func TopK[T Number](values []T, indices []int64, src []T, length, inner, k int, smallest bool, order []int32) {
	if k == 0 {
		return
	}
	order = order[:k]
	for row := range len(values) / k {
		from := row/inner*length*inner + row%inner
		// compare tells which index comes first.
		compare := func(a, b int32) int {
			c := cmp.Compare(src[from+int(b)*inner], src[from+int(a)*inner])
			if smallest {
				c = -c
			}
			return cmp.Or(c, cmp.Compare(a, b))
		}
		for j := range order {
			order[j] = int32(j)
		}
		if k < length {
			// A heap of the first ones so far, with the last of them at the root.
			for j := k/2 - 1; j >= 0; j-- {
				sink(order, j, compare)
			}
			for j := k; j < length; j++ {
				x, last := src[from+j*inner], src[from+int(order[0])*inner]
				if smallest {
					x, last = last, x
				}
				if cmp.Less(last, x) {
					order[0] = int32(j)
					sink(order, 0, compare)
				}
			}
		}
		slices.SortFunc(order, compare)
		to := row/inner*k*inner + row%inner
		for j, index := range order {
			values[to+j*inner] = src[from+int(index)*inner]
			indices[to+j*inner] = int64(index)
		}
	}
}

// sink moves element i of a heap down until none below comes after it.
func sink(heap []int32, i int, compare func(a, b int32) int) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && compare(heap[child+1], heap[child]) > 0 {
			child++
		}
		if compare(heap[child], heap[i]) <= 0 {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
