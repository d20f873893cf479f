package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// fuseGelu finds Gelu written in steps, however its factors are ordered and wherever its constants
// stand:
//
//	x/2 * (1 + erf(x/sqrt(2)))                               becomes  Gelu(x)
//	x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715*x*x*x)))      becomes  GeluTanh(x)
func fuseGelu(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range slices.Clone(g.Nodes) {
		kind, ok := unaryKind(n)
		if !ok || kind != schema.Erf && kind != schema.Tanh || n.Outputs[0].DType != schema.Float32 {
			continue
		}
		x, last := matchGelu(g, n)
		if x == nil {
			continue
		}
		fused := schema.Gelu
		if kind == schema.Tanh {
			fused = schema.GeluTanh
		}
		v, err := insert(g, last, &graph.Node{
			Name: last.Name, Code: schema.Unary, Options: &schema.UnaryOptions{Kind: fused},
			Inputs: []*graph.Value{x}, Origin: origins(n, last),
		})
		if err != nil {
			return count, err
		}
		g.ReplaceUses(last.Outputs[0], v)
		count++
	}
	return count, nil
}

// closeTo allows for constants that were rounded on their way.
func closeTo(x, want float64) bool { return math.Abs(x-want) <= 2e-6*math.Abs(want) }

// matchGelu follows the result of an Erf or Tanh forward to the last factor of a Gelu of x, which
// is nil if there is none.
func matchGelu(g *graph.Graph, n *graph.Node) (x *graph.Value, last *graph.Node) {
	// The value at hand is scale*f(..) + shift, from the second factor on times x.
	v, scale, shift := n.Outputs[0], 1.0, 0.0
	for len(v.Users()) == 1 && !g.IsOutput(v) {
		last = v.Users()[0]
		kind, ok := binaryKind(last)
		if !ok || !graph.SameShape(v, last.Outputs[0]) {
			return nil, nil
		}
		other, at := last.Inputs[0], 0
		if other == v {
			other, at = last.Inputs[1], 1
		}
		c, constant := uniform(other)
		switch {
		case constant && kind == schema.Add:
			shift += float64(c)
		case constant && kind == schema.Mul:
			scale, shift = scale*float64(c), shift*float64(c)
		case constant && kind == schema.Div && at == 1:
			scale, shift = scale/float64(c), shift/float64(c)
		case !constant && kind == schema.Mul && x == nil && closeTo(shift, scale):
			from, factor := productOf(other)
			if !geluArgument(n, from) {
				if from, factor = other, 1; !geluArgument(n, from) {
					return nil, nil
				}
			}
			x = from
			scale *= factor
			shift = scale
		default:
			return nil, nil
		}
		v = last.Outputs[0]
		if x != nil && closeTo(scale, 0.5) && closeTo(shift, 0.5) {
			if !graph.SameShape(x, v) {
				return nil, nil
			}
			return x, last
		}
	}
	return nil, nil
}

// productOf gives v as another value and what that is multiplied by.
func productOf(v *graph.Value) (*graph.Value, float64) {
	if n := producer(v, schema.Binary); n != nil {
		x, c, at, ok := constOperand(n)
		if e, same := uniform(c); ok && same {
			switch kind := n.Options.(*schema.BinaryOptions).Kind; {
			case kind == schema.Mul:
				return x, float64(e)
			case kind == schema.Div && at == 1:
				return x, 1 / float64(e)
			}
		}
	}
	return v, 1
}

// geluArgument reports whether the Erf or Tanh n is of what Gelu of x asks for.
func geluArgument(n *graph.Node, x *graph.Value) bool {
	p, ok := polynomialIn(n.Inputs[0], x, 8)
	if !ok || p[0] != 0 || p[2] != 0 {
		return false
	}
	if kind, _ := unaryKind(n); kind == schema.Erf {
		return closeTo(p[1], 1/math.Sqrt2) && p[3] == 0
	}
	root := math.Sqrt(2 / math.Pi)
	return closeTo(p[1], root) && closeTo(p[3], root*0.044715)
}

// polynomialIn gives v as a polynomial of x up to the third power, from the constant on. It looks
// through depth ops.
func polynomialIn(v, x *graph.Value, depth int) (p [4]float64, ok bool) {
	if v == x {
		return [4]float64{1: 1}, true
	}
	if c, ok := uniform(v); ok {
		return [4]float64{float64(c)}, true
	}
	n := producer(v, schema.Binary)
	if n == nil || depth == 0 {
		return p, false
	}
	a, okA := polynomialIn(n.Inputs[0], x, depth-1)
	b, okB := polynomialIn(n.Inputs[1], x, depth-1)
	if !okA || !okB {
		return p, false
	}
	constant := b == [4]float64{b[0]}
	switch n.Options.(*schema.BinaryOptions).Kind {
	case schema.Add:
		for i := range p {
			p[i] = a[i] + b[i]
		}
		return p, true
	case schema.Mul:
		return multiply(a, b)
	case schema.Div:
		for i := range p {
			p[i] = a[i] / b[0]
		}
		return p, constant && b[0] != 0
	case schema.Pow:
		if !constant || b[0] != 2 && b[0] != 3 {
			return p, false
		}
		p, ok = multiply(a, a)
		if ok && b[0] == 3 {
			p, ok = multiply(p, a)
		}
		return p, ok
	}
	return p, false
}

// multiply fails where the product has higher powers.
func multiply(a, b [4]float64) (p [4]float64, ok bool) {
	for i, u := range a {
		for j, v := range b {
			if u*v == 0 {
				continue
			}
			if i+j >= len(p) {
				return p, false
			}
			p[i+j] += u * v
		}
	}
	return p, true
}
