package passes

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// floats gives the elements of a float32 constant, nil for any other value.
func floats(v *graph.Value) []float32 {
	if v == nil || v.Const == nil || v.DType != schema.Float32 {
		return nil
	}
	return ops.View[float32](v.Const)
}

// uniform gives the one number that all elements of a float32 constant are.
func uniform(v *graph.Value) (float32, bool) {
	x := floats(v)
	if len(x) == 0 {
		return 0, false
	}
	for _, e := range x[1:] {
		if math.Float32bits(e) != math.Float32bits(x[0]) {
			return 0, false
		}
	}
	return x[0], true
}

// perChannel gives a float32 constant as one number for each of n channels, the
// last axis. It fails for a constant that varies along another axis.
func perChannel(v *graph.Value, n int) ([]float32, bool) {
	if n < 1 {
		return nil, false
	}
	if c, ok := uniform(v); ok {
		return slices.Repeat([]float32{c}, n), true
	}
	x := floats(v)
	if len(x) == 0 || v.Shape[len(v.Shape)-1] != n {
		return nil, false
	}
	for i := n; i < len(x); i++ {
		if math.Float32bits(x[i]) != math.Float32bits(x[i-n]) {
			return nil, false
		}
	}
	return slices.Clone(x[:n]), true
}

// channels is the length of the last axis of v: 1 for a scalar, -1 if unknown.
func channels(v *graph.Value) int {
	if len(v.Shape) == 0 {
		return 1
	}
	return v.Shape[len(v.Shape)-1]
}

// constInts gives the elements of an int64 or int32 constant.
func constInts(v *graph.Value) ([]int64, bool) {
	if v == nil || v.Const == nil {
		return nil, false
	}
	switch v.DType {
	case schema.Int64:
		return slices.Clone(ops.View[int64](v.Const)), true
	case schema.Int32:
		var out []int64
		for _, e := range ops.View[int32](v.Const) {
			out = append(out, int64(e))
		}
		return out, true
	}
	return nil, false
}

// producer gives the node that computes v if it has the given code.
func producer(v *graph.Value, code schema.OpCode) *graph.Node {
	if v == nil || v.Producer == nil || v.Producer.Code != code {
		return nil
	}
	return v.Producer
}

func unaryKind(n *graph.Node) (schema.UnaryKind, bool) {
	o, ok := n.Options.(*schema.UnaryOptions)
	if !ok || n.Code != schema.Unary {
		return 0, false
	}
	return o.Kind, true
}

func binaryKind(n *graph.Node) (schema.BinaryKind, bool) {
	o, ok := n.Options.(*schema.BinaryOptions)
	if !ok || n.Code != schema.Binary {
		return 0, false
	}
	return o.Kind, true
}

// constOperand splits a Binary node into its computed operand and its constant
// one; constIndex says on which side the constant is.
func constOperand(n *graph.Node) (x, c *graph.Value, constIndex int, ok bool) {
	if len(n.Inputs) != 2 {
		return nil, nil, 0, false
	}
	a, b := n.Inputs[0], n.Inputs[1]
	switch {
	case a.IsConst() == b.IsConst():
		return nil, nil, 0, false
	case a.IsConst():
		return b, a, 0, true
	}
	return a, b, 1, true
}

// onlyUser reports whether n is the only reader of v, with one operand, and v is
// no result of the graph.
func onlyUser(g *graph.Graph, v *graph.Value, n *graph.Node) bool {
	users := v.Users()
	return len(users) == 1 && users[0] == n && !g.IsOutput(v)
}

// used reports whether anything depends on v.
func used(g *graph.Graph, v *graph.Value) bool {
	return v != nil && (len(v.Users()) > 0 || g.IsOutput(v))
}

// isMaxPool reports whether n is a maximum over windows of floats.
func isMaxPool(n *graph.Node) bool {
	o, ok := n.Options.(*schema.Pool2DOptions)
	return ok && n.Code == schema.Pool2D && o.Kind == schema.MaxPool
}

// rearranges reports whether n only moves elements of its first operand about.
func rearranges(n *graph.Node) bool {
	switch n.Code {
	case schema.Reshape, schema.Flatten, schema.Squeeze, schema.Unsqueeze, schema.Transpose:
		return true
	}
	return false
}

// keepsRows reports whether a node that rearranges leaves the rows along the last
// axis whole, so that channel c of the input is channel c of the output.
func keepsRows(n *graph.Node) bool {
	in, out := n.Inputs[0], n.Outputs[0]
	if len(in.Shape) == 0 || len(out.Shape) == 0 || channels(in) < 1 || channels(in) != channels(out) {
		return false
	}
	if o, ok := n.Options.(*schema.TransposeOptions); ok {
		return len(o.Perm) == len(in.Shape) && o.Perm[len(o.Perm)-1] == len(o.Perm)-1
	}
	return true
}

// keepsWords reports whether a node that rearranges can do so on packed bits: the
// rows stay whole, or are cut and joined at word boundaries only.
func keepsWords(n *graph.Node) bool {
	if keepsRows(n) {
		return true
	}
	in, out := n.Inputs[0], n.Outputs[0]
	return n.Code != schema.Transpose && len(in.Shape) > 0 && len(out.Shape) > 0 &&
		channels(in) > 0 && channels(in)%32 == 0 && channels(out) > 0 && channels(out)%32 == 0
}

// origins lists the ONNX nodes that the given nodes stand for, each once.
func origins(nodes ...*graph.Node) []string {
	var out []string
	for _, n := range nodes {
		from := n.Origin
		if len(from) == 0 {
			from = []string{n.Name}
		}
		for _, name := range from {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// insert adds a node before another and infers its outputs.
func insert(g *graph.Graph, before, n *graph.Node) (*graph.Value, error) {
	v := g.Insert(before, n)
	return v, g.InferNode(n)
}

// insertAfter adds a node behind another and infers its outputs.
func insertAfter(g *graph.Graph, after, n *graph.Node) (*graph.Value, error) {
	v := g.InsertAfter(after, n)
	return v, g.InferNode(n)
}

func isFinite(x float32) bool { return !math.IsInf(float64(x), 0) && x == x }

func allFinite(x []float32) bool {
	for _, e := range x {
		if !isFinite(e) {
			return false
		}
	}
	return true
}
