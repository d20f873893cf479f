package importer_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// model wraps a graph.
func model(opset int64, g *onnxpb.GraphProto) *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(opset)}},
		Graph:       g,
	}
}

func marshal(t testing.TB, m *onnxpb.ModelProto) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// values declares graph outputs without a type.
func values(names ...string) []*onnxpb.ValueInfoProto {
	var v []*onnxpb.ValueInfoProto
	for _, name := range names {
		v = append(v, &onnxpb.ValueInfoProto{Name: proto.String(name)})
	}
	return v
}

// input declares a graph input; a dimension is a size or a name, "" for unknown.
func input(name string, d onnxpb.TensorProto_DataType, dims ...any) *onnxpb.ValueInfoProto {
	shape := &onnxpb.TensorShapeProto{}
	for _, d := range dims {
		dim := &onnxpb.TensorShapeProto_Dimension{}
		switch d := d.(type) {
		case int:
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}
		case string:
			if d != "" {
				dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: d}
			}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &onnxpb.ValueInfoProto{
		Name: proto.String(name),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
			TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(d)), Shape: shape},
		}},
	}
}

// floats declares a float32 graph input.
func floats(name string, dims ...any) *onnxpb.ValueInfoProto {
	return input(name, onnxpb.TensorProto_FLOAT, dims...)
}

// node makes a node with the name of its first output.
func node(op string, in, out []string, attrs ...*onnxpb.AttributeProto) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{Name: proto.String(out[0]), OpType: proto.String(op), Input: in, Output: out, Attribute: attrs}
}

// attribute makes an attribute of the type that the value has.
func attribute(name string, value any) *onnxpb.AttributeProto {
	a := &onnxpb.AttributeProto{Name: proto.String(name)}
	set := func(k onnxpb.AttributeProto_AttributeType) { a.Type = k.Enum() }
	switch v := value.(type) {
	case int:
		set(onnxpb.AttributeProto_INT)
		a.I = proto.Int64(int64(v))
	case float64:
		set(onnxpb.AttributeProto_FLOAT)
		a.F = proto.Float32(float32(v))
	case string:
		set(onnxpb.AttributeProto_STRING)
		a.S = []byte(v)
	case []int64:
		set(onnxpb.AttributeProto_INTS)
		a.Ints = v
	case []float32:
		set(onnxpb.AttributeProto_FLOATS)
		a.Floats = v
	case *onnxpb.TensorProto:
		set(onnxpb.AttributeProto_TENSOR)
		a.T = v
	case *onnxpb.GraphProto:
		set(onnxpb.AttributeProto_GRAPH)
		a.G = v
	case onnxpb.AttributeProto_AttributeType:
		set(v)
	default:
		panic("attribute of a type that is not known here")
	}
	return a
}

// int64s makes an int64 tensor.
func int64s(name string, dims []int64, x ...int64) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{
		Name: proto.String(name), Dims: dims, DataType: proto.Int32(int32(onnxpb.TensorProto_INT64)), Int64Data: x,
	}
}

// float32s makes a float32 tensor.
func float32s(name string, dims []int64, x ...float32) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{
		Name: proto.String(name), Dims: dims, DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), FloatData: x,
	}
}
