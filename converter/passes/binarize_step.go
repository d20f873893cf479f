package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// binarizeStep lets layers with weights +-a[o] that read values 0 and k read signs
// instead, since (s+1)/2 is 0 or 1 for a sign s:
//
//	x, t -> Greater -> Cast -> Conv2D(w, bias) -> y
//
// becomes
//
//	x -> Bsign(t) -> Bunpack -> Pad(-1) -> Conv2D(w/2a, sum of w/2a) -> Mul(k*a) -> Add(bias) -> y
//
// The convolution's zero padding is that of signs by -1. The new layer counts without
// rounding, its weights being halves; binarizeConv and binarizeMatMul pack it.
func binarizeStep(g *graph.Graph, log *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		if n.Code != schema.Conv2D && n.Code != schema.MatMul || n.Input(2) != nil && !n.Input(2).IsConst() {
			continue
		}
		did, err := binarizeStepLayer(g, n)
		if err != nil {
			return count, err
		}
		if did {
			log.forget(n)
			count++
		}
	}
	g.RemoveDead()
	return count, nil
}

// stepValue is a value that is k where s of x is +1, and 0 elsewhere.
type stepValue struct {
	s     sign
	x     *graph.Value
	k     float32
	nodes []*graph.Node
}

// stepOf reads a node that gives 0 or one other number, depending on the order of a
// value and a constant: a comparison, Sign after Relu, Round after Clip to 0 to 1, and
// arithmetic on these.
func stepOf(n *graph.Node) (stepValue, bool) {
	if len(n.Outputs) != 1 || n.Outputs[0].DType != schema.Float32 {
		return stepValue{}, false
	}
	c := caseFinder{}.of(n.Outputs[0])
	s, no, yes, ok := c.step()
	if !ok || no != 0 && yes != 0 || !slices.Equal(c.x.Shape, n.Outputs[0].Shape) {
		return stepValue{}, false
	}
	v := stepValue{x: c.x, s: s, k: float32(yes), nodes: c.through}
	if yes == 0 {
		v.k, v.s.invert = float32(no), !s.invert
	}
	return v, isFinite(v.k)
}

func binarizeStepLayer(g *graph.Graph, n *graph.Node) (bool, error) {
	// Between the step and the layer, what moves elements, or chooses the largest.
	var moved []*graph.Node
	at := n.Inputs[0].Producer
	pooled := false
	for at != nil && (rearranges(at) || seesMap(at)) {
		pooled = pooled || isMaxPool(at)
		moved = append(moved, at)
		at = at.Inputs[0].Producer
	}
	if at == nil {
		return false, nil
	}
	v, ok := stepOf(at)
	if !ok || len(v.x.Shape) == 0 || pooled && v.k < 0 {
		return false, nil
	}
	half, bias, scale, ok := halves(n, v.k)
	if !ok {
		return false, nil
	}
	origin := origins(append(slices.Clone(v.nodes), n)...)
	bits, err := insert(g, n, newSign(g, at.Name+"/bits", v.x, v.s, origins(v.nodes...)))
	if err != nil {
		return false, err
	}
	x, err := insert(g, n, newUnpack(at.Name+"/unpack", bits, origins(v.nodes...)))
	if err != nil {
		return false, err
	}
	for _, m := range slices.Backward(moved) {
		in := slices.Clone(m.Inputs)
		in[0] = x
		if x, err = insert(g, n, &graph.Node{Name: m.Name + "/signs", Code: m.Code, Options: m.Options, Inputs: in, Origin: origins(m)}); err != nil {
			return false, err
		}
	}
	layer := &graph.Node{Name: n.Name, Code: n.Code, Options: n.Options, Origin: origin}
	if o, ok := n.Options.(*schema.Conv2DOptions); ok && o.Pads != (schema.Pads{}) {
		p := o.Pads
		pads := g.ConstInt64s(n.Name+"/pads", []int{8}, []int64{0, int64(p.Top), int64(p.Left), 0, 0, int64(p.Bottom), int64(p.Right), 0})
		minus := g.ConstFloat32s(n.Name+"/padding", []int{}, []float32{-1})
		if x, err = insert(g, n, &graph.Node{
			Name: n.Name + "/pad", Code: schema.Pad, Options: &schema.PadOptions{Mode: schema.PadConstant}, Origin: origins(n),
			Inputs: []*graph.Value{x, pads, minus},
		}); err != nil {
			return false, err
		}
		c := *o
		c.Pads = schema.Pads{}
		layer.Options = &c
	}
	w := n.Inputs[1]
	layer.Inputs = []*graph.Value{x, g.ConstFloat32s(w.Name+"/halves", w.Shape, half), g.ConstFloat32s(n.Name+"/half", []int{len(bias)}, bias)}
	y, err := insert(g, n, layer)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(scale, func(a float32) bool { return a != 1 }) {
		if y, err = insert(g, n, newScale(g, n.Name+"/scale", y, scale, origins(n))); err != nil {
			return false, err
		}
	}
	if b := n.Input(2); b != nil {
		add := &graph.Node{Name: n.Name + "/bias", Code: schema.Binary, Options: &schema.BinaryOptions{Kind: schema.Add}, Origin: origins(n)}
		add.Inputs = []*graph.Value{y, b}
		if y, err = insert(g, n, add); err != nil {
			return false, err
		}
	}
	g.ReplaceUses(n.Outputs[0], y)
	return true, nil
}

// seesMap reports whether n is a MaxPool each window of which has an element of the map.
func seesMap(n *graph.Node) bool {
	if !isMaxPool(n) {
		return false
	}
	o := n.Options.(*schema.Pool2DOptions)
	return !o.CeilMode && o.Dilations == (schema.Size2D{H: 1, W: 1}) &&
		max(o.Pads.Top, o.Pads.Bottom) < o.Kernel.H && max(o.Pads.Left, o.Pads.Right) < o.Kernel.W
}

// halves gives the weights of a layer as -1/2 and +1/2, their sum for each output
// channel, and what these then are to be multiplied by when the activations are 0 and
// k. It fails if the weights are not of one magnitude per output channel.
func halves(n *graph.Node, k float32) (half, bias, scale []float32, ok bool) {
	w := n.Inputs[1]
	values := floats(w)
	rows := 0
	switch o := n.Options.(type) {
	case *schema.Conv2DOptions:
		if len(w.Shape) != 4 || o.Clamp != schema.NoClamp || len(values) == 0 {
			return nil, nil, nil, false
		}
		rows = w.Shape[0]
	case *schema.MatMulOptions:
		if len(w.Shape) != 2 || len(n.Inputs[0].Shape) < 2 || o.Clamp != schema.NoClamp || o.TransposeA || len(values) == 0 {
			return nil, nil, nil, false
		}
		if rows = w.Shape[1]; o.TransposeB {
			rows = w.Shape[0]
		}
	}
	byRow := values
	if o, isMatMul := n.Options.(*schema.MatMulOptions); isMatMul && !o.TransposeB {
		byRow = transposed(values, w.Shape[0], w.Shape[1])
	}
	if scale, ok = rowMagnitudes(byRow, rows); !ok {
		return nil, nil, nil, false
	}
	for o := range scale {
		scale[o] *= k
		if !isFinite(scale[o]) {
			return nil, nil, nil, false
		}
	}
	half, bias = make([]float32, len(values)), make([]float32, rows)
	for i, v := range values {
		half[i] = 0.5
		if v < 0 {
			half[i] = -0.5
		}
	}
	size := len(values) / rows
	for o := range bias {
		sum := size
		for _, v := range byRow[o*size : (o+1)*size] {
			if v < 0 {
				sum -= 2
			}
		}
		bias[o] = float32(sum) / 2
	}
	return half, bias, scale, true
}
