package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// simplifyTranspose joins two transposes in a row, and makes one that only moves
// axes of size 1 a Reshape.
func simplifyTranspose(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range g.Nodes {
		if n.Code != schema.Transpose || n.Inputs[0].DType == schema.Bits {
			continue
		}
		perm := permOf(n)
		if before := producer(n.Inputs[0], schema.Transpose); before != nil {
			n.Options = &schema.TransposeOptions{Perm: compose(slices.Clone(permOf(before)), perm)}
			g.SetInput(n, 0, before.Inputs[0])
			if err := g.InferNode(n); err != nil {
				return count, err
			}
			count++
			continue
		}
		x := n.Inputs[0]
		if isIdentityPerm(perm) || x.Late() || !movesOnesOnly(trials(x), perm) {
			continue
		}
		shape, ok := shapeOperand(trials(x), trials(n.Outputs[0]))
		if !ok {
			continue
		}
		if err := setReshape(g, n, x, shape); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
