package graph

import "slices"

// Clone copies the structure; constants and options are shared, as both are never
// changed in place.
func (g *Graph) Clone() *Graph {
	c := New(g.Name)
	c.trial, c.late, c.body = g.trial, g.late, g.body
	twin := map[*Value]*Value{}
	value := func(v *Value) *Value {
		if v == nil {
			return nil
		}
		if w := twin[v]; w != nil {
			return w
		}
		w := &Value{Name: v.Name, DType: v.DType, Shape: slices.Clone(v.Shape), Dims: v.Dims, Const: v.Const, StandsFor: v.StandsFor, probes: v.probes, chance: v.chance, late: v.late, grows: v.grows}
		twin[v] = w
		c.names[w.Name] = w
		return w
	}
	for _, v := range g.Inputs {
		c.Inputs = append(c.Inputs, value(v))
	}
	for _, n := range g.Nodes {
		m := &Node{Name: n.Name, Code: n.Code, Options: n.Options, Origin: slices.Clone(n.Origin)}
		for _, b := range n.Bodies {
			m.Bodies = append(m.Bodies, b.Clone())
		}
		for _, v := range n.Inputs {
			w := value(v)
			m.Inputs = append(m.Inputs, w)
			if w != nil {
				w.users = append(w.users, m)
			}
		}
		for _, v := range n.Outputs {
			w := value(v)
			m.Outputs = append(m.Outputs, w)
			if w != nil {
				w.Producer = m
			}
		}
		c.Nodes = append(c.Nodes, m)
	}
	for _, o := range g.Outputs {
		c.Outputs = append(c.Outputs, &Output{Name: o.Name, Value: value(o.Value)})
	}
	return c
}
