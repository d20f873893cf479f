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
	{"Acos", v(7, 22), one, one, nil, half(importUnary(schema.Acos))},
	{"Acosh", v(9, 22), one, one, nil, half(importUnary(schema.Acosh))},
	{"Add", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Add))},
	{"And", v(7), two, one, nil, importBinary(schema.And)},
	{"ArgMax", v(1, 11), one, one, argAttrs(), comparing(importArg(false))},
	{"ArgMax", v(12, 13), one, one, argAttrs(intAttr("select_last_index", 0)), comparing(importArg(false))},
	{"ArgMin", v(1, 11), one, one, argAttrs(), comparing(importArg(true))},
	{"ArgMin", v(12, 13), one, one, argAttrs(intAttr("select_last_index", 0)), comparing(importArg(true))},
	{"Asin", v(7, 22), one, one, nil, half(importUnary(schema.Asin))},
	{"Asinh", v(9, 22), one, one, nil, half(importUnary(schema.Asinh))},
	{"Atan", v(7, 22), one, one, nil, half(importUnary(schema.Atan))},
	{"Atanh", v(9, 22), one, one, nil, half(importUnary(schema.Atanh))},
	{"AveragePool", v(7), one, one, poolAttrs(intAttr("count_include_pad", 0)), half(importAveragePool)},
	{"AveragePool", v(10, 11), one, one, poolAttrs(intAttr("count_include_pad", 0), ceilAttr), half(importAveragePool)},
	{"AveragePool", v(19, 22), one, one, poolAttrs(intAttr("count_include_pad", 0), ceilAttr, dilationsAttr), half(importAveragePool)},
	{"BatchNormalization", v(7), arity{5, 5}, arity{1, 5}, normAttrs(intAttr("spatial", 1)), half(importBatchNorm)},
	{"BatchNormalization", v(9), arity{5, 5}, arity{1, 5}, normAttrs(), half(importBatchNorm)},
	{"BatchNormalization", v(14, 15), arity{5, 5}, arity{1, 3}, normAttrs(intAttr("training_mode", 0)), half(importBatchNorm)},
	{"BitShift", v(11), two, one, []attr{need(stringAttr("direction", ""))}, narrow(importBitShift)},
	{"BitwiseAnd", v(18), two, one, nil, narrow(importBinary(schema.BitAnd))},
	{"BitwiseNot", v(18), one, one, nil, narrow(importBitwiseNot)},
	{"BitwiseOr", v(18), two, one, nil, narrow(importBinary(schema.BitOr))},
	{"BitwiseXor", v(18), two, one, nil, narrow(importBinary(schema.BitXor))},
	{"Cast", v(6, 9, 13), one, one, []attr{need(intAttr("to", 0))}, importCast},
	{"Cast", v(19, 21, 23), one, one, []attr{need(intAttr("to", 0)), intAttr("saturate", 1)}, importCast},
	{"Cast", v(24, 25), one, one, []attr{need(intAttr("to", 0)), intAttr("saturate", 1), stringAttr("round_mode", "up")}, importCast},
	{"CastLike", v(15), two, one, nil, importCastLike},
	{"CastLike", v(19, 21, 23), two, one, []attr{intAttr("saturate", 1)}, importCastLike},
	{"CastLike", v(24, 25), two, one, []attr{intAttr("saturate", 1), stringAttr("round_mode", "up")}, importCastLike},
	{"Ceil", v(6, 13), one, one, nil, half(importUnary(schema.Ceil))},
	{"Celu", v(12), one, one, []attr{floatAttr("alpha", 1)}, half(importParams(schema.Celu, "alpha", ""))},
	{"Clip", v(6), one, one, []attr{floatAttr("min", -math.MaxFloat32), floatAttr("max", math.MaxFloat32)}, narrow(importClip6)},
	{"Clip", v(11, 12, 13), arity{1, 3}, one, nil, narrow(importClip11)},
	{"Compress", v(9, 11), two, one, []attr{intAttr("axis", 0)}, importCompress},
	{"Concat", v(4, 11, 13), arity{1, many}, one, []attr{need(intAttr("axis", 0))}, importConcat},
	{"Constant", v(1, 9), arity{}, one, []attr{tensorAttr("value")}, importConstant},
	{"Constant", v(11), arity{}, one, []attr{tensorAttr("value"), sparseAttr}, importConstant},
	{"Constant", v(12, 13, 19, 21, 23, 24, 25), arity{}, one, constantAttrs, importConstant},
	{"ConstantOfShape", v(9, 20, 21, 23, 24, 25), one, one, []attr{tensorAttr("value")}, importConstantOfShape},
	{"Conv", v(1, 11, 22), arity{2, 3}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1)), half(importConv)},
	{"ConvInteger", v(10), arity{2, 4}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1)), importConvInteger},
	{"ConvTranspose", v(1, 11, 22), arity{2, 3}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1), intsAttr("output_padding"), intsAttr("output_shape")), half(importConvTranspose)},
	{"Cos", v(7, 22), one, one, nil, half(importUnary(schema.Cos))},
	{"Cosh", v(9, 22), one, one, nil, half(importUnary(schema.Cosh))},
	{"CumSum", v(11, 14), two, one, []attr{intAttr("exclusive", 0), intAttr("reverse", 0)}, narrow(importCumSum)},
	{"DepthToSpace", v(1), one, one, []attr{need(intAttr("blocksize", 0))}, importDepthToSpace},
	{"DepthToSpace", v(11, 13), one, one, []attr{need(intAttr("blocksize", 0)), stringAttr("mode", "DCR")}, importDepthToSpace},
	{"DequantizeLinear", v(10), arity{2, 3}, one, nil, importDequantize},
	{"DequantizeLinear", v(13, 19), arity{2, 3}, one, []attr{intAttr("axis", 1)}, importDequantize},
	{"DequantizeLinear", v(21), arity{2, 3}, one, blockAttrs(), importDequantize},
	{"DequantizeLinear", v(23, 24, 25), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0)), importDequantize},
	{"Div", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Div))},
	{"Dropout", v(7, 10), one, arity{1, 2}, []attr{floatAttr("ratio", 0.5)}, importDropout},
	{"Dropout", v(12, 13, 22), arity{1, 3}, arity{1, 2}, []attr{intAttr("seed", 0)}, importDropout},
	{"DynamicQuantizeLinear", v(11), one, arity{3, 3}, nil, importDynamicQuantize},
	{"Einsum", v(12), arity{1, many}, one, []attr{need(stringAttr("equation", ""))}, narrow(importEinsum)},
	{"Elu", v(6, 22), one, one, []attr{floatAttr("alpha", 1)}, half(importParams(schema.Elu, "alpha", ""))},
	{"Equal", v(7, 11, 13, 19), two, one, nil, importBinary(schema.Equal)},
	{"Erf", v(9, 13), one, one, nil, half(importUnary(schema.Erf))},
	{"Exp", v(6, 13), one, one, nil, half(importUnary(schema.Exp))},
	{"Expand", v(8, 13), two, one, nil, importExpand},
	{"EyeLike", v(9, 22), one, one, []attr{intAttr("dtype", 0), intAttr("k", 0)}, importEyeLike},
	{"Flatten", v(1, 9, 11, 13, 21, 23, 24, 25), one, one, []attr{intAttr("axis", 1)}, importFlatten},
	{"Floor", v(6, 13), one, one, nil, half(importUnary(schema.Floor))},
	{"GRU", v(7), arity{3, 6}, arity{0, 2}, recurrentAttrs(intAttr("linear_before_reset", 0)), half(importGRU)},
	{"GRU", v(14, 22), arity{3, 6}, arity{0, 2}, recurrentAttrs(intAttr("linear_before_reset", 0), intAttr("layout", 0)), half(importGRU)},
	{"Gather", v(1, 11, 13), two, one, []attr{intAttr("axis", 0)}, importGather},
	{"GatherElements", v(11, 13), two, one, []attr{intAttr("axis", 0)}, importGatherElements},
	{"GatherND", v(11), two, one, nil, importGatherND},
	{"GatherND", v(12, 13), two, one, []attr{intAttr("batch_dims", 0)}, importGatherND},
	{"Gelu", v(20), one, one, []attr{stringAttr("approximate", "none")}, half(importGelu)},
	{"Gemm", v(7, 9), three, one, gemmAttrs, narrow(importGemm)},
	{"Gemm", v(11, 13), arity{2, 3}, one, gemmAttrs, narrow(importGemm)},
	{"GlobalAveragePool", v(1, 22), one, one, nil, half(importGlobalAveragePool)},
	{"GlobalLpPool", v(2, 22), one, one, []attr{intAttr("p", 2)}, half(importGlobalLpPool)},
	{"GlobalMaxPool", v(1, 22), one, one, nil, half(importGlobalMaxPool)},
	{"Greater", v(7, 9, 13), two, one, nil, comparison(schema.Greater)},
	{"GreaterOrEqual", v(12, 16), two, one, nil, comparison(schema.GreaterOrEqual)},
	{"GroupNormalization", v(18), three, one, []attr{floatAttr("epsilon", 1e-5), need(intAttr("num_groups", 0))}, half(importGroupNorm)},
	{"GroupNormalization", v(21), three, one, []attr{floatAttr("epsilon", 1e-5), need(intAttr("num_groups", 0)), intAttr("stash_type", 1)}, half(importGroupNorm)},
	{"HardSigmoid", v(6, 22), one, one, []attr{floatAttr("alpha", 0.2), floatAttr("beta", 0.5)}, half(importHardSigmoid)},
	{"HardSwish", v(14, 22), one, one, nil, half(importUnary(schema.HardSwish))},
	{"Hardmax", v(1, 11), one, one, []attr{intAttr("axis", 1)}, half(importHardmax1)},
	{"Hardmax", v(13), one, one, []attr{intAttr("axis", -1)}, half(importHardmax)},
	{"Identity", v(1, 13, 14, 16, 19, 21, 23, 24, 25), one, one, nil, importIdentity},
	{"If", v(1, 11, 13, 16, 19, 21, 23, 24, 25), one, arity{1, many}, []attr{graphAttr("then_branch"), graphAttr("else_branch")}, importIf},
	{"InstanceNormalization", v(6, 22), three, one, []attr{floatAttr("epsilon", 1e-5)}, half(importInstanceNorm)},
	{"IsInf", v(10, 20), one, one, []attr{intAttr("detect_negative", 1), intAttr("detect_positive", 1)}, importIsInf},
	{"IsNaN", v(9, 13, 20), one, one, nil, importIsNaN},
	{"LRN", v(1, 13), one, one, []attr{floatAttr("alpha", 0.0001), floatAttr("beta", 0.75), floatAttr("bias", 1), need(intAttr("size", 0))}, half(importLRN)},
	{"LSTM", v(7), arity{3, 8}, arity{0, 3}, recurrentAttrs(intAttr("input_forget", 0)), half(importLSTM)},
	{"LSTM", v(14, 22), arity{3, 8}, arity{0, 3}, recurrentAttrs(intAttr("input_forget", 0), intAttr("layout", 0)), half(importLSTM)},
	{"LayerNormalization", v(17), arity{2, 3}, arity{1, 3}, []attr{intAttr("axis", -1), floatAttr("epsilon", 1e-5), intAttr("stash_type", 1)}, halfFirst(importLayerNorm)},
	{"LeakyRelu", v(6, 16), one, one, []attr{floatAttr("alpha", 0.01)}, half(importLeakyRelu)},
	{"Less", v(7, 9, 13), two, one, nil, comparison(schema.Less)},
	{"LessOrEqual", v(12, 16), two, one, nil, comparison(schema.LessOrEqual)},
	{"Log", v(6, 13), one, one, nil, half(importUnary(schema.Log))},
	{"LogSoftmax", v(1, 11), one, one, []attr{intAttr("axis", 1)}, half(importLogSoftmax1)},
	{"LogSoftmax", v(13), one, one, []attr{intAttr("axis", -1)}, half(importLogSoftmax)},
	{"Loop", v(1, 11, 13, 16, 19, 21, 23, 24, 25), arity{0, many}, arity{1, many}, []attr{graphAttr("body")}, importLoop},
	{"LpNormalization", v(1, 22), one, one, []attr{intAttr("axis", -1), intAttr("p", 2)}, half(importLpNorm)},
	{"MatMul", v(1, 9, 13), two, one, nil, narrow(importMatMul)},
	{"MatMulInteger", v(10), arity{2, 4}, one, nil, importMatMulInteger},
	{"Max", v(6, 8, 12, 13), arity{1, many}, one, nil, narrow(importVariadic(schema.Max))},
	{"MaxPool", v(1), one, one, poolAttrs(), halfFirst(importMaxPool)},
	{"MaxPool", v(8), one, arity{1, 2}, poolAttrs(intAttr("storage_order", 0)), halfFirst(importMaxPool)},
	{"MaxPool", v(10, 11, 12, 22), one, arity{1, 2}, poolAttrs(intAttr("storage_order", 0), ceilAttr, dilationsAttr), halfFirst(importMaxPool)},
	{"Mean", v(6, 8, 13), arity{1, many}, one, nil, half(importMean)},
	{"MeanVarianceNormalization", v(9, 13), one, one, []attr{intsAttr("axes")}, half(importMeanVarianceNorm)},
	{"Min", v(6, 8, 12, 13), arity{1, many}, one, nil, narrow(importVariadic(schema.Min))},
	{"Mish", v(18, 22), one, one, nil, half(importUnary(schema.Mish))},
	{"Mod", v(10, 13), two, one, []attr{intAttr("fmod", 0)}, narrow(importMod)},
	{"Mul", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Mul))},
	{"Neg", v(6, 13), one, one, nil, narrow(importUnary(schema.Neg))},
	{"NonMaxSuppression", v(10, 11), arity{2, 5}, one, []attr{intAttr("center_point_box", 0)}, importNonMaxSuppression},
	{"NonZero", v(9, 13), one, one, nil, importNonZero},
	{"Not", v(1), one, one, nil, importUnary(schema.Not)},
	{"OneHot", v(9, 11), three, one, []attr{intAttr("axis", -1)}, importOneHot},
	{"Or", v(7), two, one, nil, importBinary(schema.Or)},
	{"PRelu", v(7, 9, 16), two, one, nil, narrow(importPRelu)},
	{"Pad", v(2), one, one, []attr{padModeAttr, need(intsAttr("pads")), floatAttr("value", 0)}, importPad},
	{"Pad", v(11, 13), arity{2, 3}, one, []attr{padModeAttr}, importPad11},
	{"Pad", v(18, 19, 21, 23, 24, 25), arity{2, 4}, one, []attr{padModeAttr}, importPad11},
	{"Pow", v(7, 12, 13, 15), two, one, nil, narrow(importBinary(schema.Pow))},
	{"QLinearConv", v(10), arity{8, 9}, one, append(slices.Clone(windowAttrs), dilationsAttr, intAttr("group", 1)), importQLinearConv},
	{"QLinearMatMul", v(10), arity{8, 8}, one, nil, importQLinearMatMul},
	{"QuantizeLinear", v(10), arity{2, 3}, one, nil, importQuantize},
	{"QuantizeLinear", v(13), arity{2, 3}, one, []attr{intAttr("axis", 1)}, importQuantize},
	{"QuantizeLinear", v(19), arity{2, 3}, one, []attr{intAttr("axis", 1), intAttr("saturate", 1)}, importQuantize},
	{"QuantizeLinear", v(21), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0), intAttr("saturate", 1)), importQuantize},
	{"QuantizeLinear", v(23, 24, 25), arity{2, 3}, one, blockAttrs(intAttr("output_dtype", 0), intAttr("saturate", 1), intAttr("precision", 0)), importQuantize},
	{"RNN", v(7), arity{3, 6}, arity{0, 2}, recurrentAttrs(), half(importRNN)},
	{"RNN", v(14, 22), arity{3, 6}, arity{0, 2}, recurrentAttrs(intAttr("layout", 0)), half(importRNN)},
	{"Range", v(11), three, one, nil, narrow(importRange)},
	{"Reciprocal", v(6, 13), one, one, nil, half(importUnary(schema.Reciprocal))},
	{"ReduceL1", v(1, 11, 13), one, one, reduceAttrs, narrow(reduceAttribute(reduceL1))},
	{"ReduceL1", v(18), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceL1))},
	{"ReduceL2", v(1, 11, 13), one, one, reduceAttrs, half(reduceAttribute(reduceL2))},
	{"ReduceL2", v(18), arity{1, 2}, one, reduceOperandAttrs, half(reduceOperand(reduceL2))},
	{"ReduceLogSum", v(1, 11, 13), one, one, reduceAttrs, half(reduceAttribute(reduceLogSum))},
	{"ReduceLogSum", v(18), arity{1, 2}, one, reduceOperandAttrs, half(reduceOperand(reduceLogSum))},
	{"ReduceLogSumExp", v(1, 11, 13), one, one, reduceAttrs, half(reduceAttribute(reduceLogSumExp))},
	{"ReduceLogSumExp", v(18), arity{1, 2}, one, reduceOperandAttrs, half(reduceOperand(reduceLogSumExp))},
	{"ReduceMax", v(1, 11, 12, 13), one, one, reduceAttrs, narrow(reduceAttribute(reduceBy(schema.ReduceMax)))},
	{"ReduceMax", v(18, 20), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceBy(schema.ReduceMax)))},
	{"ReduceMean", v(1, 11, 13), one, one, reduceAttrs, half(reduceAttribute(reduceBy(schema.ReduceMean)))},
	{"ReduceMean", v(18), arity{1, 2}, one, reduceOperandAttrs, half(reduceOperand(reduceBy(schema.ReduceMean)))},
	{"ReduceMin", v(1, 11, 12, 13), one, one, reduceAttrs, narrow(reduceAttribute(reduceBy(schema.ReduceMin)))},
	{"ReduceMin", v(18, 20), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceBy(schema.ReduceMin)))},
	{"ReduceProd", v(1, 11, 13), one, one, reduceAttrs, narrow(reduceAttribute(reduceBy(schema.ReduceProd)))},
	{"ReduceProd", v(18), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceBy(schema.ReduceProd)))},
	{"ReduceSum", v(1, 11), one, one, reduceAttrs, narrow(reduceAttribute(reduceBy(schema.ReduceSum)))},
	{"ReduceSum", v(13), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceBy(schema.ReduceSum)))},
	{"ReduceSumSquare", v(1, 11, 13), one, one, reduceAttrs, narrow(reduceAttribute(reduceSumSquare))},
	{"ReduceSumSquare", v(18), arity{1, 2}, one, reduceOperandAttrs, narrow(reduceOperand(reduceSumSquare))},
	{"Relu", v(6, 13, 14), one, one, nil, narrow(importRelu)},
	{"Reshape", v(5, 13), two, one, nil, importReshape},
	{"Reshape", v(14, 19, 21, 23, 24, 25), two, one, []attr{intAttr("allowzero", 0)}, importReshape},
	{"Resize", v(10), two, one, []attr{stringAttr("mode", "nearest")}, half(importResize10)},
	{"Resize", v(11, 13), arity{1, 4}, one, resizeAttrs(), half(importResize)},
	{"Resize", v(18, 19), arity{1, 4}, one, resizeAttrs(intAttr("antialias", 0), intsAttr("axes"), stringAttr("keep_aspect_ratio_policy", "stretch")), half(importResize)},
	{"ReverseSequence", v(10), two, one, []attr{intAttr("batch_axis", 1), intAttr("time_axis", 0)}, importReverseSequence},
	{"Round", v(11, 22), one, one, nil, half(importUnary(schema.Round))},
	{"Scan", v(8), arity{0, many}, arity{1, many}, []attr{graphAttr("body"), need(intAttr("num_scan_inputs", 0)), intsAttr("directions")}, importScan8},
	{"Scan", v(9, 11, 16, 19, 21, 23, 24, 25), arity{1, many}, arity{1, many}, []attr{graphAttr("body"), need(intAttr("num_scan_inputs", 0)), intsAttr("scan_input_axes"), intsAttr("scan_input_directions"), intsAttr("scan_output_axes"), intsAttr("scan_output_directions")}, importScan},
	{"Scatter", v(9), three, one, []attr{intAttr("axis", 0)}, importScatterElements},
	{"ScatterElements", v(11, 13), three, one, []attr{intAttr("axis", 0)}, importScatterElements},
	{"ScatterElements", v(16, 18), three, one, []attr{intAttr("axis", 0), stringAttr("reduction", "none")}, importScatterElements},
	{"ScatterND", v(11, 13), three, one, nil, importScatterND},
	{"ScatterND", v(16, 18), three, one, []attr{stringAttr("reduction", "none")}, importScatterND},
	{"Selu", v(6, 22), one, one, []attr{floatAttr("alpha", 1.67326319217681884765625), floatAttr("gamma", 1.05070102214813232421875)}, half(importParams(schema.Selu, "alpha", "gamma"))},
	{"Shape", v(1, 13), one, one, nil, importShape},
	{"Shape", v(15, 19, 21, 23, 24, 25), one, one, []attr{intAttr("start", 0), intAttr("end", 0)}, importShape},
	{"Shrink", v(9), one, one, []attr{floatAttr("lambd", 0.5), floatAttr("bias", 0)}, half(importParams(schema.Shrink, "lambd", "bias"))},
	{"Sigmoid", v(6, 13), one, one, nil, half(importUnary(schema.Sigmoid))},
	{"Sign", v(9, 13), one, one, nil, narrow(importUnary(schema.Sign))},
	{"Sin", v(7, 22), one, one, nil, half(importUnary(schema.Sin))},
	{"Sinh", v(9, 22), one, one, nil, half(importUnary(schema.Sinh))},
	{"Size", v(1, 13, 19, 21, 23, 24, 25), one, one, nil, importSize},
	{"Slice", v(1), one, one, []attr{need(intsAttr("starts")), need(intsAttr("ends")), intsAttr("axes")}, importSlice},
	{"Slice", v(10, 11, 13), arity{3, 5}, one, nil, importSlice10},
	{"Softmax", v(1, 11), one, one, []attr{intAttr("axis", 1)}, half(importSoftmax1)},
	{"Softmax", v(13), one, one, []attr{intAttr("axis", -1)}, half(importSoftmax)},
	{"Softplus", v(1, 22), one, one, nil, half(importUnary(schema.Softplus))},
	{"Softsign", v(1, 22), one, one, nil, half(importUnary(schema.Softsign))},
	{"SpaceToDepth", v(1, 13), one, one, []attr{need(intAttr("blocksize", 0))}, importSpaceToDepth},
	{"Split", v(2, 11), one, arity{1, many}, []attr{intAttr("axis", 0), intsAttr("split")}, importSplit},
	{"Split", v(13), arity{1, 2}, arity{1, many}, []attr{intAttr("axis", 0)}, importSplit13},
	{"Split", v(18), arity{1, 2}, arity{1, many}, []attr{intAttr("axis", 0), intAttr("num_outputs", 0)}, importSplit18},
	{"Sqrt", v(6, 13), one, one, nil, half(importUnary(schema.Sqrt))},
	{"Squeeze", v(1, 11), one, one, []attr{intsAttr("axes")}, importSqueeze},
	{"Squeeze", v(13, 21, 23, 24, 25), arity{1, 2}, one, nil, importSqueeze13},
	{"Sub", v(7, 13, 14), two, one, nil, narrow(importBinary(schema.Sub))},
	{"Sum", v(6, 8, 13), arity{1, many}, one, nil, half(importVariadic(schema.Add))},
	{"Tan", v(7, 22), one, one, nil, half(importUnary(schema.Tan))},
	{"Tanh", v(6, 13), one, one, nil, half(importUnary(schema.Tanh))},
	{"ThresholdedRelu", v(10, 22), one, one, []attr{floatAttr("alpha", 1)}, half(importParams(schema.ThresholdedRelu, "alpha", ""))},
	{"Tile", v(6, 13), two, one, nil, importTile},
	{"TopK", v(1), one, two, []attr{intAttr("axis", -1), need(intAttr("k", 0))}, narrowFirst(importTopK)},
	{"TopK", v(10), two, two, []attr{intAttr("axis", -1)}, narrowFirst(importTopK)},
	{"TopK", v(11, 24), two, two, []attr{intAttr("axis", -1), intAttr("largest", 1), intAttr("sorted", 1)}, narrowFirst(importTopK)},
	{"Transpose", v(1, 13, 21, 23, 24, 25), one, one, []attr{intsAttr("perm")}, importTranspose},
	{"Trilu", v(14), arity{1, 2}, one, []attr{intAttr("upper", 1)}, importTrilu},
	{"Unsqueeze", v(1, 11), one, one, []attr{need(intsAttr("axes"))}, importUnsqueeze},
	{"Unsqueeze", v(13, 21, 23, 24, 25), two, one, nil, importUnsqueeze13},
	{"Upsample", v(7), one, one, []attr{stringAttr("mode", "nearest"), need(floatsAttr("scales"))}, half(importUpsample7)},
	{"Upsample", v(9), two, one, []attr{stringAttr("mode", "nearest")}, half(importUpsample)},
	{"Where", v(9, 16), three, one, nil, importWhere},
	{"Xor", v(7), two, one, nil, importBinary(schema.Xor)},
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

// argAttrs are the attributes of ArgMax and ArgMin.
func argAttrs(more ...attr) []attr {
	return append([]attr{intAttr("axis", 0), intAttr("keepdims", 1)}, more...)
}

// resizeAttrs are the attributes of Resize.
func resizeAttrs(more ...attr) []attr {
	return append([]attr{
		stringAttr("coordinate_transformation_mode", "half_pixel"), floatAttr("cubic_coeff_a", -0.75), intAttr("exclude_outside", 0),
		floatAttr("extrapolation_value", 0), stringAttr("mode", "nearest"), stringAttr("nearest_mode", "round_prefer_floor"),
	}, more...)
}

// blockAttrs are the attributes of quantization that has blocks.
func blockAttrs(more ...attr) []attr {
	return append([]attr{intAttr("axis", 1), intAttr("block_size", 0)}, more...)
}

// normAttrs are the attributes of BatchNormalization. The momentum is for training.
func normAttrs(more ...attr) []attr {
	return append([]attr{floatAttr("epsilon", 1e-5), floatAttr("momentum", 0.9)}, more...)
}
