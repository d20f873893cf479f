package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// hoistSignOverPad lets a sign work on the unpadded map, and pads with the sign of
// the padding value:
//
//	x -> Pad(v) -> Bsign -> Bunpack   becomes   x -> Bsign -> Bunpack -> Pad(sign(v))
//	x -> Pad(0) -> Sign               becomes   x -> Sign -> Pad(0)
//
// The convolution behind can then take the padding over. The padded value must have
// no other reader, and the sign of v must be the same in all channels.
func hoistSignOverPad(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		var did bool
		var err error
		if k, ok := unaryKind(n); ok && k == schema.Sign {
			did, err = hoistKeptSign(g, n)
		} else if n.Code == schema.Bsign {
			did, err = hoistBsign(g, n)
		}
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

func hoistKeptSign(g *graph.Graph, n *graph.Node) (bool, error) {
	pad := producer(n.Inputs[0], schema.Pad)
	if pad == nil || !onlyUser(g, n.Inputs[0], n) {
		return false, nil
	}
	v, ok := padValue(pad)
	if !ok || v != v {
		return false, nil
	}
	s := float32(0)
	switch {
	case v > 0:
		s = 1
	case v < 0:
		s = -1
	}
	out := n.Outputs[0]
	small := g.NewValue(n.Name + "/small")
	g.SetInput(n, 0, pad.Inputs[0])
	g.SetOutputs(n, []*graph.Value{small})
	if err := g.InferNode(n); err != nil {
		return false, err
	}
	padBehind(g, n, pad, small, out, s)
	g.Remove(pad)
	return true, nil
}

func hoistBsign(g *graph.Graph, n *graph.Node) (bool, error) {
	pad := producer(n.Inputs[0], schema.Pad)
	s, ok := signOf(n)
	if pad == nil || !ok || !onlyUser(g, n.Inputs[0], n) || g.IsOutput(n.Outputs[0]) {
		return false, nil
	}
	v, ok := padValue(pad)
	if !ok || channels(pad.Inputs[0]) != channels(n.Inputs[0]) {
		return false, nil
	}
	for c := range max(len(s.threshold), len(s.negate)) {
		if s.of(v, c) != s.of(v, 0) {
			return false, nil
		}
	}
	unpacks := slices.Clone(n.Outputs[0].Users())
	for _, u := range unpacks {
		if u.Code != schema.Bunpack {
			return false, nil
		}
	}
	g.SetInput(n, 0, pad.Inputs[0])
	if err := g.InferNode(n); err != nil {
		return false, err
	}
	for _, u := range unpacks {
		out := u.Outputs[0]
		small := g.NewValue(u.Name + "/small")
		g.SetOutputs(u, []*graph.Value{small})
		if err := g.InferNode(u); err != nil {
			return false, err
		}
		padBehind(g, u, pad, small, out, s.of(v, 0))
	}
	g.Remove(pad)
	return true, nil
}

// padBehind pads small, which n computes, as pad does, with another value.
func padBehind(g *graph.Graph, n, pad *graph.Node, small, out *graph.Value, value float32) {
	in := slices.Clone(pad.Inputs)
	for len(in) < 3 {
		in = append(in, nil)
	}
	in[0] = small
	in[2] = g.ConstFloat32s(n.Name+"/padding", nil, []float32{value})
	g.InsertAfter(n, &graph.Node{
		Name: pad.Name + "/" + n.Name, Code: schema.Pad, Options: pad.Options, Origin: origins(pad),
		Inputs: in, Outputs: []*graph.Value{out},
	})
}

// padValue gives the number that a Pad of floats fills in.
func padValue(n *graph.Node) (float32, bool) {
	if o := n.Options.(*schema.PadOptions); o.Mode != schema.PadConstant || n.Inputs[0].DType != schema.Float32 {
		return 0, false
	}
	if n.Input(2) == nil {
		return 0, true
	}
	return uniform(n.Input(2))
}

// padsWithSigns reports whether a Pad of signs fills in -1 or +1 only, or nothing.
func padsWithSigns(n *graph.Node) bool {
	if n.Options.(*schema.PadOptions).Mode != schema.PadConstant {
		return true
	}
	if v, ok := padValue(n); ok && (v == 1 || v == -1) {
		return true
	}
	amounts, known := constInts(n.Input(1))
	return known && !slices.ContainsFunc(amounts, func(a int64) bool { return a > 0 })
}

// spatialPad reads a Pad that adds rows and columns of one value around the maps of
// an NHWC tensor.
func spatialPad(n *graph.Node) (schema.Pads, float32, bool) {
	begin, end, v, ok := padAmounts(n)
	shape := n.Inputs[0].Shape
	if !ok || len(shape) != 4 || shape[1] == 0 || shape[2] == 0 { // no layer reads an empty map
		return schema.Pads{}, 0, false
	}
	const most = 1 << 20
	for a := range begin {
		onMap := a == 1 || a == 2
		if begin[a] < 0 || end[a] < 0 || begin[a] > most || end[a] > most || !onMap && begin[a]+end[a] != 0 {
			return schema.Pads{}, 0, false
		}
	}
	return schema.Pads{
		Top: int(begin[1]), Left: int(begin[2]), Bottom: int(end[1]), Right: int(end[2]),
	}, v, true
}

// padAmounts gives how much a Pad of constants adds to each axis, and of what. It fails
// for other Pads, for unknown amounts, and for scalars.
func padAmounts(n *graph.Node) (begin, end []int64, value float32, ok bool) {
	rank := len(n.Inputs[0].Shape)
	value, isConstant := padValue(n)
	amounts, known := constInts(n.Input(1))
	axes := make([]int64, rank)
	for i := range axes {
		axes[i] = int64(i)
	}
	if a := n.Input(3); a != nil && known {
		axes, known = constInts(a)
	}
	if !isConstant || !known || rank == 0 || len(amounts) != 2*len(axes) {
		return nil, nil, 0, false
	}
	begin, end = make([]int64, rank), make([]int64, rank)
	for i, a := range axes {
		if a < 0 {
			a += int64(rank)
		}
		if a < 0 || a >= int64(rank) {
			return nil, nil, 0, false
		}
		begin[a], end[a] = amounts[i], amounts[i+len(axes)]
	}
	return begin, end, value, true
}
