// Package exporter writes .lce models as ONNX models of standard operators, so that any
// runtime can compute what a .lce model does.
//
// A tensor of Bits becomes float32 of -1 and +1, a binary layer a Conv or MatMul of them:
// its sums are whole numbers, exact in float32, and what follows them is computed step by
// step as the .lce operator does it. Maps get their channels back to axis 1.
package exporter

import (
	"errors"
	"fmt"
	"io"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// The versions of the models that are written.
const (
	IRVersion = 9
	Opset     = 19
)

// Export writes m, which must be as schema.Open or schema.Check accept it, as an ONNX
// model. Inputs and outputs keep their names, types and shapes, but for Bits. The same
// model gives the same bytes. Constants are unpacked one by one while they are written.
//
// An error names an operator that has no form in ONNX.
func Export(w io.Writer, m *schema.Model) (*Summary, error) {
	g, err := build(m)
	if err != nil {
		return nil, err
	}
	s := &Summary{Nodes: map[string]int{}}
	s.count(g)
	s.Bytes, err = g.write(w, &m.Metadata)
	return s, err
}

// Summary describes a model that was written.
type Summary struct {
	Nodes map[string]int // by operator
	Bytes int64
}

func (s *Summary) count(g *graph) {
	for _, n := range g.nodes {
		s.Nodes[n.op]++
		for _, b := range n.bodies {
			s.count(b.graph)
		}
	}
}

// exporter makes the graph of a subgraph.
type exporter struct {
	rows      map[schema.OpCode]*row
	subgraphs []*schema.Subgraph // of the model
	graph     *graph
	tensors   []*tensor         // by index; several may be the same
	small     map[string]*value // of the model, by type and content
}

func build(m *schema.Model) (*graph, error) {
	s := m.Subgraphs[0]
	e := &exporter{rows: rows, subgraphs: m.Subgraphs, small: map[string]*value{}}
	e.start(s)
	for _, p := range s.Inputs {
		e.input(p, &value{name: p.Name})
	}
	if err := e.run(s); err != nil {
		return nil, err
	}
	return e.graph, e.graph.finish()
}

// start begins the graph of a subgraph.
func (e *exporter) start(s *schema.Subgraph) {
	e.graph, e.tensors = &graph{name: s.Name}, nil
	for i := range s.Tensors {
		e.tensors = append(e.tensors, e.newTensor(&s.Tensors[i]))
	}
}

// input makes v an input of the graph.
func (e *exporter) input(p schema.Port, v *value) {
	t := e.tensors[p.Tensor]
	t.forms[plain].value = v
	e.graph.inputs = append(e.graph.inputs, port{name: p.Name, value: v, of: t})
}

// run adds the nodes and outputs of the subgraph.
func (e *exporter) run(s *schema.Subgraph) error {
	for i := range s.Operators {
		op := &s.Operators[i]
		if err := e.operator(op); err != nil {
			return fmt.Errorf("operator %q (%v): %w", op.Name, op.Code, err)
		}
	}
	for _, p := range s.Outputs {
		t := e.tensors[p.Tensor]
		e.graph.outputs = append(e.graph.outputs, port{name: p.Name, value: e.value(t, plain), of: t})
	}
	return nil
}

// operator adds the nodes of an operator.
func (e *exporter) operator(op *schema.Operator) error {
	row := e.rows[op.Code]
	if row == nil {
		return errors.New("it has no form in ONNX; operators of the embedding program are not exported")
	}
	c := &call{exporter: e, op: op}
	for _, i := range op.Inputs {
		var t *tensor
		if i != schema.Absent {
			t = e.tensors[i]
		}
		c.in = append(c.in, t)
	}
	for _, i := range op.Outputs {
		var t *tensor
		if i != schema.Absent {
			t = e.tensors[i]
		}
		c.out = append(c.out, t)
	}
	if err := c.checkOperands(ops.Lookup(op.Code)); err != nil {
		return err
	}
	if c.fold() {
		return nil
	}
	return row.export(c)
}

// checkOperands checks the numbers of operands, which a file may have wrong.
func (c *call) checkOperands(d *ops.Def) error {
	in, out := len(c.in), len(c.out)
	if in < d.MinInputs || d.MaxInputs >= 0 && in > d.MaxInputs || out < d.MinOutputs || d.MaxOutputs >= 0 && out > d.MaxOutputs {
		return fmt.Errorf("%d inputs and %d outputs, want %s and %s", in, out, span(d.MinInputs, d.MaxInputs), span(d.MinOutputs, d.MaxOutputs))
	}
	for i, t := range c.in {
		if t == nil && (i < d.MinInputs || d.MaxInputs < 0) {
			return fmt.Errorf("input %d is absent", i)
		}
	}
	return nil
}

// span writes how many operands there may be; a max below 0 is unbounded.
func span(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("%d or more", least)
	case least == most:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
