package interpreter

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Evaluating an operator while preparing serves shape arithmetic. Operands and
// results of more bytes than this are left to Run, unless they are weights that the
// file has as bits, see expander.
const maxEvaluated = 32 << 10

// inferAll finds all shapes, and the values that follow from constants and shapes.
func (p *preparer) inferAll() error {
	p.weights = newExpander(p)
	p.waits = make([]bool, len(p.nodes))
	decided := maps.Clone(p.open) // by a run
	for i, n := range p.nodes {
		if n == nil {
			continue
		}
		var err error
		if p.waits[i], err = p.infer(n, decided); err != nil {
			return err
		}
		for j, t := range p.graph.Operators[i].Outputs {
			switch {
			case t == schema.Absent:
			case p.waits[i]:
				decided[&p.tensors[t]] = true
				p.tensors[t].Shape = withoutUnknown(p.graph.Tensors[t].Shape)
			default:
				if err := checkDeclared(&p.tensors[t], &p.graph.Tensors[t]); err != nil {
					return n.Errorf("output %d, %q: %w", j, p.tensors[t].Name, err)
				}
			}
		}
		if p.waits[i] {
			continue
		}
		if err := p.evaluate(n); err != nil {
			return err
		}
	}
	return nil
}

// infer finds the shapes of the outputs of a node, or reports that it waits for what a run decides.
func (p *preparer) infer(n *ops.Node, decided map[*ops.Tensor]bool) (waits bool, err error) {
	if slices.ContainsFunc(n.Inputs, func(t *ops.Tensor) bool { return decided[t] }) {
		return true, nil
	}
	err = ops.InferNode(n)
	var unknown *ops.UnknownValueError
	if errors.As(err, &unknown) {
		return true, nil
	}
	return false, err
}

// evaluate computes what a node makes of constants and shapes, if that is little or weights that
// the kernels pack.
func (p *preparer) evaluate(n *ops.Node) error {
	if later, err := p.weights.later(n); later || err != nil {
		return err
	}
	expands := p.weights.expands(n)
	if !expands && !evaluable(n) {
		return nil
	}
	made := 0
	for _, t := range n.Outputs {
		if t != nil {
			made += t.Bytes()
		}
	}
	if err := p.checkMemory(n, p.used+int64(made)); err != nil {
		return err
	}
	if err := ops.Evaluate(n); err != nil {
		return err
	}
	made -= p.weights.computed(n, expands)
	p.memory.Constants += made
	p.used += int64(made)
	// What Evaluate packed for the kernel is of no more use.
	n.Kernel = ops.Kernel{}
	return nil
}

// checkDeclared compares what Infer found with what the file says.
func checkDeclared(t *ops.Tensor, want *schema.Tensor) error {
	ok := t.DType == want.DType && len(t.Shape) == len(want.Shape)
	if ok {
		for i, d := range want.Shape {
			ok = ok && (d == -1 || d == t.Shape[i])
		}
	}
	if !ok {
		return fmt.Errorf("computed as %v %v, the file says %v %v", t.DType, t.Shape, want.DType, want.Shape)
	}
	return nil
}

// evaluable reports whether the outputs of n can be computed now and are small.
// A custom op is not: its program may expect one call for each run.
func evaluable(n *ops.Node) bool {
	if n.Def.Code == schema.Custom {
		return false
	}
	size := int64(0)
	for _, t := range n.Inputs {
		if t == nil || n.Def.FromShapes {
			continue
		}
		if t.Data == nil {
			return false
		}
		size += int64(t.Bytes())
	}
	for _, t := range n.Outputs {
		if t != nil {
			size += int64(t.Bytes())
		}
	}
	return size <= maxEvaluated
}
