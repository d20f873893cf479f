package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
)

// Append adds n at the end. If n.Outputs is nil it gets one output, named
// n.Name+":0". It returns the first output.
func (g *Graph) Append(n *Node) *Value { return g.insertAt(len(g.Nodes), n) }

// Insert adds n before another node of the graph, or at the end if that is nil.
// Outputs are as for Append.
func (g *Graph) Insert(before *Node, n *Node) *Value {
	if before == nil {
		return g.Append(n)
	}
	i := slices.Index(g.Nodes, before)
	if i < 0 {
		panic(fmt.Sprintf("graph: node %q is not in the graph", before.Name))
	}
	return g.insertAt(i, n)
}

// InsertAfter adds n behind another node of the graph. Outputs are as for Append.
func (g *Graph) InsertAfter(after *Node, n *Node) *Value {
	i := slices.Index(g.Nodes, after)
	if i < 0 {
		panic(fmt.Sprintf("graph: node %q is not in the graph", after.Name))
	}
	return g.insertAt(i+1, n)
}

func (g *Graph) insertAt(i int, n *Node) *Value {
	if n.Outputs == nil {
		n.Outputs = []*Value{{Name: n.Name + ":0"}}
	}
	g.Nodes = slices.Insert(g.Nodes, i, n)
	for _, v := range n.Inputs {
		if v != nil {
			v.users = append(v.users, n)
		}
	}
	g.adopt(n)
	return n.Outputs[0]
}

// adopt makes n the producer of its outputs.
func (g *Graph) adopt(n *Node) {
	for _, v := range n.Outputs {
		if v == nil {
			continue
		}
		if v.Producer != nil && v.Producer != n || v.Const != nil {
			panic(fmt.Sprintf("graph: value %q has a producer already", v.Name))
		}
		v.Producer = n
		g.register(v)
	}
}

// Remove takes n out of the graph. It panics if an output is still used.
func (g *Graph) Remove(n *Node) {
	for _, v := range n.Outputs {
		if v != nil && (len(v.users) > 0 || g.IsOutput(v)) {
			panic(fmt.Sprintf("graph: node %q is removed, but its output %q is used", n.Name, v.Name))
		}
	}
	i := slices.Index(g.Nodes, n)
	if i < 0 {
		panic(fmt.Sprintf("graph: node %q is not in the graph", n.Name))
	}
	g.Nodes = slices.Delete(g.Nodes, i, i+1)
	g.detach(n)
}

// detach cuts a node that left g.Nodes from its values.
func (g *Graph) detach(n *Node) {
	for _, v := range n.Inputs {
		v.dropUser(n)
	}
	for _, v := range n.Outputs {
		if v != nil {
			v.Producer = nil
			if g.names[v.Name] == v {
				delete(g.names, v.Name)
			}
		}
	}
}

// dropUser forgets one use of v by n.
func (v *Value) dropUser(n *Node) {
	if v == nil {
		return
	}
	if i := slices.Index(v.users, n); i >= 0 {
		v.users = slices.Delete(v.users, i, i+1)
	}
}

// ReplaceUses makes every reader of old, nodes and graph outputs, read new, which
// stands for old, or for what old stood for, from then on.
func (g *Graph) ReplaceUses(old, new *Value) {
	if old == new {
		return
	}
	new.StandsFor = cmp.Or(old.StandsFor, old.Name)
	for _, n := range old.users {
		for i, v := range n.Inputs {
			if v == old {
				n.Inputs[i] = new
			}
		}
	}
	new.users = append(new.users, old.users...)
	old.users = nil
	for _, o := range g.Outputs {
		if o.Value == old {
			o.Value = new
		}
	}
}

// SetInput makes v operand i of n, nil for absent. An operand behind the last one
// is added.
func (g *Graph) SetInput(n *Node, i int, v *Value) {
	for len(n.Inputs) <= i {
		n.Inputs = append(n.Inputs, nil)
	}
	n.Inputs[i].dropUser(n)
	n.Inputs[i] = v
	if v != nil {
		v.users = append(v.users, n)
	}
}

// SetInputs replaces all operands of n.
func (g *Graph) SetInputs(n *Node, in []*Value) {
	for _, v := range n.Inputs {
		v.dropUser(n)
	}
	n.Inputs = slices.Clone(in)
	for _, v := range n.Inputs {
		if v != nil {
			v.users = append(v.users, n)
		}
	}
}

// SetOutputs replaces the outputs of n. The former ones are left without a
// producer, so that another node can take them.
func (g *Graph) SetOutputs(n *Node, out []*Value) {
	for _, v := range n.Outputs {
		if v != nil {
			v.Producer = nil
		}
	}
	n.Outputs = slices.Clone(out)
	g.adopt(n)
}

// Fold removes n, whose outputs have the given values, and makes the outputs
// constants. A nil tensor stands for an output that is not used.
func (g *Graph) Fold(n *Node, values []*ops.Tensor) {
	out := n.Outputs
	for i, v := range out {
		if v != nil && values[i] == nil && (len(v.users) > 0 || g.IsOutput(v)) {
			panic(fmt.Sprintf("graph: node %q is folded, but its output %q has no value", n.Name, v.Name))
		}
	}
	g.SetOutputs(n, nil)
	g.Remove(n)
	for i, v := range out {
		if v == nil || values[i] == nil {
			continue
		}
		t := *values[i]
		t.Name, t.Data, t.Shape = v.Name, aligned(t.Data), append([]int{}, t.Shape...)
		v.Const, v.DType, v.Shape = &t, t.DType, t.Shape
	}
}

// RemoveDead removes the nodes that no graph output depends on, also in the bodies of nodes.
// It returns how many went.
func (g *Graph) RemoveDead() int {
	live := map[*Node]bool{}
	var stack []*Node
	mark := func(v *Value) {
		if v != nil && v.Producer != nil && !live[v.Producer] {
			live[v.Producer] = true
			stack = append(stack, v.Producer)
		}
	}
	for _, o := range g.Outputs {
		mark(o.Value)
	}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, v := range n.Inputs {
			mark(v)
		}
	}
	before := len(g.Nodes)
	var dead []*Node
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n *Node) bool {
		if !live[n] {
			dead = append(dead, n)
		}
		return !live[n]
	})
	for _, n := range dead {
		g.detach(n)
	}
	removed := before - len(g.Nodes)
	for _, n := range g.Nodes {
		for _, b := range n.Bodies {
			removed += b.RemoveDead()
		}
	}
	return removed
}
