package ops

import (
	"fmt"

	"github.com/lce-go/lce/kernels/move"
	"github.com/lce-go/lce/schema"
)

var (
	pad  = Def{Code: schema.Pad, MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1, Infer: inferPad, Late: lateSame, Prepare: preparePad}
	fill = Def{Code: schema.Fill, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1, Infer: inferFill, Late: lateShaped(0, 1), Prepare: prepareFill}
)

// padAmounts reads how much a Pad adds before and after each axis of input 0.
func padAmounts(n *Node) (before, after []int64, err error) {
	x := n.Inputs[0]
	rank := len(x.Shape)
	pads, err := n.Known(1)
	if err != nil {
		return nil, nil, err
	}
	axes, err := n.Known(3)
	if err != nil {
		return nil, nil, err
	}
	if n.Input(3) == nil {
		for i := range rank {
			axes = append(axes, int64(i))
		}
	}
	if _, err := axisSet(axes, rank); err != nil {
		return nil, nil, err
	}
	if len(pads) != 2*len(axes) {
		return nil, nil, fmt.Errorf("%d pads, want two for each of %d axes", len(pads), len(axes))
	}
	before, after = make([]int64, rank), make([]int64, rank)
	for i, a := range axes {
		axis, err := resolveAxis(a, rank)
		if err != nil {
			return nil, nil, err
		}
		b, e := pads[i], pads[i+len(axes)]
		if min(b, e) < -MaxElements || max(b, e) > MaxElements {
			return nil, nil, fmt.Errorf("pads %v, want values up to %d", pads, MaxElements)
		}
		before[axis], after[axis] = b, e
	}
	return before, after, nil
}

func inferPad(n *Node) error {
	o, err := options[*schema.PadOptions](n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	if err := n.refuseBits(0); err != nil {
		return err
	}
	if v := n.Input(2); v != nil && (v.DType != x.DType || v.Len() != 1) {
		return fmt.Errorf("input 2, %v: want one element of type %v", v, x.DType)
	}
	before, after, err := padAmounts(n)
	if err != nil {
		return err
	}
	shape := make([]int, len(x.Shape))
	for i, d := range x.Shape {
		total := int64(d) + before[i] + after[i]
		if total < 0 || total > MaxElements {
			return fmt.Errorf("input 0, %v: axis %d with pads %d and %d has size %d", x, i, before[i], after[i], total)
		}
		most := max(before[i], after[i])
		switch o.Mode {
		case schema.PadConstant:
		case schema.PadReflect:
			if most > 0 && most > int64(d)-1 {
				return fmt.Errorf("input 0, %v: axis %d of size %d cannot reflect %d elements, at most %d", x, i, d, most, max(d-1, 0))
			}
		case schema.PadEdge:
			if most > 0 && d == 0 {
				return fmt.Errorf("input 0, %v: axis %d is empty and has no edge", x, i)
			}
		default:
			return fmt.Errorf("pad mode %v, want Constant, Reflect or Edge", o.Mode)
		}
		shape[i] = int(total)
	}
	return n.set(0, x.DType, shape)
}

func preparePad(n *Node) (Kernel, error) {
	o, err := options[*schema.PadOptions](n)
	if err != nil {
		return Kernel{}, err
	}
	before, _, err := padAmounts(n)
	if err != nil {
		return Kernel{}, err
	}
	mode := map[schema.PadMode]move.PadMode{
		schema.PadConstant: move.PadConstant, schema.PadReflect: move.PadReflect, schema.PadEdge: move.PadEdge,
	}[o.Mode]
	x := n.Inputs[0]
	p := move.NewPad(mode, x.Shape, n.Outputs[0].Shape, toInts(before), x.DType.Size())
	zero := make([]byte, x.DType.Size())
	return Kernel{Name: "pad", Run: func(n *Node) error {
		value := zero
		if v := n.Input(2); v != nil {
			value = v.Data[:len(zero)]
		}
		p.Run(n.Workers, n.Outputs[0].Data, n.Inputs[0].Data, value)
		return nil
	}}, nil
}

func inferFill(n *Node) error {
	want, err := n.Known(0)
	if err != nil {
		return err
	}
	if err := n.wantRank(0, 1); err != nil {
		return err
	}
	if err := n.refuseBits(1); err != nil {
		return err
	}
	v := n.Inputs[1]
	if v.Len() != 1 {
		return fmt.Errorf("input 1, %v: want one element", v)
	}
	for _, d := range want {
		if d < 0 || d > MaxElements {
			return fmt.Errorf("shape %v: dimension %d, want 0 to %d", want, d, MaxElements)
		}
	}
	return n.set(0, v.DType, toInts(want))
}

func prepareFill(n *Node) (Kernel, error) {
	out := n.Outputs[0]
	size := out.DType.Size()
	s := move.NewStrided([]int{out.Len()}, []int{0}, 0, size, n.Features)
	return Kernel{Name: "fill", Run: func(n *Node) error {
		s.Run(n.Workers, n.Outputs[0].Data, n.Inputs[1].Data)
		return nil
	}}, nil
}
