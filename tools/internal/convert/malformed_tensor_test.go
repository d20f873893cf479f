package convert_test

import (
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// weights changes the initializer w, of 4x3x3x3 elements.
func weights(change func(w *onnxpb.TensorProto)) func(*net) {
	return func(n *net) { change(n.tensor("w")) }
}

// typed makes w a tensor of another element type, without elements.
func typed(d onnxpb.TensorProto_DataType) func(*net) {
	return weights(func(w *onnxpb.TensorProto) { w.DataType, w.FloatData = proto.Int32(int32(d)), nil })
}

// malformedTensors have initializers that are not what they say.
var malformedTensors = []malformed{
	{"initializer without a name", weights(func(w *onnxpb.TensorProto) { w.Name = nil }), `initializer 0 has no name`},
	{"initializer twice", func(n *net) { n.constants(tensor("w", 4, 3, 3, 3)) }, `initializer "w" is there twice`},
	{"raw data too short", weights(func(w *onnxpb.TensorProto) { w.FloatData, w.RawData = nil, make([]byte, 431) }), `initializer "w": raw data has 431 bytes, Float32 [4 3 3 3] needs 432`},
	{"raw data too long", weights(func(w *onnxpb.TensorProto) { w.FloatData, w.RawData = nil, make([]byte, 864) }), `initializer "w": raw data has 864 bytes, Float32 [4 3 3 3] needs 432`},
	{"raw data empty", weights(func(w *onnxpb.TensorProto) { w.FloatData, w.RawData = nil, []byte{} }), `initializer "w": raw data has 0 bytes, Float32 [4 3 3 3] needs 432`},
	{"elements missing", weights(func(w *onnxpb.TensorProto) { w.FloatData = w.FloatData[1:] }), `initializer "w": float_data has 107 elements, Float32 [4 3 3 3] needs 108`},
	{"elements in the wrong field", weights(func(w *onnxpb.TensorProto) { w.DoubleData, w.FloatData = make([]float64, 108), nil }), `initializer "w": float_data has 0 elements, Float32 [4 3 3 3] needs 108`},
	{"dimension negative", weights(func(w *onnxpb.TensorProto) { w.Dims[0] = -4 }), `initializer "w": dimension 0 is -4: 0 to 268435455 is accepted`},
	{"dimension huge", weights(func(w *onnxpb.TensorProto) { w.Dims[0] = math.MaxInt64 }), `initializer "w": dimension 0 is 9223372036854775807: 0 to 268435455 is accepted`},
	{"dimensions whose product overflows", weights(func(w *onnxpb.TensorProto) { w.Dims = []int64{1 << 16, 1 << 16, 1 << 16, 1 << 16} }), `initializer "w": shape [65536 65536 65536 65536]: more than 268435455 elements`},
	{"dimensions without data", weights(func(w *onnxpb.TensorProto) { w.Dims, w.FloatData = []int64{1 << 10, 1 << 10, 1 << 5}, nil }), `initializer "w": float_data has 0 elements, Float32 [1024 1024 32] needs 33554432`},
	{"dimensions beyond the greatest rank", weights(func(w *onnxpb.TensorProto) { w.Dims = append([]int64{1, 1, 1, 1, 1, 1}, w.Dims...) }), `node "conv" (Conv): input 1, "w" Float32 [1 1 1 1 1 1 4 3 3 3], has rank 10: the rank of input 0, 4, is expected`},
	{"type undefined", typed(onnxpb.TensorProto_UNDEFINED), `initializer "w": element type UNDEFINED is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"type string", func(n *net) {
		typed(onnxpb.TensorProto_STRING)(n)
		n.tensor("w").StringData = make([][]byte, 108)
	}, `initializer "w": element type STRING is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"type complex128", typed(onnxpb.TensorProto_COMPLEX128), `initializer "w": element type COMPLEX128 is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"type bfloat16", typed(onnxpb.TensorProto_BFLOAT16), `initializer "w": element type BFLOAT16 is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"type float8", typed(onnxpb.TensorProto_FLOAT8E4M3FN), `initializer "w": element type FLOAT8E4M3FN is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"type of no known number", typed(-1), `initializer "w": element type -1 does not exist; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are supported`},
	{"int8 out of its range", func(n *net) {
		typed(onnxpb.TensorProto_INT8)(n)
		n.tensor("w").Int32Data = append(make([]int32, 107), 200)
	}, `initializer "w": int32_data: element 107 is 200: Int8 has -128 to 127`},
	{"segment", weights(func(w *onnxpb.TensorProto) { w.Segment = &onnxpb.Opaque{} }), `initializer "w": tensors in segments are not supported; store it whole`},
	{"sparse initializer", func(n *net) {
		w := n.tensor("w")
		n.Graph.Initializer = n.Graph.Initializer[1:]
		n.Graph.SparseInitializer = []*onnxpb.SparseTensorProto{{Values: w}}
	}, `initializer "w": sparse tensors are not supported; a dense one is`},
	{"weights of type double", func(n *net) {
		typed(onnxpb.TensorProto_DOUBLE)(n)
		n.tensor("w").DoubleData = make([]float64, 108)
	}, `node "conv" (Conv): input 1, "w" Float64 [4 3 3 3]: element type Float64, want one of [Float32 Float16]`},
	{"weights of type int64", func(n *net) {
		typed(onnxpb.TensorProto_INT64)(n)
		n.tensor("w").Int64Data = make([]int64, 108)
	}, `node "conv" (Conv): input 1, "w" Int64 [4 3 3 3]: element type Int64, want one of [Float32 Float16]`},
	{"several bad initializers", func(n *net) {
		n.tensor("w").Dims[1] = 2
		n.tensor("fw").Dims[1] = 65
	}, `initializer "w": float_data has 108 elements, Float32 [4 2 3 3] needs 72
initializer "fw": float_data has 640 elements, Float32 [10 65] needs 650`},
	{"constant of type string", func(n *net) {
		n.add(node("c", "Constant", nil, text("value_string", "abc")))
	}, `1 node is not supported:
  node "c": Constant (domain ai.onnx, opset 13): a constant by attribute value_string is not supported; numbers are, in a dense tensor`},
	{"constant without a value", func(n *net) { n.add(node("c", "Constant", nil)) }, `node "c" (Constant): 0 values: one attribute of value, sparse_value, value_float, value_floats, value_int, value_ints, value_string and value_strings is expected`},
	{"constant of two values", func(n *net) {
		n.add(node("c", "Constant", nil, integer("value_int", 1), float("value_float", 1)))
	}, `node "c" (Constant): 2 values: one attribute of value, sparse_value, value_float, value_floats, value_int, value_ints, value_string and value_strings is expected`},
	{"constant with raw data too short", func(n *net) {
		c := tensor("c", 2)
		c.FloatData, c.RawData = nil, make([]byte, 7)
		n.add(node("c", "Constant", nil, constant("value", c)))
	}, `node "c" (Constant): attribute value: raw data has 7 bytes, Float32 [2] needs 8`},
	{"constant sparse", func(n *net) {
		n.add(node("c", "Constant", nil, &onnxpb.AttributeProto{
			Name: proto.String("sparse_value"), Type: onnxpb.AttributeProto_SPARSE_TENSOR.Enum(),
		}))
	}, `1 node is not supported:
  node "c": Constant (domain ai.onnx, opset 13): a constant by attribute sparse_value is not supported; numbers are, in a dense tensor`},
}
