package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// divideByMagnitude writes a value divided by its magnitude as a Sign:
//
//	x -> Abs = m; Div(x, m) -> y     becomes     x -> Sign -> y
//
// Only where x is 0 by a coincidence of floats at most: 0/0 is NaN. Infinities, which
// give NaN too, become -1 and +1.
func divideByMagnitude(g *graph.Graph, log *Log) (int, error) {
	count := 0
	facts := zeroFacts{why: map[*graph.Value]string{}, grid: map[*graph.Value]bool{}}
	for _, n := range slices.Clone(g.Nodes) {
		if k, ok := binaryKind(n); !ok || k != schema.Div || n.Inputs[0].DType != schema.Float32 {
			continue
		}
		x := n.Inputs[0]
		abs := producer(n.Inputs[1], schema.Unary)
		if abs == nil || x.IsConst() || abs.Inputs[0] != x {
			continue
		}
		if k, _ := unaryKind(abs); k != schema.Abs {
			continue
		}
		why, err := facts.canBeZero(x)
		if err != nil {
			return count, err
		}
		if why != "" {
			log.keep(n, "it gives NaN where its operand is 0, and that can be: %s", why)
			continue
		}
		log.forget(n)
		y, err := insert(g, n, &graph.Node{
			Name: n.Name, Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Sign}, Origin: origins(abs, n),
			Inputs: []*graph.Value{x}, Outputs: []*graph.Value{g.NewValue(n.Name + "/sign")},
		})
		if err != nil {
			return count, err
		}
		g.ReplaceUses(n.Outputs[0], y)
		log.TakenAsSign = append(log.TakenAsSign, n.Name)
		count++
	}
	g.RemoveDead()
	return count, nil
}
