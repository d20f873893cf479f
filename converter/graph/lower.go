package graph

import (
	"slices"

	"github.com/lce-go/lce/schema"
)

// Lower makes the model that the graph describes: one subgraph with the live nodes
// only. Constants share memory with the graph.
func (g *Graph) Lower(meta schema.Metadata) (*schema.Model, error) {
	g.RemoveDead()
	if err := g.Validate(); err != nil {
		return nil, err
	}
	s := &schema.Subgraph{Name: g.Name}
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
	return &schema.Model{FormatVersion: 1, Subgraphs: []*schema.Subgraph{s}, Metadata: meta}, nil
}
