package importer

import (
	"fmt"
	"slices"

	"github.com/lce-go/lce/converter/graph"
	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// attribute returns an attribute or its default. Asking for one that the row does
// not have is a mistake in this package.
func (c *call) attribute(name string) *onnx.Attribute {
	if a := c.attrs[name]; a != nil {
		return a
	}
	spec := c.row.attr(name)
	if spec == nil {
		panic(fmt.Sprintf("importer: %s has no attribute %s in the table", c.OpType, name))
	}
	return &spec.def
}

func (c *call) has(name string) bool            { return c.attrs[name] != nil }
func (c *call) int(name string) int64           { return c.attribute(name).Int }
func (c *call) float(name string) float32       { return c.attribute(name).Float }
func (c *call) string(name string) string       { return c.attribute(name).String }
func (c *call) ints(name string) []int64        { return c.attribute(name).Ints }
func (c *call) tensor(name string) *onnx.Tensor { return c.attribute(name).Tensor }

// bool reads an integer attribute that is 0 or 1.
func (c *call) bool(name string) (bool, error) {
	switch v := c.int(name); v {
	case 0, 1:
		return v == 1, nil
	default:
		return false, fmt.Errorf("attribute %s is %d: 0 or 1 is accepted", name, v)
	}
}

// axis reads an integer attribute that counts the axes of a value of the given
// rank, from the end if it is negative. above is 1 if the rank itself is allowed.
func (c *call) axis(name string, rank, above int) (int, error) {
	v := c.int(name)
	if v < int64(-rank) || v >= int64(rank+above) {
		return 0, fmt.Errorf("attribute %s is %d: %d to %d is accepted for rank %d", name, v, -rank, rank+above-1, rank)
	}
	if v < 0 {
		v += int64(rank)
	}
	return int(v), nil
}

// input returns operand i, or nil if it is absent.
func (c *call) input(i int) *graph.Value {
	if i < len(c.in) {
		return c.in[i]
	}
	return nil
}

// describe writes operand i for messages, by its name in the model.
func (c *call) describe(i int) string {
	v := *c.given[i]
	v.Name = c.Inputs[i]
	return describeValue(&v)
}

// wantType checks the element type of operand i, if it is there.
func (c *call) wantType(i int, accepted ...schema.DType) error {
	if i >= len(c.given) || c.given[i] == nil || slices.Contains(accepted, c.given[i].DType) {
		return nil
	}
	return fmt.Errorf("input %d, %s: element type %v, want one of %v", i, c.describe(i), c.given[i].DType, accepted)
}

// wanted reports whether output i is read by anything.
func (c *call) wanted(i int) bool {
	return i < len(c.Outputs) && c.Outputs[i] != "" && c.im.uses[c.Outputs[i]] > 0
}

// unsupported is the error for a node that the vocabulary cannot express.
func (c *call) unsupported(format string, args ...any) error {
	return &Unsupported{
		Node: c.Name, Op: c.OpType, Domain: c.Domain,
		Opset: c.opset, Reason: fmt.Sprintf(format, args...),
	}
}

// name makes the name of a helper node or constant of this node.
func (c *call) name(role string) string {
	if role == "" {
		return c.Name
	}
	return c.Name + "/" + role
}

// emit adds a node whose result is used within this ONNX node only. The node that
// does the work has the role "", so that it has the name of the ONNX node.
func (c *call) emit(role string, code schema.OpCode, opts schema.Options, in ...*graph.Value) *graph.Value {
	return c.im.g.Append(&graph.Node{Name: c.name(role), Code: code, Options: opts, Inputs: in})
}

// result adds a node whose result is output i.
func (c *call) result(i int, role string, code schema.OpCode, opts schema.Options, in ...*graph.Value) {
	c.results(role, code, opts, in, i, i+1)
}

// results adds a node whose results are the outputs from first to before end.
func (c *call) results(role string, code schema.OpCode, opts schema.Options, in []*graph.Value, first, end int) {
	out := make([]*graph.Value, 0, end-first)
	for i := first; i < end; i++ {
		name := c.Outputs[i]
		if name == "" {
			name = fmt.Sprintf("%s:%d", c.Name, i)
		}
		c.out[i] = c.im.g.NewValue(name)
		out = append(out, c.out[i])
	}
	c.im.g.Append(&graph.Node{Name: c.name(role), Code: code, Options: opts, Inputs: in, Outputs: out})
}

// alias makes v itself output i.
func (c *call) alias(i int, v *graph.Value) { c.out[i] = v }

// constInts makes a constant list, such as axes.
func (c *call) constInts(role string, x ...int64) *graph.Value {
	return c.im.g.ConstInt64s(c.name(role), []int{len(x)}, x)
}

// constFloat makes a scalar constant.
func (c *call) constFloat(role string, x float32) *graph.Value {
	return c.im.g.ConstFloat32s(c.name(role), []int{}, []float32{x})
}

// constTensor makes a constant of a decoded tensor.
func (c *call) constTensor(role string, t *onnx.Tensor) *graph.Value {
	return c.im.g.NewConst(c.name(role), t.DType, t.Shape, t.Data)
}

// floats returns the elements of a float32 constant.
func floats(v *graph.Value) ([]float32, bool) {
	if v == nil || v.Const == nil || v.DType != schema.Float32 {
		return nil, false
	}
	return ops.View[float32](v.Const), true
}

// scalarFloat returns the value of a float32 constant of one element.
func scalarFloat(v *graph.Value) (float32, bool) {
	if x, ok := floats(v); ok && len(x) == 1 {
		return x[0], true
	}
	return 0, false
}

// transpose adds a Transpose.
func (c *call) transpose(role string, v *graph.Value, perm ...int) *graph.Value {
	return c.emit(role, schema.Transpose, &schema.TransposeOptions{Perm: perm}, v)
}
