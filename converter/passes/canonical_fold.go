package passes

import (
	"fmt"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Folding may make a model larger by this much, and by this many times the size of
// the constants it came with, in total: Expand and Fill could ask for any size.
const (
	foldAllowance = 4 << 20
	foldFactor    = 2
)

// foldConstants replaces values that can be computed now by constants:
//
//	y = Abs(const)              becomes  y = const
//	n = Gather(Shape(x), 1)     becomes  n = const, where that dimension is known
func foldConstants(g *graph.Graph, log *Log) (int, error) {
	if log.foldBudget == nil {
		n := int64(foldAllowance + foldFactor*constBytes(g))
		log.foldBudget = &n
	}
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		folded, err := foldNode(g, n, log.foldBudget)
		if err != nil {
			return count, err
		}
		if folded {
			count++
		}
	}
	return count, nil
}

func foldNode(g *graph.Graph, n *graph.Node, budget *int64) (bool, error) {
	if n.Code == schema.Bunpack || n.Code == schema.Custom || len(n.Bodies) > 0 || isDequantized(n) {
		return false, nil // packed and quantized weights stay so, and no graph is run
	}
	return foldKnown(g, n, budget)
}

// isDequantized reports whether n is a Dequantize, or rearranges what one gives.
func isDequantized(n *graph.Node) bool {
	for n != nil && rearranges(n) {
		n = n.Inputs[0].Producer
	}
	return n != nil && n.Code == schema.Dequantize
}

// foldDequantized computes what is dequantized from constants.
func foldDequantized(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		if n.Code != schema.Dequantize {
			continue
		}
		folded, err := foldKnown(g, n, log.foldBudget)
		if err != nil {
			return count, err
		}
		if folded {
			count++
		}
	}
	return count, nil
}

func foldKnown(g *graph.Graph, n *graph.Node, budget *int64) (bool, error) {
	values, known := make([]*ops.Tensor, len(n.Outputs)), true
	anyUsed := false
	for i, v := range n.Outputs {
		if !used(g, v) {
			continue
		}
		anyUsed = true
		if values[i] = v.Known(); values[i] == nil {
			known = false
		}
	}
	if !anyUsed {
		return false, nil
	}
	if !known {
		if !foldable(n, budget) {
			return false, nil
		}
		var err error
		if values, err = graph.Evaluate(n); err != nil {
			return false, err
		}
	}
	g.Fold(n, values)
	return true, nil
}

// foldable reports whether all operands of n are constants and the result is not
// too large, and takes its growth from the budget.
func foldable(n *graph.Node, budget *int64) bool {
	in, out := int64(0), int64(0)
	for _, v := range n.Inputs {
		if v == nil {
			continue
		}
		t := v.Known()
		if t == nil {
			return false
		}
		in += int64(len(t.Data))
	}
	for _, v := range n.Outputs {
		if v != nil {
			t := ops.Tensor{DType: v.DType, Shape: v.Trial(0)}
			out += int64(t.Bytes())
		}
	}
	if growth := out - in; growth > 0 {
		if growth > *budget {
			return false
		}
		*budget -= growth
	}
	return true
}

// constBytes is the size of all constants of the graph, and of the bodies in it.
func constBytes(g *graph.Graph) int {
	seen := map[*graph.Value]bool{}
	total := 0
	for _, n := range g.All() {
		for _, v := range n.Inputs {
			if v != nil && v.IsConst() && !seen[v] {
				seen[v] = true
				total += len(v.Const.Data)
			}
		}
	}
	return total
}

// evaluate computes an op of one output on constants, outside the graph.
func evaluate(code schema.OpCode, o schema.Options, in ...*ops.Tensor) (*ops.Tensor, error) {
	n := &ops.Node{Def: ops.Lookup(code), Name: "constant", Options: o, Outputs: []*ops.Tensor{{}}}
	if n.Def == nil {
		return nil, fmt.Errorf("constant: the op %v is unknown", code)
	}
	for _, t := range in {
		c := *t
		n.Inputs = append(n.Inputs, &c)
	}
	if err := ops.Evaluate(n); err != nil {
		return nil, err
	}
	return n.Outputs[0], nil
}

// removeDead drops what no output depends on.
func removeDead(g *graph.Graph, _ *Log) (int, error) { return g.RemoveDead(), nil }
