package passes

import (
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// fuseLayerNorm finds rows that are normalized in steps:
//
//	d = x - mean(x), y = d / sqrt(mean(d*d) + epsilon)     becomes     y = LayerNorm(x)
//
// where the means are over the last axis, the square may be a power, and the quotient a product
// with the reciprocal. What multiplies y per column and what is added to it then become scale and
// bias; a scale may also multiply the reciprocal before, see spreadNorm.
func fuseLayerNorm(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		m, ok := matchDeviation(n)
		if !ok {
			continue
		}
		found, err := m.fuse(g)
		if err != nil {
			return count, err
		}
		count += found
	}
	return count, nil
}

// deviation is sqrt(mean(d*d) + epsilon) of rows x.
type deviation struct {
	x, d, root *graph.Value
	mean       *graph.Value
	epsilon    float32
}

func matchDeviation(n *graph.Node) (m deviation, ok bool) {
	m.root = n.Outputs[0]
	if m.root == nil || m.root.DType != schema.Float32 {
		return m, false
	}
	var sum *graph.Node
	if kind, _ := unaryKind(n); n.Code == schema.Unary && kind == schema.Sqrt {
		sum = producer(n.Inputs[0], schema.Binary)
	} else if kind, isBinary := binaryKind(n); isBinary && kind == schema.Pow {
		if half, _ := uniform(n.Inputs[1]); half == 0.5 && graph.SameShape(n.Inputs[0], m.root) {
			sum = producer(n.Inputs[0], schema.Binary)
		}
	}
	if sum == nil || sum.Options.(*schema.BinaryOptions).Kind != schema.Add {
		return m, false
	}
	variance, c, _, ok := constOperand(sum)
	if !ok {
		return m, false
	}
	if m.epsilon, ok = uniform(c); !ok || !(m.epsilon >= 0) || !graph.SameShape(variance, sum.Outputs[0]) {
		return m, false
	}
	squares := rowMean(variance)
	if m.d = squareOf(squares); m.d == nil {
		return m, false
	}
	difference := producer(m.d, schema.Binary)
	if difference == nil || difference.Options.(*schema.BinaryOptions).Kind != schema.Sub {
		return m, false
	}
	m.x, m.mean = difference.Inputs[0], difference.Inputs[1]
	return m, !m.x.IsConst() && rowMean(m.mean) == m.x
}

// rowMean gives the rows of which v is the mean, kept as an axis of 1; nil if it is none.
func rowMean(v *graph.Value) *graph.Value {
	n := producer(v, schema.Reduce)
	if n == nil {
		return nil
	}
	o, x := n.Options.(*schema.ReduceOptions), n.Inputs[0]
	axes, ok := constInts(n.Input(1))
	if !ok || o.Kind != schema.ReduceMean || !o.KeepDims || len(axes) != 1 || x.DType != schema.Float32 {
		return nil
	}
	if last := len(x.Shape) - 1; axes[0] != -1 && axes[0] != int64(last) {
		return nil
	}
	return x
}

// squareOf gives d where v is d*d; nil if it is not.
func squareOf(v *graph.Value) *graph.Value {
	n := producer(v, schema.Binary)
	if n == nil || n.Options.(*schema.BinaryOptions).Kind != schema.Mul || n.Inputs[0] != n.Inputs[1] {
		return nil
	}
	return n.Inputs[0]
}

// fuse replaces what divides by the deviation.
func (m *deviation) fuse(g *graph.Graph) (int, error) {
	count := 0
	for _, n := range slices.Clone(m.root.Users()) {
		if !slices.Contains(g.Nodes, n) {
			continue
		}
		factor := n.Outputs[0]
		kind, isBinary := binaryKind(n)
		one := float32(0)
		if isBinary {
			one, _ = uniform(n.Inputs[0])
		}
		switch {
		case isBinary && kind == schema.Div && n.Inputs[0] == m.d && n.Inputs[1] == m.root:
			done, err := m.replace(g, n, nil, nil)
			if err != nil {
				return count, err
			}
			count += done
			continue
		case isBinary && kind == schema.Div && one == 1 && graph.SameShape(factor, m.root):
		case reciprocalOf(n):
		default:
			continue
		}
		for _, r := range slices.Clone(factor.Users()) {
			scale, last, ok := m.product(r, factor)
			if !ok {
				continue
			}
			var bias *graph.Value
			if scale != nil {
				if bias, last, ok = m.spread(last); !ok {
					continue
				}
			}
			done, err := m.replace(g, last, scale, bias, n, r)
			if err != nil {
				return count, err
			}
			count += done
		}
	}
	return count, nil
}

func reciprocalOf(n *graph.Node) bool {
	kind, ok := unaryKind(n)
	return ok && kind == schema.Reciprocal
}

// product matches what multiplies by the factor 1/deviation: d, which gives the result, or a
// constant per column, a scale.
func (m *deviation) product(n *graph.Node, factor *graph.Value) (scale *graph.Value, last *graph.Node, ok bool) {
	if kind, isBinary := binaryKind(n); !isBinary || kind != schema.Mul {
		return nil, nil, false
	}
	other := n.Inputs[0]
	if other == factor {
		other = n.Inputs[1]
	}
	if other == m.d {
		return nil, n, true
	}
	return other, n, other.IsConst()
}

// spread matches how a norm is spread out over x and its mean: with f = scale/deviation, which n
// computes,
//
//	x*f + (bias - mean*f)
func (m *deviation) spread(n *graph.Node) (bias *graph.Value, last *graph.Node, ok bool) {
	f := n.Outputs[0]
	var xf *graph.Value
	var rest *graph.Node
	for _, r := range f.Users() {
		if kind, isBinary := binaryKind(r); !isBinary || kind != schema.Mul {
			return nil, nil, false
		}
		other := r.Inputs[0]
		if other == f {
			other = r.Inputs[1]
		}
		users := r.Outputs[0].Users()
		switch {
		case other == m.x:
			xf = r.Outputs[0]
		case other == m.mean && len(users) == 1:
			rest = users[0]
		}
	}
	if xf == nil || rest == nil || len(f.Users()) != 2 || len(xf.Users()) != 1 {
		return nil, nil, false
	}
	if kind, isBinary := binaryKind(rest); !isBinary || kind != schema.Sub || !rest.Inputs[0].IsConst() {
		return nil, nil, false
	}
	last = xf.Users()[0]
	kind, isBinary := binaryKind(last)
	if !isBinary || kind != schema.Add || !slices.Contains(last.Inputs, rest.Outputs[0]) {
		return nil, nil, false
	}
	return rest.Inputs[0], last, true
}

// replace puts a LayerNorm in the place of n. What scales its result and what is added to that,
// per column and nowhere else read, joins it. It returns how many it made.
func (m *deviation) replace(g *graph.Graph, n *graph.Node, scale, bias *graph.Value, from ...*graph.Node) (int, error) {
	size := channels(m.x)
	if size < 1 || !graph.SameShape(m.x, n.Outputs[0]) {
		return 0, nil
	}
	operands := []*graph.Value{m.x, nil, nil}
	for i, v := range []*graph.Value{scale, bias} {
		if v == nil {
			continue
		}
		row, ok := perChannel(v, size)
		if !ok {
			return 0, nil
		}
		operands[1+i] = g.ConstFloat32s(v.Name, []int{size}, row)
	}
	last := n
	from = append(from, n)
	for i, kind := range []schema.BinaryKind{schema.Mul, schema.Add} {
		v := last.Outputs[0]
		if operands[1+i] != nil || len(v.Users()) != 1 || g.IsOutput(v) {
			continue
		}
		r := v.Users()[0]
		if k, isBinary := binaryKind(r); !isBinary || k != kind || !graph.SameShape(v, r.Outputs[0]) {
			continue
		}
		_, c, _, ok := constOperand(r)
		if !ok {
			continue
		}
		row, ok := perChannel(c, size)
		if !ok {
			continue
		}
		operands[1+i] = g.ConstFloat32s(c.Name, []int{size}, row)
		from, last = append(from, r), r
	}
	for operands[len(operands)-1] == nil {
		operands = operands[:len(operands)-1]
	}
	norm := &graph.Node{
		Name: last.Name, Code: schema.LayerNorm, Options: &schema.LayerNormOptions{Epsilon: m.epsilon},
		Inputs: operands, Origin: origins(append([]*graph.Node{m.d.Producer, m.root.Producer}, from...)...),
	}
	v, err := insert(g, last, norm)
	if err != nil {
		return 0, err
	}
	g.ReplaceUses(last.Outputs[0], v)
	return 1, nil
}
