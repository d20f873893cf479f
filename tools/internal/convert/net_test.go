package convert_test

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// opset imports the default operator set and nothing else.
func (n *net) opset(version int64) {
	n.OpsetImport = []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(version)}}
}

// node finds a node by its name.
func (n *net) node(name string) *onnxpb.NodeProto {
	i := slices.IndexFunc(n.Graph.Node, func(p *onnxpb.NodeProto) bool { return p.GetName() == name })
	return n.Graph.Node[i]
}

// tensor finds an initializer by its name.
func (n *net) tensor(name string) *onnxpb.TensorProto {
	i := slices.IndexFunc(n.Graph.Initializer, func(p *onnxpb.TensorProto) bool { return p.GetName() == name })
	return n.Graph.Initializer[i]
}

// set gives a node an attribute in the place of one of the same name.
func (n *net) set(name string, a *onnxpb.AttributeProto) {
	p := n.node(name)
	p.Attribute = append(slices.DeleteFunc(p.Attribute, func(b *onnxpb.AttributeProto) bool {
		return a.GetName() == b.GetName()
	}), a)
}

// add appends a node.
func (n *net) add(p *onnxpb.NodeProto) { n.Graph.Node = append(n.Graph.Node, p) }

// replace puts another operator in the place of Relu, with further operands. Its node
// and its result are named op.
func (n *net) replace(op string, more []string, attrs ...*onnxpb.AttributeProto) {
	*n.node("relu") = *node("op", op, append([]string{"bn"}, more...), attrs...)
	n.node("pool").Input[0] = "op"
}

// constants adds initializers.
func (n *net) constants(t ...*onnxpb.TensorProto) {
	n.Graph.Initializer = append(n.Graph.Initializer, t...)
}

// external moves the data of w, 432 bytes, into a file beside the model.
func (n *net) external(entries ...string) {
	n.files["w.bin"] = string(make([]byte, 432))
	w := n.tensor("w")
	w.FloatData, w.DataLocation = nil, onnxpb.TensorProto_EXTERNAL.Enum()
	for i := 0; i < len(entries); i += 2 {
		w.ExternalData = append(w.ExternalData,
			&onnxpb.StringStringEntryProto{Key: proto.String(entries[i]), Value: proto.String(entries[i+1])})
	}
}

// node makes a node whose result has its name.
func node(name, op string, in []string, attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{
		Name: proto.String(name), OpType: proto.String(op), Input: in, Output: []string{name}, Attribute: attrs,
	}
}

// tensor makes a float32 tensor of ones.
func tensor(name string, dims ...int64) *onnxpb.TensorProto {
	count := int64(1)
	for _, d := range dims {
		count *= d
	}
	return &onnxpb.TensorProto{
		Name: proto.String(name), Dims: dims, DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)),
		FloatData: slices.Repeat([]float32{1}, int(count)),
	}
}

// list64 makes an int64 vector.
func list64(name string, x ...int64) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{
		Name: proto.String(name), Dims: []int64{int64(len(x))}, DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Int64Data: x,
	}
}

// value declares a graph input or output.
func value(name string, d onnxpb.TensorProto_DataType, dims ...int64) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &onnxpb.TensorShapeProto_Dimension{
			Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d},
		})
	}
	return &onnxpb.ValueInfoProto{
		Name: proto.String(name),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
			TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(d)), Shape: shape},
		}},
	}
}

func integer(name string, x int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: &x}
}

func ints(name string, x ...int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: x}
}

func float(name string, x float32) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_FLOAT.Enum(), F: &x}
}

func text(name, x string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_STRING.Enum(), S: []byte(x)}
}

func constant(name string, t *onnxpb.TensorProto) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: t}
}

func graph(name string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: &onnxpb.GraphProto{}}
}

// list makes a float32 vector.
func list(name string, x ...float32) *onnxpb.TensorProto {
	t := tensor(name, int64(len(x)))
	t.FloatData = x
	return t
}
