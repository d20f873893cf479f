package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// fuseQuantizedProduct makes a convolution or product of dequantized operands one of 8-bit
// numbers:
//
//	x -> Dequantize -> Conv2D(Dequantize(w), bias) -> Relu -> Quantize -> y
//	becomes     x -> QConv2D(w, bias) -> y
//
// A Relu or Clip becomes limits of the quantized result. Without a Quantize the result is
// float32. A bias that was quantized with the scales of x and w is added to the integer sums,
// another to the float32.
func fuseQuantizedProduct(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul {
			continue
		}
		done, err := fuseProduct(g, n)
		if err != nil {
			return count, err
		}
		if done {
			count++
		}
	}
	return count, nil
}

func fuseProduct(g *graph.Graph, n *graph.Node) (bool, error) {
	x, ok := dequantizedByte(n.Inputs[0])
	if !ok || len(n.Inputs[0].Shape) < 2 {
		return false, nil
	}
	w, ok := dequantized(n.Inputs[1])
	if !ok || !isByte(w.q) || !w.alongOutputs(n) {
		return false, nil
	}
	size := channels(n.Outputs[0])
	bias, addend, ok := quantizedBias(n, x, w, size)
	if !ok {
		return false, nil
	}
	weights := w.q
	if o, ok := n.Options.(*schema.MatMulOptions); ok {
		if o.TransposeA {
			return false, nil
		}
		if o.TransposeB {
			var err error
			if weights, err = transposedMatrix(g, n, w.q); err != nil {
				return false, err
			}
		}
	}
	p := quantizedProduct{node: n, out: n.Outputs[0], to: schema.Float32, clamp: floatClamp(n), origin: []*graph.Node{n}}
	p.scale = make([]float32, len(w.scale))
	for i, s := range w.scale {
		p.scale[i] = x.scale[0] * s
	}
	p.addend = addend
	p.followed(g)
	in := []*graph.Value{x.q, weights, x.node.Input(2), w.node.Input(2), bias, g.ConstFloat32s(n.Name+"/scale", []int{len(p.scale)}, p.scale), nil}
	if p.addend != nil {
		in[6] = g.ConstFloat32s(n.Name+"/addend", []int{size}, p.addend)
	}
	return true, p.replace(g, n, in)
}

// transposedMatrix swaps the last two axes of v, before n.
func transposedMatrix(g *graph.Graph, n *graph.Node, v *graph.Value) (*graph.Value, error) {
	perm := make([]int, len(v.Shape))
	for i := range perm {
		perm[i] = i
	}
	last := len(perm) - 1
	perm[last], perm[last-1] = last-1, last
	o := &schema.TransposeOptions{Perm: perm}
	return insert(g, n, &graph.Node{Name: n.Name + "/transposed", Code: schema.Transpose, Options: o, Inputs: []*graph.Value{v}})
}

// alongOutputs reports whether weights of a node have one scale, or one for each output.
func (w *quantized) alongOutputs(n *graph.Node) bool {
	if len(w.scale) == 1 {
		return true
	}
	o, ok := n.Options.(*schema.MatMulOptions)
	axis := 0
	if ok && !o.TransposeB {
		axis = 1
	}
	return w.axis == axis && (!ok || len(w.q.Shape) == 2)
}

// quantizedBias gives the third operand of a node as integers, or as float32 for each of size
// outputs; both are nil without one.
func quantizedBias(n *graph.Node, x, w *quantized, size int) (sums *graph.Value, addend []float32, ok bool) {
	b := n.Input(2)
	if b == nil {
		return nil, nil, true
	}
	d, ok := dequantized(b)
	switch {
	case ok && slices.Equal(d.q.Shape, []int{size}) && d.hasScaleOf(x, w, size):
		return d.q, nil, true
	case ok && d.q.IsConst():
		values, err := graph.Evaluate(d.node)
		if err != nil {
			return nil, nil, false
		}
		addend = slices.Clone(ops.View[float32](values[0]))
	default:
		addend = slices.Clone(floats(b))
	}
	return nil, addend, len(addend) == size
}

// hasScaleOf reports whether d is of int32 with the scales of the products of x and w, for size
// outputs, but for the rounding of float32.
func (d *quantized) hasScaleOf(x, w *quantized, size int) bool {
	const near = 1e-4
	if d.q.DType != schema.Int32 {
		return false
	}
	for i := range size {
		want := float64(x.scale[0]) * float64(w.scale[i%len(w.scale)])
		have := d.scale[i%len(d.scale)]
		if d.zero[i%len(d.zero)] != 0 || math.Abs(float64(have)-want) > near*want {
			return false
		}
	}
	return true
}

// quantizedProduct is a node that becomes a product of 8-bit numbers, with what follows it.
type quantizedProduct struct {
	node          *graph.Node
	out           *graph.Value
	to            schema.DType
	zero          int
	clamp         schema.Clamp
	scale, addend []float32
	origin        []*graph.Node
}

// followed takes in a Relu or Clip and a Quantize behind the node.
func (p *quantizedProduct) followed(g *graph.Graph) {
	clamp, out, origin := p.clamp, p.out, p.origin
	for len(out.Users()) == 1 && !g.IsOutput(out) {
		n := out.Users()[0]
		e := epilogue{pre: schema.NoClamp, post: clamp}
		if _, ok := unaryKind(n); !ok || !e.fold(n, 1) || e.mul != nil {
			break
		}
		clamp, out, origin = e.post, n.Outputs[0], append(origin, n)
		p.clamp, p.out, p.origin = clamp, out, origin
	}
	d, ok := quantizer(g, out)
	if !ok {
		return
	}
	p.to, p.zero, p.out, p.origin = d.q.DType, int(d.zero[0]), d.q, append(origin, d.node)
	for i := range p.scale {
		p.scale[i] /= d.scale[0]
	}
	for i := range p.addend {
		p.addend[i] /= d.scale[0]
	}
	p.clamp = d.limits(clamp)
}

// limits are the quantized limits of numbers, or none.
func (d *quantized) limits(c schema.Clamp) schema.Clamp {
	if c == schema.NoClamp {
		return c
	}
	lo, hi := float32(0), float32(255)
	if d.q.DType == schema.Int8 {
		lo, hi = -128, 127
	}
	limit := func(v float32) float32 {
		return min(max(float32(math.RoundToEven(float64(v/d.scale[0])))+float32(d.zero[0]), lo), hi)
	}
	return schema.Clamp{Min: limit(c.Min), Max: limit(c.Max)}
}

// replace makes the node of operands, in the place of the last node taken in.
func (p *quantizedProduct) replace(g *graph.Graph, n *graph.Node, in []*graph.Value) error {
	q := &graph.Node{Name: n.Name, Origin: origins(p.origin...)}
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		q.Code = schema.QConv2D
		q.Options = &schema.QConv2DOptions{Window: o.Window, Groups: o.Groups, To: p.to, ZeroPoint: p.zero, Clamp: p.clamp}
	case *schema.QConv2DOptions:
		q.Code = schema.QConv2D
		q.Options = &schema.QConv2DOptions{Window: o.Window, Groups: o.Groups, To: p.to, ZeroPoint: p.zero, Clamp: p.clamp}
	default:
		q.Code = schema.QMatMul
		q.Options = &schema.QMatMulOptions{To: p.to, ZeroPoint: p.zero, Clamp: p.clamp}
	}
	for len(in) > 0 && in[len(in)-1] == nil {
		in = in[:len(in)-1]
	}
	q.Inputs = in
	return replaceNode(g, p.out.Producer, q)
}

// fuseIntegerSums takes what is done with the int32 sums of a product into it:
//
//	QMatMul -> Cast -> Mul(scale) -> Add(bias) -> y     becomes     QMatMul(scale, bias) -> y
//
// The scale may be computed, as that of a DynamicQuantizeLinear is.
func fuseIntegerSums(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		done, err := fuseSums(g, n)
		if err != nil {
			return count, err
		}
		if done {
			count++
		}
	}
	return count, nil
}

func fuseSums(g *graph.Graph, n *graph.Node) (bool, error) {
	if n.Code != schema.QConv2D && n.Code != schema.QMatMul {
		return false, nil
	}
	size := channels(n.Outputs[0])
	v := n.Outputs[0]
	if v.DType != schema.Int32 || len(n.Inputs) > 5 || size < 1 || len(v.Users()) != 1 || g.IsOutput(v) {
		return false, nil
	}
	cast := v.Users()[0]
	y := cast.Outputs[0]
	if cast.Code != schema.Cast || y.DType != schema.Float32 || len(y.Users()) != 1 || g.IsOutput(y) {
		return false, nil
	}
	mul := y.Users()[0]
	if k, ok := binaryKind(mul); !ok || k != schema.Mul || mul.Inputs[0] == mul.Inputs[1] {
		return false, nil
	}
	scale := mul.Inputs[0]
	if scale == y {
		scale = mul.Inputs[1]
	}
	if len(scale.Shape) > 1 || len(scale.Shape) == 1 && scale.Shape[0] != 1 && scale.Shape[0] != size || !slices.Equal(mul.Outputs[0].Shape, v.Shape) {
		return false, nil
	}
	p := quantizedProduct{node: n, out: mul.Outputs[0], to: schema.Float32, clamp: schema.NoClamp, origin: []*graph.Node{n, cast, mul}}
	var addend *graph.Value
	if users := p.out.Users(); len(users) == 1 && !g.IsOutput(p.out) {
		if k, ok := binaryKind(users[0]); ok && k == schema.Add {
			_, c, _, ok := constOperand(users[0])
			if list, fits := perChannel(c, size); ok && fits && slices.Equal(users[0].Outputs[0].Shape, v.Shape) {
				addend = g.ConstFloat32s(n.Name+"/addend", []int{size}, list)
				p.out, p.origin = users[0].Outputs[0], append(p.origin, users[0])
			}
		}
	}
	for len(p.out.Users()) == 1 && !g.IsOutput(p.out) {
		r := p.out.Users()[0]
		e := epilogue{pre: schema.NoClamp, post: p.clamp}
		if _, ok := unaryKind(r); !ok || !e.fold(r, 1) || e.mul != nil {
			break
		}
		p.clamp, p.out, p.origin = e.post, r.Outputs[0], append(p.origin, r)
	}
	in := make([]*graph.Value, 7)
	copy(in, n.Inputs)
	in[5], in[6] = scale, addend
	return true, p.replace(g, n, in)
}
