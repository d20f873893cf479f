package graph

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Nodes with bodies. The operands of an If are the condition and the inputs of both branches;
// those of a Loop are the count, the condition, states, what is scanned, and what the body
// captures. The inputs of a body are inferred from the operands, and the outputs from those
// of the bodies:
//
//   - An output of an If is late where the branches differ in shape.
//   - A state keeps its shape if that of its result is the same. Else the axes in which they
//     differ grow: the body is inferred once more, with these as unknown dimensions.
//   - How many elements a Loop collects is known if it scans something or has a known count,
//     and its condition is true all the time.

// loopParts splits the operands of a Loop behind the count and the condition.
func loopParts(n *Node) (states, scanned, captured []*Value) {
	o := n.Options.(*schema.LoopOptions)
	in := n.Inputs[2:]
	return in[:o.States], in[o.States : o.States+o.Scanned], in[o.States+o.Scanned:]
}

// checkBodies checks a node with bodies, and them.
func checkBodies(n *Node) error {
	var inputs, outputs []int
	switch o := n.Options.(type) {
	case *schema.IfOptions:
		rest := len(n.Inputs) - 1
		inputs, outputs = []int{o.ThenInputs, rest - o.ThenInputs}, []int{len(n.Outputs), len(n.Outputs)}
	case *schema.LoopOptions:
		if o.States+o.Scanned > len(n.Inputs)-2 || o.States > len(n.Outputs) {
			return fmt.Errorf("%d states and %d scanned of %d operands", o.States, o.Scanned, len(n.Inputs))
		}
		inputs, outputs = []int{len(n.Inputs)}, []int{len(n.Outputs) + 1}
	}
	if len(n.Bodies) != len(inputs) {
		return fmt.Errorf("%d bodies, want %d", len(n.Bodies), len(inputs))
	}
	for i, b := range n.Bodies {
		if len(b.Inputs) != inputs[i] || len(b.Outputs) != outputs[i] {
			return fmt.Errorf("body %d has %d inputs and %d outputs, want %d and %d", i, len(b.Inputs), len(b.Outputs), inputs[i], outputs[i])
		}
		if err := b.Validate(); err != nil {
			return fmt.Errorf("body %d: %w", i, err)
		}
	}
	return nil
}

// resize gives the axes of a state that grow trial sizes, size in the first probe. In the body
// they are like unknown dimensions of an input: known when it is prepared. Of sizes that are
// the same in both probes nothing is concluded.
func (v *Value) resize(size int) error {
	if !slices.Contains(v.grows, true) {
		return nil
	}
	for i, t := range v.probes {
		c := *t
		c.Shape = slices.Clone(t.Shape)
		for axis, grows := range v.grows {
			if grows {
				c.Shape[axis] = lateIn(i, size)
			}
		}
		v.probes[i] = &c
	}
	v.late = v.late || lateIn(1, size) == size
	return v.declare()
}

// pass makes v, an input of a body, what the operand from is, without its value if hide,
// and without its first axis if slice.
func (v *Value) pass(from *Value, hide, slice bool) error {
	for i := range v.probes {
		t := from.tensor(i)
		if t == nil {
			return fmt.Errorf("operand %q is not computed before it", from.Name)
		}
		c := *t
		if hide || slice {
			c.Data = nil
		}
		if slice {
			if len(c.Shape) == 0 {
				return fmt.Errorf("operand %q is scanned, but a scalar has no slices", from.Name)
			}
			c.Shape = c.Shape[1:]
		}
		c.Packs = nil
		v.probes[i] = &c
	}
	if from.tensor(0) == from.tensor(1) {
		v.probes[1] = v.probes[0]
	}
	v.late, v.chance = from.late, from.chance
	return v.declare()
}

// declare sets type and shape by the probes.
func (v *Value) declare() error {
	a, b := v.probes[0], v.probes[1]
	if len(a.Shape) != len(b.Shape) || a.DType != b.DType {
		return fmt.Errorf("the rank of %q depends on the size of an input", v.Name)
	}
	v.DType, v.Shape = a.DType, slices.Clone(a.Shape)
	for axis, d := range b.Shape {
		if d != a.Shape[axis] || v.late {
			v.Shape[axis] = -1
		}
	}
	if v.Shape == nil {
		v.Shape = []int{}
	}
	if a.Data == nil && b.Data == nil && slices.Equal(a.Shape, b.Shape) {
		v.probes[1] = a
	}
	return nil
}

func inferControl(n *Node, size int) error {
	if n.Code == schema.Loop {
		return inferLoop(n, size)
	}
	return inferIf(n, size)
}

// inferBody infers a body, whose inputs are.
func (g *Graph) inferBody(size int) error {
	g.late = size
	return g.inferAll(0, size)
}

func wantOne(v *Value, what string, d schema.DType) error {
	t := v.tensor(0)
	if t == nil {
		return fmt.Errorf("operand %q is not computed before it", v.Name)
	}
	if t.DType != d || len(t.Shape) > 1 || t.Len() != 1 && !v.late {
		return fmt.Errorf("%s %q is %v %v; want one element of %v", what, v.Name, t.DType, t.Shape, d)
	}
	return nil
}

func inferIf(n *Node, size int) error {
	if err := wantOne(n.Inputs[0], "the condition", schema.Bool); err != nil {
		return err
	}
	o := n.Options.(*schema.IfOptions)
	for i, operands := range [][]*Value{n.Inputs[1 : 1+o.ThenInputs], n.Inputs[1+o.ThenInputs:]} {
		b := n.Bodies[i]
		for j, v := range operands {
			if err := b.Inputs[j].pass(v, false, false); err != nil {
				return err
			}
		}
		if err := b.inferBody(size); err != nil {
			return err
		}
	}
	for i, v := range n.Outputs {
		then, other := n.Bodies[0].Outputs[i].Value, n.Bodies[1].Outputs[i].Value
		if then.DType != other.DType || len(then.Shape) != len(other.Shape) {
			return fmt.Errorf("output %d, %q, is %v of rank %d in one branch and %v of rank %d in the other; want the same type and rank, or a condition that is known",
				i, v.Name, then.DType, len(then.Shape), other.DType, len(other.Shape))
		}
		v.late = then.late || other.late
		for j := range v.probes {
			v.probes[j] = v.joined(j, then, other, size)
		}
		if err := v.declare(); err != nil {
			return err
		}
		for axis, d := range then.Shape {
			if d == other.Shape[axis] {
				v.Shape[axis] = d
			}
		}
	}
	return nil
}

// joined is what two values that may be v have in common in probe i. Where they differ, v is
// late.
func (v *Value) joined(i int, then, other *Value, size int) *ops.Tensor {
	a, b := then.tensor(i), other.tensor(i)
	t := &ops.Tensor{Name: v.Name, DType: a.DType, Shape: slices.Clone(a.Shape)}
	for axis, d := range b.Shape {
		if d != t.Shape[axis] {
			t.Shape[axis], v.late = lateIn(i, size), true
		}
	}
	return t
}

// maxLoopRounds bounds how often a body is inferred. In the last round all states grow in
// all axes.
const maxLoopRounds = 3

func inferLoop(n *Node, size int) error {
	if err := wantOne(n.Inputs[0], "the count", schema.Int64); err != nil {
		return err
	}
	if err := wantOne(n.Inputs[1], "the condition", schema.Bool); err != nil {
		return err
	}
	b := n.Bodies[0]
	states, scanned, captured := loopParts(n)
	for round := 1; ; round++ {
		if err := passLoop(b, states, scanned, captured); err != nil {
			return err
		}
		if err := b.inferBody(size); err != nil {
			return err
		}
		more, err := growStates(b, len(states), round == maxLoopRounds-1)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if round == maxLoopRounds {
			return errors.New("the shapes of its states cannot be inferred")
		}
	}
	return loopOutputs(n, size)
}

// passLoop makes the inputs of a body what its operands are.
func passLoop(b *Graph, states, scanned, captured []*Value) error {
	for i, d := range []schema.DType{schema.Int64, schema.Bool} {
		v := b.Inputs[i]
		t := &ops.Tensor{Name: v.Name, DType: d, Shape: slices.Repeat([]int{1}, len(v.Shape))}
		v.probes, v.DType, v.Shape = [2]*ops.Tensor{t, t}, d, t.Shape
	}
	in := b.Inputs[2:]
	for i, v := range slices.Concat(states, scanned, captured) {
		state := i < len(states)
		if err := in[i].pass(v, state, !state && i < len(states)+len(scanned)); err != nil {
			return err
		}
	}
	return nil
}

// growStates compares states with their results, and marks the axes in which they differ, or
// all of them. It reports whether there are any that were not marked.
func growStates(b *Graph, states int, all bool) (more bool, err error) {
	for i, v := range b.Inputs[2 : 2+states] {
		out := b.Outputs[1+i].Value
		if out.DType != v.DType || len(out.Shape) != len(v.Shape) {
			return false, fmt.Errorf("state %d, %q, is %v of rank %d and becomes %v of rank %d; want the same type and rank in each iteration",
				i, v.Name, v.DType, len(v.Shape), out.DType, len(out.Shape))
		}
		if v.grows == nil {
			v.grows = make([]bool, len(v.Shape))
		}
		for axis := range v.grows {
			differ := out.late && !v.late
			for j := range v.probes {
				differ = differ || out.tensor(j).Shape[axis] != v.probes[j].Shape[axis]
			}
			if differ && !v.grows[axis] {
				more = true
				v.grows[axis] = true
			}
		}
	}
	if more && all {
		for _, v := range b.Inputs[2 : 2+states] {
			for axis := range v.grows {
				v.grows[axis] = true
			}
		}
	}
	return more, nil
}

// loopOutputs infers the outputs of a Loop.
func loopOutputs(n *Node, size int) error {
	b := n.Bodies[0]
	states, scanned, _ := loopParts(n)
	for i, v := range n.Outputs {
		if i < len(states) {
			in := b.Inputs[2+i]
			v.late, v.chance = in.late || slices.Contains(in.grows, true), in.chance
			for j, t := range in.probes {
				v.probes[j] = &ops.Tensor{Name: v.Name, DType: t.DType, Shape: t.Shape}
			}
		} else {
			out := b.Outputs[1+i].Value
			v.late = out.late
			for j := range v.probes {
				count, known := loopCount(n, scanned, j)
				if !known {
					count, v.late = lateIn(j, size), true
				}
				t := out.tensor(j)
				v.probes[j] = &ops.Tensor{Name: v.Name, DType: t.DType, Shape: append([]int{count}, t.Shape...)}
				if _, err := ops.Count(v.probes[j].Shape); err != nil {
					return fmt.Errorf("output %d, %q: %w", i, v.Name, err)
				}
			}
		}
		if err := v.declare(); err != nil {
			return err
		}
		switch {
		case i >= len(states):
			copy(v.Shape[1:], b.Outputs[1+i].Value.Shape)
		case !b.Inputs[2+i].late:
			copy(v.Shape, b.Inputs[2+i].Shape)
		}
	}
	return nil
}

// loopCount is the number of iterations of a Loop in probe i, if it is known.
func loopCount(n *Node, scanned []*Value, i int) (int, bool) {
	b := n.Bodies[0]
	condition := n.Inputs[1].Known()
	if b.Outputs[0].Value != b.Inputs[1] || condition == nil || condition.Data[0] == 0 {
		if c := b.Outputs[0].Value.Const; c == nil || len(c.Data) != 1 || c.Data[0] == 0 || condition == nil || condition.Data[0] == 0 {
			return 0, false
		}
	}
	if len(scanned) > 0 {
		return scanned[0].tensor(i).Shape[0], true
	}
	count := n.Inputs[0].Known()
	if count == nil {
		return 0, false
	}
	return int(min(max(ops.View[int64](count)[0], 0), ops.MaxElements+1)), true
}
