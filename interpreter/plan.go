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

// maxPlanWork bounds the time of plan: so many steps and comparisons take some
// seconds.
const maxPlanWork = 1 << 28

// plan assigns each lifetime an offset in one arena such that no two that are in
// use at the same step overlap, and returns the offsets and the size of the arena.
//
// It is greedy by size:
//  1. Take the lifetimes from the largest to the smallest; equal ones by their
//     first step, then by their index, so that the result is always the same.
//  2. Go through those already placed that are in use at the same time, in the order of
//     their offsets, and look at the gaps between them.
//  3. Take the smallest gap that is large enough, or else the place behind the last.
//
// The large tensors, which decide the size, are thus packed before the small ones
// fill the gaps.
func plan(lives []lifetime) (offsets []int64, size int64) {
	return planWithin(lives, maxPlanWork)
}

// planWithin is plan with a bound on comparisons. When it is reached, all lifetimes that
// are left get places of their own behind the others.
func planWithin(lives []lifetime, most int) (offsets []int64, size int64) {
	order := make([]int, 0, len(lives))
	steps := 0
	for i, l := range lives {
		if l.size > 0 {
			order = append(order, i)
			steps = max(steps, l.last+2)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(lives[b].size, lives[a].size),
			cmp.Compare(lives[a].first, lives[b].first),
			cmp.Compare(a, b))
	})
	offsets = make([]int64, len(lives))
	t := newTimeline(steps)
	var others []int
	for _, i := range order {
		l := &lives[i]
		need := roundUp(l.size)
		if most -= l.last - l.first; most >= 0 {
			others = t.during(l, others[:0])
			most -= len(others)
		}
		if most < 0 {
			offsets[i] = size
			size += need
			continue
		}
		slices.SortFunc(others, func(a, b int) int { return cmp.Compare(offsets[a], offsets[b]) })
		best, bestGap := int64(-1), int64(0)
		end := int64(0) // of what is in use at the same time so far
		for _, j := range others {
			if gap := offsets[j] - end; gap >= need && (best < 0 || gap < bestGap) {
				best, bestGap = end, gap
			}
			end = max(end, offsets[j]+roundUp(lives[j].size))
		}
		if best < 0 {
			best = end
		}
		offsets[i] = best
		t.add(l, i)
		size = max(size, best+need)
	}
	return offsets, size
}

// peak is the most bytes that are in use at the same step, the least that an arena can
// have.
func peak(lives []lifetime) (most int64) {
	steps := 0
	for _, l := range lives {
		steps = max(steps, l.last+2)
	}
	change := make([]int64, steps+1)
	for _, l := range lives {
		change[l.first+1] += roundUp(l.size)
		change[l.last+2] -= roundUp(l.size)
	}
	used := int64(0)
	for _, c := range change {
		used += c
		most = max(most, used)
	}
	return most
}

// timeline finds lifetimes by when they are in use. It is a segment tree: step i, which
// counts from -1, is leaf leaves+1+i, the children of node n are 2n and 2n+1, and a
// lifetime is at few nodes that have all of its steps below them, and no other.
type timeline struct {
	leaves int
	nodes  [][]int
	begin  [][]int // the lifetimes that begin at a step
}

func newTimeline(steps int) *timeline {
	return &timeline{leaves: steps, nodes: make([][]int, 2*steps), begin: make([][]int, steps)}
}

func (t *timeline) add(l *lifetime, i int) {
	t.begin[l.first+1] = append(t.begin[l.first+1], i)
	for lo, hi := t.leaves+l.first+1, t.leaves+l.last+2; lo < hi; lo, hi = lo/2, hi/2 {
		if lo%2 == 1 {
			t.nodes[lo] = append(t.nodes[lo], i)
			lo++
		}
		if hi%2 == 1 {
			hi--
			t.nodes[hi] = append(t.nodes[hi], i)
		}
	}
}

// during appends the lifetimes that are in use at the same time as l: those that are when
// it begins, and those that begin later.
func (t *timeline) during(l *lifetime, list []int) []int {
	for node := t.leaves + l.first + 1; node > 0; node /= 2 {
		list = append(list, t.nodes[node]...)
	}
	for _, b := range t.begin[l.first+2 : l.last+2] {
		list = append(list, b...)
	}
	return list
}

// roundUp rounds n up to the alignment.
func roundUp(n int64) int64 { return (n + alignment - 1) &^ (alignment - 1) }
