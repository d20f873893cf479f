package passes

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// squarePowers makes Pow(x, 2) of floats Mul(x, x), which gives the same numbers.
func squarePowers(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range g.Nodes {
		kind, ok := binaryKind(n)
		if !ok || kind != schema.Pow {
			continue
		}
		x := n.Inputs[0]
		if two, _ := uniform(n.Inputs[1]); two != 2 || x.DType != schema.Float32 || !graph.SameShape(x, n.Outputs[0]) {
			continue
		}
		n.Options = &schema.BinaryOptions{Kind: schema.Mul}
		g.SetInputs(n, []*graph.Value{x, x})
		if err := g.InferNode(n); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
