package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
)

// Inference by probing. The ops infer shapes from known shapes only, so each
// unknown dimension of an input gets a trial value, and the graph is inferred for
// two sets of trial values:
//
//  1. Dimensions of one name get one value. Those without a name get the value of
//     their axis: the batch's for axis 0, else that of all others.
//  2. Values that follow from shapes are computed on the way.
//     Where a run decides on a dimension, it gets a trial value as well, but nothing is
//     concluded from that: all dimensions behind it are -1.
//  3. A dimension that differs between the two probes is -1, else it is known. A
//     value that is picked out of shapes and equal in both is known as well.
//
// A graph may not accept some sizes (a pool larger than the map), so several sets
// are tried.

// trialSizes are the values for the batch and for other dimensions, for the first
// and the second probe. Two sizes of a set stay different behind common strides.
var trialSizes = []struct{ batch, other [2]int }{
	{[2]int{2, 3}, [2]int{64, 96}},
	{[2]int{2, 3}, [2]int{224, 288}},
	{[2]int{2, 3}, [2]int{512, 640}},
	{[2]int{2, 3}, [2]int{16, 24}},
	{[2]int{2, 3}, [2]int{3, 4}},
	{[2]int{2, 3}, [2]int{2, 3}},
	{[2]int{4, 8}, [2]int{64, 96}},
	{[2]int{12, 24}, [2]int{64, 96}},
	{[2]int{1, 2}, [2]int{1, 2}},
}

// lateSize is tried first where a run decides on a size, and manyDivisors later.
const (
	lateSize     = 64
	manyDivisors = 60
)

// lateIn is a size that a run decides in probe i: the first ones go with those of unknown
// dimensions, others are tried because they have to be as they are.
func lateIn(i, size int) int {
	if i == 1 && (size == lateSize || size == manyDivisors) {
		return size + size/2
	}
	return size
}

// Infer sets dtype and shape of every value, and fails with the first node that no
// trial size suits.
func (g *Graph) Infer() error {
	var first error
	// What fitted last time comes first.
	late := []int{cmp.Or(g.late, lateSize)}
	for i := 0; i < len(late); i++ {
		for j := range trialSizes {
			trial := (g.trial + j) % len(trialSizes)
			err := g.inferAll(trial, late[i])
			if err == nil {
				g.trial, g.late = trial, late[i]
				return nil
			}
			if first == nil {
				first = err
			}
			if !g.dynamic() {
				break
			}
		}
		if i == 0 && g.hasLate() {
			late = append(late, g.lateSizes()...)
		}
	}
	if !g.dynamic() {
		return first
	}
	return fmt.Errorf("%w (with trial sizes for unknown dimensions; --input-shape %s=... makes them known)", first, g.dynamicInput())
}

// hasLate reports whether a run decides on a shape.
func (g *Graph) hasLate() bool {
	return slices.ContainsFunc(g.Nodes, func(n *Node) bool {
		return slices.ContainsFunc(n.Outputs, func(v *Value) bool { return v != nil && v.late })
	})
}

// lateSizes lists sizes that may suit where a run decides on one: 1, which broadcasts, one
// with many divisors, and those of constants.
func (g *Graph) lateSizes() []int {
	const most = 16
	sizes := []int{1, manyDivisors}
	for n := range g.all() {
		for _, v := range n.Inputs {
			if v == nil || v.Const == nil {
				continue
			}
			for _, d := range v.Shape {
				if len(sizes) < most && !slices.Contains(sizes, d) && d > 0 {
					sizes = append(sizes, d)
				}
			}
		}
	}
	return sizes
}

// dynamic reports whether an input has an unknown dimension.
func (g *Graph) dynamic() bool { return g.dynamicInput() != "" }

func (g *Graph) dynamicInput() string {
	if g.body {
		return ""
	}
	for _, v := range g.Inputs {
		if slices.Contains(v.Shape, -1) {
			return v.Name
		}
	}
	return ""
}

func (g *Graph) inferAll(trial, late int) error {
	for _, v := range g.Inputs {
		if g.body {
			if err := v.resize(late); err != nil {
				return err
			}
			continue
		}
		v.probes = g.inputProbes(v, trial)
	}
	for _, n := range g.Nodes {
		if err := inferNode(n, late); err != nil {
			return err
		}
	}
	return nil
}

// InferInputs gives the inputs trial shapes, so that nodes with bodies can be added to a
// graph before it has others.
func (g *Graph) InferInputs() {
	for _, v := range g.Inputs {
		v.probes = g.inputProbes(v, g.trial)
	}
}

// inputProbes makes the two trial forms of an input.
func (g *Graph) inputProbes(v *Value, trial int) (p [2]*ops.Tensor) {
	for i := range p {
		t := &ops.Tensor{Name: v.Name, DType: v.DType, Shape: slices.Clone(v.Shape)}
		for axis, d := range t.Shape {
			if d >= 0 {
				continue
			}
			t.Shape[axis] = trialSizes[trial].other[i]
			if g.isBatch(v, axis) {
				t.Shape[axis] = trialSizes[trial].batch[i]
			}
		}
		p[i] = t
		if i == 0 && !slices.Contains(v.Shape, -1) {
			return [2]*ops.Tensor{t, t}
		}
	}
	return p
}

// isBatch reports whether an unknown dimension is the first of an input, by itself
// or by its name.
func (g *Graph) isBatch(v *Value, axis int) bool {
	if axis == 0 {
		return true
	}
	if axis >= len(v.Dims) || v.Dims[axis] == "" {
		return false
	}
	for _, w := range g.Inputs {
		if len(w.Dims) > 0 && w.Dims[0] == v.Dims[axis] && w.Shape[0] < 0 {
			return true
		}
	}
	return false
}

// InferNode infers the outputs of one node whose operands are inferred, such as
// one just inserted. Nodes that read its outputs are not inferred again.
func (g *Graph) InferNode(n *Node) error {
	for _, v := range n.Inputs {
		if v == nil || v.IsConst() || v.probes[0] != nil {
			continue
		}
		if v.Producer == nil {
			if g.body {
				return fmt.Errorf("node %q (%v): operand %q of the graph around is not inferred", n.Name, n.Code, v.Name)
			}
			v.probes = g.inputProbes(v, g.trial)
			continue
		}
		if err := g.InferNode(v.Producer); err != nil {
			return err
		}
	}
	return inferNode(n, cmp.Or(g.late, lateSize))
}
