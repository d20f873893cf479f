package convert_test

import (
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/lce-go/lce/converter/onnx/onnxpb"
)

// shaped gives an initializer of ones another shape.
func shaped(name string, dims ...int64) func(*net) {
	return func(n *net) {
		n.tensor(name).FloatData = tensor("", dims...).FloatData
		n.tensor(name).Dims = dims
	}
}

// by is an operator with a list of integers as its second operand.
func by(op string, list ...int64) func(*net) {
	return func(n *net) {
		n.constants(list64("list", list...))
		n.replace(op, []string{"list"})
	}
}

// transposed is a transposed convolution with the given weights.
func transposed(w *onnxpb.TensorProto, attrs ...*onnxpb.AttributeProto) func(*net) {
	return func(n *net) {
		n.constants(w)
		n.replace("ConvTranspose", []string{w.GetName()}, attrs...)
	}
}

// malformedOperands have operands whose shapes, types or values do not fit. What Relu's
// place in the model is given has the shape 1x4x8x8.
var malformedOperands = []malformed{
	{"convolution of other channels", shaped("w", 4, 5, 3, 3), `node "conv" (Conv): input 1, "w" Float32 [4 5 3 3], takes 5 channels: 3 expected, of 3 in input 0, "x" Float32 [1 3 8 8], and group 1`},
	{"weights of rank 2", shaped("w", 4, 27), `node "conv" (Conv): input 1, "w" Float32 [4 27], has rank 2: the rank of input 0, 4, is expected`},
	{"weights of rank 3", shaped("w", 4, 3, 3), `node "conv" (Conv): input 1, "w" Float32 [4 3 3], has rank 3: the rank of input 0, 4, is expected`},
	{"weights without channels", shaped("w", 0, 3, 3, 3), `node "conv" (Conv): input 1, "w" Float32 [0 3 3 3]: sizes of at least 1 are expected`},
	{"kernel of size 0", shaped("w", 4, 3, 0, 3), `node "conv" (Conv): input 1, "w" Float32 [4 3 0 3]: sizes of at least 1 are expected`},
	{"kernel larger than the padded map", shaped("w", 4, 3, 11, 11), `node "conv" (Conv): height: window spans 11 (kernel 11, dilation 1), more than the padded input of 10 (8 + pads 1 and 1)`},
	{"convolution bias too long", shaped("b", 5), `node "conv" (Conv): input 2, "b" Float32 [5]: a list of 4 values, one for each channel of the output, is expected`},
	{"convolution bias of rank 2", shaped("b", 4, 1), `node "conv" (Conv): input 2, "b" Float32 [4 1]: a list of 4 values, one for each channel of the output, is expected`},
	{"transposed convolution of other channels", transposed(tensor("t", 5, 2, 3, 3)), `node "op" (ConvTranspose): input 1, "t" Float32 [5 2 3 3], takes 5 channels: the 4 of input 0, "bn" Float32 [1 4 8 8], are expected`},
	{"transposed convolution without taps", transposed(tensor("t", 4, 2, 0, 3)), `node "op" (ConvTranspose): input 1, "t" Float32 [4 2 0 3]: sizes of at least 1 are expected`},
	{"transposed weights of rank 3", transposed(tensor("t", 4, 2, 3)), `node "op" (ConvTranspose): input 1, "t" Float32 [4 2 3], has rank 3: the rank of input 0, 4, is expected`},
	{"transposed convolution with a bias of rank 0", func(n *net) {
		n.constants(tensor("scalar"))
		transposed(tensor("t", 4, 1, 3, 3))(n)
		n.node("op").Input = append(n.node("op").Input, "scalar")
	}, `node "op" (ConvTranspose): input 2, "scalar" Float32 []: a list of 1 values, one for each channel of the output, is expected`},
	{"transposed convolution of three groups", transposed(tensor("t", 4, 2, 3, 3), integer("group", 3)), `node "op" (ConvTranspose): attribute group is 3: a divisor of the 4 channels of input 0, "bn" Float32 [1 4 8 8], is expected`},
	{"transposed convolution of huge stride", transposed(tensor("t", 4, 2, 3, 3), ints("strides", 1<<20, 1)), `1 node is not supported:
  node "op": ConvTranspose (domain ai.onnx, opset 13): stride 1048576 of a kernel of 3 taps with dilation 1; strides up to 4096 are supported`},
	{"transposed convolution of many phases", transposed(tensor("t", 4, 2, 3, 3), ints("strides", 100, 100)), `1 node is not supported:
  node "op": ConvTranspose (domain ai.onnx, opset 13): strides of 100 by 100; products up to 256 are supported`},
	{"transposed convolution cut to nothing", transposed(tensor("t", 4, 2, 3, 3), ints("pads", 9, 9, 9, 9)), `node "op" (ConvTranspose): height 8 of input 0 gives -8: 1 to 16777216 is expected`},
	{"transposed convolution of a shape of one axis", transposed(tensor("t", 4, 2, 3, 3), ints("output_shape", 8)), `node "op" (ConvTranspose): attribute output_shape is [8]: a list of length 2 is expected`},
	{"transposed convolution of negative output padding", transposed(tensor("t", 4, 2, 3, 3), ints("output_padding", -1, 0)), `node "op" (ConvTranspose): attribute output_padding is [-1 0]: values from 0 to 16777216 are accepted`},
	{"gamma too short", shaped("gamma", 3), `node "bn" (BatchNormalization): input 1, "gamma" Float32 [3]: a list of 4 values, the channels of input 0, "conv" Float32 [1 4 8 8], is expected`},
	{"variance of rank 2", shaped("var", 1, 4), `node "bn" (BatchNormalization): input 4, "var" Float32 [1 4]: a list of 4 values, the channels of input 0, "conv" Float32 [1 4 8 8], is expected`},
	{"dense layer of another size", shaped("fw", 10, 63), `node "fc" (Gemm): input 0, "flat" Float32 [1 64], has 64 columns, input 1, "fw" Float32 [10 63], has 63 rows`},
	{"dense weights of rank 1", shaped("fw", 64), `node "fc" (Gemm): input 1, "fw" Float32 [64], has rank 1: 2 is expected`},
	{"dense bias of another size", shaped("fb", 11), `node "fc" (Gemm): input 2, "fb" Float32 [11], does not broadcast to [1 10]`},
	{"add of other channels", func(n *net) {
		n.constants(tensor("c", 5, 1, 1))
		n.replace("Add", []string{"c"})
	}, `node "op" (Add): shapes [[1 4 8 8] [5 1 1]] do not broadcast: 4 against 5 on axis 3 from the end`},
	{"add of another type", func(n *net) {
		n.constants(list64("c", 1))
		n.replace("Add", []string{"c"})
	}, `node "op" (Add): input 0, "bn" Float32 [1 4 8 8], and input 1, "c" Int64 [1], differ in type`},
	{"matrix product of other sizes", func(n *net) {
		n.constants(tensor("m", 7, 8))
		n.replace("MatMul", []string{"m"})
	}, `node "op" (MatMul): input 0, "bn" Float32 [1 4 8 8], has 8 columns, input 1, "m" Float32 [7 8], has 7 rows`},
	{"PRelu of other channels", func(n *net) {
		n.constants(tensor("c", 3, 1, 1))
		n.replace("PRelu", []string{"c"})
	}, `node "op" (PRelu): input 1, "c" Float32 [3 1 1], does not broadcast to [1 4 8 8]`},
	{"reshape to another size", by("Reshape", 1, 5, 8, 8), `node "op" (Reshape): input 0, "bn" Float32 [1 4 8 8]: 256 elements do not fill shape [1 5 8 8]`},
	{"reshape with -1 that has no value", by("Reshape", 1, 3, -1), `node "op" (Reshape): shape [1 3 -1]: -1 has no value for the 256 elements of "bn" Float32 [1 4 8 8]`},
	{"reshape with -1 twice", by("Reshape", -1, 4, -1), `node "op" (Reshape): shape [-1 4 -1]: dimension -1, want 0 to 268435455, or -1 once`},
	{"reshape with -2", by("Reshape", -2, 4, 8, 8), `node "op" (Reshape): shape [-2 4 8 8]: dimension -2, want 0 to 268435455, or -1 once`},
	{"reshape to huge dimensions", by("Reshape", math.MaxInt64, 4), `node "op" (Reshape): shape [9223372036854775807 4]: dimension 9223372036854775807, want 0 to 268435455, or -1 once`},
	{"reshape with 0 behind the rank", by("Reshape", 1, 4, 8, 8, 0), `node "op" (Reshape): shape [1 4 8 8 0] copies dimension 4 of "bn" Float32 [1 4 8 8], which has none`},
	{"reshape by floats", func(n *net) { n.replace("Reshape", []string{"gamma"}) }, `node "op" (Reshape): input 1, "gamma" Float32 [4]: want int64 or int32`},
	{"reshape by a matrix", func(n *net) {
		s := list64("s", 1, 4, 8, 8)
		s.Dims = []int64{2, 2}
		n.constants(s)
		n.replace("Reshape", []string{"s"})
	}, `node "op" (Reshape): input 1, "s" Int64 [2 2]: rank 2, want 1`},
	{"reshape by an input", func(n *net) {
		n.Graph.Input = append(n.Graph.Input, value("s", onnxpb.TensorProto_INT64, 4))
		n.replace("Reshape", []string{"s"})
	}, `node "fc" (Gemm): input 0, "flat" Float32 [64 65536], has 65536 columns, input 1, "fw" Float32 [10 64], has 64 rows (a run decides on the shape of "flat", [64 65536] was tried)`},
	{"expand to another size", by("Expand", 1, 5, 8, 8), `node "op" (Expand): shapes [[1 4 8 8] [1 5 8 8]] do not broadcast: 4 against 5 on axis 3 from the end`},
	{"expand to a negative size", by("Expand", 1, 4, 8, -8), `node "op" (Expand): shape [1 4 8 -8]: dimension -8, want 0 to 268435455`},
	{"expand to a huge size", by("Expand", 1<<20, 4, 8, 8), `node "op" (Expand): output 0, "op": shape [1048576 4 8 8]: more than 268435455 elements`},
	{"squeeze of an axis that is not 1", by("Squeeze", 1), `node "op" (Squeeze): input 0, "bn" Float32 [1 4 8 8]: axis 1 has size 4, want 1`},
	{"squeeze of an axis out of range", by("Squeeze", 7), `node "op" (Squeeze): axis 7 of a tensor of rank 4, want -4 to 3`},
	{"unsqueeze of an axis twice", by("Unsqueeze", 0, 0), `node "op" (Unsqueeze): axis 0 is listed twice in [0 0]`},
	{"split into sizes that do not add up", by("Split", 2), `node "op" (Split): sizes [2]: part 0 has size 2, want 0 to 1, the size of axis 0 of "bn" Float32 [1 4 8 8]`},
	{"split into a negative size", func(n *net) {
		n.constants(list64("s", 5, -1))
		n.replace("Split", []string{"s"}, integer("axis", 1))
		n.node("op").Output = []string{"op", "rest"}
	}, `node "op" (Split): sizes [5 -1]: part 0 has size 5, want 0 to 4, the size of axis 1 of "bn" Float32 [1 4 8 8]`},
	{"split into sizes of another number", func(n *net) {
		n.constants(list64("s", 2, 2))
		n.replace("Split", []string{"s"}, integer("axis", 1))
	}, `node "op" (Split): 2 sizes [2 2] for 1 outputs, want as many`},
	{"split into unequal parts", func(n *net) {
		n.replace("Split", nil, integer("axis", 1))
		n.node("op").Output = []string{"op", "second", "third"}
	}, `node "op" (Split): input 0, "bn" Float32 [1 4 8 8]: axis 1 does not divide into 3 equal parts`},
	{"concat of other sizes", func(n *net) {
		n.replace("Concat", []string{"x"}, integer("axis", 2))
	}, `node "op" (Concat): input 1, "x" Float32 [1 3 8 8], does not match input 0, "bn" Float32 [1 4 8 8], on axis 1`},
	{"concat of another rank", func(n *net) { n.replace("Concat", []string{"gamma"}, integer("axis", 1)) }, `node "op" (Concat): input 1, "gamma" Float32 [4], does not match input 0, "bn" Float32 [1 4 8 8]`},
	{"concat of another type", func(n *net) {
		n.Graph.Input = append(n.Graph.Input, value("i", onnxpb.TensorProto_INT64, 1, 4, 8, 8))
		n.replace("Concat", []string{"i"}, integer("axis", 1))
	}, `node "op" (Concat): input 1, "i" Int64 [1 4 8 8], does not match input 0, "bn" Float32 [1 4 8 8]`},
	{"slice of an axis out of range", func(n *net) {
		n.constants(list64("from", 0), list64("to", 1), list64("axes", 4))
		n.replace("Slice", []string{"from", "to", "axes"})
	}, `node "op" (Slice): axis 4 of a tensor of rank 4, want -4 to 3`},
	{"slice with a step of 0", func(n *net) {
		n.constants(list64("from", 0), list64("to", 1), list64("axes", 1), list64("steps", 0))
		n.replace("Slice", []string{"from", "to", "axes", "steps"})
	}, `node "op" (Slice): axis 1: step 0, want any other`},
	{"slice bounds of other lengths", func(n *net) {
		n.constants(list64("from", 0, 0), list64("to", 1))
		n.replace("Slice", []string{"from", "to"})
	}, `node "op" (Slice): input 2, "to" Int64 [1]: 1 values, want as many as starts, 2`},
	{"slice of nothing", func(n *net) {
		n.constants(list64("from", 5), list64("to", 3), list64("axes", 2))
		n.replace("Slice", []string{"from", "to", "axes"})
	}, `node "pool" (MaxPool): height: input size 0, want 1 to 2147483647`},
	{"pad of half the axes", by("Pad", 1, 1, 1, 1), `node "op" (Pad): 4 pads, want two for each of 4 axes`},
	{"pad that takes all away", by("Pad", 0, 0, -9, 0, 0, 0, 0, 0), `node "op" (Pad): input 0, "bn" Float32 [1 4 8 8]: axis 2 with pads -9 and 0 has size -1`},
	{"pad of huge size", by("Pad", 0, 0, 0, 0, 0, 0, 1<<40, 0), `node "op" (Pad): pads [0 0 0 0 0 0 1099511627776 0], want values up to 268435455`},
	{"pad that reflects too much", func(n *net) {
		n.constants(list64("p", 0, 0, 8, 0, 0, 0, 0, 0))
		n.replace("Pad", []string{"p"}, text("mode", "reflect"))
	}, `node "op" (Pad): input 0, "bn" Float32 [1 4 8 8]: axis 2 of size 8 cannot reflect 8 elements, at most 7`},
	{"pad value of another type", func(n *net) {
		n.constants(list64("p", 0, 0, 0, 0, 0, 0, 0, 0), list64("v", 1))
		n.replace("Pad", []string{"p", "v"})
	}, `node "op" (Pad): input 2, "v" Int64 [1]: want one element of type Float32`},
	{"constant of huge shape", func(n *net) {
		n.constants(list64("s", 1<<20, 1<<20))
		n.add(node("c", "ConstantOfShape", []string{"s"}))
	}, `node "c" (ConstantOfShape): output 0, "c": shape [1048576 1048576]: more than 268435455 elements`},
	{"constant of negative shape", func(n *net) {
		n.constants(list64("s", -1))
		n.add(node("c", "ConstantOfShape", []string{"s"}))
	}, `node "c" (ConstantOfShape): shape [-1]: dimension -1, want 0 to 268435455`},
	{"where on numbers", func(n *net) { n.replace("Where", []string{"bn", "bn"}) }, `node "op" (Where): input 0, "bn" Float32 [1 4 8 8]: element type Float32, want Bool`},
	{"not of numbers", func(n *net) { n.replace("Not", nil) }, `node "op" (Not): input 0, "bn" Float32 [1 4 8 8]: element type Float32, want Bool`},
	{"clip bounds of several values", func(n *net) { n.replace("Clip", []string{"gamma"}) }, `node "op" (Clip): input 1, "gamma" Float32 [4]: a scalar is expected`},
	{"bits of Quant by channel", func(n *net) {
		n.constants(list("zero", 0))
		n.replace("Quant", []string{"gamma", "zero", "gamma"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": Quant (domain qonnx.custom_op.general, not imported): input 3, the number of bits, must be one constant`},
	{"thresholds of other channels", func(n *net) {
		n.constants(tensor("t", 3, 1))
		n.replace("MultiThreshold", []string{"t"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `node "op" (MultiThreshold): input 1, "t" Float32 [3 1]: 4 channels, as input 0, "bn" Float32 [1 4 8 8], has, are expected`},
	{"thresholds too many", func(n *net) {
		n.constants(tensor("t", 4, 255))
		n.replace("MultiThreshold", []string{"t"})
		n.node("op").Domain = proto.String("qonnx.custom_op.general")
	}, `1 node is not supported:
  node "op": MultiThreshold (domain qonnx.custom_op.general, not imported): input 1, "t" Float32 [4 255]: 1 to 15 thresholds for each channel are supported`},
	{"types that MaxPool has not", func(n *net) { n.replace("Cast", nil, integer("to", 6)) }, `node "pool" (MaxPool): input 0, "op" Int32 [1 4 8 8]: element type Int32, want one of [Float32 Float16 Float64 Int8 Uint8]`},
	{"double where only float32 is computed", func(n *net) { n.replace("Cast", nil, integer("to", 11)) }, `node "fc" (Gemm): input 0, "flat" Float64 [1 64], and input 1, "fw" Float32 [10 64], differ in type`},
}
