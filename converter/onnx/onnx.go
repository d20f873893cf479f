// Package onnx reads ONNX model files. It undoes the encodings (protobuf, typed
// and raw tensor data, external files) and checks the structure of the graph:
// whatever it returns has unique value names, no dangling reads and nodes in an
// order in which they can run. What the operators mean is not known here.
package onnx

import (
	"github.com/lce-go/lce/converter/onnx/onnxpb"
	"github.com/lce-go/lce/schema"
)

// The versions that are read. The opset limits are for the default domain; below opset 7
// only operators that are the same at opset 7 are known.
const (
	MinIRVersion = 3
	MinOpset     = 1
	MaxOpset     = 25
)

// File is a decoded model.
type File struct {
	IRVersion  int64
	Producer   string         // name and version
	Opsets     []schema.Opset // in the order of the file; the default domain is ""
	Properties []schema.KeyValue
	SHA256     string // hexadecimal digest of the model file, without external data
	Bytes      int64  // size of the model file and of the external data that was read
	Graph      *Graph
}

// Opset returns the version of an operator set, 0 if the model does not import it.
func (f *File) Opset(domain string) int64 {
	version, _ := findOpset(f.Opsets, domain)
	return version
}

// OpsetOf returns the version of the operator set of a node, 0 if it is not imported.
func (f *File) OpsetOf(n *Node) int64 {
	opsets := n.Opsets
	if opsets == nil {
		opsets = f.Opsets
	}
	version, _ := findOpset(opsets, n.Domain)
	return version
}

func findOpset(opsets []schema.Opset, domain string) (version int64, imported bool) {
	for _, o := range opsets {
		if o.Domain == domain {
			return o.Version, true
		}
	}
	return 0, false
}

// Graph is the main graph, in which calls of the model's functions are replaced by the
// nodes of these, or a graph that is an attribute of a node. Every name that a node or an
// output reads is an input, an initializer or the output of an earlier node, or else it is
// in Captured.
type Graph struct {
	Name   string
	Inputs []ValueInfo // without those that are initializers as well
	// Initializers has the constants that are read, by name.
	Initializers map[string]*Tensor
	Nodes        []*Node
	Outputs      []ValueInfo
	// Captured lists the names that a graph reads of those around it, each once; it is
	// empty for the main graph.
	Captured []string
}

// ValueInfo declares a graph input or output.
type ValueInfo struct {
	Name  string
	DType schema.DType
	// Dims is nil if the rank is not declared; only outputs may lack it.
	Dims []Dim
}

// Dim is a dimension: Size, or if that is -1 an unknown one, perhaps with a name
// that makes it equal to others.
type Dim struct {
	Size  int
	Param string
}

// Node is an operator of the graph.
type Node struct {
	Name       string // unique; made of the operator and a number if the file has none
	OpType     string
	Domain     string   // "" for the default domain, also where the file has "ai.onnx"
	Inputs     []string // "" is an absent optional input
	Outputs    []string // "" is an output that is not wanted
	Attributes []Attribute
	// Opsets are those of the function that the node comes from; nil for the model's.
	Opsets []schema.Opset
}

// Reads lists the names that the node reads: its inputs, "" among them where absent, and
// what its graphs capture.
func (n *Node) Reads() []string {
	reads := n.Inputs
	for i := range n.Attributes {
		if g := n.Attributes[i].Graph; g != nil {
			reads = append(reads[:len(reads):len(reads)], g.Captured...)
		}
	}
	return reads
}

// Attribute is a named parameter of a node. Kind says which of the fields is set.
type Attribute struct {
	Name    string
	Kind    AttributeKind
	Float   float32
	Int     int64
	String  string
	Tensor  *Tensor // nil if Err is set
	Graph   *Graph  // nil if Err is set
	Floats  []float32
	Ints    []int64
	Strings []string
	// Err says why a tensor or a graph could not be decoded.
	Err error
}

// AttributeKind is the type of an attribute.
type AttributeKind int32

// The kinds of attributes. Sparse tensors are known by their name only.
const (
	AttrFloat        = AttributeKind(onnxpb.AttributeProto_FLOAT)
	AttrInt          = AttributeKind(onnxpb.AttributeProto_INT)
	AttrString       = AttributeKind(onnxpb.AttributeProto_STRING)
	AttrTensor       = AttributeKind(onnxpb.AttributeProto_TENSOR)
	AttrFloats       = AttributeKind(onnxpb.AttributeProto_FLOATS)
	AttrInts         = AttributeKind(onnxpb.AttributeProto_INTS)
	AttrStrings      = AttributeKind(onnxpb.AttributeProto_STRINGS)
	AttrGraph        = AttributeKind(onnxpb.AttributeProto_GRAPH)
	AttrSparseTensor = AttributeKind(onnxpb.AttributeProto_SPARSE_TENSOR)
)

// String gives ONNX's name of the kind.
func (k AttributeKind) String() string { return onnxpb.AttributeProto_AttributeType(k).String() }

// Tensor is a constant.
type Tensor struct {
	Name  string
	DType schema.DType
	Shape []int
	// Data has the elements row by row, little-endian, aligned to 64 bytes.
	Data []byte
}
