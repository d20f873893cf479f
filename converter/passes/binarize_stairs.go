package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeStairs replaces elementwise arithmetic that makes -a, 0 and +a of the order of x
// and two thresholds by the Sign of two signs:
//
//	x -> Greater(t) = p; x -> Less(-t) -> Select(-a, 0) = q; Select(p, a, q) -> y
//	x -> Div(s) -> Clip(-1, 1) -> Round -> Mul(s) -> y
//	Sub(Cast(Greater(x, t)), Cast(Less(x, -t))) -> y
//
// becomes
//
//	x -> Bsign(>= t1) -> Bunpack = b; x -> Bsign(>= t2) -> Bunpack = c; Add(b, c) -> Sign -> Mul(a) -> y
//
// with t1 <= t2, per channel as a is. binarizeTernary takes the two signs for the planes
// of the Sign. Ties give what they gave, and so does a NaN, except that one which stayed a
// NaN becomes -a. What no layer reads, takes other values or is not monotone stays.
func binarizeStairs(g *graph.Graph, log *Log) (int, error) {
	count := 0
	find := stairFinder{}
	for _, n := range slices.Backward(slices.Clone(g.Nodes)) {
		if len(n.Outputs) != 1 || n.Outputs[0] == nil || n.Outputs[0].DType != schema.Float32 || !used(g, n.Outputs[0]) || isScaledSign(n) {
			continue
		}
		s := find.of(n.Outputs[0])
		if s.x == nil || !readByLayer(n.Outputs[0]) {
			continue
		}
		t, ok, err := s.thresholds(n.Outputs[0])
		if err != nil {
			return count, err
		}
		if !ok {
			continue
		}
		for _, m := range s.through {
			log.forget(m)
		}
		if err := replaceByPlanes(g, n, s, t); err != nil {
			return count, err
		}
		g.RemoveDead()
		clear(find)
		count++
	}
	return count, nil
}

// readByLayer reports whether a layer reads v, perhaps scaled, chosen from or moved.
func readByLayer(v *graph.Value) bool {
	return slices.ContainsFunc(v.Users(), func(n *graph.Node) bool {
		kind, _ := binaryKind(n)
		switch {
		case n.Code == schema.Conv2D, n.Code == schema.MatMul:
			return true
		case passesElements(n), n.Code == schema.Binary && (kind == schema.Mul || kind == schema.Div):
			return slices.ContainsFunc(n.Outputs, func(v *graph.Value) bool { return v != nil && readByLayer(v) })
		}
		return false
	})
}

// isScaledSign reports whether n is a Sign, or a scaled one, of what is no staircase itself.
func isScaledSign(n *graph.Node) bool {
	for n != nil {
		kind, _ := binaryKind(n)
		k, unary := unaryKind(n)
		switch {
		case isSignOp(n):
			return stairFinder{}.of(n.Inputs[0]).x == nil
		case unary && k == schema.Neg:
			n = n.Inputs[0].Producer
		case n.Code == schema.Binary && (kind == schema.Mul || kind == schema.Div):
			x, _, _, ok := constOperand(n)
			if !ok {
				return false
			}
			n = x.Producer
		default:
			return false
		}
	}
	return false
}

func replaceByPlanes(g *graph.Graph, n *graph.Node, s *stairs, t planes) error {
	origin := origins(s.through...)
	var signs [2]*graph.Value
	for i, name := range []string{"/not_negative", "/positive"} {
		bits, err := insert(g, n, newSign(g, n.Name+name, s.x, t.signs[i], origin))
		if err != nil {
			return err
		}
		if signs[i], err = insert(g, n, newUnpack(n.Name+name+"/unpack", bits, origin)); err != nil {
			return err
		}
	}
	y, err := insert(g, n, &graph.Node{
		Name: n.Name + "/planes", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Add}, Origin: origin, Inputs: signs[:],
	})
	if err != nil {
		return err
	}
	y, err = insert(g, n, &graph.Node{Name: n.Name, Code: schema.Unary, Options: &schema.UnaryOptions{Kind: schema.Sign}, Origin: origin, Inputs: []*graph.Value{y}})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(t.scale, func(a float32) bool { return a != 1 }) {
		if y, err = insert(g, n, newScale(g, n.Name+"/scale", y, t.scale, origin)); err != nil {
			return err
		}
	}
	g.ReplaceUses(n.Outputs[0], y)
	return nil
}

// planesOf gives the two signs whose sum the operand of a Sign is, as binarizeStairs
// makes it; the first is nowhere smaller.
func planesOf(n *graph.Node) (first, second *graph.Value, ok bool) {
	sum := n.Inputs[0].Producer
	if sum == nil {
		return nil, nil, false
	}
	if k, isBinary := binaryKind(sum); !isBinary || k != schema.Add || !isSigns(sum.Inputs[0]) || !isSigns(sum.Inputs[1]) {
		return nil, nil, false
	}
	var s [2]sign
	var x [2]*graph.Value
	for i, v := range sum.Inputs {
		u := producer(v, schema.Bunpack)
		if u == nil || !slices.Equal(v.Shape, sum.Outputs[0].Shape) {
			return nil, nil, false
		}
		b := producer(u.Inputs[0], schema.Bsign)
		if b == nil {
			return nil, nil, false
		}
		if s[i], ok = signOf(b); !ok {
			return nil, nil, false
		}
		x[i] = b.Inputs[0]
	}
	if x[0] != x[1] || !neverSmaller(s[0], s[1], channels(x[0])) {
		return nil, nil, false
	}
	return sum.Inputs[0], sum.Inputs[1], true
}

// neverSmaller reports whether the sign s is nowhere smaller than t: at the threshold of
// either, beside it and at the ends of the range.
func neverSmaller(s, t sign, size int) bool {
	for c := range max(size, 0) {
		for _, of := range []sign{s, t} {
			for _, at := range of.around(c) {
				if s.of(at, c) < t.of(at, c) {
					return false
				}
			}
		}
	}
	return size > 0
}
