package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// hoistSign moves signs up, against the flow, past ops that only choose or move
// elements, so that they meet the convolution they belong to and what lies between
// works on bits:
//
//	y -> MaxPool2D -> Bsign         becomes   y -> Bsign -> BMaxPool2D
//	y -> MaxPool2D -> Mul(s>=0) -> Add -> Bsign
//	                                becomes   y -> Mul -> Add -> Bsign -> BMaxPool2D
//	y -> Reshape -> Bsign           becomes   y -> Bsign -> Reshape
//	y -> Clip(-1, 1) -> Bsign(0)    becomes   y -> Bsign(0)
//
// A maximum may only be passed by a sign, and by arithmetic, that keeps the order:
// with a negative scale the maximum would have to become a minimum. The result must
// have no other reader.
func hoistSign(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign {
			continue
		}
		for {
			did, err := hoistOnce(g, n)
			if err != nil {
				return count, err
			}
			if !did {
				break
			}
			count++
		}
	}
	return count, nil
}

func hoistOnce(g *graph.Graph, n *graph.Node) (bool, error) {
	s, ok := signOf(n)
	x := n.Inputs[0]
	if !ok || x.Producer == nil {
		return false, nil
	}
	if !onlyUser(g, x, n) {
		return dropClip(g, n, s)
	}
	p := x.Producer
	switch {
	case isMaxPool(p) && s.increasing():
		return true, hoistOverMaxPool(g, n, p)
	case rearranges(p):
		return hoistOverMove(g, n, p, s)
	}
	if did, err := dropClip(g, n, s); did || err != nil {
		return did, err
	}
	return swapPoolAndChain(g, n, s)
}

// hoistOverMaxPool rewires y -> pool -> sign to y -> sign -> pool on bits.
func hoistOverMaxPool(g *graph.Graph, n, pool *graph.Node) error {
	bits := n.Outputs[0]
	g.SetInput(n, 0, pool.Inputs[0])
	signs := g.NewValue(n.Name + "/unpooled")
	g.SetOutputs(n, []*graph.Value{signs})
	if err := g.InferNode(n); err != nil {
		return err
	}
	o := *pool.Options.(*schema.Pool2DOptions)
	g.InsertAfter(n, &graph.Node{
		Name: pool.Name, Code: schema.BMaxPool2D, Options: &o, Origin: origins(pool),
		Inputs: []*graph.Value{signs}, Outputs: []*graph.Value{bits},
	})
	g.Remove(pool)
	return nil
}

// hoistOverMove rewires y -> move -> sign to y -> sign -> move on bits.
func hoistOverMove(g *graph.Graph, n, move *graph.Node, s sign) (bool, error) {
	if !keepsWords(move) {
		return false, nil
	}
	y := move.Inputs[0]
	if !keepsRows(move) {
		var ok bool
		if s, ok = s.resized(channels(y)); !ok {
			return false, nil
		}
	}
	bits := n.Outputs[0]
	signs := g.NewValue(n.Name + "/unmoved")
	g.SetOutputs(n, []*graph.Value{signs})
	if err := setSign(g, n, y, s); err != nil {
		return false, err
	}
	in := slices.Clone(move.Inputs)
	in[0] = signs
	g.InsertAfter(n, &graph.Node{
		Name: move.Name, Code: move.Code, Options: move.Options, Origin: origins(move),
		Inputs: in, Outputs: []*graph.Value{bits},
	})
	g.Remove(move)
	return true, nil
}

// dropClip lets a sign read past a Clip that cannot move a number across one of the
// sign's thresholds.
func dropClip(g *graph.Graph, n *graph.Node, s sign) (bool, error) {
	p := n.Inputs[0].Producer
	o, ok := p.Options.(*schema.UnaryOptions)
	if !ok || o.Kind != schema.Clip {
		return false, nil
	}
	t := s.threshold
	if len(t) == 0 {
		t = []float32{0}
	}
	for c := range max(len(t), len(s.negate)) {
		v := t[c%len(t)]
		lo, hi := o.Alpha, o.Beta
		if len(s.negate) > 0 && s.negate[c] {
			lo, hi = -hi, -lo
		}
		inside := lo < v && v < hi || s.compare == schema.SignGreater && lo == v && v < hi ||
			s.compare == schema.SignGreaterOrEqual && lo < v && v == hi
		if !inside {
			return false, nil
		}
	}
	n.Origin = append(origins(p), origins(n)...)
	g.SetInput(n, 0, p.Inputs[0])
	return true, nil
}

// swapPoolAndChain moves a float MaxPool below the arithmetic that stands between it
// and a sign, so that the sign can then pass it.
func swapPoolAndChain(g *graph.Graph, n *graph.Node, s sign) (bool, error) {
	f, v := walkChain(n.Inputs[0])
	pool := v.Producer
	if len(f.nodes) == 0 || pool == nil || !isMaxPool(pool) || !f.increasing() || !s.increasing() {
		return false, nil
	}
	reader := n
	for i := len(f.nodes) - 1; i >= 0; i-- {
		if !onlyUser(g, f.nodes[i].Outputs[0], reader) {
			return false, nil
		}
		reader = f.nodes[i]
	}
	if !onlyUser(g, v, reader) {
		return false, nil
	}
	for i, in := range reader.Inputs {
		if in == v {
			g.SetInput(reader, i, pool.Inputs[0])
		}
	}
	for _, p := range f.nodes {
		if err := g.InferNode(p); err != nil {
			return false, err
		}
	}
	last := f.nodes[len(f.nodes)-1].Outputs[0]
	pooled, err := insertAfter(g, f.nodes[len(f.nodes)-1], &graph.Node{
		Name: pool.Name, Code: schema.Pool2D, Options: pool.Options, Origin: pool.Origin,
		Inputs: []*graph.Value{last},
	})
	if err != nil {
		return false, err
	}
	g.SetInput(n, 0, pooled)
	g.Remove(pool)
	return true, nil
}
