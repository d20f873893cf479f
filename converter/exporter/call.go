package exporter

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// call is an operator that is being exported.
type call struct {
	*exporter
	op      *schema.Operator
	in, out []*tensor // nil where absent
}

// options gives the options of an operator as type T.
func options[T schema.Options](c *call) (T, error) {
	o, ok := c.op.Options.(T)
	if !ok {
		return o, fmt.Errorf("options of type %T, want %T", c.op.Options, o)
	}
	return o, nil
}

// input gives operand i, or nil if it is absent.
func (c *call) input(i int) *tensor {
	if i < len(c.in) {
		return c.in[i]
	}
	return nil
}

// wantRank checks the rank of operand i, which a file may have wrong.
func (c *call) wantRank(i, rank int) error {
	if t := c.in[i]; t.rank != rank {
		return fmt.Errorf("input %d, %q, has rank %d, want %d", i, t.Name, t.rank, rank)
	}
	return nil
}

// wantAxis checks an axis of operand 0.
func (c *call) wantAxis(axis int) error {
	if rank := c.in[0].rank; axis < -rank || axis >= rank {
		return fmt.Errorf("axis %d of rank %d", axis, rank)
	}
	return nil
}

// plain gives operand i as it is, nil if it is absent.
func (c *call) plain(i int) *value {
	if c.input(i) == nil {
		return nil
	}
	return c.value(c.in[i], plain)
}

// plains gives all operands as they are.
func (c *call) plains() []*value {
	var list []*value
	for i := range c.in {
		list = append(list, c.plain(i))
	}
	return list
}

// node adds a node with one result.
func (e *exporter) node(name, op string, in []*value, attrs ...*onnxpb.AttributeProto) *value {
	return e.nodes(name, op, in, []string{name}, attrs...)[0]
}

// nodes adds a node; a result without a name is not wanted.
func (e *exporter) nodes(name, op string, in []*value, out []string, attrs ...*onnxpb.AttributeProto) []*value {
	for len(in) > 0 && in[len(in)-1] == nil {
		in = in[:len(in)-1]
	}
	n := &node{name: name, op: op, in: in, attrs: attrs, graph: e.graph}
	for _, hint := range out {
		var v *value
		if hint != "" {
			v = &value{hint: hint, producer: n}
		}
		n.out = append(n.out, v)
	}
	e.graph.nodes = append(e.graph.nodes, n)
	return n.out
}

// emit adds a node with one result. role says what it is beside the main node of the
// operator, whose role is "".
func (c *call) emit(role, op string, in []*value, attrs ...*onnxpb.AttributeProto) *value {
	name, hint := c.op.Name, c.out[0].Name
	if role != "" {
		name, hint = name+"/"+role, hint+"/"+role
	}
	return c.nodes(name, op, in, []string{hint}, attrs...)[0]
}

// result makes the first result by a node of the operands as they are.
func (c *call) result(op string, in []*value, attrs ...*onnxpb.AttributeProto) error {
	c.out[0].set(plain, c.emit("", op, in, attrs...))
	return nil
}

// results makes all results by a node.
func (c *call) results(op string, in []*value, attrs ...*onnxpb.AttributeProto) {
	hints := make([]string, len(c.out))
	for i, t := range c.out {
		if t != nil {
			hints[i] = t.Name
		}
	}
	for i, v := range c.nodes(c.op.Name, op, in, hints, attrs...) {
		if v != nil {
			c.out[i].set(plain, v)
		}
	}
}

// alias makes the first result another name of operand 0.
func (c *call) alias() { c.tensors[c.op.Outputs[0]] = c.in[0] }

// follows gives the form of the operands that are computed: the one with channels first
// if one has no other.
func follows(list ...*tensor) form {
	for _, t := range list {
		if t != nil && !t.fixed && t.form() == first {
			return first
		}
	}
	return plain
}

// constantInts gives the value of an int64 or int32 operand, false if it is not constant.
func (c *call) constantInts(i int) ([]int64, bool) {
	t := c.input(i)
	if t == nil || !t.constant {
		return nil, false
	}
	x := &ops.Tensor{DType: t.DType, Shape: t.Shape, Data: t.Data}
	switch t.DType {
	case schema.Int64:
		return ops.View[int64](x), true
	case schema.Int32:
		var list []int64
		for _, v := range ops.View[int32](x) {
			list = append(list, int64(v))
		}
		return list, true
	}
	return nil, false
}

// int64 gives operand i as int64, nil if it is absent.
func (c *call) int64(i int) *value {
	v := c.plain(i)
	if v == nil || c.in[i].DType == schema.Int64 {
		return v
	}
	return c.cast(fmt.Sprint("operand", i), v, schema.Int64)
}

// cast converts a value.
func (c *call) cast(role string, v *value, to schema.DType) *value {
	elem, _ := elementType(to)
	return c.emit(role, "Cast", []*value{v}, integer("to", int64(elem)))
}

// scalar gives operand i, which has one element, without axes; list with one axis.
func (c *call) scalar(i int) *value { return c.oneElement(i, 0) }
func (c *call) list(i int) *value   { return c.oneElement(i, 1) }

func (c *call) oneElement(i, rank int) *value {
	t := c.input(i)
	if t == nil || t.rank == rank {
		return c.plain(i)
	}
	shape := slices.Repeat([]int{1}, rank)
	if t.constant {
		return &value{hint: t.Name, constant: t.forms[plain].value.constant.reshaped(shape...)}
	}
	return c.emit(fmt.Sprint("operand", i), "Reshape", []*value{c.plain(i), c.shape(shape)})
}

// shape makes a list of int64.
func (e *exporter) shape(list []int) *value {
	x := make([]int64, len(list))
	for i, n := range list {
		x[i] = int64(n)
	}
	return e.int64s(x...)
}

// int64s makes a list of int64.
func (e *exporter) int64s(list ...int64) *value {
	b := ops.AlignedBytes(8 * len(list))
	for i, n := range list {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(n))
	}
	return e.smallConstant(schema.Int64, []int{len(list)}, b)
}

// number makes a scalar of a float type or an integer type.
func (e *exporter) number(d schema.DType, x float64) *value {
	b := ops.AlignedBytes(d.Size())
	switch d {
	case schema.Float32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(x)))
	case schema.Float64:
		binary.LittleEndian.PutUint64(b, math.Float64bits(x))
	default:
		for i := range b {
			b[i] = byte(int64(x) >> (8 * i))
		}
	}
	return e.smallConstant(d, []int{}, b)
}

// smallConstant makes a constant, the same one for the same elements.
func (e *exporter) smallConstant(d schema.DType, shape []int, data []byte) *value {
	key := fmt.Sprint(d, shape, string(data))
	if e.small[key] == nil {
		x := &ops.Tensor{Name: "constant", DType: d, Shape: shape, Data: data}
		e.small[key] = &value{hint: "constant", constant: known(x)}
	}
	return e.small[key]
}

func integer(name string, v int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_INT.Enum(), I: &v}
}

func flag(name string, v bool) *onnxpb.AttributeProto {
	if v {
		return integer(name, 1)
	}
	return integer(name, 0)
}

func ints(name string, list ...int) *onnxpb.AttributeProto {
	a := &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_INTS.Enum()}
	for _, v := range list {
		a.Ints = append(a.Ints, int64(v))
	}
	return a
}

func float(name string, v float32) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_FLOAT.Enum(), F: proto.Float32(v)}
}

func text(name, v string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte(v)}
}

func texts(name string, list ...string) *onnxpb.AttributeProto {
	a := &onnxpb.AttributeProto{Name: &name, Type: onnxpb.AttributeProto_STRINGS.Enum()}
	for _, v := range list {
		a.Strings = append(a.Strings, []byte(v))
	}
	return a
}
