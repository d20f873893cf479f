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

// fuseSwish makes one function of a product with the own Sigmoid or HardSigmoid, or Tanh of Softplus:
//
//	x -> Sigmoid -> Mul(x) -> y     becomes     x -> Swish -> y
//
// Nobody else may read the factor. HardSigmoid must have the parameters of HardSwish.
func fuseSwish(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		kind, ok := swishOf(n)
		if !ok {
			continue
		}
		last := n
		if kind == schema.Mish {
			if last = onlyReader(g, n); last == nil || !isUnary(last, schema.Tanh) {
				continue
			}
		}
		product := onlyReader(g, last)
		if product == nil {
			continue
		}
		if k, ok := binaryKind(product); !ok || k != schema.Mul || !isProduct(product, n.Inputs[0], last.Outputs[0]) {
			continue
		}
		out := product.Outputs[0]
		n.Options = &schema.UnaryOptions{Kind: kind}
		n.Origin = origins(n, last, product)
		g.SetOutputs(product, nil)
		g.Remove(product)
		if last != n {
			g.Remove(last)
		}
		g.SetOutputs(n, []*graph.Value{out})
		count++
	}
	return count, nil
}

// onlyReader is the only node that reads the result of n, which is no result of the graph; nil if there
// are several or none.
func onlyReader(g *graph.Graph, n *graph.Node) *graph.Node {
	v := n.Outputs[0]
	if users := v.Users(); len(users) == 1 && onlyUser(g, v, users[0]) {
		return users[0]
	}
	return nil
}

func isUnary(n *graph.Node, kind schema.UnaryKind) bool {
	k, ok := unaryKind(n)
	return ok && k == kind
}

// swishOf gives the function that n is the factor of, or begins it.
func swishOf(n *graph.Node) (schema.UnaryKind, bool) {
	kind, ok := unaryKind(n)
	if !ok || n.Inputs[0].DType != schema.Float32 {
		return 0, false
	}
	switch o := n.Options.(*schema.UnaryOptions); {
	case kind == schema.Sigmoid:
		return schema.Swish, true
	case kind == schema.Softplus:
		return schema.Mish, true
	case kind == schema.HardSigmoid && o.Alpha == hardSwishAlpha && o.Beta == hardSwishBeta:
		return schema.HardSwish, true
	}
	return 0, false
}

// isProduct reports whether the operands of n are a and b.
func isProduct(n *graph.Node, a, b *graph.Value) bool {
	return n.Inputs[0] == a && n.Inputs[1] == b || n.Inputs[0] == b && n.Inputs[1] == a
}
