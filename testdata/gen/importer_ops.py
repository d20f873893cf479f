"""Cases of importer.py for the operators that ONNX's node tests leave out, or show in one
of their versions only."""

import numpy as np
from onnx import helper


def make(case, op, f32, i64):
    elementwise(case, op, f32, i64)
    integers(case, op, i64)
    reductions(case, op, f32, i64)
    moves(case, op, f32, i64)
    along(case, op, f32, i64)
    norms(case, op, f32)
    resizes(case, op, f32, i64)
    pools(case, op, f32)
    quantized(case, op, f32, i64)
    recurrent(case, op, f32)
    einsums(case, op, f32)


def elementwise(case, op, f32, i64):
    x = f32(3, 4)
    y = np.array([-np.inf, -3, -0.5, -0.0, 0, 0.5, 3, np.inf, np.nan], np.float32)
    for how in ("none", "tanh"):
        case(f"gelu_{how}", 20, op("Gelu", "x", approximate=how), {"x": x})
    case("mish", 18, op("Mish", "x"), {"x": x})
    case("shrink_bias", 9, op("Shrink", "x", lambd=0.4, bias=0.2), {"x": x})
    case("celu_alpha", 12, op("Celu", "x", alpha=0.7), {"x": x})
    for kind in ("Elu", "Selu", "Softplus", "Softsign", "Reciprocal", "Floor", "Ceil", "Erf", "Atan", "Sinh", "Tanh", "Sign"):
        case(f"{kind.lower()}_special", 13, op(kind, "x"), {"x": y})
    for kind in ("Exp", "Log", "Sqrt", "Floor", "Abs", "Reciprocal"):
        case(f"{kind.lower()}_double", 13, op(kind, "x"), {"x": np.abs(x).astype(np.float64)})
    for kind in ("Elu", "Softplus", "Ceil", "Erf"):
        case(f"{kind.lower()}_half", 13, op(kind, "x"), {"x": x.astype(np.float16)})
    case("mean_of_three", 13, op("Mean", "a b c"), {"a": x, "b": f32(4), "c": f32(3, 1)})
    case("sum_of_three", 8, op("Sum", "a b c"), {"a": x, "b": f32(4), "c": f32(3, 1)})
    case("isnan", 13, op("IsNaN", "x"), {"x": y})
    case("isnan_half", 13, op("IsNaN", "x"), {"x": y.astype(np.float16)})
    for negative in (0, 1):
        for positive in (0, 1):
            case(f"isinf_{negative}{positive}", 10, op("IsInf", "x", detect_negative=negative, detect_positive=positive), {"x": y})
    case("fmod_floats", 13, op("Mod", "a b", fmod=1), {"a": 4 * x, "b": f32(4)})
    case("where_of_uint8", 9, op("Where", "c a b"), {"c": x > 0, "a": np.arange(12, dtype=np.uint8).reshape(3, 4), "b": np.array(200, np.uint8)})


def integers(case, op, i64):
    a, b = np.array([-7, 7, 9, -128, 127, 0], np.int32), np.array([3, -3, 4, 127, -128, 5], np.int32)
    for kind in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        for dtype in (np.int32, np.uint8, np.int64, np.uint64):
            case(f"{kind.lower()}_{np.dtype(dtype).name}", 18, op(kind, "a b"), {"a": a.astype(dtype), "b": b.astype(dtype)})
    for dtype in (np.int8, np.uint16, np.int32, np.uint64):
        case(f"bitwisenot_{np.dtype(dtype).name}", 18, op("BitwiseNot", "a"), {"a": a.astype(dtype)})
    for dtype in (np.int8, np.int32, np.int64):
        for fmod in (0, 1):
            case(f"mod_{np.dtype(dtype).name}_fmod_{fmod}", 13, op("Mod", "a b", fmod=fmod), {"a": a.astype(dtype), "b": b.astype(dtype)})
    big = np.array([2**63 + 5, 2**64 - 1, 3, 0], np.uint64)
    case("div_uint64", 14, op("Div", "a b"), {"a": big, "b": np.array([2, 3, 2, 7], np.uint64)})
    case("less_uint64", 13, op("Less", "a b"), {"a": big, "b": big[::-1].copy()})
    case("sub_uint64", 14, op("Sub", "a b"), {"a": big, "b": big[::-1].copy()})


def reductions(case, op, f32, i64):
    x = f32(2, 3, 4)
    for kind in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Min", "SumSquare", "Prod", "Mean", "Sum"):
        v = np.abs(x) if kind == "LogSum" else x
        name = f"reduce{kind.lower()}"
        op_type = "Reduce" + kind
        case(f"{name}_opset18", 18, op(op_type, "x axes", keepdims=0), {"x": v}, {"axes": i64(-1, 0)})
        case(f"{name}_opset18_none", 18, op(op_type, "x"), {"x": v})
        case(f"{name}_double", 11, op(op_type, "x", axes=[1]), {"x": v.astype(np.float64)})
        if kind in ("Max", "Min", "Sum", "Prod", "L1", "SumSquare"):
            case(f"{name}_int32", 11, op(op_type, "x", axes=[1], keepdims=0), {"x": (5 * x).astype(np.int32)})
    case("reducemax_uint8", 13, op("ReduceMax", "x", axes=[0]), {"x": (50 * np.abs(x)).astype(np.uint8)})
    case("reducemin_int8", 13, op("ReduceMin", "x", axes=[0]), {"x": (50 * x).astype(np.int8)})
    case("reducelogsumexp_far", 13, op("ReduceLogSumExp", "x", axes=[1], keepdims=0), {"x": 100 * x})
    inf = np.array([[-np.inf, -np.inf], [1, -np.inf], [np.inf, 2]], np.float32)
    case("reducelogsumexp_inf", 13, op("ReduceLogSumExp", "x", axes=[1]), {"x": inf})


def moves(case, op, f32, i64):
    x = f32(2, 8, 2, 3)
    case("depthtospace_opset7", 7, op("DepthToSpace", "x", blocksize=2), {"x": x})
    for mode in ("DCR", "CRD"):
        case(f"depthtospace_dynamic_{mode.lower()}", 13, op("DepthToSpace", "x", blocksize=2, mode=mode), {"x": x}, dims={"x": ["n", 8, "h", "w"]})
    case("spacetodepth_dynamic", 13, op("SpaceToDepth", "x", blocksize=2), {"x": f32(2, 3, 4, 6)}, dims={"x": ["n", 3, "h", "w"]})
    case("gathernd_opset11", 11, op("GatherND", "x i"), {"x": x, "i": np.array([[0, -1], [1, 3]], np.int64)})
    case("gathernd_batch", 13, op("GatherND", "x i", batch_dims=1), {"x": x, "i": np.array([[[1], [-1]], [[7], [0]]], np.int64)})
    case("gatherelements_int32", 13, op("GatherElements", "x i", axis=-2), {"x": f32(3, 4, 2), "i": np.array([[[0, -1]], [[3, 2]]], np.int32)})
    case("tile_zero", 13, op("Tile", "x r"), {"x": f32(2, 3)}, {"r": i64(2, 0)})
    case("tile_bools", 6 + 1, op("Tile", "x r"), {"x": np.array([[True, False, False]])}, {"r": i64(2, 2)})
    case("onehot_int32", 11, op("OneHot", "i d v", axis=0), {"i": np.array([[1, -1], [7, -4]], np.int32), "v": np.array([2, 5], np.float32)}, {"d": np.array([3], np.float32)})
    case("onehot_computed", 9, op("OneHot", "i d v"), {"i": i64(0, 2), "d": np.array(4, np.int64), "v": f32(2)})
    case("nonzero_behind", 13, [op("NonZero", "x", "n"), op("Transpose", "n", "t"), op("GatherND", "x t")],
         {"x": np.array([[0, 1, 2], [3, 0, np.nan]], np.float32)})
    case("nonzero_none", 13, op("NonZero", "x"), {"x": np.zeros((2, 3), np.int32)})
    case("compress_short", 11, op("Compress", "x c", axis=1), {"x": f32(2, 4), "c": np.array([False, True, True])})
    for start, limit, delta in ((1, 7, 2), (7, -2, -3), (3, 3, 1), (3, 1, 1)):
        case(f"range_{start}_{limit}_{delta}", 11, op("Range", "a b c"), {k: np.array(v, np.int64) for k, v in zip("abc", (start, limit, delta))})
        case(f"range_{start}_{limit}_{delta}_floats", 11, op("Range", "a b c"), {k: np.array(v / 2, np.float32) for k, v in zip("abc", (start, limit, delta))})
    case("range_of_shape", 13, [op("Shape", "x", "s"), op("Gather", "s one", "n"), op("Range", "zero n two", "r"), op("Gather", "x r", axis=1)],
         {"x": f32(2, 7)}, {"one": np.int64(1), "zero": np.int64(0), "two": np.int64(2)}, dims={"x": ["n", "t"]})
    case("size", 13, op("Size", "x"), {"x": f32(2, 3)}, dims={"x": ["n", 3]})
    case("reshape_computed_in_front", 13, [op("Reshape", "x s", "r"), op("Relu", "r", "p"), op("Transpose", "p")],
         {"x": f32(2, 6), "s": i64(3, -1)})
    case("slice_computed", 13, [op("Slice", "x b e", "c"), op("Add", "c c", "d"), op("ReduceSum", "d", keepdims=0)],
         {"x": f32(4, 5), "b": i64(1), "e": i64(3)})
    case("expand_computed_bias", 13, [op("Expand", "x s", "e"), op("Add", "e b")], {"x": f32(3, 1), "s": i64(2, 1, 4)}, {"b": f32(4)})


def along(case, op, f32, i64):
    x = np.array([[3, 1, 3, 2], [0, 5, -1, 5]], np.float32)
    for kind in ("ArgMax", "ArgMin"):
        case(f"{kind.lower()}_opset7", 7, op(kind, "x", axis=1, keepdims=0), {"x": x})
        case(f"{kind.lower()}_int8_last", 13, op(kind, "x", axis=-1, select_last_index=1), {"x": x.astype(np.int8)})
        case(f"{kind.lower()}_double", 13, op(kind, "x", axis=0), {"x": x.astype(np.float64)})
    case("topk_opset7", 7, op("TopK", "x", "y z", k=2, axis=1), {"x": x}, outputs=("y", "z"))
    case("topk_opset10", 10, op("TopK", "x k", "y z", axis=0), {"x": f32(4, 3)}, {"k": i64(3)}, outputs=("y", "z"))
    case("topk_computed", 11, op("TopK", "x k", "y z", largest=0), {"x": x, "k": i64(3)}, outputs=("y", "z"))
    case("topk_int64", 11, op("TopK", "x k", "y z", axis=0), {"x": i64(5, 2, 9, 5)}, {"k": i64(3)}, outputs=("y", "z"))
    case("cumsum_int32", 14, op("CumSum", "x a", exclusive=1), {"x": x.astype(np.int32), "a": np.array(1, np.int32)})
    case("cumsum_reverse", 11, op("CumSum", "x a", reverse=1), {"x": f32(2, 3, 4)}, {"a": np.array(-2, np.int64)})
    for upper in (0, 1):
        for k in (-9, -1, 0, 2, 9):
            case(f"trilu_{upper}_{k}", 14, op("Trilu", "x k", upper=upper), {"x": f32(2, 3, 4)}, {"k": np.int64(k)})
    case("eyelike_dynamic", 9, op("EyeLike", "x", k=1), {"x": f32(3, 4)}, dims={"x": ["n", "m"]})
    for opset in (7, 11, 13):
        case(f"hardmax_opset{opset}", opset, op("Hardmax", "x", axis=1), {"x": f32(2, 3, 4)}, dims={"x": ["n", 3, 4]})
    case("reversesequence_rank3", 10, op("ReverseSequence", "x n", batch_axis=0, time_axis=1), {"x": f32(3, 4, 2), "n": i64(1, 4, 0 + 2)})
    case("scatter_opset9", 9, op("Scatter", "x i u", axis=1), {"x": x, "i": np.array([[0, -1], [1, 1]], np.int64), "u": f32(2, 2)})
    for kind in ("none", "add", "mul"):
        case(f"scatterelements_{kind}", 16, op("ScatterElements", "x i u", axis=0, reduction=kind), {"x": x, "i": np.array([[0, 1, 0, 0], [1, 1, 0, -1]], np.int64)[: 1 if kind == "none" else 2], "u": f32(1 if kind == "none" else 2, 4)})
        case(f"scatternd_{kind}", 16, op("ScatterND", "x i u", reduction=kind), {"x": x, "i": np.array([[1, 2], [0, -1]], np.int64), "u": f32(2)})
    for kind in ("max", "min"):
        case(f"scatterelements_{kind}", 18, op("ScatterElements", "x i u", axis=1, reduction=kind), {"x": x, "i": np.array([[0, 1, 0], [1, 1, 0]], np.int64), "u": f32(2, 3)})
        case(f"scatternd_{kind}", 18, op("ScatterND", "x i u", reduction=kind), {"x": x, "i": np.array([[1], [1]], np.int64), "u": f32(2, 4)})
    case("scatterelements_opset11", 11, op("ScatterElements", "x i u", axis=1), {"x": x, "i": np.array([[0, -1], [1, 1]], np.int32), "u": f32(2, 2)})
    case("scatternd_opset11", 11, op("ScatterND", "x i u"), {"x": x, "i": np.array([[1]], np.int64), "u": f32(1, 4)})
    case("scatterelements_int64_add", 16, op("ScatterElements", "x i u", reduction="add"), {"x": i64(1, 2, 3), "i": i64(1, 1, 0), "u": i64(5, 6, 7)})


def norms(case, op, f32):
    x, map4 = f32(2, 3, 8), f32(2, 4, 3, 5)
    for axis in (-1, 1):
        shape = x.shape[axis:]
        case(f"layernorm_axis_{axis}", 17, op("LayerNormalization", "x s b", "y m i", axis=axis), {"x": x}, {"s": f32(*shape), "b": f32(*shape)}, outputs=("y", "m", "i"))
    case("layernorm_half", 17, op("LayerNormalization", "x s"), {"x": x.astype(np.float16)}, {"s": f32(8).astype(np.float16)})
    case("layernorm_dynamic", 17, op("LayerNormalization", "x s b", epsilon=0.1), {"x": x}, {"s": f32(8), "b": f32(8)}, dims={"x": ["n", "t", 8]})
    case("instancenorm_1d", 7, op("InstanceNormalization", "x s b"), {"x": x}, {"s": f32(3), "b": f32(3)})
    case("instancenorm_dynamic", 22, op("InstanceNormalization", "x s b", epsilon=0.01), {"x": map4}, {"s": f32(4), "b": f32(4)}, dims={"x": ["n", 4, "h", "w"]})
    case("groupnorm_opset18", 18, op("GroupNormalization", "x s b", num_groups=2), {"x": map4}, {"s": f32(2), "b": f32(2)})
    case("groupnorm_opset21", 21, op("GroupNormalization", "x s b", num_groups=2), {"x": map4}, {"s": f32(4), "b": f32(4)}, dims={"x": ["n", 4, "h", "w"]})
    case("lrn_wide", 13, op("LRN", "x", size=5, alpha=0.5, beta=0.6, bias=2.0), {"x": f32(2, 7, 3, 2)}, dims={"x": ["n", 7, "h", "w"]})
    for p in (1, 2):
        case(f"lpnorm_{p}", 7, op("LpNormalization", "x", axis=1, p=p), {"x": np.concatenate([x, 0 * x])})
        case(f"globallppool_{p}", 7, op("GlobalLpPool", "x", p=p), {"x": map4})
    case("mvn_axes", 13, op("MeanVarianceNormalization", "x", axes=[1, 2]), {"x": x})


def resizes(case, op, f32, i64):
    x = f32(1, 2, 4, 5)

    def scales(*values):
        return {"s": np.array(values, np.float32)}

    def resize(ins, **attrs):
        return helper.make_node("Resize", ins, ["y"], **attrs)

    for mode in ("nearest", "linear"):
        case(f"upsample_opset7_{mode}", 7, op("Upsample", "x", mode=mode, scales=[1.0, 1.0, 2.0, 3.0]), {"x": x})
        case(f"upsample_opset9_{mode}", 9, op("Upsample", "x s", mode=mode), {"x": x}, scales(1, 1, 2, 1.5))
        case(f"resize_opset10_{mode}", 10, op("Resize", "x s", mode=mode), {"x": x}, scales(1, 1, 2.4, 0.6))
    for mode in ("nearest", "linear", "cubic"):
        for how in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            case(f"resize_sizes_{mode}_{how}", 13, resize(["x", "", "", "s"], mode=mode, coordinate_transformation_mode=how), {"x": x}, {"s": i64(1, 2, 7, 3)})
            case(f"resize_scales_{mode}_{how}", 11, resize(["x", "r", "s"], mode=mode, coordinate_transformation_mode=how), {"x": x}, {"r": np.zeros(0, np.float32), **scales(1, 1, 2.5 if how != "align_corners" else 2, 3)})
    for how in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for transform in ("half_pixel", "asymmetric"):
            case(f"resize_nearest_{how}_{transform}", 13, resize(["x", "", "", "s"], nearest_mode=how, coordinate_transformation_mode=transform), {"x": x}, {"s": i64(1, 2, 9, 4)})
    case("resize_cubic_exclude", 13, resize(["x", "", "s"], mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5), {"x": x}, scales(1, 1, 2, 0.8))
    case("resize_tf_nn", 11, resize(["x", "r", "s"], coordinate_transformation_mode="tf_half_pixel_for_nn"), {"x": x}, {"r": np.zeros(0, np.float32), **scales(1, 1, 2, 0.8)})
    for mode in ("nearest", "linear"):
        case(f"resize_crop_{mode}", 13, resize(["x", "r", "", "s"], mode=mode, coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0),
             {"x": x}, {"r": np.array([0, 0, 0.1, -0.2, 1, 1, 0.8, 1.3], np.float32), "s": i64(1, 2, 3, 6)})
    case("resize_symmetric", 19, resize(["x", "", "s"], mode="linear", coordinate_transformation_mode="half_pixel_symmetric"), {"x": x}, scales(1, 1, 2.3, 0.7))
    case("resize_axes_scales", 18, resize(["x", "", "s"], mode="linear", axes=[2, 3]), {"x": x}, scales(2, 3))
    case("resize_axes_sizes", 18, resize(["x", "", "", "s"], mode="linear", axes=[3, 2]), {"x": x}, {"s": i64(7, 3)}, dims={"x": ["n", "c", 4, 5]})
    case("resize_uint8", 13, resize(["x", "", "s"]), {"x": np.arange(12, dtype=np.uint8).reshape(1, 1, 3, 4)}, scales(1, 1, 2, 2))
    case("resize_computed", 13, resize(["x", "", "", "s"], mode="linear"), {"x": x, "s": i64(1, 2, 6, 6)})
    case("resize_like", 13, [op("Shape", "z", "s"), resize(["x", "", "", "s"], mode="linear")], {"x": x, "z": f32(1, 2, 8, 7)}, dims={"x": [1, 2, "h", "w"], "z": [1, 2, "a", "b"]})


def pools(case, op, f32):
    x = f32(1, 2, 5, 6)
    for order in (0, 1):
        case(f"maxpool_indices_{order}", 12, op("MaxPool", "x", "y z", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], dilations=[1, 2], storage_order=order), {"x": x}, outputs=("y", "z"))
    case("maxpool_indices_1d", 8, op("MaxPool", "x", "y z", kernel_shape=[3]), {"x": f32(2, 2, 6)}, outputs=("y", "z"))
    case("maxpool3d", 12, op("MaxPool", "x", kernel_shape=[2, 3, 2], strides=[2, 1, 2], pads=[1, 1, 0, 0, 1, 1], ceil_mode=1), {"x": f32(1, 2, 5, 4, 6)})
    case("averagepool3d", 11, op("AveragePool", "x", kernel_shape=[2, 3, 2], strides=[2, 1, 2], pads=[1, 1, 0, 0, 1, 1], ceil_mode=1), {"x": f32(1, 2, 5, 4, 6)})
    case("averagepool3d_pad", 11, op("AveragePool", "x", kernel_shape=[2, 3, 2], strides=[2, 1, 1], pads=[1, 1, 0, 0, 1, 1], count_include_pad=1), {"x": f32(1, 2, 4, 4, 6)})
    case("averagepool3d_same", 11, op("AveragePool", "x", kernel_shape=[2, 3, 2], strides=[2, 2, 1], auto_pad="SAME_UPPER"), {"x": f32(1, 1, 4, 5, 3)})


def quantized(case, op, f32, i64):
    rng = np.random.default_rng(5)

    def ints(dtype, *shape):
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype, endpoint=True)

    def zero(value, dtype=np.uint8):
        return np.array(value, dtype)

    def scale(*values):
        return np.array(values if len(values) > 1 else values[0], np.float32)

    x = ints(np.uint8, 2, 4, 7, 6)
    for weights in (np.int8, np.uint8):
        consts = {"w": ints(weights, 6, 2, 3, 3), "xz": zero(121), "wz": zero(3, weights), "yz": zero(100), "xs": scale(0.02), "ws": scale(0.01), "ys": scale(0.13)}
        case(f"qlinearconv_{np.dtype(weights).name}", 10, op("QLinearConv", "x xs xz w ws wz ys yz b", group=2, pads=[1, 0, 2, 1], strides=[2, 1]),
             {"x": x}, {**consts, "b": rng.integers(-9999, 9999, 6, np.int32)})
    case("qlinearconv_per_channel", 13, op("QLinearConv", "x xs xz w ws wz ys yz", pads=[1] * 4),
         {"x": x.astype(np.int8)}, {"w": ints(np.int8, 3, 4, 3, 3), "xz": zero(-5, np.int8), "wz": np.zeros(3, np.int8), "yz": zero(7, np.int8), "xs": scale(0.02), "ws": scale(0.01, 0.03, 0.002), "ys": scale(0.2)})
    case("qlinearconv_1d", 10, op("QLinearConv", "x xs xz w ws wz ys yz"), {"x": ints(np.uint8, 1, 3, 9)},
         {"w": ints(np.uint8, 2, 3, 4), "xz": zero(10), "wz": zero(99), "yz": zero(128), "xs": scale(0.02), "ws": scale(0.01), "ys": scale(0.3)})
    case("convinteger_groups", 10, op("ConvInteger", "x w z", group=2, pads=[0, 1, 1, 0], dilations=[2, 1]), {"x": x}, {"w": ints(np.uint8, 4, 2, 2, 3), "z": zero(50)})
    a, b = ints(np.uint8, 2, 3, 5), ints(np.int8, 5, 4)
    case("matmulinteger_columns", 10, op("MatMulInteger", "a b az bz"), {"a": a}, {"b": b, "az": zero(77), "bz": ints(np.int8, 4)})
    case("matmulinteger_plain", 10, op("MatMulInteger", "a b"), {"a": a, "b": b})
    for outs in ((np.uint8, 30), (np.int8, -3)):
        kind = outs[0]
        case(f"qlinearmatmul_{np.dtype(kind).name}", 10, op("QLinearMatMul", "a as az b bs bz ys yz"), {"a": a.astype(kind)},
             {"b": b, "as": scale(0.02), "az": zero(5, kind), "bs": scale(0.1, 0.2, 0.3, 0.4), "bz": np.zeros(4, np.int8), "ys": scale(1.5), "yz": zero(outs[1], kind)})
    for name, values in {"mixed": 3 * f32(3, 4), "positive": np.abs(f32(5)) + 1, "negative": -np.abs(f32(5)) - 1, "zero": np.zeros(3, np.float32)}.items():
        case(f"dynamicquantizelinear_{name}", 11, op("DynamicQuantizeLinear", "x", "y s z"), {"x": np.float32(values)}, outputs=("y", "s", "z"))
    case("quantize_computed_axis", 13, op("QuantizeLinear", "x s z", axis=1), {"x": 20 * f32(2, 3, 4), "s": np.array([0.5, 1, 2], np.float32), "z": ints(np.int8, 3)})
    case("dequantize_computed", 10, op("DequantizeLinear", "x s z"), {"x": x, "s": scale(0.5), "z": zero(9)})
    qdq = [op("DynamicQuantizeLinear", "x", "q s z"), op("DequantizeLinear", "q s z")]
    case("dynamic_quantize_and_back", 13, qdq, {"x": f32(4, 5)})
    for dtype in (np.int32, np.int64, np.uint64, np.float64):
        case(f"matmul_{np.dtype(dtype).name}", 13, op("MatMul", "a b"), {"a": rng.integers(0, 99, (2, 3, 4)).astype(dtype), "b": rng.integers(0, 99, (2, 4, 5)).astype(dtype)})
    case("gemm_double", 13, op("Gemm", "a b c", transA=1, transB=1, alpha=1.0), {"a": f32(4, 3).astype(np.float64), "b": f32(5, 4).astype(np.float64), "c": f32(5).astype(np.float64)})


def recurrent(case, op, f32):
    def layer(name, opset, kind, gates, directions=1, extra="", outs="y h", dims=None, operands=None, **attrs):
        t, n, i, s = 5, 3, 4, 6
        consts = {"w": 0.3 * f32(directions, gates * s, i), "r": 0.3 * f32(directions, gates * s, s), "b": f32(directions, 2 * gates * s)}
        inputs = {"x": f32(t, n, i), **(operands or {})}
        node = helper.make_node(kind, f"x w r b {extra}".replace("-", "").split(" ") if extra else ["x", "w", "r", "b"], outs.split(" "), hidden_size=s, **attrs)
        case(f"{kind.lower()}_{name}", opset, node, inputs, consts, outputs=[o for o in outs.split(" ")], dims=dims)

    lengths = {"n": np.array([5, 2, 3], np.int32)}
    for kind, gates, outs in (("RNN", 1, "y h"), ("GRU", 3, "y h"), ("LSTM", 4, "y h c")):
        layer("forward", 14, kind, gates, outs=outs)
        layer("opset7", 7, kind, gates, outs=outs, direction="reverse")
        layer("both", 14, kind, gates, 2, outs=outs, direction="bidirectional", dims={"x": ["t", "n", 4]})
        layer("lengths", 14, kind, gates, 2, extra="n h0", outs=outs, direction="bidirectional", operands={**lengths, "h0": f32(2, 3, 6)})
    layer("linear", 14, "GRU", 3, 2, outs="y h", direction="bidirectional", linear_before_reset=1)
    layer("functions", 14, "GRU", 3, outs="y h", activations=["Softsign", "Relu"])
    layer("cells", 14, "LSTM", 4, extra="n h0 c0 p", outs="y h c", operands={**lengths, "h0": f32(1, 3, 6), "c0": f32(1, 3, 6), "p": f32(1, 18)})
    layer("relu", 14, "RNN", 1, outs="y h", activations=["Relu"])


def einsums(case, op, f32):
    def einsum(name, equation, *shapes, dims=None, integers=False):
        inputs = {c: f32(*s) for c, s in zip("abc", shapes)}
        if integers:
            inputs = {k: (9 * v).astype(np.int64) for k, v in inputs.items()}
        case(f"einsum_{name}", 12, op("Einsum", " ".join(inputs), equation=equation), inputs, dims=dims)

    einsum("matmul", "ij,jk->ik", (3, 4), (4, 5))
    einsum("implicit", "ij,jk", (3, 4), (4, 5))
    einsum("attention", "bhid,bhjd->bhij", (2, 3, 4, 5), (2, 3, 6, 5), dims={"a": ["b", 3, "i", 5], "b": ["b", 3, "j", 5]})
    einsum("values", "bhij,bjhd->bihd", (2, 3, 4, 6), (2, 6, 3, 5))
    einsum("project", "btc,hcd->bhtd", (2, 3, 4), (5, 4, 6))
    einsum("outer", "i,j->ij", (3,), (4,))
    einsum("inner", "i,i->", (3,), (3,))
    einsum("elementwise", "ij,ij->ij", (3, 4), (3, 4))
    einsum("sums", "ijk->k", (2, 3, 4))
    einsum("reduced_in_front", "ijk,kl->l", (2, 3, 4), (4, 5))
    einsum("two_sums", "ijk,ijk->i", (2, 3, 4), (2, 3, 4))
    einsum("ellipsis", "...ij,...jk->...ik", (5, 2, 3, 4), (5, 2, 4, 2))
    einsum("ellipsis_of_one", "...ij,jk->ik...", (2, 3, 4), (4, 5))
    einsum("trace", "ii->", (4, 4))
    einsum("diagonal", "bii,b->ib", (2, 4, 4), (2,))
    einsum("three", "ij,jk,kl->il", (2, 3), (3, 4), (4, 5))
    einsum("integers", "ij,jk->ki", (3, 4), (4, 5), integers=True)
    einsum("spaces", "b n d , b n -> b d", (2, 3, 4), (2, 3))
