// Package graph is the converter's intermediate representation: operators of the
// .lce vocabulary joined by values. Importers build it, passes rewrite it, and
// Lower turns it into a schema.Model.
//
// The meaning of an operator is not known here: shapes follow from
// interpreter/ops, as on the device.
package graph

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/lce-go/lce/interpreter/ops"
	"github.com/lce-go/lce/schema"
)

// Graph owns its nodes and values. Nodes are kept in an order in which they can run.
// A graph that is the body of a node has no values of the graph around it: what it reads of
// those are its inputs.
type Graph struct {
	Name    string
	Nodes   []*Node
	Inputs  []*Value
	Outputs []*Output

	names map[string]*Value // who has a value name
	trial int               // index of the trial sizes that fit, see infer.go
	late  int               // size that fits where a run decides on one
	body  bool              // it belongs to a node, which says what its inputs are
}

// Output is a named result of the graph. Two outputs may be the same value.
type Output struct {
	Name  string
	Value *Value
}

// Value is a tensor: a graph input, a constant, or the result of a node.
type Value struct {
	Name  string
	DType schema.DType
	// Shape is nil before inference. -1 is a dimension that varies with the inputs.
	Shape []int
	// Dims names the unknown dimensions of a graph input, "" where known; equal names
	// are equal sizes.
	Dims []string
	// Const is the value of a constant, with Data; nil otherwise. It is immutable and
	// may be shared.
	Const *ops.Tensor
	// StandsFor is the name of the value that this one replaced last, see ReplaceUses,
	// and "" for none.
	StandsFor string
	// Producer is the node that computes the value, nil for inputs and constants.
	Producer *Node

	users  []*Node        // nodes that read it, one entry per operand
	probes [2]*ops.Tensor // what the value is at two trial sizes of the inputs
	chance bool           // a value that is equal in both may still depend on sizes
	late   bool           // sizes depend on values that only a run computes; those tried are made up
	grows  []bool         // axes of a state whose sizes change from iteration to iteration
}

// Node is an operator. Its inputs and outputs are changed by the methods of Graph
// only, which keep the users in step.
type Node struct {
	Name    string // of the ONNX node it comes from, for messages and the report
	Code    schema.OpCode
	Options schema.Options
	Inputs  []*Value // nil where an optional operand is absent
	Outputs []*Value // nil where an optional output is not wanted
	// Bodies are the graphs that an If or a Loop runs, in the order of its options, which have
	// their places when the graph is lowered. See control.go.
	Bodies []*Graph
	// Origin lists the names of the ONNX nodes that were fused into this one.
	Origin []string
}

// New makes an empty graph.
func New(name string) *Graph {
	return &Graph{Name: name, names: map[string]*Value{}}
}

// AddInput adds a graph input. A dimension of -1 is unknown; dims, if not nil, has
// a name for each of those, and equal names are equal sizes.
func (g *Graph) AddInput(name string, d schema.DType, shape []int, dims []string) *Value {
	v := &Value{Name: name, DType: d, Shape: append([]int{}, shape...), Dims: dims}
	g.register(v)
	g.Inputs = append(g.Inputs, v)
	return v
}

// AddOutput makes v a result of the graph under a public name.
func (g *Graph) AddOutput(name string, v *Value) {
	g.Outputs = append(g.Outputs, &Output{Name: name, Value: v})
}

// NewConst makes a constant of little-endian data, which must have the size that
// d and shape ask for. The data is not copied if it is aligned to 64 bytes, and
// must not change. A name that is taken gets a number behind it.
func (g *Graph) NewConst(name string, d schema.DType, shape []int, data []byte) *Value {
	t := &ops.Tensor{DType: d, Shape: append([]int{}, shape...), Data: data}
	if len(data) != t.Bytes() {
		panic(fmt.Sprintf("graph: constant %q %v %v has %d bytes instead of %d", name, d, shape, len(data), t.Bytes()))
	}
	t.Data = aligned(data)
	v := &Value{Name: name, DType: d, Shape: t.Shape, Const: t}
	g.register(v)
	t.Name = v.Name
	return v
}

// aligned gives data at an address that is a multiple of 64, a copy if need be.
func aligned(data []byte) []byte {
	if data != nil && uintptr(unsafe.Pointer(unsafe.SliceData(data)))%64 == 0 {
		return data
	}
	b := ops.AlignedBytes(len(data))
	copy(b, data)
	return b
}

// ConstFloat32s makes a float32 constant.
func (g *Graph) ConstFloat32s(name string, shape []int, x []float32) *Value {
	b := ops.AlignedBytes(4 * len(x))
	for i, f := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(f))
	}
	return g.NewConst(name, schema.Float32, shape, b)
}

// ConstInt64s makes an int64 constant.
func (g *Graph) ConstInt64s(name string, shape []int, x []int64) *Value {
	b := ops.AlignedBytes(8 * len(x))
	for i, n := range x {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(n))
	}
	return g.NewConst(name, schema.Int64, shape, b)
}

// NewValue makes a value for Node.Outputs. A name that is taken gets a number
// behind it.
func (g *Graph) NewValue(name string) *Value {
	v := &Value{Name: name}
	g.register(v)
	return v
}

// Users lists the nodes that read v, a node once for each operand. The caller must
// not change the list, nor the graph while it walks it.
func (v *Value) Users() []*Node { return v.users }

// IsConst reports whether v is a constant.
func (v *Value) IsConst() bool { return v.Const != nil }

// Input returns operand i, or nil if it is absent.
func (n *Node) Input(i int) *Value {
	if i < len(n.Inputs) {
		return n.Inputs[i]
	}
	return nil
}

// Output returns output i, or nil if it is not wanted.
func (n *Node) Output(i int) *Value {
	if i < len(n.Outputs) {
		return n.Outputs[i]
	}
	return nil
}

// IsOutput reports whether v is a result of the graph.
func (g *Graph) IsOutput(v *Value) bool {
	for _, o := range g.Outputs {
		if o.Value == v {
			return true
		}
	}
	return false
}

// register reserves the name of v, changed if another value has it.
func (g *Graph) register(v *Value) {
	if g.names == nil {
		g.names = map[string]*Value{}
	}
	if v.Name == "" {
		v.Name = "value"
	}
	if have := g.names[v.Name]; have != nil && have != v {
		base := v.Name
		for i := 1; g.names[v.Name] != nil; i++ {
			v.Name = base + "." + strconv.Itoa(i)
		}
	}
	g.names[v.Name] = v
}
