package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/schema"
)

// unknownDims is a shape of which only the rank is known.
func unknownDims(rank int) []int { return slices.Repeat([]int{-1}, rank) }

// setLate gives output i a type and a shape in which -1 is unknown.
func (n *Node) setLate(i int, d schema.DType, shape []int) {
	if t := n.Output(i); t != nil {
		t.DType, t.Shape = d, shape
	}
}

// listLength is the number of elements of operand i, which must be a list.
func (n *Node) listLength(i int) (int, error) {
	if err := n.wantRank(i, 1); err != nil {
		return 0, err
	}
	return n.Inputs[i].Shape[0], nil
}

// lateSame is for an op whose output has the type and the rank of input 0.
func lateSame(n *Node) error {
	x := n.Inputs[0]
	n.setLate(0, x.DType, unknownDims(len(x.Shape)))
	return nil
}

// lateShaped is for an op whose output has the shape that operand i lists, and the
// type of operand from.
func lateShaped(i, from int) func(n *Node) error {
	return func(n *Node) error {
		rank, err := n.listLength(i)
		if err != nil {
			return err
		}
		n.setLate(0, n.Inputs[from].DType, unknownDims(rank))
		return nil
	}
}

func lateExpand(n *Node) error {
	rank, err := n.listLength(1)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	n.setLate(0, x.DType, unknownDims(max(rank, len(x.Shape))))
	return nil
}

// lateRank is for an op that adds, with sign 1, or takes away, with -1, as many axes as
// operand 1 lists.
func lateRank(sign int) func(n *Node) error {
	return func(n *Node) error {
		count, err := n.listLength(1)
		if err != nil {
			return err
		}
		x := n.Inputs[0]
		rank := len(x.Shape) + sign*count
		if rank < 0 {
			return fmt.Errorf("input 1, %v: %d axes of %v, which has fewer", n.Inputs[1], count, x)
		}
		n.setLate(0, x.DType, unknownDims(rank))
		return nil
	}
}

// lateReduce keeps the rank, or takes away as many axes as operand 1 lists: all of them
// if it lists none.
func lateReduce(n *Node) error {
	o, err := options[*schema.ReduceOptions](n)
	if err != nil {
		return err
	}
	if o.KeepDims {
		return lateSame(n)
	}
	return lateRank(-1)(n)
}

func lateSplit(n *Node) error {
	x := n.Inputs[0]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return err
	}
	shape := slices.Clone(x.Shape)
	shape[axis] = -1
	for i := range n.Outputs {
		n.setLate(i, x.DType, shape)
	}
	return nil
}
