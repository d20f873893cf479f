package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// joinGroup makes what reads maps joined along their channels read the parts, so that
// networks that join maps again and again (DenseNet, MeliusNet) hardly copy any. Behind
// fuse, when signs have taken in the arithmetic between.
func joinGroup() Group {
	return Group{Name: "join", Rounds: simplifyRounds, Passes: []Pass{
		{"add-to-part", addToPart},
		{"flatten-concat", flattenConcat},
		{"sign-parts", signParts},
		{"pool-parts", poolParts},
		{"drop-dead-joined", dropDead},
	}}
}

// joinedChannels gives the node that joins maps along their channels into v; nil if v is
// something else, or the number of channels of a part is not known.
func joinedChannels(v *graph.Value) *graph.Node {
	n := producer(v, schema.Concat)
	if n == nil || v.DType != schema.Float32 {
		return nil
	}
	o, rank := n.Options.(*schema.AxisOptions), len(v.Shape)
	if (o.Axis+rank)%rank != rank-1 || slices.ContainsFunc(n.Inputs, func(p *graph.Value) bool { return channels(p) < 1 }) {
		return nil
	}
	return n
}

// addToPart adds to the one part of joined maps that an addition changes:
//
//	a, b -> Concat -> Add -> y     becomes     a, Add(b, z) -> Concat -> y
//	z -> Pad(channels) ->
//
// The others would get 0 added, which changes nothing but the sign of a 0, see
// eliminateIdentity.
func addToPart(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if k, ok := binaryKind(n); !ok || k != schema.Add || !used(g, n.Outputs[0]) {
			continue
		}
		for i, v := range n.Inputs {
			join, z := joinedChannels(v), n.Inputs[1-i]
			pad := producer(z, schema.Pad)
			if join == nil || pad == nil || !graph.SameShape(v, z) {
				continue
			}
			part, ok := paddedPart(pad, join)
			if !ok {
				continue
			}
			in := slices.Clone(join.Inputs)
			operands := []*graph.Value{in[part], pad.Inputs[0]}
			if i == 1 {
				slices.Reverse(operands)
			}
			var err error
			if in[part], err = insert(g, n, &graph.Node{
				Name: n.Name, Code: n.Code, Options: n.Options, Origin: origins(n, pad), Inputs: operands,
			}); err != nil {
				return count, err
			}
			y, err := insert(g, n, &graph.Node{
				Name: n.Name + "/join", Code: join.Code, Options: join.Options, Origin: origins(join), Inputs: in,
			})
			if err != nil {
				return count, err
			}
			g.ReplaceUses(n.Outputs[0], y)
			g.Remove(n)
			count++
			break
		}
	}
	return count, nil
}

// paddedPart finds the part of joined maps that a Pad, which fills all other channels with
// zeros, has elements for.
func paddedPart(pad, join *graph.Node) (int, bool) {
	begin, end, value, ok := padAmounts(pad)
	last := len(begin) - 1
	if !ok || value != 0 || slices.ContainsFunc(begin[:last], notZero) || slices.ContainsFunc(end[:last], notZero) || begin[last] < 0 || end[last] < 0 {
		return 0, false
	}
	from := int64(0)
	for i, p := range join.Inputs {
		if from == begin[last] {
			return i, graph.SameShape(p, pad.Inputs[0])
		}
		from += int64(channels(p))
	}
	return 0, false
}

func notZero(a int64) bool { return a != 0 }

// readsParts reports whether all that reads joined maps can read the parts as well. Bits
// are joined by words.
func readsParts(g *graph.Graph, join *graph.Node) bool {
	v := join.Outputs[0]
	if g.IsOutput(v) {
		return false
	}
	for _, r := range v.Users() {
		switch r.Code {
		case schema.Bsign:
			if _, ok := signOf(r); !ok || !joinsWords(join) {
				return false
			}
		case schema.Concat:
			if joinedChannels(r.Outputs[0]) == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// flattenConcat joins maps once where they are joined in steps:
//
//	a, b -> Concat ->            becomes     a, b, c -> Concat
//	c -> Concat ->
//
// if nobody needs what is joined first.
func flattenConcat(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range g.Nodes {
		if n.Code != schema.Concat || joinedChannels(n.Outputs[0]) == nil {
			continue
		}
		var in []*graph.Value
		for _, v := range n.Inputs {
			if join := joinedChannels(v); join != nil && readsParts(g, join) {
				in = append(in, join.Inputs...)
			} else {
				in = append(in, v)
			}
		}
		if len(in) > len(n.Inputs) {
			g.SetInputs(n, in)
			count++
		}
	}
	return count, nil
}

// signParts packs the signs of parts of joined maps, and joins bits:
//
//	a, b -> Concat -> Bsign     becomes     a -> Bsign -> Concat
//	                                        b -> Bsign ->
func signParts(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign {
			continue
		}
		join := joinedChannels(n.Inputs[0])
		if join == nil || !readsParts(g, join) {
			continue
		}
		s, _ := signOf(n)
		bits := make([]*graph.Value, len(join.Inputs))
		from := 0
		for i, p := range join.Inputs {
			var err error
			part := s.part(from, channels(p))
			if bits[i], err = insert(g, n, newSign(g, partName(n, i), p, part, origins(n))); err != nil {
				return count, err
			}
			from += channels(p)
		}
		y, err := insert(g, n, &graph.Node{Name: n.Name, Code: join.Code, Options: join.Options, Origin: origins(n), Inputs: bits})
		if err != nil {
			return count, err
		}
		g.ReplaceUses(n.Outputs[0], y)
		g.Remove(n)
		count++
	}
	return count, nil
}

// poolParts joins maps when a pool has made them smaller, behind the arithmetic after it:
//
//	a, b -> Concat -> Mul -> Add -> Pool2D -> Relu
//
// becomes
//
//	a -> Mul -> Add -> Pool2D -> Relu -> Concat
//	b -> Mul -> Add -> Pool2D -> Relu ->
//
// if nobody needs what lies between. A part is pooled as soon as it is there: in the cache,
// and so that its memory serves others.
func poolParts(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Pool2D || !used(g, n.Outputs[0]) {
			continue
		}
		before, root := walkChain(n.Inputs[0])
		join := joinedChannels(root)
		if join == nil || floatNeeded(g, root, before.nodes, n) {
			continue
		}
		after, result := chainBehind(g, n.Outputs[0])
		pooled := make([]*graph.Value, len(join.Inputs))
		from := 0
		for i, p := range join.Inputs {
			at := n
			if p.Producer != nil {
				at = g.Nodes[slices.Index(g.Nodes, p.Producer)+1]
			}
			v, err := before.onPart(g, at, p, i, from, channels(p))
			if err != nil {
				return count, err
			}
			if v, err = insert(g, at, &graph.Node{
				Name: partName(n, i), Code: n.Code, Options: n.Options, Origin: origins(n), Inputs: []*graph.Value{v},
			}); err != nil {
				return count, err
			}
			if pooled[i], err = after.onPart(g, at, v, i, from, channels(p)); err != nil {
				return count, err
			}
			from += channels(p)
		}
		y, err := insert(g, n, &graph.Node{Name: join.Name, Code: join.Code, Options: join.Options, Origin: origins(join), Inputs: pooled})
		if err != nil {
			return count, err
		}
		g.ReplaceUses(result, y)
		for _, p := range slices.Backward(after.nodes) {
			g.Remove(p)
		}
		g.Remove(n)
		count++
	}
	return count, nil
}

// chainBehind collects the elementwise ops with constants per channel behind v, as long as
// nobody else reads what they read. It gives the result of the last one.
func chainBehind(g *graph.Graph, v *graph.Value) (*chain, *graph.Value) {
	f := &chain{channels: channels(v)}
	for {
		users := v.Users()
		if len(users) != 1 || !onlyUser(g, v, users[0]) {
			return f, v
		}
		_, s, ok := elementwise(users[0], f.channels)
		if !ok {
			return f, v
		}
		f.steps = append(f.steps, s)
		f.nodes = append(f.nodes, users[0])
		v = users[0].Outputs[0]
	}
}
