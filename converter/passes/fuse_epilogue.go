package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// epilogue is what an operator does to its sums: clamp(pre(sum)*mul + bias).
type epilogue struct {
	pre, post schema.Clamp
	mul, bias []float32 // per channel; nil for 1 and 0
}

// fold appends an elementwise op with constants per channel to the epilogue. It
// reports false, with the epilogue as it was, if the form does not allow it.
func (e *epilogue) fold(n *graph.Node, channels int) bool {
	if k, ok := unaryKind(n); ok {
		o := n.Options.(*schema.UnaryOptions)
		switch {
		case k == schema.Relu:
			e.clamp(schema.Clamp{Min: 0, Max: float32(math.Inf(1))})
			return true
		case k == schema.Clip && o.Alpha <= o.Beta:
			e.clamp(schema.Clamp{Min: o.Alpha, Max: o.Beta})
			return true
		case k == schema.Neg:
			return e.affine(slices.Repeat([]float32{-1}, channels), nil)
		}
		return false
	}
	kind, ok := binaryKind(n)
	if !ok {
		return false
	}
	_, c, constIndex, ok := constOperand(n)
	if !ok {
		return false
	}
	k, ok := perChannel(c, channels)
	if !ok || !allFinite(k) {
		return false
	}
	switch {
	case kind == schema.Add:
		return e.affine(nil, k)
	case kind == schema.Mul:
		return e.affine(k, nil)
	case kind == schema.Sub && constIndex == 1:
		return e.affine(nil, each(k, func(v float32) float32 { return -v }))
	case kind == schema.Sub:
		return e.affine(slices.Repeat([]float32{-1}, channels), k)
	case kind == schema.Div && constIndex == 1:
		inverse := each(k, func(v float32) float32 { return 1 / v })
		return allFinite(inverse) && e.affine(inverse, nil)
	}
	return false
}

func each(x []float32, f func(float32) float32) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = f(v)
	}
	return out
}

// clamp appends a clamp.
func (e *epilogue) clamp(c schema.Clamp) {
	e.post = schema.Clamp{
		Min: min(max(e.post.Min, c.Min), c.Max),
		Max: min(max(e.post.Max, c.Min), c.Max),
	}
}

// affine appends a product with mul, then a sum with bias. Products of constants are
// rounded once, from float64.
func (e *epilogue) affine(mul, bias []float32) bool {
	next := *e
	if next.post != schema.NoClamp && !next.clampFirst() {
		return false
	}
	if mul != nil {
		next.mul = scaled(next.mul, mul)
		if next.bias != nil {
			next.bias = scaled(next.bias, mul)
		}
	}
	if bias != nil {
		if next.bias == nil {
			next.bias = make([]float32, len(bias))
		}
		sum := make([]float32, len(bias))
		for c := range bias {
			sum[c] = float32(float64(next.bias[c]) + float64(bias[c]))
		}
		next.bias = sum
	}
	if !allFinite(next.mul) || !allFinite(next.bias) {
		return false
	}
	*e = next
	return true
}

// clampFirst turns the clamp behind the scale into one before it, where that is the
// same: with no bias, and bounds that a positive scale does not move.
func (e *epilogue) clampFirst() bool {
	if e.bias != nil || e.pre != schema.NoClamp {
		return false
	}
	fixed := func(v float32) bool { return v == 0 || math.IsInf(float64(v), 0) }
	for _, m := range e.mul {
		if m != 1 && !(m > 0 && fixed(e.post.Min) && fixed(e.post.Max)) {
			return false
		}
	}
	e.pre, e.post = e.post, schema.NoClamp
	return true
}

func scaled(x, by []float32) []float32 {
	out := make([]float32, len(by))
	for c := range by {
		v := 1.0
		if x != nil {
			v = float64(x[c])
		}
		out[c] = float32(v * float64(by[c]))
	}
	return out
}

// fuseEpilogue folds arithmetic with constants per channel, Relu and Clip behind a
// binary operator into its mul, bias and clamps:
//
//	b -> BConv2D -> Relu -> Mul -> Add -> y     becomes     b -> BConv2D(pre_clamp, mul, bias) -> y
//
// The intermediate values must have no other reader.
func fuseEpilogue(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.BConv2D && n.Code != schema.BGEMM || n.Outputs[0] == nil || n.Outputs[0].DType != schema.Float32 {
			continue
		}
		size := channels(n.Outputs[0])
		var e epilogue
		var ok bool
		e.pre, e.post = epilogueClamps(n)
		if e.mul, ok = constOperandRow(n.Input(2), size); !ok {
			continue
		}
		if e.bias, ok = constOperandRow(n.Input(3), size); !ok {
			continue
		}
		folded := foldReaders(g, n, &e)
		if folded == 0 {
			continue
		}
		in := []*graph.Value{n.Inputs[0], n.Inputs[1], nil, nil, n.Input(4), n.Input(secondPlane)}
		if e.mul != nil {
			in[2] = scaleOperand(g, n.Name, e.mul)
		}
		if e.bias != nil {
			in[3] = g.ConstFloat32s(n.Name+"/bias", []int{size}, e.bias)
		}
		g.SetInputs(n, trimOperands(in))
		setEpilogueClamps(n, e.pre, e.post)
		if err := g.InferNode(n); err != nil {
			return count, err
		}
		count += folded
	}
	return count, nil
}

// constOperandRow reads an optional constant operand; nil if it is absent.
func constOperandRow(v *graph.Value, n int) ([]float32, bool) {
	if v == nil {
		return nil, true
	}
	return perChannel(v, n)
}

// foldReaders folds the chain of single readers behind the first output of n into e,
// and makes n give the last value folded. It returns how many nodes went.
func foldReaders(g *graph.Graph, n *graph.Node, e *epilogue) int {
	count := 0
	for {
		v := n.Outputs[0]
		if len(v.Users()) != 1 || g.IsOutput(v) {
			return count
		}
		r := v.Users()[0]
		if len(r.Outputs) != 1 || r.Outputs[0].DType != schema.Float32 || !slices.Equal(r.Outputs[0].Shape, v.Shape) ||
			!e.fold(r, channels(v)) {
			return count
		}
		out := r.Outputs[0]
		outputs := slices.Clone(n.Outputs)
		outputs[0] = out
		n.Origin = origins(n, r)
		g.SetOutputs(r, nil)
		g.Remove(r)
		g.SetOutputs(n, outputs)
		count++
	}
}
