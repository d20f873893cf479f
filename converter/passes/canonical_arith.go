package passes

import (
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// simplifyArithmetic gives arithmetic with a constant one form, without a change of
// any result:
//
//	c + x, c * x           becomes  x + c, x * c
//	x - c                  becomes  x + (-c)
//	x / c                  becomes  x * (1/c) where c is a power of two
//	max(x, 0), max(x, c)   becomes  Relu(x), Clip(x, c, inf); min alike
//	Clip(Clip(x))          becomes  Clip(x)
func simplifyArithmetic(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		var changed bool
		switch n.Code {
		case schema.Binary:
			changed = simplifyBinary(g, n)
		case schema.Unary:
			changed = simplifyClip(g, n)
		}
		if !changed {
			continue
		}
		count++
		if err := g.InferNode(n); err != nil {
			return count, err
		}
	}
	return count, nil
}

func simplifyBinary(g *graph.Graph, n *graph.Node) bool {
	x, c, at, ok := constOperand(n)
	if !ok {
		return false
	}
	switch kind := n.Options.(*schema.BinaryOptions).Kind; kind {
	case schema.Add, schema.Mul, schema.And, schema.Or, schema.Equal:
		if at == 0 {
			g.SetInputs(n, []*graph.Value{x, c})
			return true
		}
	case schema.Sub:
		if at == 1 {
			return replaceConst(g, n, schema.Add, x, c, func(e float32) (float32, bool) { return -e, true })
		}
	case schema.Div:
		if at == 1 {
			return replaceConst(g, n, schema.Mul, x, c, reciprocal)
		}
	case schema.Max, schema.Min:
		e, ok := uniform(c)
		if !ok || e != e || !graph.SameShape(x, n.Outputs[0]) {
			return false
		}
		lo, hi := e, float32(math.Inf(1))
		if kind == schema.Min {
			lo, hi = float32(math.Inf(-1)), e
		}
		n.Code, n.Options = schema.Unary, clipOptions(lo, hi)
		g.SetInputs(n, []*graph.Value{x})
		return true
	}
	return false
}

// replaceConst turns n into x op f(c), if f is defined for all elements of a
// float32 constant.
func replaceConst(g *graph.Graph, n *graph.Node, kind schema.BinaryKind, x, c *graph.Value, f func(float32) (float32, bool)) bool {
	from := floats(c)
	if len(from) == 0 {
		return false
	}
	to := make([]float32, len(from))
	for i, e := range from {
		var ok bool
		if to[i], ok = f(e); !ok {
			return false
		}
	}
	n.Options = &schema.BinaryOptions{Kind: kind}
	g.SetInputs(n, []*graph.Value{x, g.ConstFloat32s(c.Name, c.Shape, to)})
	return true
}

// reciprocal is 1/x where the product with it is exactly the quotient: x is a power
// of two, and the reciprocal a normal number.
func reciprocal(x float32) (float32, bool) {
	frac, exp := math.Frexp(float64(x))
	if math.Abs(frac) != 0.5 || exp < -124 || exp > 126 {
		return 0, false
	}
	return 1 / x, true
}

// clipOptions is Relu where that is all.
func clipOptions(lo, hi float32) *schema.UnaryOptions {
	if lo == 0 && math.IsInf(float64(hi), 1) {
		return &schema.UnaryOptions{Kind: schema.Relu}
	}
	return &schema.UnaryOptions{Kind: schema.Clip, Alpha: lo, Beta: hi}
}

// clipRange is the range of a Relu or Clip of floats.
func clipRange(n *graph.Node) (lo, hi float32, ok bool) {
	if n == nil || n.Code != schema.Unary || n.Inputs[0].DType != schema.Float32 {
		return 0, 0, false
	}
	o := n.Options.(*schema.UnaryOptions)
	switch o.Kind {
	case schema.Relu:
		return 0, float32(math.Inf(1)), true
	case schema.Clip:
		return o.Alpha, o.Beta, o.Alpha <= o.Beta
	}
	return 0, 0, false
}

// simplifyClip writes a Clip from 0 on as Relu, and joins two clips of which the
// first has no other reader.
func simplifyClip(g *graph.Graph, n *graph.Node) bool {
	lo, hi, ok := clipRange(n)
	if !ok {
		return false
	}
	before := n.Inputs[0].Producer
	if a, b, ok := clipRange(before); ok && onlyUser(g, n.Inputs[0], n) && max(lo, a) <= min(hi, b) {
		n.Options = clipOptions(max(lo, a), min(hi, b))
		g.SetInputs(n, []*graph.Value{before.Inputs[0]})
		return true
	}
	if o := clipOptions(lo, hi); *o != *n.Options.(*schema.UnaryOptions) && o.Kind == schema.Relu && n.Options.(*schema.UnaryOptions).Kind != schema.Relu {
		n.Options = o
		return true
	}
	return false
}
