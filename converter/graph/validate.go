package graph

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Validate checks what every pass may rely on after Infer: each value has one
// producer, which runs before its readers; users are in step with operands; names
// are there and unique; the number of operands suits the op; dtypes and shapes are
// there; constants have data of the right size. The error names the node and the
// value.
func (g *Graph) Validate() error {
	c := checker{names: map[string]*Value{}, uses: map[*Value]int{}, seen: map[*Value]bool{}}
	for _, v := range g.Inputs {
		if v == nil || v.Const != nil || v.Producer != nil {
			return fmt.Errorf("graph %q: an input is nil, a constant or computed", g.Name)
		}
		if c.seen[v] {
			return fmt.Errorf("graph %q: input %q is listed twice", g.Name, v.Name)
		}
		if err := c.define(v); err != nil {
			return fmt.Errorf("graph input: %w", err)
		}
	}
	inGraph := make(map[*Node]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		if inGraph[n] {
			return fmt.Errorf("node %q (%v): listed twice", n.Name, n.Code)
		}
		inGraph[n] = true
		if err := c.node(n); err != nil {
			return fmt.Errorf("node %q (%v): %w", n.Name, n.Code, err)
		}
	}
	for v, n := range c.uses {
		if len(v.users) != n {
			return fmt.Errorf("value %q: %d users listed, but it is %d operands", v.Name, len(v.users), n)
		}
	}
	for v := range c.seen {
		for _, n := range v.users {
			if !inGraph[n] {
				return fmt.Errorf("value %q: its user %q (%v) is not in the graph", v.Name, n.Name, n.Code)
			}
			if !slices.Contains(n.Inputs, v) {
				return fmt.Errorf("value %q: its user %q (%v) does not read it", v.Name, n.Name, n.Code)
			}
		}
	}
	return c.outputs(g)
}

// checker is what Validate has seen so far.
type checker struct {
	names map[string]*Value
	uses  map[*Value]int
	seen  map[*Value]bool // defined values
}

// define checks a value where it appears first.
func (c *checker) define(v *Value) error {
	c.seen[v] = true
	if v.Name == "" {
		return fmt.Errorf("a value has no name")
	}
	if have := c.names[v.Name]; have != nil && have != v {
		return fmt.Errorf("two values have the name %q", v.Name)
	}
	c.names[v.Name] = v
	if v.DType == schema.Invalid {
		return fmt.Errorf("value %q has no dtype", v.Name)
	}
	if v.Shape == nil {
		return fmt.Errorf("value %q has no shape", v.Name)
	}
	for _, d := range v.Shape {
		if d < -1 {
			return fmt.Errorf("value %q: shape %v", v.Name, v.Shape)
		}
	}
	if t := v.Const; t != nil {
		if v.Producer != nil {
			return fmt.Errorf("value %q is a constant and computed by %q", v.Name, v.Producer.Name)
		}
		if t.DType != v.DType || !slices.Equal(t.Shape, v.Shape) {
			return fmt.Errorf("value %q is %v %v, but its constant %v %v", v.Name, v.DType, v.Shape, t.DType, t.Shape)
		}
		if len(t.Data) != t.Bytes() {
			return fmt.Errorf("value %q: constant %v %v has %d bytes instead of %d", v.Name, t.DType, t.Shape, len(t.Data), t.Bytes())
		}
	}
	return nil
}

func (c *checker) node(n *Node) error {
	if n.Name == "" {
		return fmt.Errorf("it has no name")
	}
	if err := checkBodies(n); err != nil {
		return err
	}
	if d := ops.Lookup(n.Code); d != nil {
		if err := arity("operands", n.Inputs, d.MinInputs, d.MaxInputs); err != nil {
			return err
		}
		if err := arity("outputs", n.Outputs, d.MinOutputs, d.MaxOutputs); err != nil {
			return err
		}
	}
	for i, v := range n.Inputs {
		if v == nil {
			continue
		}
		c.uses[v]++
		if c.seen[v] {
			continue
		}
		if v.Const == nil {
			return fmt.Errorf("operand %d, %q, is not computed before it", i, v.Name)
		}
		if err := c.define(v); err != nil {
			return fmt.Errorf("operand %d: %w", i, err)
		}
	}
	for i, v := range n.Outputs {
		if v == nil {
			continue
		}
		if c.seen[v] {
			return fmt.Errorf("output %d, %q, is defined already", i, v.Name)
		}
		if v.Producer != n {
			return fmt.Errorf("output %d, %q, does not name it as its producer", i, v.Name)
		}
		if err := c.define(v); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
	}
	return nil
}

// arity checks a number of operands; the first least may not be absent.
func arity(what string, list []*Value, least, most int) error {
	if len(list) < least || most >= 0 && len(list) > most {
		return fmt.Errorf("%d %s, want %d to %d", len(list), what, least, most)
	}
	for i := range least {
		if list[i] == nil {
			return fmt.Errorf("%s: number %d is absent", what, i)
		}
	}
	return nil
}

func (c *checker) outputs(g *Graph) error {
	names := map[string]bool{}
	for i, o := range g.Outputs {
		if o.Value == nil {
			return fmt.Errorf("graph output %d, %q, has no value", i, o.Name)
		}
		if o.Name == "" || names[o.Name] {
			return fmt.Errorf("graph output %d: the name %q is empty or taken", i, o.Name)
		}
		names[o.Name] = true
		if c.seen[o.Value] {
			continue
		}
		if o.Value.Const == nil {
			return fmt.Errorf("graph output %q: value %q is not computed", o.Name, o.Value.Name)
		}
		if err := c.define(o.Value); err != nil {
			return fmt.Errorf("graph output %q: %w", o.Name, err)
		}
	}
	return nil
}
