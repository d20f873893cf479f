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

// joinUnpack drops a sign of values that are -1 and +1 already, also behind arithmetic
// with constants that keeps their signs:
//
//	b -> Bunpack -> Bsign -> c                becomes     c = b
//	b -> Bunpack -> Add(0.1) -> Bsign -> c    becomes     c = b
func joinUnpack(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign || g.IsOutput(n.Outputs[0]) {
			continue
		}
		f, root := walkChain(n.Inputs[0])
		u := producer(root, schema.Bunpack)
		s, ok := signOf(n)
		if u == nil || !ok {
			continue
		}
		same, err := keepsSigns(f, s)
		if err != nil {
			return count, err
		}
		if same {
			g.ReplaceUses(n.Outputs[0], u.Inputs[0])
			g.Remove(n)
			count++
		}
	}
	return count, nil
}

// keepsSigns reports whether s of the chain gives -1 and +1 as they are, in all
// channels.
func keepsSigns(f *chain, s sign) (bool, error) {
	size := max(f.channels, 1, len(s.threshold), len(s.negate))
	for _, v := range []float32{-1, 1} {
		x := slices.Repeat([]float32{v}, size)
		if len(f.nodes) > 0 {
			y, _, err := f.eval(x)
			if err != nil {
				return false, err
			}
			x = y
		}
		for c, e := range x {
			if s.of(e, c) != v {
				return false, nil
			}
		}
	}
	return true, nil
}
