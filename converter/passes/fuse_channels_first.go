package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// fewChannels is how many channels an image has at most. Windows of a map with more, and
// channels first, lie in many small pieces.
const fewChannels = 4

// readChannelsFirst lets convolutions read an image as it is:
//
//	x [N,C,H,W] -> Transpose -> Conv2D     becomes     x -> Conv2D(channels first)
//
// Casts between the two stay in front of the convolution.
//
// All readers of the transposed image must be convolutions: otherwise the Transpose stays
// anyway.
func readChannelsFirst(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Transpose || n.Inputs[0].IsConst() || !slices.Equal(permOf(n), []int{0, 2, 3, 1}) {
			continue
		}
		casts, image := castsOf(g, n.Outputs[0])
		readers := slices.Clone(image.Users())
		if c := channels(image); g.IsOutput(image) || c < 1 || c > fewChannels || slices.ContainsFunc(readers, func(r *graph.Node) bool { return !canReadChannelsFirst(r, image) }) {
			continue
		}
		x := n.Inputs[0]
		for _, cast := range casts {
			g.SetInput(cast, 0, x)
			if err := g.InferNode(cast); err != nil {
				return count, err
			}
			x = cast.Outputs[0]
		}
		for _, r := range readers {
			o := *r.Options.(*schema.Conv2DOptions)
			o.ChannelsFirst = true
			r.Options, r.Origin = &o, origins(r, n)
			g.SetInput(r, 0, x)
			count++
		}
	}
	return count, nil
}

// castsOf lists the Casts that are the only readers of v and of each other, as of an image in
// float16 or uint8, and gives the value behind them.
func castsOf(g *graph.Graph, v *graph.Value) (casts []*graph.Node, last *graph.Value) {
	for len(v.Users()) == 1 && v.Users()[0].Code == schema.Cast && !g.IsOutput(v) {
		casts = append(casts, v.Users()[0])
		v = casts[len(casts)-1].Outputs[0]
	}
	return casts, v
}

// canReadChannelsFirst reports whether a node is a convolution of an image in a single
// group that it does not take for weights, too.
func canReadChannelsFirst(n *graph.Node, image *graph.Value) bool {
	o, ok := n.Options.(*schema.Conv2DOptions)
	return ok && o.Groups == 1 && !slices.Contains(n.Inputs[1:], image)
}
