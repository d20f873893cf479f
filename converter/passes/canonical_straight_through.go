package passes

import (
	"bytes"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// dropStraightThrough removes the arithmetic by which straight-through estimators give
// a binarized value the gradient of another one:
//
//	Add(Sub(a, f), f), Add(f, Sub(a, f)), Sub(Add(a, f), f)     become  a
//
// where a is a sign, 0 or 1, or one of these times a scale. Both f may be computed
// twice, by equal nodes. The arithmetic moves a by rounding noise, which this takes
// away; of any other a the rounding may be wanted.
func dropStraightThrough(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		a := straightThrough(n)
		if a == nil || !used(g, n.Outputs[0]) {
			continue
		}
		g.ReplaceUses(n.Outputs[0], a)
		g.Remove(n)
		count++
	}
	return count, nil
}

// straightThrough gives the binarized value that n computes with a detour, or nil.
func straightThrough(n *graph.Node) *graph.Value {
	outer, ok := binaryKind(n)
	if !ok || outer != schema.Add && outer != schema.Sub || n.Outputs[0].DType != schema.Float32 {
		return nil
	}
	for i, v := range n.Inputs {
		if v.Producer == nil || outer == schema.Sub && i == 1 {
			continue
		}
		inner, _ := binaryKind(v.Producer)
		if v.Producer.Code != schema.Binary || inner != schema.Add && inner != schema.Sub || inner == outer {
			continue
		}
		f := n.Inputs[1-i]
		for j, a := range v.Producer.Inputs {
			if inner == schema.Sub && j == 1 {
				continue
			}
			same := equalValues{}
			if graph.SameShape(a, n.Outputs[0]) && fewValued(a, maxScales) && same.check(f, v.Producer.Inputs[1-j]) {
				return a
			}
		}
	}
	return nil
}

// maxScales bounds how many ops are looked through for a sign.
const maxScales = 8

// fewValued reports whether the elements of v are a sign or a truth value, up to
// constants and scales that several elements share. It looks through depth ops.
func fewValued(v *graph.Value, depth int) bool {
	n := v.Producer
	if n == nil {
		_, ok := uniformNumber(v)
		if x := floats(v); !ok && len(v.Shape) > 1 && x != nil {
			_, ok = rowMagnitudes(x, v.Shape[0])
		}
		return ok
	}
	if depth--; depth < 0 {
		return false
	}
	switch n.Code {
	case schema.Cast, schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze, schema.Transpose, schema.Expand:
		return n.Inputs[0].DType == schema.Bool || fewValued(n.Inputs[0], depth)
	case schema.Select:
		return fewValued(n.Inputs[1], depth) && fewValued(n.Inputs[2], depth)
	case schema.Unary:
		k, _ := unaryKind(n)
		return k == schema.Sign || k == schema.Neg && fewValued(n.Inputs[0], depth)
	case schema.Binary:
		return fewValuedBinary(n, depth)
	}
	return false
}

func fewValuedBinary(n *graph.Node, depth int) bool {
	k, _ := binaryKind(n)
	for i, x := range n.Inputs {
		by := n.Inputs[1-i]
		_, constant := uniformNumber(by)
		switch k {
		case schema.Mul, schema.Div:
			constant = constant || by.IsConst() || !graph.SameShape(by, n.Outputs[0])
			if k == schema.Div && i == 1 {
				constant = false
			}
		case schema.Add, schema.Sub:
		default:
			return false
		}
		if constant && x.Producer != nil && graph.SameShape(x, n.Outputs[0]) && fewValued(x, depth) {
			return true
		}
	}
	return false
}

// equalValues remembers pairs of values that were compared.
type equalValues map[[2]*graph.Value]bool

// maxCompared bounds the pairs of values that are compared for one answer.
const maxCompared = 1000

// check reports whether two values are computed alike from the same values and equal
// constants.
func (e equalValues) check(a, b *graph.Value) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.DType != b.DType {
		return false
	}
	if a.Const != nil || b.Const != nil {
		return a.Const != nil && b.Const != nil && slices.Equal(a.Shape, b.Shape) && bytes.Equal(a.Const.Data, b.Const.Data)
	}
	key := [2]*graph.Value{a, b}
	if is, ok := e[key]; ok || len(e) >= maxCompared {
		return is
	}
	e[key] = false
	e[key] = e.producers(a, b)
	return e[key]
}

func (e equalValues) producers(a, b *graph.Value) bool {
	p, q := a.Producer, b.Producer
	if p == nil || q == nil || p.Code != q.Code || p.Code == schema.Custom || len(p.Inputs) != len(q.Inputs) ||
		slices.Index(p.Outputs, a) != slices.Index(q.Outputs, b) || optionsOf(p) != optionsOf(q) {
		return false
	}
	for i := range p.Inputs {
		if !e.check(p.Inputs[i], q.Inputs[i]) {
			return false
		}
	}
	return true
}
