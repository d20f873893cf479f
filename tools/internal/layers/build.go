package layers

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// tableLength is a prime, so that rows of weights differ, and so small that a
// compressor sees a whole table at once.
const tableLength = 4093

// signs gives n values of -1 and +1.
func signs(n, _ int) []float32 {
	r := rand.New(rand.NewPCG(1, 0))
	return repeat(n, func() float32 { return float32(2*r.IntN(2) - 1) })
}

// normals gives n normally distributed values for sums of terms products, which keep
// the size of what goes in.
func normals(n, terms int) []float32 {
	r := rand.New(rand.NewPCG(2, 0))
	return repeat(n, func() float32 { return float32(r.NormFloat64() / math.Sqrt(float64(terms))) })
}

func repeat[T any](n int, next func() T) []T {
	table := make([]T, tableLength)
	for i := range table {
		table[i] = next()
	}
	values := make([]T, n)
	for i := range values {
		values[i] = table[i%tableLength]
	}
	return values
}

// builder collects a graph. Names count up.
type builder struct {
	graph *onnxpb.GraphProto
	count int
}

// newBuilder starts a graph with the input x.
func newBuilder(t onnxpb.TensorProto_DataType, shape ...int) *builder {
	return &builder{graph: &onnxpb.GraphProto{
		Name: proto.String("layer"), Input: []*onnxpb.ValueInfoProto{valueInfo("x", t, shape)},
	}}
}

// finish declares value as the output and wraps the graph.
func (b *builder) finish(value string, t onnxpb.TensorProto_DataType, shape ...int) *onnxpb.ModelProto {
	b.graph.Output = []*onnxpb.ValueInfoProto{valueInfo(value, t, shape)}
	return &onnxpb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(13)}},
		Graph:       b.graph,
	}
}

func (b *builder) name(kind string) string {
	b.count++
	return fmt.Sprintf("%s_%d", kind, b.count)
}

// node adds a node with one output, and gives the name of that.
func (b *builder) node(op string, inputs []string, attributes ...*onnxpb.AttributeProto) string {
	name := b.name(op)
	b.graph.Node = append(b.graph.Node, &onnxpb.NodeProto{
		Name: proto.String(name), OpType: proto.String(op), Input: inputs, Output: []string{name}, Attribute: attributes,
	})
	return name
}

// constant adds an initializer and gives its name.
func (b *builder) constant(values any, shape ...int) string {
	t := &onnxpb.TensorProto{Name: proto.String(b.name("constant"))}
	var kind onnxpb.TensorProto_DataType
	switch values.(type) {
	case []float32:
		kind = onnxpb.TensorProto_FLOAT
	case []int8:
		kind = onnxpb.TensorProto_INT8
	case []uint8:
		kind = onnxpb.TensorProto_UINT8
	case []int32:
		kind = onnxpb.TensorProto_INT32
	}
	t.DataType = proto.Int32(int32(kind))
	for _, d := range shape {
		t.Dims = append(t.Dims, int64(d))
	}
	var err error
	if t.RawData, err = binary.Append(nil, binary.LittleEndian, values); err != nil {
		panic("layers: " + err.Error()) // a type that is not in the list above
	}
	b.graph.Initializer = append(b.graph.Initializer, t)
	return t.GetName()
}

// sign adds +1 where x >= 0 and -1 elsewhere.
func (b *builder) sign(x string) string {
	zero, plus, minus := b.constant([]float32{0}), b.constant([]float32{1}), b.constant([]float32{-1})
	return b.node("Where", []string{b.node("GreaterOrEqual", []string{x, zero}), plus, minus})
}

func valueInfo(name string, t onnxpb.TensorProto_DataType, shape []int) *onnxpb.ValueInfoProto {
	dims := &onnxpb.TensorShapeProto{}
	for _, d := range shape {
		dims.Dim = append(dims.Dim, &onnxpb.TensorShapeProto_Dimension{
			Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)},
		})
	}
	return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{
		TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(t)), Shape: dims},
	}}}
}

func ints(name string, values ...int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INTS.Enum(), Ints: values}
}

func integer(name string, value int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: proto.String(name), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(value)}
}
