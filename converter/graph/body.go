package graph

import (
	"fmt"
	"iter"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// NewBody makes an empty graph that is to be a body.
func NewBody(name string) *Graph {
	g := New(name)
	g.body = true
	return g
}

// all visits the nodes, and those in the bodies of nodes.
func (g *Graph) all() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for _, n := range g.Nodes {
			if !yield(n) {
				return
			}
			for _, b := range n.Bodies {
				for m := range b.all() {
					if !yield(m) {
						return
					}
				}
			}
		}
	}
}

// All lists the nodes of the graph and of the bodies of nodes, each before its bodies.
func (g *Graph) All() []*Node { return slices.Collect(g.all()) }

// AddBodyInput adds an input to a body, which is what a value of the graph around is.
func (g *Graph) AddBodyInput(name string, outer *Value) *Value {
	return g.addBodyInput(name, outer, false, false)
}

// AddState adds an input that begins as outer. It may grow along the axes that are marked.
func (g *Graph) AddState(name string, outer *Value, grows []bool) *Value {
	v := g.addBodyInput(name, outer, true, false)
	v.grows = grows
	if err := v.resize(lateSize); err != nil {
		panic(fmt.Sprintf("graph: state %q: %v", name, err))
	}
	return v
}

// AddSlice adds an input that is a slice of outer along its first axis, which it must have.
func (g *Graph) AddSlice(name string, outer *Value) *Value {
	return g.addBodyInput(name, outer, true, true)
}

// AddScalar adds an input of one element, of rank 0 or 1.
func (g *Graph) AddScalar(name string, d schema.DType, rank int) *Value {
	v := g.AddInput(name, d, slices.Repeat([]int{1}, rank), nil)
	t := &ops.Tensor{Name: v.Name, DType: d, Shape: v.Shape}
	v.probes = [2]*ops.Tensor{t, t}
	return v
}

func (g *Graph) addBodyInput(name string, outer *Value, hide, slice bool) *Value {
	v := g.AddInput(name, outer.DType, nil, nil)
	if err := v.pass(outer, hide, slice); err != nil {
		panic(fmt.Sprintf("graph: input %q of a body: %v", name, err))
	}
	return v
}

// GrowStates compares the states of a body, whose values are inferred, with their results,
// and returns the axes along which each grows. It reports whether there are more than
// before, so that the body is to be inferred again; then, with all, they are all axes.
func (g *Graph) GrowStates(states int, all bool) (grows [][]bool, more bool, err error) {
	if more, err = growStates(g, states, all); err != nil {
		return nil, false, err
	}
	for _, v := range g.Inputs[2 : 2+states] {
		grows = append(grows, v.grows)
	}
	return grows, more, nil
}

// Splice adds the nodes of a body at the end of g, with the given values in the place of its
// inputs, and returns its outputs. The body is empty afterwards.
func (g *Graph) Splice(b *Graph, inputs []*Value) []*Value {
	return g.splice(len(g.Nodes), b, inputs)
}

func (g *Graph) splice(at int, b *Graph, inputs []*Value) []*Value {
	for i, v := range b.Inputs {
		b.ReplaceUses(v, inputs[i])
	}
	for _, n := range b.Nodes {
		for _, v := range slices.Concat(n.Inputs, n.Outputs) {
			if v != nil && (v.Const != nil || v.Producer == n) {
				g.register(v)
			}
		}
	}
	g.Nodes = slices.Insert(g.Nodes, at, b.Nodes...)
	outputs := make([]*Value, len(b.Outputs))
	for i, o := range b.Outputs {
		outputs[i] = o.Value
		if o.Value.Const != nil {
			g.register(o.Value)
		}
	}
	b.Nodes, b.Inputs, b.Outputs = nil, nil, nil
	return outputs
}

// Inline puts a branch of an If in its place.
func (g *Graph) Inline(n *Node, branch int) {
	split := 1 + n.Options.(*schema.IfOptions).ThenInputs
	inputs := n.Inputs[1:split]
	if branch == 1 {
		inputs = n.Inputs[split:]
	}
	for i, v := range g.splice(slices.Index(g.Nodes, n), n.Bodies[branch], inputs) {
		g.ReplaceUses(n.Outputs[i], v)
	}
	g.Remove(n)
}

// Captures lists the operands of a node that are inputs of a body of it which does not change
// them, and where: in all bodies of an If, and behind what is scanned of a Loop.
func (n *Node) Captures() []Capture {
	var list []Capture
	switch o := n.Options.(type) {
	case *schema.IfOptions:
		for i := range n.Inputs[1:] {
			c := Capture{Operand: 1 + i, Body: n.Bodies[0], Input: i}
			if i >= o.ThenInputs {
				c.Body, c.Input = n.Bodies[1], i-o.ThenInputs
			}
			list = append(list, c)
		}
	case *schema.LoopOptions:
		for i := 2 + o.States + o.Scanned; i < len(n.Inputs); i++ {
			list = append(list, Capture{Operand: i, Body: n.Bodies[0], Input: i})
		}
	}
	return list
}

// Capture is an operand that is an input of a body as it is.
type Capture struct {
	Operand int
	Body    *Graph
	Input   int
}

// DropCapture removes an operand and the input that it is, which nobody reads.
func (g *Graph) DropCapture(n *Node, c Capture) {
	v := c.Body.Inputs[c.Input]
	if len(v.users) > 0 || c.Body.IsOutput(v) {
		panic(fmt.Sprintf("graph: input %q of a body is removed, but it is used", v.Name))
	}
	c.Body.Inputs = slices.Delete(c.Body.Inputs, c.Input, c.Input+1)
	delete(c.Body.names, v.Name)
	g.SetInputs(n, slices.Delete(slices.Clone(n.Inputs), c.Operand, c.Operand+1))
	if o, ok := n.Options.(*schema.IfOptions); ok && c.Operand <= o.ThenInputs {
		n.Options = &schema.IfOptions{ThenInputs: o.ThenInputs - 1}
	}
}

// DropResult removes an output of an If, or one that a Loop collects, which nobody reads.
func (g *Graph) DropResult(n *Node, i int) {
	v := n.Outputs[i]
	if len(v.users) > 0 || g.IsOutput(v) {
		panic(fmt.Sprintf("graph: output %q of a node is removed, but it is used", v.Name))
	}
	delete(g.names, v.Name)
	n.Outputs = slices.Delete(slices.Clone(n.Outputs), i, i+1)
	if n.Code == schema.Loop {
		i++ // behind the condition
	}
	for _, b := range n.Bodies {
		b.Outputs = slices.Delete(b.Outputs, i, i+1)
	}
}
