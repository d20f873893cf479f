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
// All readers of the transposed image must be convolutions: otherwise the Transpose stays
// anyway.
func readChannelsFirst(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Transpose || n.Inputs[0].IsConst() || !slices.Equal(permOf(n), []int{0, 2, 3, 1}) {
			continue
		}
		image := n.Outputs[0]
		readers := slices.Clone(image.Users())
		if c := channels(image); g.IsOutput(image) || c < 1 || c > fewChannels || slices.ContainsFunc(readers, func(r *graph.Node) bool { return !canReadChannelsFirst(r, image) }) {
			continue
		}
		for _, r := range readers {
			o := *r.Options.(*schema.Conv2DOptions)
			o.ChannelsFirst = true
			r.Options, r.Origin = &o, origins(r, n)
			g.SetInput(r, 0, n.Inputs[0])
			count++
		}
	}
	return count, nil
}

// canReadChannelsFirst reports whether a node is a convolution of an image in a single
// group that it does not take for weights, too.
func canReadChannelsFirst(n *graph.Node, image *graph.Value) bool {
	o, ok := n.Options.(*schema.Conv2DOptions)
	return ok && o.Groups == 1 && !slices.Contains(n.Inputs[1:], image)
}
