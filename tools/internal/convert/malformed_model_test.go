package convert_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// opset imports a version of the default operator set.
func opset(version int64) func(*net) { return func(n *net) { n.opset(version) } }

// input declares the input anew.
func input(d onnxpb.TensorProto_DataType, dims ...int64) func(*net) {
	return func(n *net) { n.Graph.Input[0] = value("x", d, dims...) }
}

// malformedModels have something wrong with their versions, with the declarations of
// inputs and outputs, or with how nodes are connected.
var malformedModels = []malformed{
	{"no graph", func(n *net) { n.Graph = nil }, `the model has no graph`},
	{"empty graph", func(n *net) { n.Graph = &onnxpb.GraphProto{} }, `the graph has no outputs; at least one is expected`},
	{"IR version missing", func(n *net) { n.IrVersion = nil }, `not an ONNX model: it has no IR version, 3 or later is accepted`},
	{"IR version 2", func(n *net) { n.IrVersion = proto.Int64(2) }, `IR version 2: 3 or later is accepted`},
	{"IR version negative", func(n *net) { n.IrVersion = proto.Int64(math.MinInt64) }, `IR version -9223372036854775808: 3 or later is accepted`},
	{"opset missing", func(n *net) { n.OpsetImport = nil }, `the model does not import the default operator set; versions 1 to 25 are accepted`},
	{"opset of another domain only", func(n *net) { n.OpsetImport[0].Domain = proto.String("ai.onnx.ml") }, `the model does not import the default operator set; versions 1 to 25 are accepted`},
	{"opset 0", opset(0), `version 0 of the default operator set: 1 to 25 are accepted`},
	{"opset 6", opset(6), `2 nodes are not supported:
  node "bn": BatchNormalization (domain ai.onnx, opset 6): it is supported from opset 7 on
  node "fc": Gemm (domain ai.onnx, opset 6): it is supported from opset 7 on`},
	{"opset 999", opset(999), `version 999 of the default operator set: 1 to 25 are accepted`},
	{"opset negative", opset(-13), `version -13 of the default operator set: 1 to 25 are accepted`},
	{"opset twice", func(n *net) {
		n.OpsetImport = append(n.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(17)})
	}, `operator set "ai.onnx" is imported as version 13 and as version 17`},

	{"no outputs", func(n *net) { n.Graph.Output = nil }, `the graph has no outputs; at least one is expected`},
	{"output that nobody makes", func(n *net) { n.Graph.Output[0].Name = proto.String("y") }, `graph output "y" is not defined by any node, input or initializer`},
	{"output without a name", func(n *net) { n.Graph.Output[0].Name = nil }, `graph output 0 has no name`},
	{"output twice", func(n *net) { n.Graph.Output = append(n.Graph.Output, n.Graph.Output[0]) }, `graph output "fc" is there twice`},
	{"output of another type", func(n *net) { n.Graph.Output[0] = value("fc", onnxpb.TensorProto_INT64, 1, 10) }, `graph output "fc" is declared as Int64, but Float32 is what the nodes compute`},
	{"output of type string", func(n *net) { n.Graph.Output[0] = value("fc", onnxpb.TensorProto_STRING, 1, 10) }, `graph output "fc": element type STRING is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"output that is a sequence", func(n *net) { n.Graph.Output[0].Type = sequence() }, `graph output "fc" is a sequence, a map, optional or sparse; only dense tensors are supported`},
	{"input twice", func(n *net) { n.Graph.Input = append(n.Graph.Input, n.Graph.Input[0]) }, `graph input "x" is there twice`},
	{"input without a name", func(n *net) { n.Graph.Input[0].Name = nil }, `graph input 0 has no name`},
	{"input without a type", func(n *net) { n.Graph.Input[0].Type = nil }, `graph input "x" has no type; a tensor of FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits is accepted`},
	{"input without a shape", func(n *net) { n.Graph.Input[0].Type.GetTensorType().Shape = nil }, `graph input "x" has no shape; at least its rank must be declared`},
	{"input of element type 0", input(onnxpb.TensorProto_UNDEFINED, 1, 3, 8, 8), `graph input "x": element type UNDEFINED is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"input of bfloat16", input(onnxpb.TensorProto_BFLOAT16, 1, 3, 8, 8), `graph input "x": element type BFLOAT16 is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"input of type string", input(onnxpb.TensorProto_STRING, 1, 3, 8, 8), `graph input "x": element type STRING is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"input of complex numbers", input(onnxpb.TensorProto_COMPLEX64, 1, 3, 8, 8), `graph input "x": element type COMPLEX64 is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"input of an unknown type", input(4711, 1, 3, 8, 8), `graph input "x": element type 4711 does not exist; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are supported`},
	{"input of integers", input(onnxpb.TensorProto_INT32, 1, 3, 8, 8), `node "conv" (Conv): input 0, "x" Int32 [1 3 8 8]: element type Int32, want one of [Float32 Float16]`},
	{"input that is a sequence", func(n *net) { n.Graph.Input[0].Type = sequence() }, `graph input "x" is a sequence, a map, optional or sparse; only dense tensors are supported`},
	{"input of huge dimension", input(onnxpb.TensorProto_FLOAT, 1, 3, 8, math.MaxInt64), `graph input "x": dimension 3 is 9223372036854775807: at most 268435455 is accepted`},
	{"input of many dimensions", input(onnxpb.TensorProto_FLOAT, 1, 1, 1, 1, 1, 1, 1, 3, 8, 8), `1 node is not supported:
  node "conv": Conv (domain ai.onnx, opset 13): 8 spatial axes; 1 and 2 are supported`},
	{"input of huge size", input(onnxpb.TensorProto_FLOAT, 1<<16, 3, 1<<16, 8), `graph input "x": shape [65536 3 65536 8]: more than 268435455 elements`},
	{"input of size 0", input(onnxpb.TensorProto_FLOAT, 1, 3, 0, 8), `node "conv" (Conv): height: input size 0, want 1 to 2147483647`},
	{"input of rank 2", input(onnxpb.TensorProto_FLOAT, 1, 192), `node "conv" (Conv): input 0, "x" Float32 [1 192], has rank 2: at least 3 is expected`},
	{"input of rank 5", input(onnxpb.TensorProto_FLOAT, 1, 3, 8, 8, 8), `1 node is not supported:
  node "conv": Conv (domain ai.onnx, opset 13): 3 spatial axes; 1 and 2 are supported`},

	{"cycle", func(n *net) { n.node("conv").Input[0] = "pool" }, `the graph has a cycle: node "bn" reads "relu" reads "pool" reads "conv"`},
	{"node that reads itself", func(n *net) { n.node("relu").Input[0] = "relu" }, `the graph has a cycle: node "relu"`},
	{"dangling input", func(n *net) { n.node("pool").Input[0] = "nothing" }, `node "pool" (MaxPool): input 0 is "nothing", which no node, input or initializer defines`},
	{"several dangling inputs", func(n *net) {
		n.node("conv").Input[1] = "weight"
		n.node("pool").Input[0] = "nothing"
	}, `node "conv" (Conv): input 1 is "weight", which no node, input or initializer defines
node "pool" (MaxPool): input 0 is "nothing", which no node, input or initializer defines`},
	{"output name of two nodes", func(n *net) { n.node("relu").Output[0] = "bn" }, `node "relu" (Relu): output "bn" is the output of node "bn" (BatchNormalization) already
node "pool" (MaxPool): input 0 is "relu", which no node, input or initializer defines`},
	{"output name of a graph input", func(n *net) { n.node("relu").Output[0] = "x" }, `node "relu" (Relu): output "x" is a graph input already
node "pool" (MaxPool): input 0 is "relu", which no node, input or initializer defines`},
	{"output name of an initializer", func(n *net) { n.node("relu").Output[0] = "w" }, `node "relu" (Relu): output "w" is an initializer already
node "pool" (MaxPool): input 0 is "relu", which no node, input or initializer defines`},
	{"output twice in one node", func(n *net) {
		n.node("relu").OpType = proto.String("Split")
		n.node("relu").Output = []string{"relu", "relu"}
	}, `node "relu" (Split): output "relu" is the output of node "relu" (Split) already`},
	{"name that is not UTF-8", func(n *net) {
		n.raw = func(data []byte) []byte { return replaceAll(data, "relu", "rel\xff") }
	}, `the name of node 2 (Relu) is "rel\xff", which is not valid UTF-8
node "rel\xff" (Relu): output 0 is "rel\xff", which is not valid UTF-8
node "pool" (MaxPool): input 0 is "rel\xff", which is not valid UTF-8`},

	{"unknown operator", func(n *net) { n.replace("Frobnicate", nil) }, `1 node is not supported:
  node "op": Frobnicate (domain ai.onnx, opset 13): the operator is not supported`},
	{"operator without a name", func(n *net) { n.replace("", nil) }, `node "op" has no operator`},
	{"operator of two lines", func(n *net) { n.replace("Re\nlu", nil) }, `node "op": its operator is "Re\nlu", which is not printable`},
	{"domain of two lines", func(n *net) { n.node("relu").Domain = proto.String("com\nexample") }, `node "relu": its domain is "com\nexample", which is not printable`},
	{"operator in lower case", func(n *net) { n.replace("relu", nil) }, `1 node is not supported:
  node "op": relu (domain ai.onnx, opset 13): the operator is not supported; Relu is`},
	{"operator of a later opset", func(n *net) {
		n.opset(11)
		n.replace("GreaterOrEqual", []string{"bn"})
	}, `1 node is not supported:
  node "op": GreaterOrEqual (domain ai.onnx, opset 11): it is supported from opset 12 on`},
	{"operator of an earlier opset", func(n *net) { n.replace("Upsample", nil) }, `1 node is not supported:
  node "op": Upsample (domain ai.onnx, opset 13): the operator ended with opset 9`},
	{"several unknown operators", func(n *net) {
		n.node("conv").OpType = proto.String("DeformConv")
		n.replace("Det", nil)
		n.node("op").Domain = proto.String("com.example")
		n.node("fc").OpType = proto.String("Unique")
	}, `3 nodes are not supported:
  node "conv": DeformConv (domain ai.onnx, opset 13): the operator is not supported
  node "op": Det (domain com.example, not imported): operators of this domain are not supported; those of ai.onnx, of QONNX and some of com.microsoft are
  node "fc": Unique (domain ai.onnx, opset 13): the operator is not supported`},
	{"unknown operators and errors", func(n *net) {
		n.set("conv", integer("group", 0))
		n.add(node("left", "Det", []string{"x"}))
		n.add(node("right", "Relu", []string{"x", "x"}))
	}, `node "conv" (Conv): attribute group is 0: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected
node "right" (Relu): 2 inputs: 1 expected
1 node is not supported:
  node "left": Det (domain ai.onnx, opset 13): the operator is not supported`},
	{"a thousand unknown operators", func(n *net) {
		for i := range 1000 {
			n.add(node(fmt.Sprint("extra", i), "Det", []string{"x"}))
		}
	}, "1000 nodes are not supported:" +
		numbered("\n  node \"extra%d\": Det (domain ai.onnx, opset 13): the operator is not supported") + "\n  and 950 more: 950 Det"},
	{"a thousand wrong nodes", func(n *net) {
		for i := range 1000 {
			n.add(node(fmt.Sprint("extra", i), "Relu", []string{"x", "x"}))
		}
	}, numbered("node \"extra%d\" (Relu): 2 inputs: 1 expected\n") + "and 950 more nodes"},
	{"unknown domain", func(n *net) { n.node("relu").Domain = proto.String("com.microsoft") }, `1 node is not supported:
  node "relu": Relu (domain com.microsoft, not imported): of this domain, the quantized QGemm, QLinearAdd, QLinearAveragePool, QLinearConcat, QLinearGlobalAveragePool, QLinearLeakyRelu, QLinearMul and QLinearSigmoid are supported`},
	{"unknown operator of QONNX", func(n *net) {
		n.replace("Trunc", []string{"gamma"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": Trunc (domain qonnx.custom_op.general, not imported): of this domain, BipolarQuant, IntQuant, MultiThreshold and Quant are supported`},
	{"If", func(n *net) { n.replace("If", nil, graph("then_branch"), graph("else_branch")) }, `node "op" (If): attribute then_branch: the graph has no outputs; at least one is expected`},
	{"Loop", func(n *net) { n.replace("Loop", nil, graph("body")) }, `node "op" (Loop): attribute body: the graph has no outputs; at least one is expected`},
	{"Scan", func(n *net) { n.replace("Scan", nil, graph("body"), integer("num_scan_inputs", 1)) }, `node "op" (Scan): attribute body: the graph has no outputs; at least one is expected`},
	{"function without nodes", func(n *net) {
		n.Functions = []*onnxpb.FunctionProto{{Name: proto.String("Twice"), Domain: proto.String("local")}}
		n.replace("Twice", nil)
		n.node("op").Domain = proto.String("local")
	}, `node "op" calls function "local.Twice": 1 inputs: at most 0 are expected`},
	{"recursive function", func(n *net) {
		again := node("again", "Again", []string{"x"})
		again.Domain = proto.String("local")
		n.Functions = []*onnxpb.FunctionProto{{
			Name: proto.String("Again"), Domain: proto.String("local"), Output: []string{"again"}, Node: []*onnxpb.NodeProto{again},
			Input: []string{"x"},
		}}
		n.replace("Again", nil)
		n.node("op").Domain = proto.String("local")
	}, `node "op/again" calls function "local.Again": it calls itself, "local.Again" calls "local.Again": no recursion is accepted`},
	{"function in the place of Relu", func(n *net) {
		n.Functions = []*onnxpb.FunctionProto{{Name: proto.String("Relu")}}
	}, `node "relu" calls function "ai.onnx.Relu": 1 inputs: at most 0 are expected`},
	{"quantized operator on floats", func(n *net) {
		n.replace("QLinearConv", []string{"gamma", "beta", "w", "gamma", "beta", "gamma", "beta"})
	}, `node "op" (QLinearConv): input 0, "bn" Float32 [1 4 8 8]: element type Float32, want one of [Int8 Uint8]`},
	{"batch normalization in training", func(n *net) {
		n.opset(15)
		n.set("bn", integer("training_mode", 1))
	}, `1 node is not supported:
  node "bn": BatchNormalization (domain ai.onnx, opset 15): training_mode is 1; only inference is supported`},
	{"batch normalization with statistics", func(n *net) {
		n.node("bn").Output = []string{"bn", "m"}
		n.add(node("m2", "Relu", []string{"m"}))
	}, `1 node is not supported:
  node "bn": BatchNormalization (domain ai.onnx, opset 13): output 1, "m", is used; only inference is supported`},
}

func sequence() *onnxpb.TypeProto {
	return &onnxpb.TypeProto{Value: &onnxpb.TypeProto_SequenceType{SequenceType: &onnxpb.Opaque{}}}
}

func replaceAll(data []byte, old, with string) []byte {
	return bytes.ReplaceAll(data, []byte(old), []byte(with))
}

// numbered repeats a format for the first 50 numbers, as many as messages list.
func numbered(format string) string {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
