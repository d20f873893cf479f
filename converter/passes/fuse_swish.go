package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// hardSwishAlpha and hardSwishBeta make of HardSigmoid the factor of HardSwish.
const (
	hardSwishAlpha = float32(1. / 6)
	hardSwishBeta  = float32(0.5)
)

// fuseSwish makes one function of a product with the own Sigmoid or HardSigmoid:
//
//	x -> Sigmoid -> Mul(x) -> y     becomes     x -> Swish -> y
//
// Nobody else may read the factor. HardSigmoid must have the parameters of HardSwish.
func fuseSwish(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		kind, ok := swishOf(n)
		if !ok || len(n.Outputs[0].Users()) != 1 {
			continue
		}
		x, factor, product := n.Inputs[0], n.Outputs[0], n.Outputs[0].Users()[0]
		if k, ok := binaryKind(product); !ok || k != schema.Mul || !onlyUser(g, factor, product) || !isProduct(product, x, factor) {
			continue
		}
		out := product.Outputs[0]
		n.Options = &schema.UnaryOptions{Kind: kind}
		n.Origin = origins(n, product)
		g.SetOutputs(product, nil)
		g.Remove(product)
		g.SetOutputs(n, []*graph.Value{out})
		count++
	}
	return count, nil
}

// swishOf gives the function that n is the factor of.
func swishOf(n *graph.Node) (schema.UnaryKind, bool) {
	kind, ok := unaryKind(n)
	if !ok || n.Inputs[0].DType != schema.Float32 {
		return 0, false
	}
	switch o := n.Options.(*schema.UnaryOptions); {
	case kind == schema.Sigmoid:
		return schema.Swish, true
	case kind == schema.HardSigmoid && o.Alpha == hardSwishAlpha && o.Beta == hardSwishBeta:
		return schema.HardSwish, true
	}
	return 0, false
}

// isProduct reports whether the operands of n are a and b.
func isProduct(n *graph.Node, a, b *graph.Value) bool {
	return n.Inputs[0] == a && n.Inputs[1] == b || n.Inputs[0] == b && n.Inputs[1] == a
}
