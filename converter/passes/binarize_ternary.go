package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// secondPlane is the operand of BConv2D and BGEMM that makes activations of -1, 0 and +1
// of signs: each is half the sum of what operand 0 and it hold.
const secondPlane = 5

// binarizeTernary replaces a layer behind ONNX's Sign, which keeps 0, with weights +-a[o]:
//
//	x -> Sign -> Conv2D(w, bias) -> y
//
// becomes
//
//	x -> Bsign(x >= 0) = b; x -> Bsign(x > 0) = c; BConv2D(b, bits, mul=a, bias, x2=c) -> y
//
// What moves, chooses or joins elements between the Sign and the layer works on each of the
// two planes. A Sign that is shown to be never 0, now or once a layer above is
// binary, is left to binarizeSign. Readers of other kinds keep the Sign.
//
// With zeroPlus a Sign that such a layer reads becomes a plain one, for which 0 is +1, and
// the log names it.
func binarizeTernary(zeroPlus bool) func(*graph.Graph, *Log) (int, error) {
	return func(g *graph.Graph, log *Log) (int, error) { return binarizeTernaryLayers(g, log, zeroPlus) }
}

func binarizeTernaryLayers(g *graph.Graph, log *Log, zeroPlus bool) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul {
			continue
		}
		is := func(v *graph.Value) bool { return !isSigns(v) && isTernary(v) }
		wait, err := waitForSigns(n.Inputs, count > 0)
		if err != nil {
			return count, err
		}
		if wait {
			continue
		}
		var did bool
		if zeroPlus && oneMagnitude(n) {
			did, err = zerosToPlus(g, log, n)
		}
		if did || err != nil {
			// The layer is looked at again.
		} else if n.Code == schema.Conv2D {
			did, err = binarizeConvNode(g, log, n, is)
		} else if did, err = splitSecondOperand(g, n); err == nil && !did {
			did, err = binarizeProduct(g, log, n, is)
		}
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	g.RemoveDead()
	return count, nil
}

// zerosToPlus replaces the Signs above a layer by plain ones.
func zerosToPlus(g *graph.Graph, log *Log, layer *graph.Node) (bool, error) {
	did := false
	for _, v := range layer.Inputs[:2] {
		if pad := producer(v, schema.Pad); pad != nil {
			v = pad.Inputs[0]
		}
		if !isTernary(v) {
			continue
		}
		for _, n := range signsAbove(v) {
			if _, _, ok := planesOf(n); ok {
				continue // its zeros are between two thresholds
			}
			log.forget(n)
			log.TakenAsPlus = append(log.TakenAsPlus, n.Name)
			if err := replaceBySign(g, n, n.Inputs[0], sign{}, origins(n)); err != nil {
				return did, err
			}
			did = true
		}
	}
	return did, nil
}

// signsAbove lists the Signs that a ternary value consists of.
func signsAbove(v *graph.Value) []*graph.Node {
	n := v.Producer
	switch {
	case n == nil || isSigns(v):
		return nil
	case isSignOp(n):
		return []*graph.Node{n}
	}
	var list []*graph.Node
	for _, in := range n.Inputs {
		for _, s := range signsAbove(in) {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// splitSecondOperand writes a product with an activation on the right that can be 0 as half
// the sum of its products with the two planes of that:
//
//	MatMul(a, b) -> y     becomes     Mul(Add(MatMul(a, first), MatMul(a, second)), 1/2) -> y
func splitSecondOperand(g *graph.Graph, n *graph.Node) (bool, error) {
	a, b := n.Inputs[0], n.Inputs[1]
	if !isTernary(a) || isSigns(b) || !isTernary(b) || n.Input(2) != nil || n.Options.(*schema.MatMulOptions).Clamp != schema.NoClamp {
		return false, nil
	}
	first, second, err := splitPlanes(g, b)
	if err != nil {
		return false, err
	}
	var sums [2]*graph.Value
	for i, p := range []*graph.Value{first, second} {
		name := n.Name + []string{"/first_plane", "/second_plane"}[i]
		product := &graph.Node{Name: name, Code: n.Code, Options: n.Options, Origin: origins(n), Inputs: []*graph.Value{a, p}}
		if sums[i], err = insert(g, n, product); err != nil {
			return false, err
		}
	}
	sum, err := insert(g, n, &graph.Node{
		Name: n.Name + "/planes", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Add}, Origin: origins(n), Inputs: sums[:],
	})
	if err != nil {
		return false, err
	}
	return true, replaceNode(g, n, newScale(g, n.Name, sum, []float32{0.5}, origins(n)))
}

// waitForSigns reports whether a Sign above the given values is never 0, or may turn out
// to be when layers were binarized since that was looked at.
func waitForSigns(in []*graph.Value, changed bool) (bool, error) {
	for _, v := range in {
		if v == nil || v.Producer == nil {
			continue
		}
		n := v.Producer
		if !isSignOp(n) {
			if !passesElements(n) {
				continue
			}
			if wait, err := waitForSigns(n.Inputs, changed); wait || err != nil {
				return wait, err
			}
			continue
		}
		if _, root, _ := sumChain(n.Inputs[0]); root != nil && changed && (root.Code == schema.Conv2D || root.Code == schema.MatMul) {
			return true, nil
		}
		if why, decided, err := latticeZero(n.Inputs[0]); err != nil || decided && why == "" {
			return true, err
		}
	}
	return false, nil
}

// passesElements reports whether the result of n consists of elements of its operands, of
// their negatives and of padding.
func passesElements(n *graph.Node) bool {
	k, ok := unaryKind(n)
	switch {
	case ok:
		return k == schema.Neg
	case isMaxPool(n), rearranges(n):
		return true
	case n.Code == schema.Reduce:
		return n.Options.(*schema.ReduceOptions).Kind == schema.ReduceMax
	}
	switch n.Code {
	case schema.Concat, schema.Pad, schema.Slice, schema.Split, schema.Gather, schema.Expand:
		return true
	}
	return false
}

// isTernary reports whether a float value holds -1, 0 and +1 only, of which splitPlanes
// can make planes.
func isTernary(v *graph.Value) bool {
	if isSigns(v) {
		return true
	}
	if v == nil || v.DType != schema.Float32 || len(v.Shape) == 0 || v.Producer == nil {
		return false
	}
	n := v.Producer
	if isSignOp(n) {
		return !nonNegative(n.Inputs[0])
	}
	if !passesElements(n) {
		return false
	}
	switch n.Code {
	case schema.Concat:
		return len(n.Inputs) > 0 && !slices.ContainsFunc(n.Inputs, func(v *graph.Value) bool { return !isTernary(v) })
	case schema.Pad:
		if padsWithSigns(n) {
			return isTernary(n.Inputs[0])
		}
		p, ok := padValue(n)
		return ok && p == 0 && isTernary(n.Inputs[0])
	}
	return isTernary(n.Inputs[0])
}

// nonNegative reports whether v is what a Relu, or a Clip from 0 on, gives. A Sign of it
// is a step, not a ternary value.
func nonNegative(v *graph.Value) bool {
	if v.Producer == nil {
		return false
	}
	lo, _, ok := clipRange(v.Producer)
	return ok && lo >= 0
}

// splitPlanes gives two values of signs of which a ternary one is half the sum; the first
// is nowhere smaller, so that maxima commute with the sum. Signs have no second plane.
func splitPlanes(g *graph.Graph, v *graph.Value) (first, second *graph.Value, err error) {
	if v == nil || isSigns(v) {
		return v, nil, nil
	}
	n := v.Producer
	if isSignOp(n) {
		return signPlanes(g, n)
	}
	var in [2][]*graph.Value
	for i, operand := range n.Inputs {
		a, b := operand, operand
		if i == 0 || n.Code == schema.Concat {
			if a, b, err = splitPlanes(g, operand); err != nil {
				return nil, nil, err
			}
			if b == nil {
				b = a
			}
		}
		in[0], in[1] = append(in[0], a), append(in[1], b)
	}
	if k, _ := unaryKind(n); k == schema.Neg && n.Code == schema.Unary {
		in[0], in[1] = in[1], in[0]
	}
	if n.Code == schema.Pad && !padsWithSigns(n) {
		for i, value := range []float32{1, -1} {
			for len(in[i]) < 3 {
				in[i] = append(in[i], nil)
			}
			in[i][2] = g.ConstFloat32s(n.Name+"/padding", nil, []float32{value})
		}
	}
	at := slices.Index(n.Outputs, v)
	var planes [2]*graph.Value
	for i, name := range []string{"/first_plane", "/second_plane"} {
		c := &graph.Node{Name: n.Name + name, Code: n.Code, Options: n.Options, Origin: origins(n), Inputs: in[i]}
		for range n.Outputs {
			c.Outputs = append(c.Outputs, g.NewValue(c.Name))
		}
		if _, err := insertAfter(g, n, c); err != nil {
			return nil, nil, err
		}
		planes[i] = c.Outputs[at]
	}
	return planes[0], planes[1], nil
}

// signPlanes makes both planes of a Sign, unless it has them.
func signPlanes(g *graph.Graph, n *graph.Node) (first, second *graph.Value, err error) {
	if first, second, ok := planesOf(n); ok {
		return first, second, nil
	}
	var planes [2]*graph.Value
	for i, s := range []sign{{compare: schema.SignGreaterOrEqual}, {compare: schema.SignGreater}} {
		name := n.Name + []string{"/not_negative", "/positive"}[i]
		b := newSign(g, name, n.Inputs[0], s, origins(n))
		bits, err := insertAfter(g, n, b)
		if err != nil {
			return nil, nil, err
		}
		if planes[i], err = insertAfter(g, b, newUnpack(name+"/unpack", bits, origins(n))); err != nil {
			return nil, nil, err
		}
	}
	return planes[0], planes[1], nil
}
