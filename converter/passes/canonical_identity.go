package passes

import (
	"math"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// eliminateIdentity removes nodes whose result is an operand of theirs:
//
//	y = Add(x, 0), Mul(x, 1), Cast to the same type, Reshape to the same shape,
//	    Transpose by the identity, Pad by 0, Concat of one, Neg(Neg(x)), ...
//
// Add of 0 turns -0 into +0, which only Div and Reciprocal tell apart.
func eliminateIdentity(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		if len(n.Outputs) == 0 || n.Outputs[0] == nil {
			continue
		}
		x := identityOf(n)
		if x == nil || !used(g, n.Outputs[0]) || !graph.SameShape(x, n.Outputs[0]) || x.DType != n.Outputs[0].DType {
			continue
		}
		g.ReplaceUses(n.Outputs[0], x)
		g.Remove(n)
		count++
	}
	return count, nil
}

// identityOf gives the operand that n returns unchanged, provided that shape and
// type stay; nil if there is none.
func identityOf(n *graph.Node) *graph.Value {
	switch n.Code {
	case schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze, schema.Expand, schema.Cast:
		return n.Inputs[0]
	case schema.Concat, schema.Split:
		if len(n.Inputs) == 1 && len(n.Outputs) == 1 || n.Code == schema.Split && len(n.Outputs) == 1 {
			return n.Inputs[0]
		}
	case schema.Transpose:
		if isIdentityPerm(permOf(n)) {
			return n.Inputs[0]
		}
	case schema.Pad:
		if zeroInts(n.Inputs[1]) {
			return n.Inputs[0]
		}
	case schema.Slice:
		if forwardSlice(n) {
			return n.Inputs[0]
		}
	case schema.Reduce:
		// The same shape means that only axes of size 1 are reduced, if any.
		return n.Inputs[0]
	case schema.Select:
		return selectIdentity(n)
	case schema.Unary:
		return unaryIdentity(n)
	case schema.Binary:
		return binaryIdentity(n)
	}
	return nil
}

// permOf is the permutation of a Transpose; none reverses the axes.
func permOf(n *graph.Node) []int {
	o := n.Options.(*schema.TransposeOptions)
	if len(o.Perm) > 0 {
		return o.Perm
	}
	rank := len(n.Inputs[0].Shape)
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	return perm
}

func zeroInts(v *graph.Value) bool {
	x, ok := constInts(v)
	for _, e := range x {
		ok = ok && e == 0
	}
	return ok
}

// forwardSlice reports whether all steps of a Slice are 1, so that a result of the
// full shape is all of the input.
func forwardSlice(n *graph.Node) bool {
	if n.Input(4) == nil {
		return true
	}
	steps, ok := constInts(n.Inputs[4])
	for _, s := range steps {
		ok = ok && s == 1
	}
	return ok
}

func selectIdentity(n *graph.Node) *graph.Value {
	if n.Inputs[1] == n.Inputs[2] {
		return n.Inputs[1]
	}
	c := n.Inputs[0]
	if !c.IsConst() || len(c.Const.Data) == 0 {
		return nil
	}
	data := ops.View[uint8](c.Const)
	for _, b := range data {
		if (b != 0) != (data[0] != 0) {
			return nil
		}
	}
	if data[0] != 0 {
		return n.Inputs[1]
	}
	return n.Inputs[2]
}

// unaryIdentity finds functions that undo or repeat the one before.
func unaryIdentity(n *graph.Node) *graph.Value {
	o := n.Options.(*schema.UnaryOptions)
	if o.Kind == schema.Clip && math.IsInf(float64(o.Alpha), -1) && math.IsInf(float64(o.Beta), 1) {
		return n.Inputs[0]
	}
	if o.Kind == schema.LeakyRelu && o.Alpha == 1 {
		return n.Inputs[0]
	}
	before := producer(n.Inputs[0], schema.Unary)
	if before == nil {
		return nil
	}
	kind := before.Options.(*schema.UnaryOptions).Kind
	switch o.Kind {
	case schema.Neg, schema.Not:
		if kind == o.Kind {
			return before.Inputs[0]
		}
	case schema.Relu, schema.Abs:
		if kind == schema.Relu || kind == schema.Abs || kind == schema.Sigmoid {
			return n.Inputs[0]
		}
	case schema.Sign, schema.Round:
		if kind == o.Kind {
			return n.Inputs[0]
		}
	}
	return nil
}

func binaryIdentity(n *graph.Node) *graph.Value {
	kind := n.Options.(*schema.BinaryOptions).Kind
	a, b := n.Inputs[0], n.Inputs[1]
	switch kind {
	case schema.Add:
		if isNumber(b, 0) {
			return a
		}
		if isNumber(a, 0) {
			return b
		}
	case schema.Sub:
		if isNumber(b, 0) {
			return a
		}
	case schema.Mul:
		if isNumber(b, 1) {
			return a
		}
		if isNumber(a, 1) {
			return b
		}
	case schema.Div, schema.Pow, schema.PRelu:
		if isNumber(b, 1) {
			return a
		}
	case schema.And, schema.Or, schema.Min, schema.Max:
		if a == b {
			return a
		}
	}
	return nil
}

// isNumber reports whether v is a constant, all of whose elements are x.
func isNumber(v *graph.Value, x float64) bool {
	if !v.IsConst() || len(v.Const.Data) == 0 {
		return false
	}
	switch v.DType {
	case schema.Float32:
		return every(ops.View[float32](v.Const), float32(x))
	case schema.Float64:
		return every(ops.View[float64](v.Const), x)
	case schema.Int32:
		return every(ops.View[int32](v.Const), int32(x))
	case schema.Int64:
		return every(ops.View[int64](v.Const), int64(x))
	}
	return false
}

func every[T comparable](list []T, x T) bool {
	for _, e := range list {
		if e != x {
			return false
		}
	}
	return true
}
