package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// fuseThreshold lets a binary operator give the sign of a function of its integer
// sums directly, by comparing the sum with an integer per channel:
//
//	b -> BConv2D(mul, bias) -> Mul -> Add -> Clip -> Bsign -> c
//
// becomes
//
//	b -> BConv2D(threshold) -> c
//
// The integers come from evaluating the float32 arithmetic as it stands, so the bits
// are the same, ties and borders included. Where the sign falls with the sum, the
// weights of the channel are turned around. Other readers of the float value keep it:
// the operator then has both outputs, and mul makes up for turned weights.
//
// This runs before constants are folded into mul and bias, which rounds differently.
func fuseThreshold(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Bsign || !used(g, n.Outputs[0]) {
			continue
		}
		did, err := fuseThresholdNode(g, log, n)
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

func fuseThresholdNode(g *graph.Graph, log *Log, n *graph.Node) (bool, error) {
	f, root := walkChain(n.Inputs[0])
	op := root.Producer
	if op == nil || op.Code != schema.BConv2D && op.Code != schema.BGEMM || len(op.Outputs) != 1 || root.DType != schema.Float32 {
		return false, nil
	}
	if f.channels < 1 {
		log.keep(n, "the number of output channels of %s is not known", describe(op))
		return false, nil
	}
	s, ok := signOf(n)
	if !ok || !f.prependEpilogue(op) {
		log.keep(n, "the scale, bias or threshold behind %s is not constant", describe(op))
		return false, nil
	}
	t, flip, bad, err := thresholds(f, s, sumsOf(op).limit)
	if err != nil {
		return false, err
	}
	if bad >= 0 {
		log.keep(n, "the sign of channel %d changes more than once over the sums of %s", bad, describe(op))
		return false, nil
	}
	floatStays := floatNeeded(g, root, f.nodes, n)
	if slices.Contains(flip, true) {
		if why := canFlip(op, floatStays); why != "" {
			log.keep(n, "%s needs turned weights: %s", describe(op), why)
			return false, nil
		}
		if err := flipChannels(g, op, flip, floatStays); err != nil {
			return false, err
		}
	}
	threshold := constInt32s(g, op.Name+"/threshold", t)
	bits := n.Outputs[0]
	g.SetOutputs(n, nil)
	g.Remove(n)
	op.Origin = origins(append([]*graph.Node{op}, append(f.nodes, n)...)...)
	if floatStays {
		g.SetInput(op, 4, threshold)
		g.SetOutputs(op, []*graph.Value{root, bits})
		return true, g.InferNode(op)
	}
	for _, p := range slices.Backward(f.nodes) {
		g.Remove(p)
	}
	g.SetInputs(op, trimOperands([]*graph.Value{op.Inputs[0], op.Inputs[1], nil, nil, threshold, op.Input(secondPlane)}))
	setEpilogueClamps(op, schema.NoClamp, schema.NoClamp)
	g.SetOutputs(op, []*graph.Value{bits})
	return true, g.InferNode(op)
}

// floatNeeded reports whether anything but the sign n depends on the values from
// root through the nodes of a chain.
func floatNeeded(g *graph.Graph, root *graph.Value, nodes []*graph.Node, n *graph.Node) bool {
	v := root
	for _, reader := range append(slices.Clone(nodes), n) {
		if !onlyUser(g, v, reader) {
			return true
		}
		if reader != n {
			v = reader.Outputs[0]
		}
	}
	return false
}

// canFlip says why the weights of a binary operator cannot be turned around.
func canFlip(op *graph.Node, floatStays bool) string {
	pre, _ := epilogueClamps(op)
	switch {
	case !op.Inputs[1].IsConst():
		return "they are computed"
	case floatStays && pre != schema.NoClamp:
		return "the float result is clamped before it is scaled"
	}
	return ""
}

// flipChannels turns the weights of some output channels around, and mul with them if
// the float result is needed: -dot * -mul is dot * mul.
func flipChannels(g *graph.Graph, op *graph.Node, flip []bool, scaleToo bool) error {
	w := op.Inputs[1]
	t := &ops.Tensor{DType: schema.Bits, Shape: w.Shape}
	t.Data = ops.AlignedBytes(len(w.Const.Data))
	copy(t.Data, w.Const.Data)
	words, cols := ops.View[uint32](t), t.Cols()
	perRow := schema.WordsPerRow(cols)
	size := len(words) / len(flip)
	for c, turned := range flip {
		if !turned {
			continue
		}
		for i := c * size; i < (c+1)*size; i++ {
			mask := ^uint32(0)
			if left := cols - i%perRow*32; left < 32 {
				mask = 1<<left - 1
			}
			words[i] ^= mask
		}
	}
	g.SetInput(op, 1, g.NewConst(w.Name+"/turned", schema.Bits, w.Shape, t.Data))
	if !scaleToo {
		return nil
	}
	mul := slices.Repeat([]float32{1}, len(flip))
	if v := op.Input(2); v != nil {
		mul, _ = perChannel(v, len(flip))
	}
	for c := range mul {
		if flip[c] {
			mul[c] = -mul[c]
		}
	}
	g.SetInput(op, 2, g.ConstFloat32s(op.Name+"/scale", []int{len(mul)}, mul))
	return nil
}

func setEpilogueClamps(op *graph.Node, pre, post schema.Clamp) {
	switch o := op.Options.(type) {
	case *schema.BConv2DOptions:
		c := *o
		c.PreClamp, c.Clamp = pre, post
		op.Options = &c
	case *schema.BGEMMOptions:
		op.Options = &schema.BGEMMOptions{PreClamp: pre, Clamp: post}
	}
}

func constInt32s(g *graph.Graph, name string, x []int32) *graph.Value {
	t := &ops.Tensor{DType: schema.Int32, Shape: []int{len(x)}}
	t.Data = ops.AlignedBytes(t.Bytes())
	copy(ops.View[int32](t), x)
	return g.NewConst(name, schema.Int32, t.Shape, t.Data)
}
