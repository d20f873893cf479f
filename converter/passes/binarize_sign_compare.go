package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// binarizeSignCompare replaces arithmetic on a comparison that can only give -1
// and +1 by a sign:
//
//	x, t -> Greater -> Select(1, -1) -> y
//	x, t -> Less -> Not -> Cast -> Mul(2) -> Sub(1) -> y
//
// becomes
//
//	x -> Bsign(t) -> Bunpack -> y
//
// for any comparison, constants on either side and of any shape that does not
// enlarge x, t one number or one per channel. Ties and NaN give what they gave.
func binarizeSignCompare(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		f, ok := booleanFunction(n)
		if !ok || n.Outputs[0].DType != schema.Float32 || !used(g, n.Outputs[0]) {
			continue
		}
		if f.no != -f.yes || math.Abs(f.yes) != 1 {
			continue
		}
		s, x, ok := signOfCompare(f.compare)
		if !ok || !slices.Equal(x.Shape, n.Outputs[0].Shape) {
			continue
		}
		if f.yes < 0 {
			s.invert = !s.invert
		}
		nodes := append(slices.Clone(f.through), n)
		if err := replaceBySign(g, n, x, s, origins(nodes...)); err != nil {
			return count, err
		}
		count++
	}
	g.RemoveDead()
	return count, nil
}

// function is a value that depends on one comparison only: yes where it holds, no
// where it does not.
type function struct {
	compare *graph.Node
	through []*graph.Node // from the comparison on, without the node of the value
	no, yes float64
}

// booleanFunction tells what function of one comparison the output of n is.
func booleanFunction(n *graph.Node) (function, bool) {
	if len(n.Outputs) != 1 || n.Outputs[0] == nil {
		return function{}, false
	}
	if isCompare(n) {
		return function{compare: n, yes: 1}, true
	}
	operand, apply := scalarStep(n)
	if apply == nil || operand.Producer == nil {
		return function{}, false
	}
	f, ok := booleanFunction(operand.Producer)
	if !ok {
		return function{}, false
	}
	var okNo, okYes bool
	f.no, okNo = apply(f.no)
	f.yes, okYes = apply(f.yes)
	f.through = append(f.through, operand.Producer)
	return f, okNo && okYes
}

func isCompare(n *graph.Node) bool {
	k, ok := binaryKind(n)
	if !ok {
		return false
	}
	switch k {
	case schema.Greater, schema.GreaterOrEqual, schema.Less, schema.LessOrEqual:
		return true
	}
	return false
}

// scalarStep gives the computed operand of a node that applies the same function to
// each element, and that function; nil if it is not such a node.
func scalarStep(n *graph.Node) (*graph.Value, func(float64) (float64, bool)) {
	dtype := n.Outputs[0].DType
	switch n.Code {
	case schema.Cast:
		return n.Inputs[0], func(x float64) (float64, bool) {
			return castNumber(dtype, x)
		}
	case schema.Unary:
		switch k, _ := unaryKind(n); k {
		case schema.Not:
			return n.Inputs[0], func(x float64) (float64, bool) { return 1 - x, true }
		case schema.Neg:
			return n.Inputs[0], func(x float64) (float64, bool) { return roundTo(dtype, -x) }
		}
	case schema.Select:
		yes, ok := uniformNumber(n.Inputs[1])
		no, ok2 := uniformNumber(n.Inputs[2])
		if ok && ok2 {
			return n.Inputs[0], func(x float64) (float64, bool) {
				if x != 0 {
					return yes, true
				}
				return no, true
			}
		}
	case schema.Binary:
		x, c, constIndex, ok := constOperand(n)
		if !ok {
			return nil, nil
		}
		k, isNumber := uniformNumber(c)
		if !isNumber {
			return nil, nil
		}
		kind, _ := binaryKind(n)
		return x, func(x float64) (float64, bool) {
			a, b := x, k
			if constIndex == 0 {
				a, b = k, x
			}
			switch kind {
			case schema.Add, schema.Sub, schema.Mul, schema.Div:
				return binaryNumber(kind, dtype, a, b)
			}
			return 0, false
		}
	}
	return nil, nil
}

// roundTo gives x as an element of the given type. Integers must be small, so that
// every integer type but the narrowest holds them.
func roundTo(d schema.DType, x float64) (float64, bool) {
	switch d {
	case schema.Float32:
		return float64(float32(x)), true
	case schema.Float64:
		return x, true
	case schema.Int8, schema.Int16, schema.Int32, schema.Int64:
		return x, x == math.Trunc(x) && math.Abs(x) <= math.MaxInt8
	}
	return 0, false
}

// castNumber gives what a Cast to the given type makes of x.
func castNumber(d schema.DType, x float64) (float64, bool) {
	switch d {
	case schema.Bool:
		return truth(x != 0), true
	case schema.Float32, schema.Float64:
		return roundTo(d, x)
	}
	return roundTo(d, math.Trunc(x))
}

// uniformNumber gives the one number that all elements of a constant are.
func uniformNumber(v *graph.Value) (float64, bool) {
	if c, ok := uniform(v); ok {
		return float64(c), true
	}
	if v == nil || v.Const == nil || v.Const.Len() == 0 {
		return 0, false
	}
	switch v.DType {
	case schema.Float64:
		return uniformNumberOf(ops.View[float64](v.Const))
	case schema.Int8:
		return uniformNumberOf(ops.View[int8](v.Const))
	case schema.Int16:
		return uniformNumberOf(ops.View[int16](v.Const))
	case schema.Int32:
		return uniformNumberOf(ops.View[int32](v.Const))
	case schema.Int64:
		return uniformNumberOf(ops.View[int64](v.Const))
	case schema.Bool:
		return uniformNumberOf(ops.View[uint8](v.Const))
	}
	return 0, false
}

func uniformNumberOf[T int8 | uint8 | int16 | int32 | int64 | float64](x []T) (float64, bool) {
	for _, e := range x[1:] {
		if e != x[0] {
			return 0, false
		}
	}
	return float64(x[0]), true
}

// signOfCompare gives the sign that is +1 exactly where a comparison of x with
// constants holds. The comparison is false for a NaN, and so is Bsign's.
func signOfCompare(n *graph.Node) (sign, *graph.Value, bool) {
	x, c, constIndex, ok := constOperand(n)
	if !ok || x.DType != schema.Float32 || len(x.Shape) == 0 || !slices.Equal(x.Shape, n.Outputs[0].Shape) {
		return sign{}, nil, false
	}
	size := channels(x)
	var s sign
	if t, ok := uniform(c); ok {
		s.threshold = []float32{t}
	} else if s.threshold, ok = perChannel(c, size); !ok {
		return sign{}, nil, false
	}
	kind, _ := binaryKind(n)
	less := kind == schema.Less || kind == schema.LessOrEqual
	if kind == schema.Greater || kind == schema.Less {
		s.compare = schema.SignGreater
	}
	if less == (constIndex == 1) {
		// x < t is -x > -t; inverting x >= t instead would differ for a NaN.
		if size < 1 {
			return sign{}, nil, false
		}
		s.negate = slices.Repeat([]bool{true}, size)
		for i := range s.threshold {
			s.threshold[i] = -s.threshold[i]
		}
	}
	return s, x, true
}
