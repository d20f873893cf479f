package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// sinkScale moves a scale of signs towards the layers that read them, and into their
// weights:
//
//	s -> Mul(a) -> Conv2D(w) -> y         becomes   s -> Conv2D(a*w) -> y
//	s -> Mul(a) -> MaxPool2D -> y, a > 0  becomes   s -> MaxPool2D -> Mul(a) -> y
//	s -> Mul(a) -> Reshape -> y           becomes   s -> Reshape -> Mul(a) -> y
//	Concat(Mul(s, a), Mul(t, a)) -> y     becomes   Concat(s, t) -> Mul(a) -> y
//
// Scales per channel only enter a layer of which each output channel reads channels of
// one magnitude, as in a depthwise convolution. Products with signs are exact; the sums
// of the layer differ from scaled ones by rounding. Readers of other kinds keep the
// scaled value.
func sinkScale(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		s, ok := scaleOf(n)
		if !ok || !used(g, n.Outputs[0]) {
			continue
		}
		readers := slices.Clone(n.Outputs[0].Users())
		for i, r := range readers {
			if slices.Contains(readers[:i], r) {
				continue
			}
			did, err := s.sink(g, r)
			if err != nil {
				return count, err
			}
			if did {
				count++
			}
		}
	}
	g.RemoveDead()
	return count, nil
}

// scale is a Mul of signs, or of -1, 0 and +1, with constants, or a Neg of signs.
type scale struct {
	node *graph.Node
	x    *graph.Value
	a    float32   // the one scale
	each []float32 // the scales of the channels; nil if there is one
}

// scaleOf reads a node that scales signs by finite numbers other than 0.
func scaleOf(n *graph.Node) (scale, bool) {
	if k, ok := unaryKind(n); ok && k == schema.Neg && isSigns(n.Inputs[0]) {
		return scale{node: n, x: n.Inputs[0], a: -1}, true
	}
	k, isBinary := binaryKind(n)
	if !isBinary || k != schema.Mul && k != schema.Div || len(n.Outputs) == 0 {
		return scale{}, false
	}
	x, c, constIndex, ok := constOperand(n)
	if !ok || k == schema.Div && constIndex == 0 || x.DType != schema.Float32 || !slices.Equal(x.Shape, n.Outputs[0].Shape) ||
		!isSigns(x) && !wholeNumbers(x) {
		return scale{}, false
	}
	s := scale{node: n, x: x}
	if s.a, ok = uniform(c); !ok {
		if s.each, ok = perChannel(c, channels(x)); !ok {
			return scale{}, false
		}
	}
	if k == schema.Div {
		// 1/a is what dividing one by a gives, and nothing else is divided.
		if !isSigns(x) && !isSignOp(x.Producer) {
			return scale{}, false
		}
		s.a = 1 / s.a
		for i, v := range s.each {
			s.each[i] = 1 / v
		}
	}
	numbers := s.numbers()
	return s, allFinite(numbers) && !slices.Contains(numbers, 0)
}

// sink moves the scale past one reader.
func (s scale) sink(g *graph.Graph, r *graph.Node) (bool, error) {
	switch {
	case r.Code == schema.Conv2D:
		return s.intoConv(g, r)
	case r.Code == schema.MatMul:
		return s.intoMatMul(g, r)
	case isMaxPool(r):
		if s.positive() {
			return true, s.behind(g, r, 0)
		}
		return s.turnForPool(g, r)
	case rearranges(r):
		if s.each == nil || keepsRows(r) {
			return true, s.behind(g, r, 0)
		}
	case r.Code == schema.Slice, r.Code == schema.Gather:
		if s.each == nil {
			return true, s.behind(g, r, 0)
		}
	case r.Code == schema.Split:
		if s.each == nil {
			return true, s.behindSplit(g, r)
		}
	case r.Code == schema.Concat:
		return s.behindConcat(g, r)
	case r.Code == schema.Pad:
		return s.behindPad(g, r)
	case r.Code == schema.Binary, r.Code == schema.Unary:
		return s.join(g, r)
	}
	return false, nil
}

// numbers lists the scales: one, or one per channel.
func (s scale) numbers() []float32 {
	if s.each != nil {
		return s.each
	}
	return []float32{s.a}
}

func (s scale) positive() bool {
	return !slices.ContainsFunc(s.numbers(), func(a float32) bool { return a < 0 })
}

// newScale makes a node that multiplies v by one number, or by one per channel.
func newScale(g *graph.Graph, name string, v *graph.Value, by []float32, origin []string) *graph.Node {
	shape := []int{}
	if len(by) > 1 {
		shape = []int{len(by)}
	}
	return &graph.Node{
		Name: name, Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Mul}, Origin: origin,
		Inputs: []*graph.Value{v, g.ConstFloat32s(name+"/by", shape, by)},
	}
}

// behind makes operand i of r read the unscaled signs, and scales the result of r.
func (s scale) behind(g *graph.Graph, r *graph.Node, i int) error {
	g.SetInput(r, i, s.x)
	return s.scaleOutput(g, r, 0)
}

func (s scale) scaleOutput(g *graph.Graph, r *graph.Node, i int) error {
	out := slices.Clone(r.Outputs)
	y := out[i]
	out[i] = g.NewValue(r.Name + "/unscaled")
	g.SetOutputs(r, out)
	if err := g.InferNode(r); err != nil {
		return err
	}
	n := newScale(g, s.node.Name+"/"+r.Name, out[i], s.numbers(), origins(s.node))
	n.Outputs = []*graph.Value{y}
	_, err := insertAfter(g, r, n)
	return err
}

func (s scale) behindSplit(g *graph.Graph, r *graph.Node) error {
	g.SetInput(r, 0, s.x)
	for i, v := range r.Outputs {
		if v == nil {
			continue
		}
		if err := s.scaleOutput(g, r, i); err != nil {
			return err
		}
	}
	return nil
}

// behindConcat moves the scale that all operands have.
func (s scale) behindConcat(g *graph.Graph, r *graph.Node) (bool, error) {
	in := make([]*graph.Value, len(r.Inputs))
	for i, v := range r.Inputs {
		if v.Producer == nil {
			return false, nil
		}
		t, ok := scaleOf(v.Producer)
		if !ok || t.each != nil || s.each != nil || t.a != s.a {
			return false, nil
		}
		in[i] = t.x
	}
	g.SetInputs(r, in)
	return true, s.scaleOutput(g, r, 0)
}

// behindPad divides the padding by the scale, if that is exact.
func (s scale) behindPad(g *graph.Graph, r *graph.Node) (bool, error) {
	v, ok := padValue(r)
	if !ok || s.each != nil && (v != 0 || channels(s.x) != channels(r.Outputs[0])) {
		return false, nil
	}
	if v != 0 {
		w := v / s.a
		if w*s.a != v || !isFinite(w) {
			return false, nil
		}
		g.SetInput(r, 2, g.ConstFloat32s(r.Name+"/padding", []int{}, []float32{w}))
	}
	return true, s.behind(g, r, 0)
}

// join makes one scale of two, or of a scale and a Neg. Signs times the product of the
// scales are exactly what the products one after the other are.
func (s scale) join(g *graph.Graph, r *graph.Node) (bool, error) {
	factors, divides := []float32{-1}, false
	if k, ok := unaryKind(r); ok {
		if k != schema.Neg {
			return false, nil
		}
	} else {
		k, _ := binaryKind(r)
		_, c, constIndex, ok := constOperand(r)
		if divides = k == schema.Div; !ok || k != schema.Mul && (!divides || constIndex == 0) {
			return false, nil
		}
		if f, ok := uniform(c); ok {
			factors[0] = f
		} else if factors, ok = perChannel(c, channels(s.x)); !ok {
			return false, nil
		}
	}
	mine := s.numbers()
	by := make([]float32, max(len(mine), len(factors)))
	for i := range by {
		a, b := mine[i%len(mine)], factors[i%len(factors)]
		if by[i] = a * b; divides {
			by[i] = a / b
		}
	}
	if !slices.Equal(s.x.Shape, r.Outputs[0].Shape) || !allFinite(by) || slices.Contains(by, 0) {
		return false, nil
	}
	return true, replaceNode(g, r, newScale(g, r.Name, s.x, by, origins(s.node, r)))
}

// turnForPool turns signs around so that a negative scale becomes a positive one.
func (s scale) turnForPool(g *graph.Graph, r *graph.Node) (bool, error) {
	u := producer(s.x, schema.Bunpack)
	if u == nil || s.each != nil {
		return false, nil
	}
	from := producer(u.Inputs[0], schema.Bsign)
	if from == nil {
		return false, nil
	}
	o := *from.Options.(*schema.BsignOptions)
	o.Invert = !o.Invert
	bits, err := insert(g, u, &graph.Node{
		Name: from.Name + "/inverted", Code: schema.Bsign, Options: &o, Origin: origins(from), Inputs: slices.Clone(from.Inputs),
	})
	if err != nil {
		return false, err
	}
	signs, err := insert(g, u, newUnpack(u.Name+"/inverted", bits, origins(u)))
	if err != nil {
		return false, err
	}
	s.x, s.a = signs, -s.a
	return true, s.behind(g, r, 0)
}

// intoConv multiplies the weights of a convolution.
func (s scale) intoConv(g *graph.Graph, r *graph.Node) (bool, error) {
	w := r.Inputs[1]
	values := floats(w)
	if r.Inputs[0] != s.node.Outputs[0] || len(values) == 0 || !oneMagnitude(r) {
		return false, nil
	}
	out, groups := w.Shape[0], r.Options.(*schema.Conv2DOptions).Groups
	perGroup := len(s.each) / max(groups, 1) // channels read by an output channel
	for i, a := range s.each {
		if b := s.each[i/perGroup*perGroup]; a != b && a != -b {
			return false, nil
		}
	}
	return s.intoWeights(g, r, func(i int) float32 {
		if s.each == nil {
			return s.a
		}
		row := i / (len(values) / out)
		return s.each[row/(out/groups)*perGroup+i%perGroup]
	})
}

// intoMatMul multiplies the constant weights of a product, or scales the product of
// two activations.
func (s scale) intoMatMul(g *graph.Graph, r *graph.Node) (bool, error) {
	y, w := s.node.Outputs[0], r.Inputs[1]
	if len(floats(w)) > 0 {
		if !oneMagnitude(r) || r.Inputs[0] != y {
			return false, nil
		}
		if s.each == nil {
			return s.intoWeights(g, r, func(int) float32 { return s.a })
		}
		o := r.Options.(*schema.MatMulOptions)
		if o.TransposeA || len(w.Shape) != 2 || slices.ContainsFunc(s.each, func(a float32) bool { return a != s.each[0] && a != -s.each[0] }) {
			return false, nil
		}
		return s.intoWeights(g, r, func(i int) float32 {
			if o.TransposeB {
				return s.each[i%w.Shape[1]]
			}
			return s.each[i/w.Shape[1]]
		})
	}
	if s.each != nil || r.Inputs[0] == r.Inputs[1] || r.Input(2) != nil || r.Options.(*schema.MatMulOptions).Clamp != schema.NoClamp {
		return false, nil
	}
	return true, s.behind(g, r, slices.Index(r.Inputs, y))
}

// intoWeights multiplies each weight by a factor that depends on its index, unless
// that loses one.
func (s scale) intoWeights(g *graph.Graph, r *graph.Node, factor func(i int) float32) (bool, error) {
	w := r.Inputs[1]
	values := floats(w)
	to := make([]float32, len(values))
	for i, v := range values {
		to[i] = v * factor(i)
		if !isFinite(to[i]) || to[i] == 0 && v != 0 {
			return false, nil
		}
	}
	r.Origin = origins(s.node, r)
	g.SetInput(r, 0, s.x)
	g.SetInput(r, 1, g.ConstFloat32s(w.Name, w.Shape, to))
	return true, g.InferNode(r)
}
