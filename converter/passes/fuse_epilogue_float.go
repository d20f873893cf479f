package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// fuseFloatEpilogue folds arithmetic with constants per channel behind a float
// convolution or product into its weights and bias, and Relu and Clip into its clamp:
//
//	x -> Conv2D(w) -> Mul(s) -> Add(b) -> Relu -> y     becomes     x -> Conv2D(w*s, b, clamp) -> y
//
// The intermediate values must have no other reader. A product needs constant
// weights, everything else does not.
func fuseFloatEpilogue(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul {
			continue
		}
		folded, err := fuseFloatNode(g, n)
		if err != nil {
			return count, err
		}
		count += folded
	}
	return count, nil
}

func fuseFloatNode(g *graph.Graph, n *graph.Node) (int, error) {
	if n.Outputs[0].DType != schema.Float32 || len(n.Outputs[0].Shape) < 2 {
		return 0, nil
	}
	size := channels(n.Outputs[0])
	bias, ok := constOperandRow(n.Input(2), size)
	if !ok || size < 1 {
		return 0, nil
	}
	w := n.Inputs[1]
	weights := floats(w)
	count := 0
	for {
		// One op at a time: weights are scaled before the bias, and not after a clamp.
		v := n.Outputs[0]
		if len(v.Users()) != 1 || g.IsOutput(v) {
			break
		}
		e := epilogue{pre: schema.NoClamp, post: floatClamp(n), bias: bias}
		r := v.Users()[0]
		if len(r.Outputs) != 1 || r.Outputs[0].DType != schema.Float32 || !slices.Equal(r.Outputs[0].Shape, v.Shape) || !e.fold(r, size) {
			break
		}
		if e.pre != schema.NoClamp {
			break
		}
		if e.mul != nil {
			if weights == nil || n.Code == schema.MatMul && len(w.Shape) != 2 {
				break
			}
			weights = scaleWeights(n, weights, e.mul)
			if !allFinite(weights) {
				break
			}
			g.SetInput(n, 1, g.ConstFloat32s(w.Name+"/scaled", w.Shape, weights))
		}
		if e.bias != nil {
			bias = e.bias
			g.SetInput(n, 2, g.ConstFloat32s(n.Name+"/bias", []int{size}, bias))
		}
		setFloatClamp(n, e.post)
		out := r.Outputs[0]
		n.Origin = origins(n, r)
		g.SetOutputs(r, nil)
		g.Remove(r)
		g.SetOutputs(n, []*graph.Value{out})
		count++
	}
	if count == 0 {
		return 0, nil
	}
	return count, g.InferNode(n)
}

// scaleWeights multiplies the weights of each output channel.
func scaleWeights(n *graph.Node, w, mul []float32) []float32 {
	out := make([]float32, len(w))
	o, isMatMul := n.Options.(*schema.MatMulOptions)
	perRow := len(w) / len(mul)
	for i, v := range w {
		c := i / perRow
		if isMatMul && !o.TransposeB {
			c = i % len(mul)
		}
		out[i] = float32(v * mul[c])
	}
	return out
}

func floatClamp(n *graph.Node) schema.Clamp {
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		return o.Clamp
	case *schema.MatMulOptions:
		return o.Clamp
	}
	return schema.NoClamp
}

func setFloatClamp(n *graph.Node, c schema.Clamp) {
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		p := *o
		p.Clamp = c
		n.Options = &p
	case *schema.MatMulOptions:
		p := *o
		p.Clamp = c
		n.Options = &p
	}
}
