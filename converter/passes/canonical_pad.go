package passes

import (
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
