package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// mergePadConv lets a convolution pad by itself:
//
//	x -> Pad(zeros around H and W) -> Conv2D     becomes     x -> Conv2D(pads)
func mergePadConv(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range g.Nodes {
		if n.Code != schema.Conv2D {
			continue
		}
		pad := producer(n.Inputs[0], schema.Pad)
		if pad == nil {
			continue
		}
		pads, value, ok := spatialPad(pad)
		if !ok || value != 0 {
			continue
		}
		o := *n.Options.(*schema.Conv2DOptions)
		o.Pads.Top += pads.Top
		o.Pads.Left += pads.Left
		o.Pads.Bottom += pads.Bottom
		o.Pads.Right += pads.Right
		n.Options = &o
		g.SetInput(n, 0, pad.Inputs[0])
		count++
	}
	return count, nil
}

// cropBeforePad gives what a Pad cuts off, by negative amounts, to a Slice before it:
//
//	x -> Pad(-1 above, 2 below) -> y     becomes     x -> Slice(1:) -> Pad(0 above, 2 below) -> y
//
// Signs and convolutions can be moved over a Slice.
func cropBeforePad(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if o, ok := n.Options.(*schema.PadOptions); !ok || o.Mode != schema.PadConstant {
			continue
		}
		amounts, ok := constInts(n.Input(1))
		if !ok || !slices.ContainsFunc(amounts, func(a int64) bool { return a < 0 }) {
			continue
		}
		axes := make([]int64, len(amounts)/2)
		for i := range axes {
			axes[i] = int64(i)
		}
		if v := n.Input(3); v != nil {
			if axes, ok = constInts(v); !ok {
				continue
			}
		}
		var starts, ends, cut []int64
		for i, a := range axes {
			start, end := -min(amounts[i], 0), min(amounts[len(axes)+i], 0)
			if start == 0 && end == 0 {
				continue
			}
			if end == 0 {
				end = math.MaxInt32
			}
			starts, ends, cut = append(starts, start), append(ends, end), append(cut, a)
		}
		ints := func(role string, x []int64) *graph.Value { return g.ConstInt64s(n.Name+role, []int{len(x)}, x) }
		crop := &graph.Node{
			Name: n.Name + "/crop", Code: schema.Slice, Origin: origins(n),
			Inputs: []*graph.Value{n.Inputs[0], ints("/starts", starts), ints("/ends", ends), ints("/axes", cut)},
		}
		y, err := insert(g, n, crop)
		if err != nil {
			return count, err
		}
		count++
		for i := range amounts {
			amounts[i] = max(amounts[i], 0)
		}
		if !slices.ContainsFunc(amounts, func(a int64) bool { return a > 0 }) {
			g.ReplaceUses(n.Outputs[0], y)
			g.Remove(n)
			continue
		}
		g.SetInput(n, 0, y)
		g.SetInput(n, 1, ints("/pads", amounts))
		if err := g.InferNode(n); err != nil {
			return count, err
		}
	}
	return count, nil
}
