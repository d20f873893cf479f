package passes

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeSign replaces ONNX's Sign, which keeps 0, where its operand is never 0:
//
//	x -> Sign -> y     becomes     x -> Bsign -> Bunpack -> y
//
// A Clip before it, with 0 inside, goes in any case.
// For a function of a binary convolution's integer sum that is decided by computing
// the function at every sum that can occur. Layers take any other Sign as two planes,
// see binarizeTernary.
func binarizeSign(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if k, ok := unaryKind(n); !ok || k != schema.Sign || n.Inputs[0].DType != schema.Float32 || len(n.Inputs[0].Shape) == 0 || !used(g, n.Outputs[0]) {
			continue
		}
		if p := n.Inputs[0].Producer; p != nil {
			if lo, hi, ok := clipRange(p); ok && lo < 0 && hi > 0 {
				n.Origin = origins(p, n)
				g.SetInput(n, 0, p.Inputs[0])
				count++
			}
		}
		why, decided, err := latticeZero(n.Inputs[0])
		if err != nil {
			return count, err
		}
		if !decided {
			why = "it is made of floats"
		}
		if why != "" {
			log.keep(n, "its operand can be exactly 0: %s", why)
			continue
		}
		log.forget(n)
		if err := replaceBySign(g, n, n.Inputs[0], sign{}, origins(n)); err != nil {
			return count, err
		}
		count++
	}
	g.RemoveDead()
	return count, nil
}

// zeroFacts remembers what was found out about values.
type zeroFacts struct {
	why  map[*graph.Value]string // see canBeZero
	grid map[*graph.Value]bool   // see onGrid
}

// canBeZero says why a float value can be exactly 0, or "" if it is only by a
// coincidence of floats.
func (z zeroFacts) canBeZero(v *graph.Value) (string, error) {
	if why, ok := z.why[v]; ok {
		return why, nil
	}
	why, decided, err := latticeZero(v)
	if err == nil && !decided {
		why, err = z.floatZero(v)
	}
	if err == nil {
		z.why[v] = why
	}
	return why, err
}

// latticeZero decides for functions of the integer sums of one binary operator, or of
// the values of one sign.
func latticeZero(v *graph.Value) (why string, decided bool, err error) {
	f, n, exact := sumChain(v)
	if n == nil {
		return "", false, nil
	}
	if !exact {
		return fmt.Sprintf("it is made of the integer sums of %s", describe(n)), true, nil
	}
	var values sums
	switch n.Code {
	case schema.BConv2D, schema.BGEMM:
		if !f.prependEpilogue(n) {
			return fmt.Sprintf("%s has a scale or bias that is not constant", describe(n)), true, nil
		}
		values = sumsOf(n)
	case schema.Bunpack:
		values = sums{limit: 1, classes: []int{1}}
	case schema.Unary:
		values = sums{limit: 1, classes: []int{0, 1}}
	default:
		return fmt.Sprintf("%s sums products of whole numbers", describe(n)), true, nil
	}
	c, sum, found, err := zeroSum(f, values)
	if err != nil || !found {
		return "", true, err
	}
	return fmt.Sprintf("a value of %d in channel %d of %s gives 0", sum, c, describe(n)), true, nil
}

// sumChain looks for the operator above v whose integer results, signs or sums of
// signs with weights of one magnitude, v is a function of. exact is false if the
// function is not known as a chain.
func sumChain(v *graph.Value) (f *chain, n *graph.Node, exact bool) {
	f, exact = &chain{channels: channels(v)}, true
	for p := v.Producer; p != nil; p = v.Producer {
		if x, s, ok := elementwise(p, f.channels); ok {
			f.prepend(s)
			v = x
			continue
		}
		switch {
		case p.Code == schema.BConv2D, p.Code == schema.BGEMM, p.Code == schema.Bunpack, isSignOp(p):
			return f, p, exact && channels(v) == f.channels
		case p.Code == schema.Conv2D, p.Code == schema.MatMul:
			if wholeNumbers(p.Inputs[0]) && oneMagnitude(p) {
				return f, p, exact
			}
			return nil, nil, false
		case isMaxPool(p), p.Code == schema.Concat:
			exact = exact && p.Code != schema.Concat
		case rearranges(p):
			exact = exact && keepsRows(p)
		case p.Code == schema.Pool2D, p.Code == schema.Reduce, p.Code == schema.Slice, p.Code == schema.Pad:
			exact = false
		default:
			return nil, nil, false
		}
		v = p.Inputs[0]
	}
	return nil, nil, false
}

// isSignOp reports whether n is ONNX's Sign.
func isSignOp(n *graph.Node) bool {
	k, ok := unaryKind(n)
	return ok && k == schema.Sign
}

// onGrid reports whether a value is made of signs and other whole numbers with
// constants only, so that a 0 is no coincidence even behind a bias.
func (z zeroFacts) onGrid(v *graph.Value) bool {
	n := v.Producer
	if n == nil {
		return v.IsConst()
	}
	if is, ok := z.grid[v]; ok {
		return is
	}
	is := false
	switch n.Code {
	case schema.Bunpack, schema.BConv2D, schema.BGEMM, schema.Cast, schema.Select:
		is = true
	case schema.Conv2D, schema.MatMul:
		is = z.onGrid(n.Inputs[0]) && (n.Inputs[1].IsConst() && oneMagnitude(n) || !n.Inputs[1].IsConst() && z.onGrid(n.Inputs[1]))
	case schema.Unary:
		is = isSignOp(n) || z.onGrid(n.Inputs[0])
	case schema.Binary, schema.Concat:
		is = !slices.ContainsFunc(n.Inputs, func(in *graph.Value) bool { return !z.onGrid(in) })
	case schema.Pool2D, schema.Reduce, schema.Slice, schema.Split, schema.Gather, schema.Expand, schema.Pad,
		schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze, schema.Transpose:
		is = z.onGrid(n.Inputs[0])
	}
	z.grid[v] = is
	return is
}

// wholeNumbers reports whether v holds -1, 0 and +1 only.
func wholeNumbers(v *graph.Value) bool {
	for p := v.Producer; p != nil; p = v.Producer {
		k, unary := unaryKind(p)
		switch {
		case p.Code == schema.Bunpack, unary && k == schema.Sign:
			return true
		case unary && (k == schema.Neg || k == schema.Relu || k == schema.Abs), isMaxPool(p), rearranges(p), p.Code == schema.Pad:
			v = p.Inputs[0]
		default:
			return false
		}
	}
	return false
}

// floatZero decides for values that are no function of integer sums.
func (z zeroFacts) floatZero(v *graph.Value) (string, error) {
	n := v.Producer
	if n == nil {
		return fmt.Sprintf("it is the graph input %q", v.Name), nil
	}
	no := fmt.Sprintf("%s can give it", describe(n))
	switch n.Code {
	case schema.Conv2D, schema.MatMul:
		if z.onGrid(v) {
			return fmt.Sprintf("%s sums whole numbers", describe(n)), nil
		}
		if b := n.Input(2); b != nil && b.IsConst() {
			return biasZero(n, b), nil
		}
		return fmt.Sprintf("%s has no constant bias", describe(n)), nil
	case schema.Pool2D:
		if isMaxPool(n) {
			return z.canBeZero(n.Inputs[0])
		}
	case schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze, schema.Transpose, schema.Slice:
		return z.canBeZero(n.Inputs[0])
	case schema.Concat:
		return z.anyZero(n.Inputs)
	case schema.Unary:
		switch o := n.Options.(*schema.UnaryOptions); {
		case o.Kind == schema.Neg, o.Kind == schema.Tanh,
			o.Kind == schema.Clip && o.Alpha < 0 && o.Beta > 0,
			o.Kind == schema.LeakyRelu && o.Alpha != 0:
			return z.canBeZero(n.Inputs[0])
		}
	case schema.Binary:
		return z.binaryZero(n)
	}
	return no, nil
}

func (z zeroFacts) binaryZero(n *graph.Node) (string, error) {
	kind, _ := binaryKind(n)
	x, c, constIndex, hasConst := constOperand(n)
	switch kind {
	case schema.Add, schema.Sub:
		if hasConst {
			if z.onGrid(x) {
				return fmt.Sprintf("%s adds a constant to whole numbers", describe(n)), nil
			}
			if biasZero(n, c) == "" {
				return "", nil
			}
			if why, err := z.canBeZero(x); why == "" || err != nil {
				return "", err
			}
			return biasZero(n, c), nil
		}
		// The sum of two floats is 0 by coincidence only, unless both are on a grid.
		if why, err := z.anyZero(n.Inputs); why != "" || err != nil {
			return why, err
		}
		if z.onGrid(n.Inputs[0]) && z.onGrid(n.Inputs[1]) {
			return fmt.Sprintf("%s adds whole numbers", describe(n)), nil
		}
		if n.Inputs[0] == n.Inputs[1] && kind == schema.Sub {
			return fmt.Sprintf("%s takes a value from itself", describe(n)), nil
		}
		return "", nil
	case schema.Mul, schema.Div, schema.PRelu:
		if hasConst && constIndex == 1 && !hasZero(c) && allFinite(floats(c)) {
			return z.canBeZero(x)
		}
	}
	return fmt.Sprintf("%s can give it", describe(n)), nil
}

func (z zeroFacts) anyZero(in []*graph.Value) (string, error) {
	for _, v := range in {
		if v.IsConst() {
			if hasZero(v) {
				return fmt.Sprintf("the constant %q has zeros", v.Name), nil
			}
			continue
		}
		if why, err := z.canBeZero(v); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// biasZero says that a bias has zeros, "" if it has none.
func biasZero(n *graph.Node, bias *graph.Value) string {
	x := floats(bias)
	zeros := 0
	for _, e := range x {
		if e == 0 || !isFinite(e) {
			zeros++
		}
	}
	switch {
	case zeros == 0 && len(x) > 0:
		return ""
	case zeros == len(x):
		return fmt.Sprintf("%s adds 0", describe(n))
	}
	return fmt.Sprintf("%s adds 0 in %d of %d channels", describe(n), zeros, len(x))
}

func hasZero(v *graph.Value) bool { return len(floats(v)) == 0 || slices.Contains(floats(v), 0) }
