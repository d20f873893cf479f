#!/usr/bin/env python3
"""Makes testdata/importer/cases.zip: small models with ONNX Runtime's results.

Needs the Python packages onnx and onnxruntime. The cases cover what ONNX's node
tests leave out: one spatial axis, the forms that operators had at older opsets,
operands that are computed, and shapes that follow from the input's.
"""

import pathlib
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import importer_control
import importer_ops

OUT = pathlib.Path(__file__).resolve().parent.parent / "importer"

rng = np.random.default_rng(1)
cases = []


def f32(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


def i64(*values):
    return np.array(values, dtype=np.int64)


def case(name, opset, nodes, inputs, consts=None, outputs=("y",), dims=None, functions=()):
    """Adds a case. inputs and consts are arrays by name; dims declares input shapes."""
    consts, dims = consts or {}, dims or {}
    if isinstance(nodes, onnx.NodeProto):
        nodes = [nodes]
    for i, n in enumerate(nodes):
        n.name = n.name or f"{n.op_type}{i}"
    graph = helper.make_graph(
        nodes,
        name,
        [
            helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(x.dtype), dims.get(k, x.shape))
            for k, x in inputs.items()
        ],
        [onnx.ValueInfoProto(name=o) for o in outputs],
        [numpy_helper.from_array(x, k) for k, x in consts.items()],
    )
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid("local", 1)] * bool(functions)
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=functions)
    model.producer_name = ""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    results = session.run(None, inputs)
    cases.append((name, model, list(inputs.values()), results))


def op(kind, ins, outs="y", **attrs):
    return helper.make_node(kind, ins.split(" ") if ins else [], outs.split(" "), **attrs)


def convolutions():
    x1, w1 = f32(2, 4, 11), f32(6, 4, 3)
    case("conv1d", 11, op("Conv", "x w b", pads=[2, 1], strides=[2]), {"x": x1}, {"w": w1, "b": f32(6)})
    case("conv1d_groups_dilation", 7, op("Conv", "x w", group=2, dilations=[2]), {"x": x1}, {"w": f32(4, 2, 3)})
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        case(f"conv1d_{mode.lower()}", 11, op("Conv", "x w", auto_pad=mode, strides=[2]), {"x": f32(1, 4, 10)}, {"w": w1})
        case(f"conv2d_{mode.lower()}", 21, op("Conv", "x w", auto_pad=mode, strides=[2, 3]), {"x": f32(1, 3, 8, 10)}, {"w": f32(2, 3, 4, 3)})
        case(f"maxpool_{mode.lower()}", 12, op("MaxPool", "x", auto_pad=mode, kernel_shape=[3, 2], strides=[2, 2]), {"x": f32(1, 3, 8, 7)})
        case(f"averagepool_{mode.lower()}", 11, op("AveragePool", "x", auto_pad=mode, kernel_shape=[3, 2], strides=[2, 2]), {"x": f32(1, 3, 8, 7)})
    case("conv2d_same_dynamic", 11, op("Conv", "x w", auto_pad="SAME_UPPER", kernel_shape=[3, 3]), {"x": f32(2, 3, 6, 5)}, {"w": f32(4, 3, 3, 3)}, dims={"x": ["n", 3, "h", "w"]})
    case("conv2d_asymmetric", 11, op("Conv", "x w b", pads=[0, 1, 2, 3], dilations=[2, 1], strides=[1, 2]), {"x": f32(2, 3, 9, 8)}, {"w": f32(5, 3, 3, 2), "b": f32(5)})
    case("conv2d_depthwise", 13, op("Conv", "x w b", group=4, pads=[1] * 4), {"x": f32(1, 4, 5, 5)}, {"w": f32(8, 1, 3, 3), "b": f32(8)})
    case("conv2d_computed", 11, op("Conv", "x w b"), {"x": f32(1, 3, 5, 5), "w": f32(2, 3, 3, 3), "b": f32(2)})
    case("conv1d_computed", 11, op("Conv", "x w"), {"x": f32(1, 3, 5), "w": f32(2, 3, 3)})


def pools():
    x = f32(2, 3, 7, 8)
    case("maxpool1d", 8, op("MaxPool", "x", kernel_shape=[3], strides=[2], pads=[1, 1]), {"x": f32(1, 2, 9)})
    case("maxpool_dilated_ceil", 10, op("MaxPool", "x", kernel_shape=[2, 2], strides=[2, 3], dilations=[2, 1], ceil_mode=1), {"x": x})
    case("maxpool_opset7", 7, op("MaxPool", "x", kernel_shape=[2, 3]), {"x": x})
    case("averagepool1d_count_pad", 7, op("AveragePool", "x", kernel_shape=[3], strides=[2], pads=[1, 1], count_include_pad=1), {"x": f32(1, 2, 9)})
    case("averagepool_ceil", 10, op("AveragePool", "x", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1], ceil_mode=1), {"x": x})
    case("averagepool_ceil_count_pad", 19, op("AveragePool", "x", kernel_shape=[3, 3], strides=[2, 3], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1), {"x": x})
    case("averagepool_dilated", 19, op("AveragePool", "x", kernel_shape=[2, 3], dilations=[3, 2], pads=[1, 1, 1, 1]), {"x": x})
    for kind in ("GlobalAveragePool", "GlobalMaxPool"):
        case(kind.lower(), 9, op(kind, "x"), {"x": x})
        case(kind.lower() + "_1d", 9, op(kind, "x"), {"x": f32(2, 3, 5)})
        case(kind.lower() + "_3d", 9, op(kind, "x"), {"x": f32(2, 3, 2, 4, 3)})


def norms():
    def params(c):
        return {"s": f32(c), "b": f32(c), "m": f32(c), "v": np.abs(f32(c)) + np.float32(0.5)}

    for opset in (7, 9, 14, 15):
        case(f"batchnorm_opset{opset}", opset, op("BatchNormalization", "x s b m v", epsilon=1e-3), {"x": f32(2, 3, 4, 5)}, params(3))
    case("batchnorm_rank2", 9, op("BatchNormalization", "x s b m v"), {"x": f32(4, 3)}, params(3))
    case("batchnorm_rank3", 15, op("BatchNormalization", "x s b m v"), {"x": f32(2, 3, 4)}, params(3))
    case("batchnorm_computed", 15, op("BatchNormalization", "x s b m v"), {"x": f32(2, 3, 4, 2), **params(3)})
    case("batchnorm_computed_rank2", 9, op("BatchNormalization", "x s b m v"), {"x": f32(2, 3), **params(3)})
    for kind in ("Softmax", "LogSoftmax"):
        for opset in (7, 11, 13):
            for axis in (0, 1, 2, None):
                attrs = {} if axis is None else {"axis": axis}
                case(f"{kind.lower()}_opset{opset}_axis_{axis}", opset, op(kind, "x", **attrs), {"x": f32(2, 3, 4)})
        case(kind.lower() + "_opset11_negative", 11, op(kind, "x", axis=-2), {"x": f32(2, 3, 4)})
        case(kind.lower() + "_opset11_dynamic", 11, op(kind, "x", axis=1), {"x": f32(2, 3, 4)}, dims={"x": ["n", 3, "t"]})


def matrices():
    a, b = f32(3, 4), f32(4, 5)
    for name, c in {"row": f32(5), "row2d": f32(1, 5), "column": f32(3, 1), "full": f32(3, 5), "scalar": f32(), "one": f32(1)}.items():
        case(f"gemm_{name}", 7, op("Gemm", "a b c"), {"a": a}, {"b": b, "c": c})
        case(f"gemm_{name}_scaled", 13, op("Gemm", "a b c", alpha=0.5, beta=1.5), {"a": a}, {"b": b, "c": c})
    case("gemm_computed", 9, op("Gemm", "a b c", beta=0.25), {"a": a, "b": b, "c": f32(5)})
    case("gemm_transposed", 11, op("Gemm", "a b", transA=1, transB=1, alpha=2.0), {"a": f32(4, 3)}, {"b": f32(5, 4)})
    case("matmul_vector", 13, op("MatMul", "a b"), {"a": f32(4), "b": f32(2, 4, 3)})
    case("matmul_batch", 9, op("MatMul", "a b"), {"a": f32(2, 1, 3, 4), "b": f32(3, 4, 2)})


def elementwise():
    x = f32(2, 3, 4)
    case("clip_opset6", 7, op("Clip", "x", min=-0.5, max=0.25), {"x": x})
    case("clip_opset6_min", 10, op("Clip", "x", min=0.0), {"x": x})
    case("clip_min", 11, op("Clip", "x lo"), {"x": x}, {"lo": np.float32(-0.5)})
    case("clip_max", 13, [helper.make_node("Clip", ["x", "", "hi"], ["y"])], {"x": x}, {"hi": np.float32(0.5)})
    case("clip_both", 12, op("Clip", "x lo hi"), {"x": x}, {"lo": np.float32(0), "hi": np.float32(0.5)})
    case("clip_none", 11, op("Clip", "x"), {"x": x})
    case("clip_computed", 13, op("Clip", "x lo hi"), {"x": x, "lo": np.array(-0.1, np.float32), "hi": np.array(0.1, np.float32)})
    case("clip_int64", 12, op("Clip", "x lo hi"), {"x": i64(-5, 0, 7, 9)}, {"lo": np.int64(-1), "hi": np.int64(8)})
    case("prelu_channels", 9, op("PRelu", "x s"), {"x": f32(2, 3, 4, 5)}, {"s": f32(3, 1, 1)})
    case("leakyrelu", 16, op("LeakyRelu", "x", alpha=0.3), {"x": x})
    case("leakyrelu_default", 7, op("LeakyRelu", "x"), {"x": x})
    case("hardsigmoid", 7, op("HardSigmoid", "x", alpha=0.4), {"x": 4 * x})
    case("relu_int32", 14, op("Relu", "x"), {"x": np.array([-2, 0, 3], np.int32)})
    case("max_of_three", 8, op("Max", "a b c"), {"a": x, "b": f32(3, 1), "c": f32(4)})
    case("min_of_one", 13, op("Min", "a"), {"a": x})
    case("pow_int_exponent", 12, op("Pow", "x e"), {"x": np.abs(x)}, {"e": i64(0, 1, 2, 3)})
    case("add_int64", 7, op("Add", "a b"), {"a": i64(1, 2, 3), "b": i64(10)})
    case("div_int32", 14, op("Div", "a b"), {"a": np.array([7, -7, 9], np.int32), "b": np.array([2, 2, -4], np.int32)})
    case("round", 11, op("Round", "x"), {"x": np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.4], np.float32)})
    case("sign", 9, op("Sign", "x"), {"x": np.array([-2.5, 0, 0.5], np.float32)})
    for kind in ("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"):
        case(kind.lower() + "_int64", 16, op(kind, "a b"), {"a": i64(1, 2, 3)}, {"b": i64(2)})
    case("greater_float", 7, op("Greater", "a b"), {"a": x}, {"b": np.float32(0)})
    case("logic", 7, [op("And", "a b", "c"), op("Not", "c", "d"), op("Or", "d a")],
         {"a": np.array([True, True, False]), "b": np.array([[True], [False]])})
    case("where_scalars", 9, [op("Less", "x z", "c"), op("Where", "c p m")], {"x": x},
         {"z": np.float32(0), "p": np.float32(-1), "m": np.array([1], np.float32)})
    case("cast_chain", 13, [op("Cast", "x", "i", to=TensorProto.INT32), op("Cast", "i", "b", to=TensorProto.BOOL),
                            op("Cast", "b", "h", to=TensorProto.FLOAT16), op("Cast", "h", to=TensorProto.FLOAT)], {"x": 3 * x})
    case("cast_same", 19, op("Cast", "x", to=TensorProto.FLOAT), {"x": x})


def types():
    def f16(*shape):
        return f32(*shape).astype(np.float16)

    x = f16(2, 3, 4, 5)
    case("half_add", 14, op("Add", "a b"), {"a": x}, {"b": f16(5)})
    case("half_conv", 11, op("Conv", "x w b", pads=[1] * 4), {"x": x}, {"w": f16(2, 3, 3, 3), "b": f16(2)})
    case("half_batchnorm", 15, op("BatchNormalization", "x s b m v"), {"x": x}, {"s": f16(3), "b": f16(3), "m": f16(3), "v": np.ones(3, np.float16)})
    case("half_relu", 14, op("Relu", "x"), {"x": x})
    case("half_softmax", 13, op("Softmax", "x"), {"x": x})
    case("half_clip", 13, op("Clip", "x lo"), {"x": x}, {"lo": np.array(-0.5, np.float16)})
    case("half_greater", 13, op("Greater", "x z"), {"x": x}, {"z": np.array(0, np.float16)})
    case("half_weights", 13, [op("Cast", "h", "w", to=TensorProto.FLOAT), op("MatMul", "x w")], {"x": f32(2, 3)}, {"h": f16(3, 2)})
    case("uint8_sub", 14, op("Sub", "a b"), {"a": np.array([5, 0, 255], np.uint8), "b": np.array([7, 1, 1], np.uint8)})
    case("int8_max", 12, op("Max", "a b c"), {"a": np.array([-5, 100], np.int8), "b": np.array([7, -128], np.int8), "c": np.array([0], np.int8)})
    case("uint32_mul", 14, op("Mul", "a b"), {"a": np.array([3, 2**31], np.uint32), "b": np.array([4, 2], np.uint32)})


def moves():
    x = f32(2, 6, 4)
    case("split_opset7", 7, op("Split", "x", "a b c", axis=1), {"x": x}, outputs=["a", "b", "c"])
    case("split_opset11_sizes", 11, op("Split", "x", "a b", axis=-2, split=[1, 5]), {"x": x}, outputs=["b", "a"])
    case("split_opset13", 13, op("Split", "x s", "a b", axis=1), {"x": x}, {"s": i64(4, 2)}, outputs=["a", "b"])
    case("split_opset18_uneven", 18, op("Split", "x", "a b c d", axis=1, num_outputs=4), {"x": f32(2, 7)}, outputs=["a", "b", "c", "d"])
    case("split_opset18_even", 18, op("Split", "x", "a b", axis=1, num_outputs=2), {"x": x}, outputs=["a", "b"])
    case("split_one_unused", 13, op("Split", "x", "a b c", axis=1), {"x": x}, outputs=["c"])
    case("slice_opset9", 9, op("Slice", "x", axes=[1, 2], starts=[1, -3], ends=[5, 9999]), {"x": x})
    case("slice_opset9_no_axes", 7, op("Slice", "x", starts=[0, 2], ends=[1, 4]), {"x": x})
    case("slice_negative_step", 11, op("Slice", "x s e a t"), {"x": x}, {"s": i64(-1, 3), "e": i64(-9999, 0), "a": i64(1, -1), "t": i64(-2, -1)})
    case("slice_int32", 10, op("Slice", "x s e"), {"x": x}, {"s": np.array([1], np.int32), "e": np.array([2**31 - 1], np.int32)})
    case("gather_negative", 11, op("Gather", "x i", axis=1), {"x": x}, {"i": i64(-1, 0, -6)})
    case("gather_scalar", 7, op("Gather", "x i", axis=2), {"x": x}, {"i": np.int64(3)})
    case("gather_computed", 13, op("Gather", "x i"), {"x": x, "i": np.array([[1], [0]], np.int32)})
    case("squeeze_opset11", 11, op("Squeeze", "x", axes=[0, -1]), {"x": f32(1, 3, 1)})
    case("squeeze_opset13", 13, op("Squeeze", "x a"), {"x": f32(1, 3, 1)}, {"a": i64(-3)})
    case("squeeze_all", 13, op("Squeeze", "x"), {"x": f32(1, 3, 1)})
    case("unsqueeze_opset7", 7, op("Unsqueeze", "x", axes=[0, 3]), {"x": f32(3, 2)})
    case("unsqueeze_opset13", 13, op("Unsqueeze", "x a"), {"x": f32(3, 2)}, {"a": i64(-1, 0)})
    case("concat", 7, op("Concat", "a b c", axis=1), {"a": f32(2, 1), "b": f32(2, 3), "c": f32(2, 2)})
    case("transpose_default", 7, op("Transpose", "x"), {"x": x})
    case("flatten_negative", 11, op("Flatten", "x", axis=-1), {"x": x})
    case("flatten_all", 9, op("Flatten", "x", axis=3), {"x": x})
    case("reshape_zero", 7, op("Reshape", "x s"), {"x": x}, {"s": i64(0, -1)})
    case("reshape_allowzero", 14, op("Reshape", "x s", allowzero=1), {"x": f32(0, 3)}, {"s": i64(3, 0)})
    case("expand", 8, op("Expand", "x s"), {"x": f32(3, 1)}, {"s": i64(2, 1, 4)})
    case("constantofshape", 9, op("ConstantOfShape", "s"), {}, {"s": i64(2, 3)})
    case("constantofshape_int", 20, op("ConstantOfShape", "s", value=numpy_helper.from_array(i64(7))), {}, {"s": i64(3)})
    case("shape_range", 15, op("Shape", "x", start=-2, end=5), {"x": x})
    for mode in ("constant", "reflect", "edge"):
        case(f"pad_opset2_{mode}", 7, op("Pad", "x", mode=mode, pads=[0, 1, 2, 1, 0, 1], value=1.5), {"x": f32(2, 3, 4)})
        case(f"pad_opset13_{mode}", 13, op("Pad", "x p", mode=mode), {"x": f32(3, 4)}, {"p": i64(1, 2, 0, 3)})
    case("pad_negative", 11, op("Pad", "x p v"), {"x": f32(5, 4)}, {"p": i64(-1, 2, 1, -1), "v": np.float32(3)})
    case("pad_axes", 18, op("Pad", "x p v a"), {"x": f32(2, 3, 4)}, {"p": i64(1, 2), "v": np.float32(-1), "a": i64(-1)})
    case("pad_int", 21, op("Pad", "x p v"), {"x": i64(1, 2)}, {"p": i64(1, 1), "v": np.int64(9)})
    case("dropout_opset7", 7, op("Dropout", "x", ratio=0.3), {"x": x})
    case("dropout_opset13_mask", 13, op("Dropout", "x r t", "y m"), {"x": x}, {"r": np.float32(0.5), "t": np.array(False)}, outputs=["m", "y"])


def reductions():
    x = f32(2, 3, 4)
    for kind, last in (("ReduceMean", 13), ("ReduceProd", 13), ("ReduceSum", 11)):
        low = kind.lower()
        case(low + "_axes", last, op(kind, "x", axes=[0, -1], keepdims=0), {"x": x})
        case(low + "_all", 7, op(kind, "x"), {"x": x})
        case(low + "_operand", 18, op(kind, "x a", keepdims=1), {"x": x}, {"a": i64(1)})
        case(low + "_operand_none", 18, op(kind, "x", keepdims=0), {"x": x})
        case(low + "_noop", 18, op(kind, "x", noop_with_empty_axes=1), {"x": x})
    case("reduceprod_int", 13, op("ReduceProd", "x", axes=[0]), {"x": i64(5, -2, 1 << 40)})
    case("reducesum_int", 13, op("ReduceSum", "x a", keepdims=0), {"x": i64(1, 2, 3)}, {"a": i64(0)})


def constants():
    for name, attrs in {
        "value": {"value": numpy_helper.from_array(f32(2, 2))},
        "float": {"value_float": 1.5},
        "floats": {"value_floats": [1.5, 2.5]},
        "int": {"value_int": 7},
        "ints": {"value_ints": [7, -8, 9]},
    }.items():
        case(f"constant_{name}", 12, op("Constant", "", **attrs), {})
    for opset in (7, 11):
        case(f"constant_opset{opset}", opset, [op("Constant", "", "c", value=numpy_helper.from_array(f32(3))), op("Mul", "x c")], {"x": f32(2, 3)})
    case("identity_output", 7, op("Identity", "x"), {"x": f32(2)})
    case("initializer_output", 7, [op("Add", "x c", "z")], {"x": f32(2)}, {"c": f32(2)}, outputs=["c", "z", "x"])


def dynamic():
    x = f32(3, 2, 4, 4)
    case("view_dynamic_batch", 11,
         [op("Shape", "x", "s"), op("Gather", "s zero", "n", axis=0), op("Unsqueeze", "n", "n1", axes=[0]),
          op("Concat", "n1 rest", "shape", axis=0), op("Reshape", "x shape")],
         {"x": x}, {"zero": np.int64(0), "rest": i64(-1)}, dims={"x": ["n", 2, 4, 4]})
    case("fully_dynamic", 13,
         [op("Conv", "x w", "c", pads=[1] * 4), op("MaxPool", "c", "p", kernel_shape=[2, 2], strides=[2, 2]),
          op("GlobalAveragePool", "p", "g"), op("Flatten", "g")],
         {"x": x}, {"w": f32(5, 2, 3, 3)}, dims={"x": [None, 2, None, None]})
    case("expand_like", 13, [op("Shape", "x", "s"), op("Expand", "c s", "e"), op("Add", "x e")],
         {"x": x}, {"c": f32(1, 2, 1, 1)}, dims={"x": ["n", 2, "h", "h"]})
    case("slice_to_half", 13,
         [op("Shape", "x", "s"), op("Gather", "s one", "c", axis=0), op("Div", "c two", "half"), op("Slice", "x zero half one1")],
         {"x": x}, {"one": i64(1), "two": i64(2), "zero": i64(0), "one1": i64(1)}, dims={"x": ["n", 2, 4, "w"]})


def newest():
    """The operators that got new versions in opsets 22 to 25, all in one graph each."""
    for opset in (22, 23, 24, 25):
        x = f32(2, 3, 6, 6)
        case(f"windows_opset{opset}", opset,
             [op("Conv", "x w", "c", pads=[1] * 4), op("HardSigmoid", "c", "h"), op("MaxPool", "h", "m", kernel_shape=[2, 2]),
              op("AveragePool", "m", "a", kernel_shape=[3, 3], dilations=[1, 1]), op("GlobalAveragePool", "a", "g"),
              op("GlobalMaxPool", "a", "u"), op("Add", "g u", "s"), op("Dropout", "s", "d"), op("Add", "a d")],
             {"x": x}, {"w": f32(4, 3, 3, 3)})
        case(f"moves_opset{opset}", opset,
             [op("Pad", "x pads", "p"), op("Transpose", "p", "t", perm=[1, 0, 2]), op("Reshape", "t shape", "r", allowzero=0),
              op("Unsqueeze", "r axis", "u"), op("Squeeze", "u axis", "q"), op("Identity", "q", "i"), op("Flatten", "i", "f"),
              op("Round", "f", "n"), op("Cast", "n", "k", to=TensorProto.INT32), op("Cast", "k", "e", to=TensorProto.FLOAT),
              op("Shape", "e", "s", start=1), op("ConstantOfShape", "s", "o", value=numpy_helper.from_array(np.float32([2]))),
              op("Constant", "", "h", value_float=0.5), op("Mul", "o h", "one"), op("Sub", "f one", "z"), op("Add", "z e")],
             {"x": f32(2, 3, 4)}, {"pads": i64(0, 1, 0, 0, 0, 2), "shape": i64(0, -1), "axis": i64(1)})
    for opset in (15, 19, 21, 24, 25):
        case(f"castlike_opset{opset}", opset,
             [op("CastLike", "x pads", "i"), op("CastLike", "i t", "b"), op("CastLike", "b x", "f"), op("CastLike", "f x")],
             {"x": 2 * f32(3, 4)}, {"pads": i64(1, 2), "t": np.array([True])})


def fill():
    """Makes all cases."""
    for make in (convolutions, pools, norms, matrices, elementwise, types, moves, reductions, constants, dynamic, newest):
        make()
    importer_ops.make(case, op, f32, i64)


def write(path, cases):
    """Writes the archive of cases."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, model, inputs, outputs in cases:
            members = [("model.onnx", model.SerializeToString(deterministic=True))]
            members += [(f"input_{i}.pb", numpy_helper.from_array(x).SerializeToString()) for i, x in enumerate(inputs)]
            members += [(f"output_{i}.pb", numpy_helper.from_array(np.asarray(x)).SerializeToString()) for i, x in enumerate(outputs)]
            for member, content in members:
                info = zipfile.ZipInfo(f"{name}/{member}", (2020, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


def main():
    fill()
    importer_control.make(case, op, f32, i64)
    write(OUT / "cases.zip", cases)


if __name__ == "__main__":
    main()
