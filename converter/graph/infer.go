package graph

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
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

// maxKnown bounds the elements of a value that is computed during inference: it is
// there for shapes and axes, not for weights.
const maxKnown = 1024

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

// inferNode takes size for sizes that a run decides.
func inferNode(n *Node, size int) error {
	if len(n.Bodies) > 0 {
		if err := inferControl(n, size); err != nil {
			return fmt.Errorf("node %q (%v): %w", n.Name, n.Code, err)
		}
		return nil
	}
	if ops.Lookup(n.Code) == nil {
		return fmt.Errorf("node %q (%v): the op has no meaning that the converter knows", n.Name, n.Code)
	}
	first, late, err := probe(n, 0, size)
	if err != nil {
		return err
	}
	second := first
	if differs(n) || late {
		if second, _, err = probe(n, 1, size); err != nil {
			return err
		}
	}
	late = late || slices.ContainsFunc(n.Inputs, func(v *Value) bool { return v != nil && v.late })
	chance := byChance(n)
	for i, v := range n.Outputs {
		if v == nil {
			continue
		}
		v.chance, v.late = chance, late
		a, b := first[i], second[i]
		if len(a.Shape) != len(b.Shape) || a.DType != b.DType {
			return fmt.Errorf("node %q (%v): the rank of %q depends on the size of an input", n.Name, n.Code, v.Name)
		}
		if a != b && slices.Equal(a.Shape, b.Shape) && sameData(a.Data, b.Data) && (a.Data == nil || !chance) {
			b = a
		}
		v.probes = [2]*ops.Tensor{a, b}
		v.DType = a.DType
		v.Shape = make([]int, len(a.Shape))
		for axis, d := range a.Shape {
			if d != b.Shape[axis] || late {
				d = -1
			}
			v.Shape[axis] = d
		}
	}
	return nil
}

// differs reports whether an operand of n is not the same in both probes.
func differs(n *Node) bool {
	return slices.ContainsFunc(n.Inputs, func(v *Value) bool {
		return v != nil && v.tensor(0) != v.tensor(1)
	})
}

// byChance reports whether values that n computes can be equal in both probes though
// they depend on an unknown dimension, as max(batch, 4) can. Where elements are
// only picked, one that depends on it differs.
func byChance(n *Node) bool {
	picks := false
	switch n.Code {
	case schema.Shape:
		return false // of elements: a dimension that is equal in both is taken to be known
	case schema.Gather, schema.Slice, schema.Split, schema.Concat, schema.Reshape, schema.Flatten,
		schema.Squeeze, schema.Unsqueeze, schema.Transpose, schema.Expand, schema.Cast, schema.Fill:
		picks = true
	}
	return slices.ContainsFunc(n.Inputs, func(v *Value) bool {
		return v != nil && (v.chance || !picks && v.tensor(0) != v.tensor(1))
	})
}

// sameData compares known values; two unknown ones are the same.
func sameData(a, b []byte) bool {
	return (a == nil) == (b == nil) && bytes.Equal(a, b)
}

// tensor is what v is in probe i.
func (v *Value) tensor(i int) *ops.Tensor {
	if v.Const != nil {
		return v.Const
	}
	return v.probes[i]
}

// probe infers n in probe i, and computes its outputs if they follow from shapes
// and small constants. It reports whether the sizes depend on values that only a run
// computes; these sizes are made up.
func probe(n *Node, i, size int) (outputs []*ops.Tensor, late bool, err error) {
	at := &ops.Node{Def: ops.Lookup(n.Code), Name: n.Name, Options: n.Options}
	known := true
	for _, v := range n.Inputs {
		var t *ops.Tensor
		if v != nil {
			if t = v.tensor(i); t == nil {
				return nil, false, fmt.Errorf("node %q (%v): operand %q is not computed before it", n.Name, n.Code, v.Name)
			}
			known = known && t.Data != nil && t.Len() <= maxKnown
		}
		at.Inputs = append(at.Inputs, t)
	}
	for _, v := range n.Outputs {
		var t *ops.Tensor
		if v != nil {
			t = &ops.Tensor{Name: v.Name, DType: v.DType}
		}
		at.Outputs = append(at.Outputs, t)
	}
	err = ops.InferNode(at)
	var unknown *ops.UnknownValueError
	if errors.As(err, &unknown) && at.Def.Late != nil {
		if err := ops.InferLate(at); err != nil {
			return nil, false, err
		}
		for _, t := range at.Outputs {
			if t != nil {
				t.Shape = slices.Clone(t.Shape)
				for axis, d := range t.Shape {
					if d < 0 {
						t.Shape[axis] = lateIn(i, size)
					}
				}
			}
		}
		return at.Outputs, true, nil
	}
	if err != nil {
		return nil, false, madeUp(n, i, err)
	}
	for _, t := range at.Outputs {
		known = (known || at.Def.FromShapes) && (t == nil || t.Len() <= maxKnown)
	}
	if known {
		if err := ops.Evaluate(at); err != nil {
			return nil, false, err
		}
	}
	return at.Outputs, false, nil
}

// madeUp adds to an error of inference that a shape it is about was only tried.
func madeUp(n *Node, probe int, err error) error {
	for _, v := range n.Inputs {
		if v != nil && v.late {
			return fmt.Errorf("%w (a run decides on the shape of %q, %v was tried)", err, v.Name, v.Trial(probe))
		}
	}
	return err
}

// Late reports whether sizes of v depend on values that only a run computes. Nothing
// can be concluded from its trial shapes.
func (v *Value) Late() bool { return v.late }

// Known gives the value of v if it is a constant or follows from known shapes;
// else nil. It is valid after Infer.
func (v *Value) Known() *ops.Tensor {
	if v.Const != nil {
		return v.Const
	}
	if t := v.probes[0]; t != nil && !v.late && t == v.probes[1] && t.Data != nil {
		return t
	}
	return nil
}

// Evaluate computes the outputs of a node whose operands are all known, whatever
// their size.
func Evaluate(n *Node) ([]*ops.Tensor, error) {
	at := &ops.Node{Def: ops.Lookup(n.Code), Name: n.Name, Options: n.Options}
	if at.Def == nil {
		return nil, errors.New("the op has no meaning that the converter knows")
	}
	for _, v := range n.Inputs {
		var t *ops.Tensor
		if v != nil {
			if t = v.Known(); t == nil {
				return nil, fmt.Errorf("node %q (%v): the value of %q is not known", n.Name, n.Code, v.Name)
			}
			// A copy: the name and the slices of a shared constant stay as they are.
			c := *t
			t = &c
		}
		at.Inputs = append(at.Inputs, t)
	}
	for _, v := range n.Outputs {
		var t *ops.Tensor
		if v != nil {
			t = &ops.Tensor{Name: v.Name, DType: v.DType}
		}
		at.Outputs = append(at.Outputs, t)
	}
	if err := ops.Evaluate(at); err != nil {
		return nil, err
	}
	return at.Outputs, nil
}

// Elements is the number of elements of v, -1 if a dimension is unknown.
func (v *Value) Elements() int {
	n := 1
	for _, d := range v.Shape {
		if d < 0 {
			return -1
		}
		n *= d
	}
	return n
}

// Trial is the shape of v in probe i, 0 or 1: every dimension has a number, and an
// unknown one has two different numbers. It is nil before Infer.
func (v *Value) Trial(i int) []int {
	if t := v.tensor(i); t != nil {
		return t.Shape
	}
	return nil
}

// SameShape reports whether a and b have the same shape for all sizes of the
// inputs. It is valid after Infer.
func SameShape(a, b *Value) bool {
	if a.late || b.late {
		return a == b
	}
	return slices.Equal(a.Trial(0), b.Trial(0)) && slices.Equal(a.Trial(1), b.Trial(1))
}
