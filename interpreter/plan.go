package interpreter

import (
	"cmp"
	"slices"
)

// alignment of everything in the arena: a cache line, and the widest vector.
const alignment = 64

// lifetime is a piece of memory that is in use from step first to step last,
// both included.
type lifetime struct {
	size        int64
	first, last int
}

// plan assigns each lifetime an offset in one arena such that no two that are in
// use at the same step overlap, and returns the offsets and the size of the arena.
//
// It is greedy by size:
//  1. Take the lifetimes from the largest to the smallest; equal ones by their
//     first step, then by their index, so that the result is always the same.
//  2. Go through those already placed in the order of their offsets, skip the ones
//     that are never in use at the same time, and look at the gaps between the rest.
//  3. Take the smallest gap that is large enough, or else the place behind the last.
//
// The large tensors, which decide the size, are thus packed before the small ones
// fill the gaps. Time is quadratic in the number of lifetimes.
func plan(lives []lifetime) (offsets []int64, size int64) {
	order := make([]int, 0, len(lives))
	for i := range lives {
		if lives[i].size > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(lives[b].size, lives[a].size),
			cmp.Compare(lives[a].first, lives[b].first),
			cmp.Compare(a, b))
	})
	offsets = make([]int64, len(lives))
	placed := make([]int, 0, len(order)) // in the order of their offsets
	for _, i := range order {
		l := &lives[i]
		need := roundUp(l.size)
		best, bestGap := int64(-1), int64(0)
		end := int64(0) // of what is in use at the same time so far
		for _, j := range placed {
			p := &lives[j]
			if p.last < l.first || l.last < p.first {
				continue
			}
			if gap := offsets[j] - end; gap >= need && (best < 0 || gap < bestGap) {
				best, bestGap = end, gap
			}
			end = max(end, offsets[j]+roundUp(p.size))
		}
		if best < 0 {
			best = end
		}
		offsets[i] = best
		at, _ := slices.BinarySearchFunc(placed, best, func(j int, off int64) int {
			return cmp.Compare(offsets[j], off)
		})
		placed = slices.Insert(placed, at, i)
		size = max(size, best+need)
	}
	return offsets, size
}

// roundUp rounds n up to the alignment.
func roundUp(n int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }
