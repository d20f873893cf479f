package convert_test

import (
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// attribute sets an attribute of a node.
func attribute(name string, a *onnxpb.AttributeProto) func(*net) {
	return func(n *net) { n.set(name, a) }
}

// malformedNodes have nodes with wrong attributes, or with a wrong number of inputs or
// outputs.
var malformedNodes = []malformed{
	{"attribute unknown", attribute("conv", integer("stride", 2)), `node "conv" (Conv): attribute "stride" is not known to version 11 of the operator, which has auto_pad, kernel_shape, pads, strides, dilations and group`},
	{"attribute of a later version", attribute("bn", integer("training_mode", 0)), `node "bn" (BatchNormalization): attribute "training_mode" is not known to version 9 of the operator, which has epsilon and momentum`},
	{"attribute twice", func(n *net) {
		n.node("conv").Attribute = append(n.node("conv").Attribute, ints("pads", 1, 1, 1, 1))
	}, `node "conv" (Conv): attribute pads is there twice: once is accepted`},
	{"attribute without a name", attribute("relu", integer("", 1)), `node "relu" (Relu): attribute "" is not known to version 13 of the operator, which has none`},
	{"attribute of another type", attribute("conv", float("group", 1)), `node "conv" (Conv): attribute group has type FLOAT: INT is expected`},
	{"attribute NaN for an integer", attribute("conv", float("group", float32(math.NaN()))), `node "conv" (Conv): attribute group has type FLOAT: INT is expected`},
	{"attribute that is a list of floats", attribute("conv", &onnxpb.AttributeProto{
		Name: proto.String("strides"), Type: onnxpb.AttributeProto_FLOATS.Enum(), Floats: []float32{1, float32(math.Inf(1))},
	}), `node "conv" (Conv): attribute strides has type FLOATS: INTS is expected`},
	{"attribute without a value", attribute("conv", &onnxpb.AttributeProto{Name: proto.String("group")}), `node "conv" (Conv): attribute group has type UNDEFINED: INT is expected`},
	{"attribute of an unknown type", attribute("conv", &onnxpb.AttributeProto{
		Name: proto.String("group"), Type: onnxpb.AttributeProto_AttributeType(99).Enum(),
	}), `node "conv" (Conv): attribute group has type 99: INT is expected`},
	{"attribute of a function", attribute("conv", &onnxpb.AttributeProto{
		Name: proto.String("group"), Type: onnxpb.AttributeProto_INT.Enum(), RefAttrName: proto.String("g"),
	}), `node "conv" (Conv): attribute group: refers to attribute "g" of a function, which this node is not in`},
	{"attribute missing", func(n *net) { n.node("pool").Attribute = n.node("pool").Attribute[1:] }, `node "pool" (MaxPool): attribute kernel_shape is missing: the operator needs it`},
	{"strides negative", attribute("conv", ints("strides", -1, 1)), `node "conv" (Conv): attribute strides is [-1 1]: values from 1 to 16777216 are accepted`},
	{"strides 0", attribute("pool", ints("strides", 0, 2)), `node "pool" (MaxPool): attribute strides is [0 2]: values from 1 to 16777216 are accepted`},
	{"strides too few", attribute("conv", ints("strides", 2)), `node "conv" (Conv): attribute strides is [2]: a list of length 2 is expected`},
	{"dilations negative", attribute("conv", ints("dilations", 1, -2)), `node "conv" (Conv): attribute dilations is [1 -2]: values from 1 to 16777216 are accepted`},
	{"dilations huge", attribute("conv", ints("dilations", math.MaxInt64, 1)), `node "conv" (Conv): attribute dilations is [9223372036854775807 1]: values from 1 to 16777216 are accepted`},
	{"dilations wider than the map", attribute("conv", ints("dilations", 5, 5)), `node "conv" (Conv): height: window spans 11 (kernel 3, dilation 5), more than the padded input of 10 (8 + pads 1 and 1)`},
	{"pads negative", attribute("conv", ints("pads", -1, 1, 1, 1)), `node "conv" (Conv): attribute pads is [-1 1 1 1]: values from 0 to 16777216 are accepted`},
	{"pads too few", attribute("conv", ints("pads", 1, 1)), `node "conv" (Conv): attribute pads is [1 1]: a list of length 4 is expected`},
	{"pads huge", attribute("conv", ints("pads", 1<<24, 1<<24, 1<<24, 1<<24)), `node "conv" (Conv): padded to 33554440 x 33554440 x 3 channels, input 0 has more than 268435455 elements`},
	{"kernel negative", attribute("pool", ints("kernel_shape", -2, 2)), `node "pool" (MaxPool): attribute kernel_shape is [-2 2]: values from 1 to 16777216 are accepted`},
	{"kernel 0", attribute("pool", ints("kernel_shape", 2, 0)), `node "pool" (MaxPool): attribute kernel_shape is [2 0]: values from 1 to 16777216 are accepted`},
	{"kernel of three axes", attribute("pool", ints("kernel_shape", 2, 2, 2)), `node "pool" (MaxPool): attribute kernel_shape is [2 2 2]: a list of length 2 is expected`},
	{"kernel larger than the map", attribute("pool", ints("kernel_shape", 9, 9)), `node "pool" (MaxPool): height: window spans 9 (kernel 9, dilation 1), more than the padded input of 8 (8 + pads 0 and 0)`},
	{"kernel other than the weights", attribute("conv", ints("kernel_shape", 5, 5)), `node "conv" (Conv): attribute kernel_shape is [5 5], but the weights "w" Float32 [4 3 3 3] are of size [3 3]`},
	{"group 0", attribute("conv", integer("group", 0)), `node "conv" (Conv): attribute group is 0: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected`},
	{"group negative", attribute("conv", integer("group", -1)), `node "conv" (Conv): attribute group is -1: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected`},
	{"group that does not divide the input", attribute("conv", integer("group", 2)), `node "conv" (Conv): attribute group is 2: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected`},
	{"group that does not divide the output", attribute("conv", integer("group", 3)), `node "conv" (Conv): attribute group is 3: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected`},
	{"group huge", attribute("conv", integer("group", math.MaxInt64)), `node "conv" (Conv): attribute group is 9223372036854775807: a divisor of the 3 channels of input 0, "x" Float32 [1 3 8 8], and of the 4 of the output is expected`},
	{"auto_pad unknown", attribute("conv", text("auto_pad", "SAME")), `node "conv" (Conv): attribute auto_pad is "SAME": NOTSET, VALID, SAME_UPPER or SAME_LOWER is accepted`},
	{"auto_pad and other pads", func(n *net) {
		n.set("conv", text("auto_pad", "SAME_UPPER"))
		n.set("conv", ints("pads", 2, 2, 2, 2))
	}, `node "conv" (Conv): attribute pads is [2 2 2 2], but auto_pad SAME_UPPER gives [1 1 1 1]; only one of them is accepted`},
	{"ceil_mode 2", attribute("pool", integer("ceil_mode", 2)), `node "pool" (MaxPool): attribute ceil_mode is 2: 0 or 1 is accepted`},
	{"transB 2", attribute("fc", integer("transB", 2)), `node "fc" (Gemm): attribute transB is 2: 0 or 1 is accepted`},
	{"flatten axis out of range", attribute("flat", integer("axis", 5)), `node "flat" (Flatten): attribute axis is 5: -4 to 4 is accepted for rank 4`},
	{"gather axis out of range", func(n *net) {
		n.constants(list64("i", 0))
		n.replace("Gather", []string{"i"}, integer("axis", 4))
	}, `node "op" (Gather): attribute axis is 4: -4 to 3 is accepted for rank 4`},
	{"gather index out of range", func(n *net) {
		n.constants(list64("i", 0, 4))
		n.replace("Gather", []string{"i"}, integer("axis", 1))
	}, `node "op" (Gather): input 1, "i" Int64 [2]: index 4, want -4 to 3 for axis 1 of input 0, "bn" Float32 [1 4 8 8]`},
	{"gather index below the range", func(n *net) {
		n.constants(list64("i", -5))
		n.replace("Gather", []string{"i"}, integer("axis", 1))
	}, `node "op" (Gather): input 1, "i" Int64 [1]: index -5, want -4 to 3 for axis 1 of input 0, "bn" Float32 [1 4 8 8]`},
	{"gather by floats", func(n *net) { n.replace("Gather", []string{"gamma"}) }, `node "op" (Gather): input 1, "gamma" Float32 [4]: element type Float32, want Int64 or Int32`},
	{"cast to an unknown type", func(n *net) { n.replace("Cast", nil, integer("to", 99)) }, `1 node is not supported:
  node "op": Cast (domain ai.onnx, opset 13): attribute to: element type 99 does not exist; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are supported`},
	{"cast to no type", func(n *net) { n.replace("Cast", nil, integer("to", 0)) }, `1 node is not supported:
  node "op": Cast (domain ai.onnx, opset 13): attribute to: element type UNDEFINED is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"cast to string", func(n *net) { n.replace("Cast", nil, integer("to", 8)) }, `1 node is not supported:
  node "op": Cast (domain ai.onnx, opset 13): attribute to: element type STRING is not supported; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are`},
	{"cast to a huge number", func(n *net) { n.replace("Cast", nil, integer("to", math.MaxInt64)) }, `1 node is not supported:
  node "op": Cast (domain ai.onnx, opset 13): attribute to: element type 9223372036854775807 does not exist; FLOAT, FLOAT16, DOUBLE, BOOL, and INT and UINT of 8 to 64 bits are supported`},
	{"permutation with an axis twice", func(n *net) { n.replace("Transpose", nil, ints("perm", 0, 1, 1, 2)) }, `node "op" (Transpose): attribute perm is [0 1 1 2]: a permutation of the 4 axes of "bn" Float32 [1 4 8 8] is expected`},
	{"permutation too short", func(n *net) { n.replace("Transpose", nil, ints("perm", 1, 0)) }, `node "op" (Transpose): attribute perm is [1 0]: a permutation of the 4 axes of "bn" Float32 [1 4 8 8] is expected`},
	{"softmax axis out of range", func(n *net) { n.replace("Softmax", nil, integer("axis", -5)) }, `node "op" (Softmax): attribute axis is -5: -4 to 3 is accepted for rank 4`},
	{"keepdims 7", func(n *net) { n.replace("ReduceMean", nil, integer("keepdims", 7)) }, `node "op" (ReduceMean): attribute keepdims is 7: 0 or 1 is accepted`},
	{"reduce axis out of range", func(n *net) { n.replace("ReduceMean", nil, ints("axes", 1, 9)) }, `node "op" (ReduceMean): axis 9 of a tensor of rank 4, want -4 to 3`},
	{"reduce axis twice", func(n *net) { n.replace("ReduceMean", nil, ints("axes", 1, -3)) }, `node "op" (ReduceMean): axis 1 is listed twice in [1 -3]`},
	{"pad mode unknown", func(n *net) {
		n.constants(list64("p", 0, 0, 0, 0, 0, 0, 0, 0))
		n.replace("Pad", []string{"p"}, text("mode", "mirror"))
	}, `node "op" (Pad): attribute mode is "mirror": constant, reflect or edge is accepted`},
	{"pad mode not supported", func(n *net) {
		n.opset(19)
		n.constants(list64("p", 0, 0, 0, 0, 0, 0, 0, 0))
		n.replace("Pad", []string{"p"}, text("mode", "wrap"))
	}, `1 node is not supported:
  node "op": Pad (domain ai.onnx, opset 19): mode "wrap" is not supported; constant, reflect and edge are`},
	{"split outputs that do not agree", func(n *net) {
		n.opset(18)
		n.replace("Split", nil, integer("num_outputs", 3), integer("axis", 1))
	}, `node "op" (Split): attribute num_outputs is 3, but the node has 1 outputs`},
	{"clip between NaNs", func(n *net) {
		n.opset(7)
		n.replace("Clip", nil, float("min", float32(math.NaN())))
	}, `node "op" (Clip): attributes min NaN and max 3.4028235e+38: NaN is not accepted`},
	{"bits of Quant not whole", func(n *net) {
		n.constants(list("half", 0.5), list("bits", 1.5), list("zero", 0))
		n.replace("Quant", []string{"half", "zero", "bits"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": Quant (domain qonnx.custom_op.general, not imported): input 3, the number of bits, is 1.5; whole numbers from 1 to 24 are supported`},
	{"bits of Quant NaN", func(n *net) {
		n.constants(list("half", 0.5), list("bits", float32(math.NaN())), list("zero", 0))
		n.replace("Quant", []string{"half", "zero", "bits"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": Quant (domain qonnx.custom_op.general, not imported): input 3, the number of bits, is NaN; whole numbers from 1 to 24 are supported`},
	{"rounding mode of Quant", func(n *net) {
		n.constants(list("half", 0.5), list("bits", 2), list("zero", 0))
		n.replace("Quant", []string{"half", "zero", "bits"}, text("rounding_mode", "ROUND_UP"))
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": Quant (domain qonnx.custom_op.general, not imported): rounding_mode is "ROUND_UP"; only ROUND is supported`},
	{"no inputs", func(n *net) { n.node("relu").Input = nil }, `node "relu" (Relu): 0 inputs: 1 expected`},
	{"input too many", func(n *net) { n.node("relu").Input = []string{"bn", "x"} }, `node "relu" (Relu): 2 inputs: 1 expected`},
	{"inputs too few", func(n *net) { n.node("bn").Input = n.node("bn").Input[:4] }, `node "bn" (BatchNormalization): 4 inputs: 5 expected`},
	{"input absent that is required", func(n *net) { n.node("conv").Input[1] = "" }, `node "conv" (Conv): input 1 is absent: the operator needs it`},
	{"outputs missing", func(n *net) {
		n.add(&onnxpb.NodeProto{Name: proto.String("end"), OpType: proto.String("Relu"), Input: []string{"x"}})
	}, `node "end" (Relu): 0 outputs: 1 expected`},
	{"output too many", func(n *net) { n.node("relu").Output = []string{"relu", "mask"} }, `node "relu" (Relu): 2 outputs: 1 expected`},
	{"dropout in training", func(n *net) {
		n.constants(&onnxpb.TensorProto{Name: proto.String("yes"), DataType: proto.Int32(9), Int32Data: []int32{1}})
		n.replace("Dropout", []string{"", "yes"})
	}, `1 node is not supported:
  node "op": Dropout (domain ai.onnx, opset 13): input 2, training_mode, must be a constant false; only inference is supported`},
}
