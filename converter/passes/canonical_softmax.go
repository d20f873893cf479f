package passes

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// dropFinalSoftmax removes what keeps the order of a result's elements: Softmax,
// LogSoftmax, and products and quotients by one positive number in front of a
// graph output.
func dropFinalSoftmax(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, o := range g.Outputs {
		for {
			n := lastBehindShapes(g, o.Value)
			if n == nil || !keepsOrder(n) {
				break
			}
			x := n.Inputs[0]
			if n.Code == schema.Binary {
				x, _, _, _ = constOperand(n)
			}
			g.ReplaceUses(n.Outputs[0], x)
			g.Remove(n)
			count++
		}
	}
	return count, nil
}

// lastBehindShapes finds the node that computes a result, seen through ops that
// move or reshape it, of which nobody else reads.
func lastBehindShapes(g *graph.Graph, v *graph.Value) *graph.Node {
	for v.Producer != nil {
		n := v.Producer
		if !rearranges(n) {
			if len(v.Users()) > 1 || len(v.Users()) == 1 && g.IsOutput(v) {
				return nil
			}
			return n
		}
		if len(v.Users()) > 1 {
			return nil
		}
		v = n.Inputs[0]
	}
	return nil
}

func keepsOrder(n *graph.Node) bool {
	switch n.Code {
	case schema.Softmax:
		return true
	case schema.Binary:
		x, c, at, ok := constOperand(n)
		if !ok || !graph.SameShape(x, n.Outputs[0]) {
			return false
		}
		kind := n.Options.(*schema.BinaryOptions).Kind
		factor, ok := uniform(c)
		return ok && factor > 0 && isFinite(factor) && (kind == schema.Mul || kind == schema.Div && at == 1)
	}
	return false
}
