package ops

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	reshape   = Def{Code: schema.Reshape, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferReshape, Late: lateShaped(1, 0), Prepare: prepareSame}
	flatten   = Def{Code: schema.Flatten, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferFlatten, Prepare: prepareSame}
	squeeze   = Def{Code: schema.Squeeze, MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferSqueeze, Late: lateRank(-1), Prepare: prepareSame}
	unsqueeze = Def{Code: schema.Unsqueeze, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferUnsqueeze, Late: lateRank(1), Prepare: prepareSame}
	shapeOf   = Def{Code: schema.Shape, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: inferShapeOf, Prepare: prepareShapeOf, FromShapes: true}
)

// setView is the end of Infer for an op that gives input 0 another shape: the
// number of elements stays, and so do the words of packed bits.
func (n *Node) setView(shape []int) error {
	x := n.Inputs[0]
	count, err := Count(shape)
	if err != nil {
		return err
	}
	if count != x.Len() {
		return fmt.Errorf("input 0, %v: %d elements do not fill shape %v", x, x.Len(), shape)
	}
	if x.DType == schema.Bits && !keepsWords(x, shape) {
		return fmt.Errorf("input 0, %v: shape %v changes the last axis, which holds packed bits", x, shape)
	}
	return n.set(0, x.DType, shape)
}

// keepsWords reports whether packed bits can get another shape in place: their rows
// stay, or are joined and cut where words end.
func keepsWords(x *Tensor, shape []int) bool {
	if len(shape) == 0 {
		return false
	}
	cols := shape[len(shape)-1]
	return cols == x.Cols() || cols%32 == 0 && x.Cols()%32 == 0
}

func inferReshape(n *Node) error {
	o, err := options[*schema.ReshapeOptions](n)
	if err != nil {
		return err
	}
	want, err := n.Known(1)
	if err != nil {
		return err
	}
	if err := n.wantRank(1, 1); err != nil {
		return err
	}
	x := n.Inputs[0]
	shape := make([]int, len(want))
	rest, known := -1, int64(1)
	for i, d := range want {
		switch {
		case d == -1 && rest < 0:
			rest = i
			continue
		case d == 0 && !o.AllowZero:
			if i >= len(x.Shape) {
				return fmt.Errorf("shape %v copies dimension %d of %v, which has none", want, i, x)
			}
			d = int64(x.Shape[i])
		case d < 0 || d > MaxElements:
			return fmt.Errorf("shape %v: dimension %d, want 0 to %d, or -1 once", want, d, MaxElements)
		}
		shape[i] = int(d)
		if known *= d; known > MaxElements {
			return fmt.Errorf("shape %v: more than %d elements", want, MaxElements)
		}
	}
	if rest >= 0 {
		if known == 0 || int64(x.Len())%known != 0 {
			return fmt.Errorf("shape %v: -1 has no value for the %d elements of %v", want, x.Len(), x)
		}
		shape[rest] = int(int64(x.Len()) / known)
	}
	return n.setView(shape)
}

func inferFlatten(n *Node) error {
	o, err := options[*schema.AxisOptions](n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	axis := o.Axis
	if axis < 0 {
		axis += len(x.Shape)
	}
	if axis < 0 || axis > len(x.Shape) {
		return fmt.Errorf("axis %d of %v, want %d to %d", o.Axis, x, -len(x.Shape), len(x.Shape))
	}
	return n.setView([]int{product(x.Shape[:axis]), product(x.Shape[axis:])})
}

func inferSqueeze(n *Node) error {
	x := n.Inputs[0]
	axes, err := n.Known(1)
	if err != nil {
		return err
	}
	drop, err := axisSet(axes, len(x.Shape))
	if err != nil {
		return err
	}
	shape := []int{}
	for i, d := range x.Shape {
		switch {
		case n.Input(1) == nil && d == 1:
		case drop[i] && d != 1:
			return fmt.Errorf("input 0, %v: axis %d has size %d, want 1", x, i, d)
		case drop[i]:
		default:
			shape = append(shape, d)
		}
	}
	return n.setView(shape)
}

func inferUnsqueeze(n *Node) error {
	x := n.Inputs[0]
	axes, err := n.Known(1)
	if err != nil {
		return err
	}
	added, err := axisSet(axes, len(x.Shape)+len(axes))
	if err != nil {
		return err
	}
	shape := make([]int, 0, len(added))
	next := 0
	for _, a := range added {
		if a {
			shape = append(shape, 1)
			continue
		}
		shape = append(shape, x.Shape[next])
		next++
	}
	return n.setView(shape)
}

// prepareSame makes the kernel of ops whose output has the bytes of input 0.
func prepareSame(n *Node) (Kernel, error) {
	c := move.NewCopy(n.Outputs[0].Bytes())
	return Kernel{Name: "copy", InPlace: true, Run: func(n *Node) error {
		c.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data)
		return nil
	}}, nil
}

// shapeRange is the range of axes that a Shape op reports.
func shapeRange(o *schema.ShapeOptions, rank int) (start, end int) {
	bound := func(v int64) int {
		if v < 0 {
			v += int64(rank)
		}
		return int(min(max(v, 0), int64(rank)))
	}
	start, end = bound(o.Start), bound(o.End)
	return start, max(start, end)
}

func inferShapeOf(n *Node) error {
	o, err := options[*schema.ShapeOptions](n)
	if err != nil {
		return err
	}
	start, end := shapeRange(o, len(n.Inputs[0].Shape))
	return n.set(0, schema.Int64, []int{end - start})
}

func prepareShapeOf(n *Node) (Kernel, error) {
	o, err := options[*schema.ShapeOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	x := n.Inputs[0]
	if x == nil {
		return Kernel{}, errors.New("input 0 is absent")
	}
	start, end := shapeRange(o, len(x.Shape))
	dims := slices.Clone(x.Shape[start:end])
	return Kernel{Name: "shape", Run: func(n *Node) error {
		out := View[int64](n.Outputs[0])
		for i, d := range dims {
			out[i] = int64(d)
		}
		return nil
	}}, nil
}
