package passes

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// hoistSignOverJoin moves a sign, with the arithmetic before it, over ops that join, cut
// or move maps and leave the rows of channels whole:
//
//	y, z -> Concat(height) -> Mul -> Add -> Bsign
//
// becomes
//
//	y -> Mul -> Add -> Bsign -> Concat(height) on bits
//	z -> Mul -> Add -> Bsign ->
//
// so that the sign meets the layers, which then give bits. What is joined must come from
// binary layers, and the results behind it must have no other reader.
func hoistSignOverJoin(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign || !used(g, n.Outputs[0]) {
			continue
		}
		s, ok := signOf(n)
		f, root := walkChain(n.Inputs[0])
		if !ok || f.channels < 1 || root.Producer == nil || floatNeeded(g, root, f.nodes, n) {
			continue
		}
		parts, ok := wholeRows(root.Producer)
		if !ok || rearranges(root.Producer) && len(f.nodes) == 0 { // which hoistSign moves
			continue
		}
		if slices.ContainsFunc(parts, func(v *graph.Value) bool { return channels(v) != f.channels || !ofBinaryLayer(v) }) {
			continue
		}
		if err := hoistOverParts(g, n, s, f, root.Producer, parts); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// wholeRows gives the operands that a node joins, cuts or moves. It fails if the node does
// something else, or not with whole rows of channels.
func wholeRows(n *graph.Node) ([]*graph.Value, bool) {
	if len(n.Inputs) == 0 || len(n.Outputs) != 1 {
		return nil, false
	}
	switch {
	case rearranges(n):
		return n.Inputs[:1], keepsRows(n)
	case n.Code == schema.Slice:
		axes, ok := axesOf(n, n.Input(3))
		return n.Inputs[:1], ok && !slices.Contains(axes, len(n.Inputs[0].Shape)-1)
	case n.Code == schema.Concat, n.Code == schema.Gather:
		o, ok := n.Options.(*schema.AxisOptions)
		rank := len(n.Inputs[0].Shape)
		whole := ok && rank > 0 && (o.Axis+rank)%rank != rank-1
		if n.Code == schema.Gather {
			return n.Inputs[:1], whole
		}
		return n.Inputs, whole
	}
	return nil, false
}

// axesOf reads an operand of axes, which is absent for all of them.
func axesOf(n *graph.Node, v *graph.Value) ([]int, bool) {
	rank := len(n.Inputs[0].Shape)
	if v == nil {
		return nil, false
	}
	list, ok := constInts(v)
	axes := make([]int, len(list))
	for i, a := range list {
		if axes[i] = int(a); a < 0 {
			axes[i] += rank
		}
	}
	return axes, ok
}

// ofBinaryLayer reports whether a value is the result of a binary layer, perhaps moved or
// joined, with arithmetic behind it.
func ofBinaryLayer(v *graph.Value) bool {
	_, root := walkChain(v)
	n := root.Producer
	if n == nil {
		return false
	}
	if n.Code == schema.BConv2D || n.Code == schema.BGEMM {
		return true
	}
	parts, ok := wholeRows(n)
	return ok && !slices.ContainsFunc(parts, func(v *graph.Value) bool { return !ofBinaryLayer(v) })
}

// hoistOverParts computes the chain and the sign of each part, and joins the bits.
func hoistOverParts(g *graph.Graph, n *graph.Node, s sign, f *chain, join *graph.Node, parts []*graph.Value) error {
	bits := slices.Clone(join.Inputs)
	for i, v := range parts {
		v, err := f.onPart(g, n, v, i, 0, f.channels)
		if err != nil {
			return err
		}
		if bits[i], err = insert(g, n, newSign(g, partName(n, i), v, s, origins(n))); err != nil {
			return err
		}
	}
	out := n.Outputs[0]
	g.SetOutputs(n, nil)
	g.InsertAfter(n, &graph.Node{
		Name: join.Name, Code: join.Code, Options: join.Options, Origin: origins(join),
		Inputs: bits, Outputs: []*graph.Value{out},
	})
	g.Remove(n)
	for _, p := range slices.Backward(f.nodes) {
		g.Remove(p)
	}
	g.Remove(join)
	return nil
}

// onPart applies the chain to part i of its operand, channels from up to from+count,
// before a node.
func (f *chain) onPart(g *graph.Graph, before *graph.Node, v *graph.Value, i, from, count int) (*graph.Value, error) {
	for _, p := range f.nodes {
		in := slices.Clone(p.Inputs)
		for k, e := range in {
			if !e.IsConst() {
				in[k] = v
			} else if len(e.Const.Data) > 4 || len(e.Shape) > 1 {
				c, _ := perChannel(e, f.channels)
				in[k] = g.ConstFloat32s(e.Name+"/channels", []int{count}, c[from:][:count])
			}
		}
		var err error
		if v, err = insert(g, before, &graph.Node{Name: partName(p, i), Code: p.Code, Options: p.Options, Origin: origins(p), Inputs: in}); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// partName names a node that does for part i what n does.
func partName(n *graph.Node, i int) string { return fmt.Sprintf("%s/part_%d", n.Name, i) }

// joinsWords reports whether a node that joins, cuts or picks elements can do so on packed
// bits: along other axes than the last, or at multiples of 32 bits.
func joinsWords(n *graph.Node) bool {
	if len(n.Inputs) == 0 || len(n.Inputs[0].Shape) == 0 {
		return false
	}
	aligned := func(sizes []int) bool {
		return !slices.ContainsFunc(sizes[:len(sizes)-1], func(d int) bool { return d < 0 || d%32 != 0 })
	}
	if n.Code == schema.Split {
		rank := len(n.Inputs[0].Shape)
		o, ok := n.Options.(*schema.AxisOptions)
		if !ok || (o.Axis+rank)%rank != rank-1 {
			return ok
		}
		sizes := make([]int, len(n.Outputs))
		for i, v := range n.Outputs {
			if v == nil {
				return false
			}
			sizes[i] = channels(v)
		}
		return aligned(sizes)
	}
	if n.Code == schema.Expand {
		return channels(n.Inputs[0]) > 0 && channels(n.Inputs[0]) == channels(n.Outputs[0])
	}
	if rearranges(n) {
		return false
	}
	if _, ok := wholeRows(n); ok {
		return true
	}
	if n.Code != schema.Concat {
		return false
	}
	sizes := make([]int, len(n.Inputs))
	for i, v := range n.Inputs {
		sizes[i] = channels(v)
	}
	return aligned(sizes)
}

// sinkUnpackOverJoin lets an op that joins, cuts or picks signs work on bits:
//
//	b -> Bunpack -> Concat -> y     becomes     b -> Concat -> Bunpack -> y
//	c -> Bunpack ->                             c ->
func sinkUnpackOverJoin(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if !joinsWords(n) || !slices.ContainsFunc(n.Outputs, func(v *graph.Value) bool { return used(g, v) }) {
			continue
		}
		in := slices.Clone(n.Inputs)
		all := true
		for i, v := range in {
			if i > 0 && n.Code != schema.Concat {
				break
			}
			u := producer(v, schema.Bunpack)
			if all = u != nil; !all {
				break
			}
			in[i] = u.Inputs[0]
		}
		if !all {
			continue
		}
		onBits := &graph.Node{Name: n.Name, Code: n.Code, Options: n.Options, Origin: origins(n), Inputs: in}
		for _, v := range n.Outputs {
			onBits.Outputs = append(onBits.Outputs, g.NewValue(v.Name+"/bits"))
		}
		if _, err := insert(g, n, onBits); err != nil {
			return count, err
		}
		for i, v := range n.Outputs {
			name := n.Name + "/unpack"
			if len(n.Outputs) > 1 {
				name = fmt.Sprintf("%s_%d", name, i)
			}
			signs, err := insert(g, n, newUnpack(name, onBits.Outputs[i], nil))
			if err != nil {
				return count, err
			}
			g.ReplaceUses(v, signs)
		}
		g.Remove(n)
		count++
	}
	return count, nil
}
