package importer

import (
	"math"
	"slices"

	"github.com/lce-go/lce/converter/onnx"
	"github.com/lce-go/lce/schema"
)

// What most operators take and give.
var (
	one   = arity{1, 1}
	two   = arity{2, 2}
	three = arity{3, 3}
)

// table lists the operators, by name and version.
var table = []row{
	{"Abs", v(6, 13), one, one, nil, narrow(importUnary(schema.Abs))},
	{"Add", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Add))},
	{"And", v(7), two, one, nil, importBinary(schema.And)},
	{"AveragePool", v(7), one, one, poolAttrs(intAttr("count_include_pad", 0)), half(importAveragePool)},
	{"AveragePool", v(10, 11), one, one, poolAttrs(intAttr("count_include_pad", 0), ceilAttr), half(importAveragePool)},
	{"AveragePool", v(19, 22), one, one, poolAttrs(intAttr("count_include_pad", 0), ceilAttr, dilationsAttr), half(importAveragePool)},
	{"BatchNormalization", v(7), arity{5, 5}, arity{1, 5}, normAttrs(intAttr("spatial", 1)), half(importBatchNorm)},
	{"BatchNormalization", v(9), arity{5, 5}, arity{1, 5}, normAttrs(), half(importBatchNorm)},
	{"BatchNormalization", v(14, 15), arity{5, 5}, arity{1, 3}, normAttrs(intAttr("training_mode", 0)), half(importBatchNorm)},
	{"Cast", v(6, 9, 13), one, one, []attr{need(intAttr("to", 0))}, importCast},
	{"Cast", v(19, 21, 23), one, one, []attr{need(intAttr("to", 0)), intAttr("saturate", 1)}, importCast},
	{"Cast", v(24, 25), one, one, []attr{need(intAttr("to", 0)), intAttr("saturate", 1), stringAttr("round_mode", "up")}, importCast},
	{"CastLike", v(15), two, one, nil, importCastLike},
	{"CastLike", v(19, 21, 23), two, one, []attr{intAttr("saturate", 1)}, importCastLike},
	{"CastLike", v(24, 25), two, one, []attr{intAttr("saturate", 1), stringAttr("round_mode", "up")}, importCastLike},
	{"Clip", v(6), one, one, []attr{floatAttr("min", -math.MaxFloat32), floatAttr("max", math.MaxFloat32)}, narrow(importClip6)},
	{"Clip", v(11, 12, 13), arity{1, 3}, one, nil, narrow(importClip11)},
	{"Concat", v(4, 11, 13), arity{1, many}, one, []attr{need(intAttr("axis", 0))}, importConcat},
	{"Constant", v(1, 9), arity{}, one, []attr{tensorAttr("value")}, importConstant},
	{"Constant", v(11), arity{}, one, []attr{tensorAttr("value"), sparseAttr}, importConstant},
	{"Constant", v(12, 13, 19, 21, 23, 24, 25), arity{}, one, constantAttrs, importConstant},
	{"ConstantOfShape", v(9, 20, 21, 23, 24, 25), one, one, []attr{tensorAttr("value")}, importConstantOfShape},
	{"Conv", v(1, 11, 22), arity{2, 3}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1)), half(importConv)},
	{"ConvTranspose", v(1, 11, 22), arity{2, 3}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1), intsAttr("output_padding"), intsAttr("output_shape")), half(importConvTranspose)},
	{"DequantizeLinear", v(10), arity{2, 3}, one, nil, importDequantize},
	{"DequantizeLinear", v(13, 19), arity{2, 3}, one, []attr{intAttr("axis", 1)}, importDequantize},
	{"DequantizeLinear", v(21), arity{2, 3}, one, blockAttrs(), importDequantize},
	{"DequantizeLinear", v(23, 24, 25), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0)), importDequantize},
	{"Div", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Div))},
	{"Dropout", v(7, 10), one, arity{1, 2}, []attr{floatAttr("ratio", 0.5)}, importDropout},
	{"Dropout", v(12, 13, 22), arity{1, 3}, arity{1, 2}, []attr{intAttr("seed", 0)}, importDropout},
	{"Equal", v(7, 11, 13, 19), two, one, nil, importBinary(schema.Equal)},
	{"Exp", v(6, 13), one, one, nil, half(importUnary(schema.Exp))},
	{"Expand", v(8, 13), two, one, nil, importExpand},
	{"Flatten", v(1, 9, 11, 13, 21, 23, 24, 25), one, one, []attr{intAttr("axis", 1)}, importFlatten},
	{"Gather", v(1, 11, 13), two, one, []attr{intAttr("axis", 0)}, importGather},
	{"Gemm", v(7, 9), three, one, gemmAttrs, half(importGemm)},
	{"Gemm", v(11, 13), arity{2, 3}, one, gemmAttrs, half(importGemm)},
	{"GlobalAveragePool", v(1, 22), one, one, nil, half(importGlobalAveragePool)},
	{"GlobalMaxPool", v(1, 22), one, one, nil, half(importGlobalMaxPool)},
	{"Greater", v(7, 9, 13), two, one, nil, comparison(schema.Greater)},
	{"GreaterOrEqual", v(12, 16), two, one, nil, comparison(schema.GreaterOrEqual)},
	{"HardSigmoid", v(6, 22), one, one, []attr{floatAttr("alpha", 0.2), floatAttr("beta", 0.5)}, half(importHardSigmoid)},
	{"Identity", v(1, 13, 14, 16, 19, 21, 23, 24, 25), one, one, nil, importIdentity},
	{"LeakyRelu", v(6, 16), one, one, []attr{floatAttr("alpha", 0.01)}, half(importLeakyRelu)},
	{"Less", v(7, 9, 13), two, one, nil, comparison(schema.Less)},
	{"LessOrEqual", v(12, 16), two, one, nil, comparison(schema.LessOrEqual)},
	{"Log", v(6, 13), one, one, nil, half(importUnary(schema.Log))},
	{"LogSoftmax", v(1, 11), one, one, []attr{intAttr("axis", 1)}, half(importLogSoftmax1)},
	{"LogSoftmax", v(13), one, one, []attr{intAttr("axis", -1)}, half(importLogSoftmax)},
	{"MatMul", v(1, 9, 13), two, one, nil, half(importMatMul)},
	{"Max", v(6, 8, 12, 13), arity{1, many}, one, nil, narrow(importVariadic(schema.Max))},
	{"MaxPool", v(1), one, one, poolAttrs(), half(importMaxPool)},
	{"MaxPool", v(8), one, arity{1, 2}, poolAttrs(intAttr("storage_order", 0)), half(importMaxPool)},
	{"MaxPool", v(10, 11, 12, 22), one, arity{1, 2}, poolAttrs(intAttr("storage_order", 0), ceilAttr, dilationsAttr), half(importMaxPool)},
	{"Min", v(6, 8, 12, 13), arity{1, many}, one, nil, narrow(importVariadic(schema.Min))},
	{"Mul", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Mul))},
	{"Neg", v(6, 13), one, one, nil, narrow(importUnary(schema.Neg))},
	{"Not", v(1), one, one, nil, importUnary(schema.Not)},
	{"Or", v(7), two, one, nil, importBinary(schema.Or)},
	{"PRelu", v(7, 9, 16), two, one, nil, narrow(importPRelu)},
	{"Pad", v(2), one, one, []attr{padModeAttr, need(intsAttr("pads")), floatAttr("value", 0)}, importPad},
	{"Pad", v(11, 13), arity{2, 3}, one, []attr{padModeAttr}, importPad11},
	{"Pad", v(18, 19, 21, 23, 24, 25), arity{2, 4}, one, []attr{padModeAttr}, importPad11},
	{"Pow", v(7, 12, 13, 15), two, one, nil, narrow(importBinary(schema.Pow))},
	{"QuantizeLinear", v(10), arity{2, 3}, one, nil, importQuantize},
	{"QuantizeLinear", v(13), arity{2, 3}, one, []attr{intAttr("axis", 1)}, importQuantize},
	{"QuantizeLinear", v(19), arity{2, 3}, one, []attr{intAttr("axis", 1), intAttr("saturate", 1)}, importQuantize},
	{"QuantizeLinear", v(21), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0), intAttr("saturate", 1)), importQuantize},
	{"QuantizeLinear", v(23, 24, 25), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0), intAttr("saturate", 1), intAttr("precision", 0)), importQuantize},
	{"ReduceMean", v(1, 11, 13), one, one, reduceAttrs, half(importReduce(schema.ReduceMean))},
	{"ReduceMean", v(18), arity{1, 2}, one, reduceOperandAttrs, half(importReduceOperand(schema.ReduceMean))},
	{"ReduceProd", v(1, 11, 13), one, one, reduceAttrs, half(importReduce(schema.ReduceProd))},
	{"ReduceProd", v(18), arity{1, 2}, one, reduceOperandAttrs, half(importReduceOperand(schema.ReduceProd))},
	{"ReduceSum", v(1, 11), one, one, reduceAttrs, half(importReduce(schema.ReduceSum))},
	{"ReduceSum", v(13), arity{1, 2}, one, reduceOperandAttrs, half(importReduceOperand(schema.ReduceSum))},
	{"Relu", v(6, 13, 14), one, one, nil, narrow(importRelu)},
	{"Reshape", v(5, 13), two, one, nil, importReshape},
	{"Reshape", v(14, 19, 21, 23, 24, 25), two, one, []attr{intAttr("allowzero", 0)}, importReshape},
	{"Round", v(11, 22), one, one, nil, half(importUnary(schema.Round))},
	{"Shape", v(1, 13), one, one, nil, importShape},
	{"Shape", v(15, 19, 21, 23, 24, 25), one, one, []attr{intAttr("start", 0), intAttr("end", 0)}, importShape},
	{"Sigmoid", v(6, 13), one, one, nil, half(importUnary(schema.Sigmoid))},
	{"Sign", v(9, 13), one, one, nil, narrow(importUnary(schema.Sign))},
	{"Slice", v(1), one, one, []attr{need(intsAttr("starts")), need(intsAttr("ends")), intsAttr("axes")}, importSlice},
	{"Slice", v(10, 11, 13), arity{3, 5}, one, nil, importSlice10},
	{"Softmax", v(1, 11), one, one, []attr{intAttr("axis", 1)}, half(importSoftmax1)},
	{"Softmax", v(13), one, one, []attr{intAttr("axis", -1)}, half(importSoftmax)},
	{"Split", v(2, 11), one, arity{1, many}, []attr{intAttr("axis", 0), intsAttr("split")}, importSplit},
	{"Split", v(13), arity{1, 2}, arity{1, many}, []attr{intAttr("axis", 0)}, importSplit13},
	{"Split", v(18), arity{1, 2}, arity{1, many}, []attr{intAttr("axis", 0), intAttr("num_outputs", 0)}, importSplit18},
	{"Sqrt", v(6, 13), one, one, nil, half(importUnary(schema.Sqrt))},
	{"Squeeze", v(1, 11), one, one, []attr{intsAttr("axes")}, importSqueeze},
	{"Squeeze", v(13, 21, 23, 24, 25), arity{1, 2}, one, nil, importSqueeze13},
	{"Sub", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Sub))},
	{"Tanh", v(6, 13), one, one, nil, half(importUnary(schema.Tanh))},
	{"Transpose", v(1, 13, 21, 23, 24, 25), one, one, []attr{intsAttr("perm")}, importTranspose},
	{"Unsqueeze", v(1, 11), one, one, []attr{need(intsAttr("axes"))}, importUnsqueeze},
	{"Unsqueeze", v(13, 21, 23, 24, 25), two, one, nil, importUnsqueeze13},
	{"Where", v(9, 16), three, one, nil, importWhere},
}

var (
	ceilAttr    = intAttr("ceil_mode", 0)
	padModeAttr = stringAttr("mode", "constant")
	sparseAttr  = attr{name: "sparse_value", kind: onnx.AttrSparseTensor}
	gemmAttrs   = []attr{floatAttr("alpha", 1), floatAttr("beta", 1), intAttr("transA", 0), intAttr("transB", 0)}
	reduceAttrs = []attr{intsAttr("axes"), intAttr("keepdims", 1)}

	reduceOperandAttrs = []attr{intAttr("keepdims", 1), intAttr("noop_with_empty_axes", 0)}

	constantAttrs = []attr{
		tensorAttr("value"), sparseAttr, floatAttr("value_float", 0), floatsAttr("value_floats"),
		intAttr("value_int", 0), intsAttr("value_ints"), stringAttr("value_string", ""), stringsAttr("value_strings"),
	}
)

// v lists operator versions.
func v(versions ...int) []int { return versions }

// poolAttrs are the attributes of a pool.
func poolAttrs(more ...attr) []attr {
	attrs := slices.Concat(windowAttrs, more)
	i := slices.IndexFunc(attrs, func(a attr) bool { return a.name == "kernel_shape" })
	attrs[i] = need(attrs[i])
	return attrs
}

// blockAttrs are the attributes of quantization that has blocks.
func blockAttrs(more ...attr) []attr {
	return append([]attr{intAttr("axis", 1), intAttr("block_size", 0)}, more...)
}

// normAttrs are the attributes of BatchNormalization. The momentum is for training.
func normAttrs(more ...attr) []attr {
	return append([]attr{floatAttr("epsilon", 1e-5), floatAttr("momentum", 0.9)}, more...)
}
