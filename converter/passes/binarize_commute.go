package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// sinkUnpack moves Bunpack down past ops that only choose or move elements, so that
// they work on bits:
//
//	b -> Bunpack -> MaxPool2D -> y   becomes   b -> BMaxPool2D -> Bunpack -> y
//	b -> Bunpack -> Reshape -> y     becomes   b -> Reshape -> Bunpack -> y
//
// An op that rearranges must leave the packed words whole: the last axis stays as it
// is, or is joined and cut at multiples of 32.
func sinkUnpack(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if len(n.Inputs) == 0 {
			continue
		}
		u := producer(n.Inputs[0], schema.Bunpack)
		if u == nil || !used(g, n.Outputs[0]) {
			continue
		}
		onBits := &graph.Node{Name: n.Name, Code: n.Code, Options: n.Options, Origin: origins(n), Inputs: slices.Clone(n.Inputs)}
		onBits.Inputs[0] = u.Inputs[0]
		switch {
		case isMaxPool(n):
			onBits.Code = schema.BMaxPool2D
		case rearranges(n) && keepsWords(n):
		default:
			continue
		}
		bits, err := insert(g, n, onBits)
		if err != nil {
			return count, err
		}
		signs, err := insert(g, n, newUnpack(n.Name+"/unpack", bits, nil))
		if err != nil {
			return count, err
		}
		g.ReplaceUses(n.Outputs[0], signs)
		g.Remove(n)
		count++
	}
	return count, nil
}

// joinUnpack drops a sign of values that are -1 and +1 already:
//
//	b -> Bunpack -> Bsign -> c     becomes     c = b
func joinUnpack(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign || g.IsOutput(n.Outputs[0]) {
			continue
		}
		u := producer(n.Inputs[0], schema.Bunpack)
		s, ok := signOf(n)
		if u == nil || !ok {
			continue
		}
		same := true
		for c := range max(1, len(s.threshold), len(s.negate)) {
			same = same && s.of(1, c) == 1 && s.of(-1, c) == -1
		}
		if same {
			g.ReplaceUses(n.Outputs[0], u.Inputs[0])
			g.Remove(n)
			count++
		}
	}
	return count, nil
}
