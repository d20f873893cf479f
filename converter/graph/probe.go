package graph

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// maxKnown bounds the elements of a value that is computed during inference: it is
// there for shapes and axes, not for weights.
const maxKnown = 1024

// inferNode takes size for sizes that a run decides.
func inferNode(n *Node, size int) error {
	if len(n.Bodies) > 0 {
		if err := inferControl(n, size); err != nil {
			return fmt.Errorf("node %q (%v): %w", n.Name, n.Code, err)
		}
		return nil
	}
	if ops.Lookup(n.Code) == nil {
		return fmt.Errorf("node %q (%v): the op has no meaning that the converter knows", n.Name, n.Code)
	}
	first, late, err := probe(n, 0, size)
	if err != nil {
		return err
	}
	second := first
	if differs(n) || late {
		if second, _, err = probe(n, 1, size); err != nil {
			return err
		}
	}
	late = late || slices.ContainsFunc(n.Inputs, func(v *Value) bool { return v != nil && v.late })
	chance := byChance(n)
	for i, v := range n.Outputs {
		if v == nil {
			continue
		}
		v.chance, v.late = chance, late
		a, b := first[i], second[i]
		if len(a.Shape) != len(b.Shape) || a.DType != b.DType {
			return fmt.Errorf("node %q (%v): the rank of %q depends on the size of an input", n.Name, n.Code, v.Name)
		}
		if a != b && slices.Equal(a.Shape, b.Shape) && sameData(a.Data, b.Data) && (a.Data == nil || !chance) {
			b = a
		}
		v.probes = [2]*ops.Tensor{a, b}
		v.DType = a.DType
		v.Shape = make([]int, len(a.Shape))
		for axis, d := range a.Shape {
			if d != b.Shape[axis] || late {
				d = -1
			}
			v.Shape[axis] = d
		}
	}
	return nil
}

// differs reports whether an operand of n is not the same in both probes.
func differs(n *Node) bool {
	return slices.ContainsFunc(n.Inputs, func(v *Value) bool {
		return v != nil && v.tensor(0) != v.tensor(1)
	})
}

// byChance reports whether values that n computes can be equal in both probes though
// they depend on an unknown dimension, as max(batch, 4) can. Where elements are
// only picked, one that depends on it differs.
func byChance(n *Node) bool {
	picks := false
	switch n.Code {
	case schema.Shape:
		return false // of elements: a dimension that is equal in both is taken to be known
	case schema.Gather, schema.Slice, schema.Split, schema.Concat, schema.Reshape, schema.Flatten,
		schema.Squeeze, schema.Unsqueeze, schema.Transpose, schema.Expand, schema.Cast, schema.Fill:
		picks = true
	}
	return slices.ContainsFunc(n.Inputs, func(v *Value) bool {
		return v != nil && (v.chance || !picks && v.tensor(0) != v.tensor(1))
	})
}

// sameData compares known values; two unknown ones are the same.
func sameData(a, b []byte) bool {
	return (a == nil) == (b == nil) && bytes.Equal(a, b)
}

// probe infers n in probe i, and computes its outputs if they follow from shapes
// and small constants. It reports whether the sizes depend on values that only a run
// computes; these sizes are made up.
func probe(n *Node, i, size int) (outputs []*ops.Tensor, late bool, err error) {
	at, missing := operation(n, func(v *Value) *ops.Tensor { return v.tensor(i) })
	if missing != nil {
		return nil, false, fmt.Errorf("node %q (%v): operand %q is not computed before it", n.Name, n.Code, missing.Name)
	}
	known := !slices.ContainsFunc(at.Inputs, func(t *ops.Tensor) bool { return t != nil && (t.Data == nil || t.Len() > maxKnown) })
	err = ops.InferNode(at)
	var unknown *ops.UnknownValueError
	if errors.As(err, &unknown) && at.Def.Late != nil {
		if err := ops.InferLate(at); err != nil {
			return nil, false, err
		}
		for _, t := range at.Outputs {
			if t != nil {
				t.Shape = slices.Clone(t.Shape)
				for axis, d := range t.Shape {
					if d < 0 {
						t.Shape[axis] = lateIn(i, size)
					}
				}
			}
		}
		return at.Outputs, true, nil
	}
	if err != nil {
		return nil, false, madeUp(n, i, err)
	}
	for _, t := range at.Outputs {
		known = (known || at.Def.FromShapes) && (t == nil || t.Len() <= maxKnown)
	}
	if known {
		if err := ops.Evaluate(at); err != nil {
			return nil, false, err
		}
	}
	return at.Outputs, false, nil
}

// madeUp adds to an error of inference that a shape it is about was only tried.
func madeUp(n *Node, probe int, err error) error {
	for _, v := range n.Inputs {
		if v != nil && v.late {
			return fmt.Errorf("%w (a run decides on the shape of %q, %v was tried)", err, v.Name, v.Trial(probe))
		}
	}
	return err
}

// Evaluate computes the outputs of a node whose operands are all known, whatever
// their size.
func Evaluate(n *Node) ([]*ops.Tensor, error) {
	if ops.Lookup(n.Code) == nil {
		return nil, errors.New("the op has no meaning that the converter knows")
	}
	at, missing := operation(n, (*Value).Known)
	if missing != nil {
		return nil, fmt.Errorf("node %q (%v): the value of %q is not known", n.Name, n.Code, missing.Name)
	}
	for i, t := range at.Inputs {
		if t != nil {
			// A copy: the name and the slices of a shared constant stay as they are.
			c := *t
			at.Inputs[i] = &c
		}
	}
	if err := ops.Evaluate(at); err != nil {
		return nil, err
	}
	return at.Outputs, nil
}

// operation is what n does to the tensors that its operands are, or an operand that is none.
func operation(n *Node, tensor func(v *Value) *ops.Tensor) (at *ops.Node, missing *Value) {
	at = &ops.Node{Def: ops.Lookup(n.Code), Name: n.Name, Options: n.Options}
	for _, v := range n.Inputs {
		var t *ops.Tensor
		if v != nil {
			if t = tensor(v); t == nil {
				return nil, v
			}
		}
		at.Inputs = append(at.Inputs, t)
	}
	for _, v := range n.Outputs {
		var t *ops.Tensor
		if v != nil {
			t = &ops.Tensor{Name: v.Name, DType: v.DType}
		}
		at.Outputs = append(at.Outputs, t)
	}
	return at, nil
}
