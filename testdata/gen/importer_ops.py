"""Cases of importer.py for the operators that ONNX's node tests leave out, or show in one
of their versions only."""

import numpy as np


def make(case, op, f32, i64):
    elementwise(case, op, f32, i64)
    integers(case, op, i64)
    reductions(case, op, f32, i64)
    moves(case, op, f32, i64)


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
