package exporter

import (
	"fmt"

	"github.com/lce-go/lce/schema"
)

// The graphs of ONNX's operators read the values around them by name, where those of .lce
// have an operand for each.

// within makes the graph of a subgraph that an operator runs. Its first inputs are inputs of
// the graph too, as many as declared; the others are values around it.
func (c *call) within(index, declared int, given []*value) *exporter {
	s := c.subgraphs[index]
	e := &exporter{rows: c.rows, subgraphs: c.subgraphs, small: c.small}
	e.start(s)
	for i, p := range s.Inputs {
		if i < declared {
			e.input(p, &value{hint: p.Name})
		} else {
			e.tensors[p.Tensor].forms[plain].value = given[i-declared]
		}
	}
	return e
}

// runs adds a node with graphs, whose outputs are the results.
func (c *call) runs(op string, in []*value, bodies ...body) {
	var hints []string
	for i, t := range c.out {
		hint := fmt.Sprint(c.op.Name, "/unused", i) // a place that the graphs have a result for
		if t != nil {
			hint = t.Name
		}
		hints = append(hints, hint)
	}
	for i, v := range c.nodes(c.op.Name, op, in, hints) {
		v.producer.bodies = bodies
		if c.out[i] != nil {
			c.out[i].set(plain, v)
		}
	}
}

func exportIf(c *call) error {
	o, err := options[*schema.IfOptions](c)
	if err != nil {
		return err
	}
	operands := c.plains()
	condition, operands := operands[0], operands[1:]
	var bodies []body
	for _, branch := range []struct {
		attr  string
		graph int
		given []*value
	}{{"then_branch", o.Then, operands[:o.ThenInputs]}, {"else_branch", o.Else, operands[o.ThenInputs:]}} {
		e := c.within(branch.graph, 0, branch.given)
		if err := e.run(c.subgraphs[branch.graph]); err != nil {
			return err
		}
		bodies = append(bodies, body{branch.attr, e.graph})
	}
	c.runs("If", []*value{condition}, bodies...)
	return nil
}

// exportLoop has the body pick the slices of scanned operands, for which ONNX's Loop has no
// inputs.
func exportLoop(c *call) error {
	o, err := options[*schema.LoopOptions](c)
	if err != nil {
		return err
	}
	operands := c.plains()
	count := 2 + o.States // of operands and inputs of the body in front of what is scanned
	s := c.subgraphs[o.Body]
	e := c.within(o.Body, count, operands[count:])
	iteration := e.tensors[s.Inputs[0].Tensor]
	place := e.value(iteration, plain)
	if iteration.rank != 0 {
		place = e.node(iteration.Name+"/scalar", "Reshape", []*value{place, e.int64s()})
	}
	for i := range o.Scanned {
		t := e.tensors[s.Inputs[count+i].Tensor]
		t.forms[plain].value = e.node(t.Name, "Gather", []*value{operands[count+i], place}, integer("axis", 0))
	}
	if err := e.run(s); err != nil {
		return err
	}
	c.runs("Loop", operands[:count], body{"body", e.graph})
	return nil
}

func exportNonMaxSuppression(c *call) error {
	o, err := options[*schema.NonMaxSuppressionOptions](c)
	if err != nil {
		return err
	}
	return c.result("NonMaxSuppression", []*value{c.plain(0), c.plain(1), c.scalar(2), c.scalar(3), c.scalar(4)},
		flag("center_point_box", o.CenterPointBox))
}
