package graph

import (
	"slices"

	"github.com/lce-go/lce/schema"
)

// Lower makes the model that the graph describes, with the live nodes only: a subgraph, and
// behind it those of nodes with bodies. Constants share memory with the graph.
func (g *Graph) Lower(meta schema.Metadata) (*schema.Model, error) {
	g.RemoveDead()
	if err := g.Validate(); err != nil {
		return nil, err
	}
	m := &schema.Model{FormatVersion: 1, Metadata: meta}
	g.lower(m)
	return m, nil
}

// lower appends the subgraphs to m.
func (g *Graph) lower(m *schema.Model) {
	s := &schema.Subgraph{Name: g.Name}
	m.Subgraphs = append(m.Subgraphs, s)
	index := map[*Value]int{}
	tensor := func(v *Value) int {
		if v == nil {
			return schema.Absent
		}
		if i, ok := index[v]; ok {
			return i
		}
		t := schema.Tensor{Name: v.Name, DType: v.DType, Shape: slices.Clone(v.Shape)}
		if v.Const != nil {
			t.Data = v.Const.Data
		}
		index[v] = len(s.Tensors)
		s.Tensors = append(s.Tensors, t)
		return index[v]
	}
	for _, v := range g.Inputs {
		s.Inputs = append(s.Inputs, schema.Port{Name: v.Name, Tensor: tensor(v)})
	}
	for _, n := range g.Nodes {
		op := schema.Operator{Code: n.Code, Version: 1, Name: n.Name, Options: n.Options}
		var places []int
		for _, b := range n.Bodies {
			places = append(places, len(m.Subgraphs))
			b.lower(m)
		}
		switch o := n.Options.(type) {
		case *schema.IfOptions:
			op.Options = &schema.IfOptions{Then: places[0], Else: places[1], ThenInputs: o.ThenInputs}
		case *schema.LoopOptions:
			op.Options = &schema.LoopOptions{Body: places[0], States: o.States, Scanned: o.Scanned}
		}
		for _, v := range n.Inputs {
			op.Inputs = append(op.Inputs, tensor(v))
		}
		for _, v := range n.Outputs {
			op.Outputs = append(op.Outputs, tensor(v))
		}
		s.Operators = append(s.Operators, op)
	}
	for _, o := range g.Outputs {
		s.Outputs = append(s.Outputs, schema.Port{Name: o.Name, Tensor: tensor(o.Value)})
	}
}
