package ops

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	concat = Def{Code: schema.Concat, MinInputs: 1, MaxInputs: -1, MinOutputs: 1, MaxOutputs: 1, Infer: inferConcat, Prepare: prepareConcat}
	split  = Def{Code: schema.Split, MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: -1, Infer: inferSplit, Late: lateSplit, Prepare: prepareSplit}
	gather = Def{Code: schema.Gather, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferGather, Prepare: prepareGather}
)

// optionAxis is the axis of AxisOptions for a tensor of the given rank.
func optionAxis(n *Node, rank int) (int, error) {
	o, err := options[*schema.AxisOptions](n)
	if err != nil {
		return 0, err
	}
	return resolveAxis(int64(o.Axis), rank)
}

func inferConcat(n *Node) error {
	first := n.Inputs[0]
	axis, err := optionAxis(n, len(first.Shape))
	if err != nil {
		return err
	}
	packed := first.DType == schema.Bits && axis == len(first.Shape)-1
	shape := slices.Clone(first.Shape)
	total := int64(0)
	for i, t := range n.Inputs {
		if t.DType != first.DType || len(t.Shape) != len(shape) {
			return fmt.Errorf("input %d, %v, does not match input 0, %v", i, t, first)
		}
		for j, d := range t.Shape {
			if j != axis && d != shape[j] {
				return fmt.Errorf("input %d, %v, does not match input 0, %v, on axis %d", i, t, first, j)
			}
		}
		if packed && i < len(n.Inputs)-1 && t.Shape[axis]%32 != 0 {
			return fmt.Errorf("input %d, %v: %d packed bits do not end on a word; axis %d needs a multiple of 32",
				i, t, t.Shape[axis], axis)
		}
		if total += int64(t.Shape[axis]); total > MaxElements {
			return fmt.Errorf("axis %d of the result has more than %d elements", axis, MaxElements)
		}
	}
	shape[axis] = int(total)
	return n.set(0, first.DType, shape)
}

// sections lays tensors along an axis of whole: each is a run of bytes in every
// block of the whole.
func sections(whole *Tensor, parts []*Tensor, axis int) *move.Sections {
	shape, size := units(whole)
	outer := product(shape[:axis])
	sizes := make([]int, len(parts))
	for i, t := range parts {
		part, _ := units(t)
		sizes[i] = product(part[axis:]) * size
	}
	return move.NewSections(outer, sizes)
}

func prepareConcat(n *Node) (Kernel, error) {
	axis, err := optionAxis(n, len(n.Inputs[0].Shape))
	if err != nil {
		return Kernel{}, err
	}
	s := sections(n.Outputs[0], n.Inputs, axis)
	parts := make([][]byte, len(n.Inputs))
	return Kernel{Name: "concat", Run: func(n *Node) error {
		for i, t := range n.Inputs {
			parts[i] = t.Data
		}
		s.Join(n.Workers, n.Outputs[0].Data, parts)
		return nil
	}}, nil
}

func inferSplit(n *Node) error {
	x := n.Inputs[0]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return err
	}
	sizes, err := n.Known(1)
	if err != nil {
		return err
	}
	d := x.Shape[axis]
	if n.Input(1) == nil {
		if d%len(n.Outputs) != 0 {
			return fmt.Errorf("input 0, %v: axis %d does not divide into %d equal parts", x, axis, len(n.Outputs))
		}
		for range n.Outputs {
			sizes = append(sizes, int64(d/len(n.Outputs)))
		}
	}
	if len(sizes) != len(n.Outputs) {
		return fmt.Errorf("%d sizes %v for %d outputs, want as many", len(sizes), sizes, len(n.Outputs))
	}
	total := int64(0)
	for i, s := range sizes {
		if s < 0 || s > int64(d) {
			return fmt.Errorf("sizes %v: part %d has size %d, want 0 to %d, the size of axis %d of %v", sizes, i, s, d, axis, x)
		}
		if x.DType == schema.Bits && axis == len(x.Shape)-1 && i < len(sizes)-1 && s%32 != 0 {
			return fmt.Errorf("input 0, %v: part %d of %d packed bits does not end on a word; axis %d needs multiples of 32", x, i, s, axis)
		}
		total += s
		shape := slices.Clone(x.Shape)
		shape[axis] = int(s)
		if err := n.set(i, x.DType, shape); err != nil {
			return err
		}
	}
	if total != int64(d) {
		return fmt.Errorf("sizes %v add up to %d, axis %d of %v has %d", sizes, total, axis, x, d)
	}
	return nil
}

func prepareSplit(n *Node) (Kernel, error) {
	x := n.Inputs[0]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return Kernel{}, err
	}
	parts := slices.Clone(n.Outputs)
	sizes, err := n.Known(1)
	if err != nil {
		return Kernel{}, err
	}
	for i, t := range parts {
		if t != nil {
			continue
		}
		// An output that nobody wants still takes its place.
		skipped := &Tensor{DType: x.DType, Shape: slices.Clone(x.Shape)}
		skipped.Shape[axis] = x.Shape[axis] / len(parts)
		if n.Input(1) != nil {
			skipped.Shape[axis] = int(sizes[i])
		}
		parts[i] = skipped
	}
	s := sections(x, parts, axis)
	data := make([][]byte, len(parts))
	return Kernel{Name: "split", Run: func(n *Node) error {
		for i, t := range n.Outputs {
			if t != nil {
				data[i] = t.Data
			}
		}
		s.Cut(n.Workers, data, n.Inputs[0].Data)
		return nil
	}}, nil
}

func inferGather(n *Node) error {
	x, indices := n.Inputs[0], n.Inputs[1]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return err
	}
	if err := n.wantType(1, schema.Int64, schema.Int32); err != nil {
		return err
	}
	if x.DType == schema.Bits && axis == len(x.Shape)-1 {
		return fmt.Errorf("input 0, %v: axis %d holds packed bits, which cannot be picked one by one", x, axis)
	}
	shape := slices.Concat(x.Shape[:axis], indices.Shape, x.Shape[axis+1:])
	return n.set(0, x.DType, shape)
}

func prepareGather(n *Node) (Kernel, error) {
	x, indices := n.Inputs[0], n.Inputs[1]
	axis, err := optionAxis(n, len(x.Shape))
	if err != nil {
		return Kernel{}, err
	}
	shape, size := units(x)
	g := move.NewGather(product(shape[:axis]), shape[axis], product(shape[axis+1:])*size, indices.Len())
	if indices.DType == schema.Int32 {
		return Kernel{Name: "gather", Run: func(n *Node) error {
			return move.RunGather(g, n.Workers, n.Outputs[0].Data, n.Inputs[0].Data, View[int32](n.Inputs[1]))
		}}, nil
	}
	return Kernel{Name: "gather", Run: func(n *Node) error {
		return move.RunGather(g, n.Workers, n.Outputs[0].Data, n.Inputs[0].Data, View[int64](n.Inputs[1]))
	}}, nil
}
