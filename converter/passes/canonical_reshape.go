package passes

import (
	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/schema"
)

// simplifyReshape makes ops that only give another shape into one Reshape by a
// constant:
//
//	y = Reshape(Squeeze(x), ...)                       becomes  y = Reshape(x, const)
//	y = Reshape(x, Concat(Gather(Shape(x), 0), -1))    becomes  y = Reshape(x, [0 -1])
//
// A single op with constant operands stays as it is.
func simplifyReshape(g *graph.Graph, _ *Log) (int, error) {
	count := 0
	for _, n := range append([]*graph.Node{}, g.Nodes...) {
		if !reshapes(n) || !used(g, n.Outputs[0]) || n.Outputs[0].Late() {
			continue
		}
		x := n.Inputs[0]
		for x.Producer != nil && reshapes(x.Producer) {
			x = x.Producer.Inputs[0]
		}
		fixed := n.Input(1) == nil || n.Inputs[1].IsConst()
		if x == n.Inputs[0] && fixed {
			continue
		}
		shape, ok := shapeOperand(trials(x), trials(n.Outputs[0]))
		if !ok {
			continue
		}
		if err := setReshape(g, n, x, shape); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// reshapes reports whether n gives its first operand another shape.
func reshapes(n *graph.Node) bool {
	switch n.Code {
	case schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze:
		return true
	}
	return false
}

// setReshape turns n into a Reshape of x by a constant.
func setReshape(g *graph.Graph, n *graph.Node, x *graph.Value, shape []int64) error {
	n.Code, n.Options = schema.Reshape, &schema.ReshapeOptions{}
	g.SetInputs(n, []*graph.Value{x, g.ConstInt64s(n.Name+".shape", []int{len(shape)}, shape)})
	return g.InferNode(n)
}

// shapes is a shape in the two probes of inference; a dimension that differs is
// unknown.
type shapes [2][]int

func trials(v *graph.Value) shapes { return shapes{v.Trial(0), v.Trial(1)} }

// known reports whether dimension i has one size only.
func (s shapes) known(i int) bool { return s[0][i] == s[1][i] }

// permuted is the shape of a Transpose by perm.
func (s shapes) permuted(perm []int) shapes {
	var out shapes
	for p := range s {
		out[p] = make([]int, len(perm))
		for i, from := range perm {
			out[p][i] = s[p][from]
		}
	}
	return out
}

// shapeOperand finds the constant operand with which Reshape turns shape in into
// shape out: 0 copies the batch and unknown dimensions as long as the two agree
// from the front, and -1 stands for one more that is unknown.
func shapeOperand(in, out shapes) ([]int64, bool) {
	want := make([]int64, len(out[0]))
	prefix, rest := true, false
	for i := range want {
		if out[0][i] == 0 || out[1][i] == 0 {
			return nil, false
		}
		prefix = prefix && i < len(in[0]) && in[0][i] == out[0][i] && in[1][i] == out[1][i]
		switch {
		case prefix && (i == 0 || !out.known(i)):
			want[i] = 0
		case out.known(i):
			want[i] = int64(out[0][i])
		case rest:
			return nil, false
		default:
			want[i], rest = -1, true
		}
	}
	return want, true
}
