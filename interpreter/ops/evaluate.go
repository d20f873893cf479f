package ops

import (
	"errors"
	"fmt"

	"github.com/lce-go/lce/schema"
)

// UnknownValueError is the error of Infer about an operand whose value decides
// shapes and is not known yet.
type UnknownValueError struct {
	Input int
	what  string
}

func (e *UnknownValueError) Error() string {
	return fmt.Sprintf("input %d, %s: the value must be a constant or follow from shapes", e.Input, e.what)
}

// Value returns operand i, nil if it is absent, with its Data; an UnknownValueError if
// that is not known before the run.
func (n *Node) Value(i int) (*Tensor, error) {
	t := n.Input(i)
	if t != nil && t.Data == nil && t.Len() > 0 {
		return nil, &UnknownValueError{Input: i, what: t.String()}
	}
	return t, nil
}

// Known returns the value of the int64 or int32 operand i, such as a shape or axes,
// row by row. An absent operand has the value nil. It is an UnknownValueError if the
// value is not known before the run. The slice may share the operand's memory: do not
// change it.
func (n *Node) Known(i int) ([]int64, error) {
	t, err := n.Value(i)
	if t == nil || err != nil {
		return nil, err
	}
	switch t.DType {
	case schema.Int64:
		return View[int64](t), nil
	case schema.Int32:
		v := make([]int64, t.Len())
		for j, x := range View[int32](t) {
			v[j] = int64(x)
		}
		return v, nil
	}
	return nil, fmt.Errorf("input %d, %v: want int64 or int32", i, t)
}

// InferNode sets DType and Shape of the outputs of n. It checks the number of
// operands, then calls the Infer of n.Def, then checks that each output is of a
// real type and size. Its errors name the node and the op.
func InferNode(n *Node) error {
	if err := infer(n); err != nil {
		return n.Errorf("%w", err)
	}
	return nil
}

func infer(n *Node) error {
	if err := checkArity(n); err != nil {
		return err
	}
	for i, t := range n.Inputs {
		if t == nil {
			continue
		}
		if err := checkTensor(t); err != nil {
			return fmt.Errorf("input %d, %q: %w", i, t.Name, err)
		}
	}
	if err := n.Def.Infer(n); err != nil {
		return err
	}
	for i, t := range n.Outputs {
		if t == nil {
			continue
		}
		if err := checkTensor(t); err != nil {
			return fmt.Errorf("output %d, %q: %w", i, t.Name, err)
		}
	}
	return nil
}

// InferLate is InferNode for a node whose Infer failed with an UnknownValueError: it
// sets DType and Shape of the outputs as far as they are known, by the Late of n.Def.
func InferLate(n *Node) error {
	if err := n.Def.Late(n); err != nil {
		return n.Errorf("%w", err)
	}
	return nil
}

// checkArity compares the numbers of operands with the row of the op.
func checkArity(n *Node) error {
	d := n.Def
	if d == nil {
		return errors.New("the op is unknown")
	}
	if err := checkCount("inputs", len(n.Inputs), d.MinInputs, d.MaxInputs); err != nil {
		return err
	}
	if err := checkCount("outputs", len(n.Outputs), d.MinOutputs, d.MaxOutputs); err != nil {
		return err
	}
	for i := range d.MinInputs {
		if n.Inputs[i] == nil {
			return fmt.Errorf("input %d is absent but not optional", i)
		}
	}
	if d.MaxInputs < 0 {
		// The operands of Concat and the like: a list has no holes.
		for i, t := range n.Inputs {
			if t == nil {
				return fmt.Errorf("input %d is absent but not optional", i)
			}
		}
	}
	for i := range d.MinOutputs {
		if n.Outputs[i] == nil {
			return fmt.Errorf("output %d is absent but not optional", i)
		}
	}
	return nil
}

func checkCount(what string, got, least, most int) error {
	switch {
	case most < 0 && got < least:
		return fmt.Errorf("%d %s, want at least %d", got, what, least)
	case got < least || most >= 0 && got > most:
		if least == most {
			return fmt.Errorf("%d %s, want %d", got, what, least)
		}
		return fmt.Errorf("%d %s, want %d to %d", got, what, least, most)
	}
	return nil
}

// checkTensor checks that the type is a real one and the size fits an int.
func checkTensor(t *Tensor) error {
	if t.DType != schema.Bits && t.DType.Size() == 0 {
		return fmt.Errorf("element type %v", t.DType)
	}
	if t.DType == schema.Bits && len(t.Shape) == 0 {
		return errors.New("a scalar cannot be of type Bits, which are packed along the last axis")
	}
	_, err := Count(t.Shape)
	return err
}

// PrepareNode sets n.Kernel by the Prepare of n.Def, after InferNode. Its errors
// name the node and the op.
func PrepareNode(n *Node) error {
	k, err := n.Def.Prepare(n)
	if err != nil {
		return n.Errorf("%w", err)
	}
	n.Kernel = k
	return nil
}

// RunNode runs a node whose operands and scratch have memory. Its errors name the
// node and the op.
func RunNode(n *Node) error {
	if err := n.Kernel.Run(n); err != nil {
		return n.Errorf("%w", err)
	}
	return nil
}

// Evaluate computes the outputs of n once: it infers their shapes, prepares a
// kernel, allocates the outputs and runs, unless they have no elements. Every input
// needs its value, unless the op is FromShapes. It is how constants are folded.
func Evaluate(n *Node) error {
	if err := InferNode(n); err != nil {
		return err
	}
	if !n.Def.FromShapes {
		for i, t := range n.Inputs {
			if t != nil && t.Data == nil && t.Bytes() > 0 {
				return n.Errorf("input %d, %v: the value is not known", i, t)
			}
		}
	}
	empty := true
	for _, t := range n.Outputs {
		empty = empty && (t == nil || t.Bytes() == 0)
	}
	if !empty {
		if err := PrepareNode(n); err != nil {
			return err
		}
	}
	for _, t := range n.Outputs {
		if t != nil {
			t.Data = AlignedBytes(t.Bytes())
		}
	}
	if empty {
		return nil
	}
	n.Scratch = AlignedBytes(n.Kernel.Scratch)
	err := RunNode(n)
	n.Scratch = nil
	return err
}

// Errorf makes an error about n: `node "conv1" (Conv2D): ...`.
func (n *Node) Errorf(format string, args ...any) error {
	op := "unknown op"
	if n.Def != nil {
		op = n.Def.Code.String()
	}
	if c, ok := n.Options.(*schema.CustomOptions); ok {
		op = fmt.Sprintf("Custom %q", c.Name)
	}
	return fmt.Errorf("node %q (%s): %w", n.Name, op, fmt.Errorf(format, args...))
}
