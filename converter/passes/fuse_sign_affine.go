package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// fuseSignAffine folds arithmetic with constants before a sign of floats into the
// sign's threshold:
//
//	x -> Mul(s) -> Add(b) -> Bsign(t)     becomes     x -> Bsign(t', negate s<0)
//
// The threshold is the first float32 at which the arithmetic as it stands gives the
// other sign, so the bits are the same for every number. A NaN stays on its side of
// the comparison. Only when signs alone read the last result.
func fuseSignAffine(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign {
			continue
		}
		s, ok := signOf(n)
		if !ok || !onlySigns(g, n.Inputs[0]) {
			continue
		}
		f, root := walkChain(n.Inputs[0])
		did, err := foldIntoSign(g, n, s, f, root)
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

// onlySigns reports whether nothing but Bsign reads v.
func onlySigns(g *graph.Graph, v *graph.Value) bool {
	return !g.IsOutput(v) && !slices.ContainsFunc(v.Users(), func(n *graph.Node) bool { return n.Code != schema.Bsign || n.Inputs[0] != v })
}

// foldIntoSign folds as many of the last steps of the chain from root to n as allow it.
func foldIntoSign(g *graph.Graph, n *graph.Node, s sign, f *chain, root *graph.Value) (bool, error) {
	for len(f.nodes) > 0 {
		t, negate, ok, err := floatThresholds(f, s)
		if err != nil {
			return false, err
		}
		if !ok {
			root = f.nodes[0].Outputs[0]
			f.nodes, f.steps = f.nodes[1:], f.steps[1:]
			continue
		}
		n.Origin = origins(append(slices.Clone(f.nodes), n)...)
		folded := sign{compare: schema.SignGreaterOrEqual, invert: s.invert, threshold: t, negate: negate}
		if err := setSign(g, n, root, folded); err != nil {
			return false, err
		}
		for _, p := range slices.Backward(f.nodes) {
			if used(g, p.Outputs[0]) {
				break
			}
			g.Remove(p)
		}
		return true, nil
	}
	return false, nil
}
