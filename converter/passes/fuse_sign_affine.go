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
// the comparison. Only when the last result has no other reader.
func fuseSignAffine(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign {
			continue
		}
		s, ok := signOf(n)
		f, root := walkChain(n.Inputs[0])
		if !ok || len(f.nodes) == 0 || !onlyUser(g, n.Inputs[0], n) {
			continue
		}
		t, negate, ok, err := floatThresholds(f, s)
		if err != nil {
			return count, err
		}
		if !ok {
			continue
		}
		folded := sign{compare: schema.SignGreaterOrEqual, invert: s.invert, threshold: t, negate: negate}
		n.Origin = origins(append(slices.Clone(f.nodes), n)...)
		if err := setSign(g, n, root, folded); err != nil {
			return count, err
		}
		for _, p := range slices.Backward(f.nodes) {
			if used(g, p.Outputs[0]) {
				break
			}
			g.Remove(p)
		}
		count++
	}
	return count, nil
}
