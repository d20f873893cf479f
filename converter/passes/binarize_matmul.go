package passes

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeMatMul replaces a product of signs with weights +-a[o], or of two signs:
//
//	b -> Bunpack -> MatMul(w, bias) -> y         becomes   b -> BGEMM(bits, mul=a, bias) -> y
//	b -> Bunpack -> MatMul(Bunpack(c)) -> y      becomes   b -> BGEMM(c transposed) -> y
//
// Both operands of a BGEMM are packed along the axis that is summed over. Signs that are
// packed along another are moved as floats and packed again, unless a Transpose before
// the product says the same. Batches that are broadcast are repeated, as bits.
func binarizeMatMul(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.MatMul {
			continue
		}
		did, err := binarizeProduct(g, log, n, isSigns)
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

// binarizeProduct binarizes a product of activations of which is holds, isSigns or
// isTernary, in one step or several.
func binarizeProduct(g *graph.Graph, log *Log, n *graph.Node, is func(*graph.Value) bool) (bool, error) {
	if did, err := turnMatMul(g, n, is); did || err != nil {
		return did, err
	}
	if !is(n.Inputs[0]) || !constBias(log, n) {
		return false, nil
	}
	if did, err := liftVectors(g, n); did || err != nil {
		return did, err
	}
	return binarizeMatMulNode(g, log, n)
}

func binarizeMatMulNode(g *graph.Graph, log *Log, n *graph.Node) (bool, error) {
	o := n.Options.(*schema.MatMulOptions)
	a, b := product{v: n.Inputs[0], perm: lastTwo(n.Inputs[0], o.TransposeA)}, product{v: n.Inputs[1], perm: lastTwo(n.Inputs[1], !o.TransposeB)}
	var mul *graph.Value
	if b.v.IsConst() {
		bits, scale, why := matMulWeights(g, b.v, o.TransposeB)
		if why != "" {
			log.keep(n, "%s", why)
		}
		if bits == nil {
			return false, nil
		}
		mul = scaleOperand(g, b.v.Name, scale)
		b.v, b.perm = bits, nil
	} else if !isSigns(b.v) {
		return false, nil
	}
	if why := a.broadcast(&b); why != "" {
		log.keep(n, "%s", why)
		return false, nil
	}
	first, second, err := splitPlanes(g, a.v)
	if err != nil {
		return false, err
	}
	bits := []*graph.Value{nil, nil, mul, n.Input(2), nil, nil}
	other := a
	a.v, other.v = first, second
	for _, p := range []struct {
		operand int
		product
	}{{0, a}, {1, b}, {secondPlane, other}} {
		if p.v == nil {
			continue
		}
		if bits[p.operand], err = p.bits(g, n); err != nil {
			return false, err
		}
	}
	log.forget(n)
	return true, replaceNode(g, n, &graph.Node{
		Name: n.Name, Code: schema.BGEMM, Origin: origins(n),
		Options: &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: o.Clamp},
		Inputs:  trimOperands(bits),
	})
}

// liftVectors gives the operands of a product two axes, and takes them from the result:
//
//	a [K] -> MatMul(b) -> y     becomes     a -> Unsqueeze -> MatMul(b) -> Squeeze -> y
func liftVectors(g *graph.Graph, n *graph.Node) (bool, error) {
	var gone []int64
	for i, v := range n.Inputs[:2] {
		if len(v.Shape) != 1 {
			continue
		}
		lifted := v
		if x := floats(v); x != nil {
			lifted = g.ConstFloat32s(v.Name+"/row", []int{1, len(x)}, x)
		} else {
			var err error
			if lifted, err = insert(g, n, &graph.Node{
				Name: fmt.Sprintf("%s/row_%d", n.Name, i), Code: schema.Unsqueeze, Origin: origins(n),
				Inputs: []*graph.Value{v, g.ConstInt64s(n.Name+"/axis", []int{1}, []int64{0})},
			}); err != nil {
				return false, err
			}
		}
		g.SetInput(n, i, lifted)
		gone = append(gone, int64(i-2))
		if i == 1 { // as a row, which is packed already
			o := *n.Options.(*schema.MatMulOptions)
			o.TransposeB = true
			n.Options = &o
		}
	}
	if gone == nil {
		return false, nil
	}
	y := n.Outputs[0]
	g.SetOutputs(n, []*graph.Value{g.NewValue(n.Name + "/lifted")})
	if err := g.InferNode(n); err != nil {
		return false, err
	}
	last := &graph.Node{
		Name: n.Name + "/squeeze", Code: schema.Squeeze, Origin: origins(n), Outputs: []*graph.Value{y},
		Inputs: []*graph.Value{n.Outputs[0], g.ConstInt64s(n.Name+"/axes", []int{len(gone)}, gone)},
	}
	g.InsertAfter(n, last)
	return true, g.InferNode(last)
}

// matMulWeights packs constant weights of any number of matrices, and gives the scale of
// each output. It gives nil if they are not binary, and says why not if that is not
// about their values.
func matMulWeights(g *graph.Graph, w *graph.Value, transposeB bool) (bits *graph.Value, scale []float32, why string) {
	values, rank := floats(w), len(w.Shape)
	if len(values) == 0 || rank < 2 {
		return nil, nil, ""
	}
	rows, cols := w.Shape[rank-2], w.Shape[rank-1]
	minus := make([]bool, 0, len(values))
	for size := rows * cols; len(values) > 0; values = values[size:] {
		one, outputs := values[:size], rows
		if !transposeB {
			one, outputs = transposed(one, rows, cols), cols
		}
		s, ok := rowMagnitudes(one, outputs)
		if !ok {
			return nil, nil, ""
		}
		if scale == nil {
			scale = s
		} else if !slices.Equal(scale, s) {
			return nil, nil, "its weights have other magnitudes for each matrix"
		}
		for _, v := range one {
			minus = append(minus, v < 0)
		}
	}
	shape := slices.Clone(w.Shape)
	if !transposeB {
		shape[rank-2], shape[rank-1] = cols, rows
	}
	return constBits(g, w.Name+"/bits", shape, minus), scale, ""
}

// turnMatMul writes a product with constant weights on the left as one with them on the
// right: W x is the transposed product of transposed operands.
func turnMatMul(g *graph.Graph, n *graph.Node, is func(*graph.Value) bool) (bool, error) {
	o := n.Options.(*schema.MatMulOptions)
	a, x := n.Inputs[0], n.Inputs[1]
	if n.Input(2) != nil || !is(x) || !a.IsConst() || len(a.Shape) != 2 || len(x.Shape) < 2 {
		return false, nil
	}
	var err error
	if !o.TransposeB {
		if x, err = swapLast(g, n, x, "second"); err != nil {
			return false, err
		}
	}
	y, err := insert(g, n, &graph.Node{
		Name: n.Name, Code: schema.MatMul, Origin: origins(n), Inputs: []*graph.Value{x, a},
		Options: &schema.MatMulOptions{TransposeB: !o.TransposeA, Clamp: o.Clamp},
	})
	if err != nil {
		return false, err
	}
	if y, err = swapLast(g, n, y, "result"); err != nil {
		return false, err
	}
	g.ReplaceUses(n.Outputs[0], y)
	g.Remove(n)
	return true, nil
}

// swapLast inserts a Transpose of the last two axes before a node.
func swapLast(g *graph.Graph, before *graph.Node, v *graph.Value, role string) (*graph.Value, error) {
	perm := make([]int, len(v.Shape))
	for i := range perm {
		perm[i] = i
	}
	last := len(perm) - 1
	perm[last-1], perm[last] = last, last-1
	return insert(g, before, &graph.Node{
		Name: before.Name + "/" + role + "_transposed", Code: schema.Transpose, Options: &schema.TransposeOptions{Perm: perm},
		Inputs: []*graph.Value{v}, Origin: origins(before),
	})
}
