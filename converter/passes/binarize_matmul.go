package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeMatMul replaces a product of signs with weights +-a[o], or of two signs:
//
//	b -> Bunpack -> MatMul(w, bias) -> y         becomes   b -> BGEMM(bits, mul=a, bias) -> y
//	b -> Bunpack -> MatMul(Bunpack(c) transposed)  becomes   b -> BGEMM(c) -> y
//
// Both operands of a BGEMM are packed along the axis that is summed over: activations
// that have it elsewhere are transposed and packed again. A constant may be the first
// operand, and a vector.
func binarizeMatMul(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.MatMul {
			continue
		}
		did, err := binarizeMatMulNode(g, log, n)
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

func binarizeMatMulNode(g *graph.Graph, log *Log, n *graph.Node) (bool, error) {
	o := n.Options.(*schema.MatMulOptions)
	a, w := n.Inputs[0], n.Inputs[1]
	if did, err := turnMatMul(g, n); did || err != nil {
		return did, err
	}
	if !isSigns(a) || len(a.Shape) < 2 || !constBias(log, n) {
		return false, nil
	}
	var weights, mul *graph.Value
	var err error
	if w.IsConst() {
		bits, scale, why := matMulWeights(g, a, w, o.TransposeB)
		if why != "" {
			log.keep(n, "%s", why)
		}
		if bits == nil {
			return false, nil
		}
		weights, mul = bits, scaleOperand(g, w.Name, scale)
	} else {
		if !isSigns(w) || len(w.Shape) < 2 {
			return false, nil
		}
		signs, ok := summedLast(w, o.TransposeB)
		if !ok {
			if signs, err = swapLast(g, n, w, "second"); err != nil {
				return false, err
			}
		}
		if len(signs.Shape) != 2 && !slices.Equal(signs.Shape[:len(signs.Shape)-2], a.Shape[:len(a.Shape)-2]) {
			log.keep(n, "its operands are broadcast against each other")
			return false, nil
		}
		if weights, err = packedSigns(g, n, signs); err != nil {
			return false, err
		}
	}
	if o.TransposeA {
		if a, err = swapLast(g, n, a, "first"); err != nil {
			return false, err
		}
	}
	bits, err := packedSigns(g, n, a)
	if err != nil {
		return false, err
	}
	log.forget(n)
	return true, replaceNode(g, n, &graph.Node{
		Name: n.Name, Code: schema.BGEMM, Origin: origins(n),
		Options: &schema.BGEMMOptions{PreClamp: schema.NoClamp, Clamp: o.Clamp},
		Inputs:  trimOperands([]*graph.Value{bits, weights, mul, n.Input(2)}),
	})
}

// matMulWeights packs constant weights of any number of matrices, and gives the scale of
// each output. It gives nil if they are not binary, and says why not if that is not
// about their values.
func matMulWeights(g *graph.Graph, a, w *graph.Value, transposeB bool) (bits *graph.Value, scale []float32, why string) {
	values, rank := floats(w), len(w.Shape)
	if len(values) == 0 || rank < 2 {
		return nil, nil, ""
	}
	if rank > 2 && !slices.Equal(w.Shape[:rank-2], a.Shape[:len(a.Shape)-2]) {
		return nil, nil, "its operands are broadcast against each other"
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

// turnMatMul writes a product that has its constant weights elsewhere than a BGEMM has:
// W x as the transposed product of transposed operands, and a vector as a matrix.
func turnMatMul(g *graph.Graph, n *graph.Node) (bool, error) {
	o := n.Options.(*schema.MatMulOptions)
	a, w := n.Inputs[0], n.Inputs[1]
	turned := &graph.Node{Name: n.Name, Code: schema.MatMul, Origin: origins(n)}
	var err error
	switch {
	case n.Input(2) != nil:
		return false, nil
	case isSigns(a) && w.IsConst() && len(w.Shape) == 1 && len(a.Shape) > 1 && !o.TransposeA:
		if _, ok := rowMagnitudes(floats(w), 1); !ok {
			return false, nil
		}
		row := g.ConstFloat32s(w.Name+"/row", []int{1, w.Shape[0]}, floats(w))
		turned.Inputs, turned.Options = []*graph.Value{a, row}, &schema.MatMulOptions{TransposeB: true, Clamp: o.Clamp}
		y, err := insert(g, n, turned)
		if err != nil {
			return false, err
		}
		axes := g.ConstInt64s(n.Name+"/axes", []int{1}, []int64{-1})
		y, err = insert(g, n, &graph.Node{Name: n.Name + "/squeeze", Code: schema.Squeeze, Inputs: []*graph.Value{y, axes}, Origin: origins(n)})
		if err != nil {
			return false, err
		}
		g.ReplaceUses(n.Outputs[0], y)
	case isSigns(w) && a.IsConst() && len(a.Shape) == 2 && len(w.Shape) > 1:
		x := w
		if !o.TransposeB {
			if x, err = swapLast(g, n, w, "second"); err != nil {
				return false, err
			}
		}
		turned.Inputs, turned.Options = []*graph.Value{x, a}, &schema.MatMulOptions{TransposeB: !o.TransposeA, Clamp: o.Clamp}
		y, err := insert(g, n, turned)
		if err != nil {
			return false, err
		}
		if y, err = swapLast(g, n, y, "result"); err != nil {
			return false, err
		}
		g.ReplaceUses(n.Outputs[0], y)
	default:
		return false, nil
	}
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

// summedLast gives the value that has the second operand of a product with its last
// axis summed over.
func summedLast(w *graph.Value, transposeB bool) (*graph.Value, bool) {
	rank := len(w.Shape)
	if rank < 2 {
		return nil, false
	}
	if transposeB {
		return w, true
	}
	t := producer(w, schema.Transpose)
	if t == nil {
		return nil, false
	}
	perm := t.Options.(*schema.TransposeOptions).Perm
	for i, p := range perm {
		want := i
		switch i {
		case rank - 2:
			want = rank - 1
		case rank - 1:
			want = rank - 2
		}
		if p != want {
			return nil, false
		}
	}
	return t.Inputs[0], len(perm) == rank
}
