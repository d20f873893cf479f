package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// poolSignsGlobally makes a maximum of signs over whole maps of known size a pool, which
// works on bits:
//
//	b -> Bunpack -> Reduce(Max, height and width) -> y     becomes     b -> Bunpack -> MaxPool2D -> y
func poolSignsGlobally(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		o, ok := n.Options.(*schema.ReduceOptions)
		if !ok || o.Kind != schema.ReduceMax || !o.KeepDims || n.Input(1) == nil || !isSigns(n.Inputs[0]) {
			continue
		}
		shape := n.Inputs[0].Shape
		axes, ok := axesOf(n, n.Input(1))
		if slices.Sort(axes); !ok || len(shape) != 4 || !slices.Equal(axes, []int{1, 2}) || shape[1] < 1 || shape[2] < 1 {
			continue
		}
		one := schema.Size2D{H: 1, W: 1}
		if err := replaceNode(g, n, &graph.Node{
			Name: n.Name, Code: schema.Pool2D, Origin: origins(n), Inputs: n.Inputs[:1],
			Options: &schema.Pool2DOptions{
				Kind: schema.MaxPool, Kernel: schema.Size2D{H: shape[1], W: shape[2]}, Window: schema.Window{Strides: one, Dilations: one},
			},
		}); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
