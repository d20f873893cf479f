package passes

import (
	"fmt"
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// weightTolerance is the relative difference up to which magnitudes of weights count
// as equal: straight-through arithmetic leaves some 1e-6, training some percent.
const weightTolerance = 1e-4

// binarizeConv replaces a convolution of signs with weights +-a[o], a > 0:
//
//	b -> Bunpack -> Conv2D(w, bias) -> y   becomes   b -> BConv2D(bits, mul=a, bias) -> y
//
// A channel of zeros only gets a = 0. The convolution's zero padding stays exact; a
// Pad of rows and columns with -1, 0 or +1 before it is taken over, unless both pad
// with different values.
func binarizeConv(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D {
			continue
		}
		did, err := binarizeConvNode(g, log, n, isSigns)
		if err != nil {
			return count, err
		}
		if did {
			count++
		}
	}
	return count, nil
}

// binarizeConvNode binarizes a convolution of activations of which is holds: isSigns or
// isTernary.
func binarizeConvNode(g *graph.Graph, log *Log, n *graph.Node, is func(*graph.Value) bool) (bool, error) {
	o := n.Options.(*schema.Conv2DOptions)
	w := n.Inputs[1]
	values := floats(w)
	if values == nil || len(w.Shape) != 4 {
		return false, nil
	}
	x, pads, padWith := n.Inputs[0], o.Pads, 0
	var pad *graph.Node
	if pad = producer(x, schema.Pad); pad != nil && is(pad.Inputs[0]) {
		extra, v, ok := spatialPad(pad)
		if ok && (v == 0 || (v == 1 || v == -1) && o.Pads == schema.Pads{}) {
			x, padWith = pad.Inputs[0], int(v)
			pads = schema.Pads{
				Top: pads.Top + extra.Top, Left: pads.Left + extra.Left,
				Bottom: pads.Bottom + extra.Bottom, Right: pads.Right + extra.Right,
			}
		} else {
			log.keep(n, "%s before it pads with %v, and only -1, 0 and +1 around the map can be taken over", describe(pad), v)
		}
	}
	if !is(x) || !constBias(log, n) {
		return false, nil
	}
	scale, ok := rowMagnitudes(values, w.Shape[0])
	if !ok {
		return false, nil
	}
	first, second, err := splitPlanes(g, x)
	if err != nil {
		return false, err
	}
	bits, err := packedSigns(g, n, first)
	if err != nil {
		return false, err
	}
	var otherBits *graph.Value
	if second != nil {
		if otherBits, err = packedSigns(g, n, second); err != nil {
			return false, err
		}
	}
	minus := make([]bool, len(values))
	for i, v := range values {
		minus[i] = v < 0
	}
	in := []*graph.Value{bits, constBits(g, w.Name+"/bits", w.Shape, minus), scaleOperand(g, w.Name, scale), n.Input(2), nil, otherBits}
	b := &graph.Node{
		Name: n.Name, Code: schema.BConv2D, Origin: origins(n),
		Options: &schema.BConv2DOptions{
			Window: schema.Window{Strides: o.Strides, Dilations: o.Dilations, Pads: pads},
			Groups: o.Groups, PadValue: padWith, PreClamp: schema.NoClamp, Clamp: o.Clamp,
		},
		Inputs: trimOperands(in),
	}
	if padWith != 0 || x != n.Inputs[0] {
		b.Origin = append(origins(pad), b.Origin...)
	}
	log.forget(n)
	return true, replaceNode(g, n, b)
}

// constBias reports whether the bias of a layer is constant or absent, as binary
// operators need it.
func constBias(log *Log, n *graph.Node) bool {
	if b := n.Input(2); b != nil && !b.IsConst() {
		log.keep(n, "its bias is computed")
		return false
	}
	return true
}

// transposed turns a matrix over, in blocks that stay in the cache.
func transposed(x []float32, rows, cols int) []float32 {
	const block = 32
	out := make([]float32, len(x))
	for r0 := 0; r0 < rows; r0 += block {
		r1 := min(r0+block, rows)
		for c0 := 0; c0 < cols; c0 += block {
			for c := c0; c < min(c0+block, cols); c++ {
				column := out[c*rows : c*rows+rows]
				for r := r0; r < r1; r++ {
					column[r] = x[r*cols+c]
				}
			}
		}
	}
	return out
}

// rowMagnitudes gives the magnitude that all weights of each of n rows have, 0 for a
// row of zeros. It fails if a row has several, or all rows are zero.
func rowMagnitudes(w []float32, n int) ([]float32, bool) {
	if n < 1 || len(w) == 0 || len(w)%n != 0 {
		return nil, false
	}
	scale := make([]float32, n)
	size := len(w) / n
	for o := range scale {
		a, ok := magnitude(w[o*size : (o+1)*size])
		if !ok {
			return nil, false
		}
		scale[o] = a
	}
	return scale, slices.ContainsFunc(scale, func(a float32) bool { return a > 0 })
}

// magnitude gives the magnitude that all weights have, as rowMagnitudes says.
func magnitude(w []float32) (float32, bool) {
	// Mostly they are equal to the bit; that is found fast.
	const abs = 1<<31 - 1
	first := math.Float32bits(w[0]) & abs
	if !slices.ContainsFunc(w, func(v float32) bool { return math.Float32bits(v)&abs != first }) {
		a := math.Float32frombits(first)
		return a, isFinite(a)
	}
	lo, hi, sum := math.Inf(1), 0.0, 0.0
	for _, v := range w {
		m := math.Abs(float64(v))
		lo, hi, sum = min(lo, m), max(hi, m), sum+m
		if !(hi <= math.MaxFloat32) || hi-lo > weightTolerance*lo { // the first also for NaN
			return 0, false
		}
	}
	return float32(sum / float64(len(w))), true
}

// oneMagnitude reports whether the weights of each output channel of a Conv2D or
// MatMul are +-a or 0.
func oneMagnitude(n *graph.Node) bool {
	w := n.Inputs[1]
	x := floats(w)
	if x == nil {
		return wholeNumbers(w)
	}
	if n.Code == schema.MatMul {
		if len(w.Shape) != 2 {
			return true
		}
		if !n.Options.(*schema.MatMulOptions).TransposeB {
			x = transposed(x, w.Shape[0], w.Shape[1])
		}
	}
	rows := channels(n.Outputs[0])
	if rows < 1 || len(x)%rows != 0 {
		return true
	}
	size := len(x) / rows
	for o := range rows {
		row := x[o*size : (o+1)*size]
		if _, ok := magnitude(row); ok {
			continue
		}
		row = slices.DeleteFunc(slices.Clone(row), func(v float32) bool { return v == 0 })
		if _, ok := magnitude(row); !ok {
			return false
		}
	}
	return true
}

// scaleOperand makes the mul operand of a binary op, nil if all scales are 1.
func scaleOperand(g *graph.Graph, name string, scale []float32) *graph.Value {
	if !slices.ContainsFunc(scale, func(a float32) bool { return a != 1 }) {
		return nil
	}
	return g.ConstFloat32s(name+"/scale", []int{len(scale)}, scale)
}

// trimOperands drops absent operands at the end.
func trimOperands(in []*graph.Value) []*graph.Value {
	for len(in) > 0 && in[len(in)-1] == nil {
		in = in[:len(in)-1]
	}
	return in
}

// replaceNode puts a node in the place of another, whose only output it takes over.
func replaceNode(g *graph.Graph, old, n *graph.Node) error {
	v := old.Outputs[0]
	g.Insert(old, n)
	g.SetOutputs(old, nil)
	g.SetOutputs(n, []*graph.Value{v})
	g.Remove(old)
	if err := g.InferNode(n); err != nil {
		return fmt.Errorf("rewriting node %q: %w", n.Name, err)
	}
	return nil
}

// isSigns reports whether a float value holds -1 and +1 only: unpacked bits, chosen
// or moved about.
func isSigns(v *graph.Value) bool {
	return v != nil && v.DType == schema.Float32 && holdSigns(v)
}

// holdSigns is isSigns for float32 and float16.
func holdSigns(v *graph.Value) bool {
	if v.DType != schema.Float32 && v.DType != schema.Float16 || len(v.Shape) == 0 || v.Producer == nil {
		return false
	}
	n := v.Producer
	switch {
	case n.Code == schema.Bunpack:
		return true
	case n.Code == schema.Cast:
		return holdSigns(n.Inputs[0])
	case isMaxPool(n), rearranges(n), n.Code == schema.Slice, n.Code == schema.Split, n.Code == schema.Gather, n.Code == schema.Expand:
		return holdSigns(n.Inputs[0])
	case n.Code == schema.Concat:
		return len(n.Inputs) > 0 && !slices.ContainsFunc(n.Inputs, func(v *graph.Value) bool { return !holdSigns(v) })
	case n.Code == schema.Pad:
		return padsWithSigns(n) && holdSigns(n.Inputs[0])
	case n.Code == schema.Reduce:
		return n.Options.(*schema.ReduceOptions).Kind == schema.ReduceMax && holdSigns(n.Inputs[0])
	}
	if k, ok := binaryKind(n); ok && k == schema.Mul {
		return holdSigns(n.Inputs[0]) && holdSigns(n.Inputs[1])
	}
	k, ok := unaryKind(n)
	return ok && k == schema.Neg && holdSigns(n.Inputs[0])
}

// packedSigns gives the bits of a value of which isSigns holds. Where ops that cut
// rows stand between, they stay float, and their result is packed again.
func packedSigns(g *graph.Graph, before *graph.Node, v *graph.Value) (*graph.Value, error) {
	if u := producer(v, schema.Bunpack); u != nil {
		return u.Inputs[0], nil
	}
	for _, u := range v.Users() {
		if s, ok := repacked(u); ok {
			return s, nil
		}
	}
	name := v.Producer.Name + "/repack"
	at := v.Producer
	return insertAfter(g, at, newSign(g, name, v, sign{}, origins(at)))
}

// repacked gives the bits that a plain Bsign makes.
func repacked(n *graph.Node) (*graph.Value, bool) {
	if n.Code != schema.Bsign || len(n.Inputs) != 1 {
		return nil, false
	}
	o := n.Options.(*schema.BsignOptions)
	return n.Outputs[0], o.Compare == schema.SignGreaterOrEqual && !o.Invert
}
