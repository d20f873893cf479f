"""Cases of importer.py for graphs within the graph, functions and NonMaxSuppression."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def value(name, dtype=FLOAT, shape=None):
    return helper.make_tensor_value_info(name, dtype, shape)


def graph(name, nodes, inputs=(), outputs=(), consts=None):
    """A body; outputs are names of float tensors, or value infos."""
    info = [value(o) if isinstance(o, str) else o for o in outputs]
    return helper.make_graph(nodes, name, list(inputs), info, [numpy_helper.from_array(x, k) for k, x in (consts or {}).items()])


def make(case, op, f32, i64):
    branches(case, op, f32, i64)
    loops(case, op, f32, i64)
    scans(case, op, f32)
    functions(case, op, f32)
    suppression(case, op, f32, i64)


def branches(case, op, f32, i64):
    x, yes, no = f32(2, 3), np.array(True), np.array(False)
    double = graph("double", [op("Add", "x x", "a")], (), ["a"])
    triple = graph("triple", [op("Mul", "x three", "b")], (), ["b"], {"three": np.array([3, 2, 1], np.float32)})
    choose = op("If", "c", then_branch=double, else_branch=triple)
    for opset in (8, 11, 13, 21):
        case(f"if_opset{opset}", opset, choose, {"c": yes if opset == 8 else no, "x": x})
    case("if_condition_of_rank_1", 13, choose, {"c": np.array([True]), "x": x})
    case("if_known", 13, choose, {"x": x}, {"c": no})
    case("if_batch", 13, [choose, op("Relu", "y", "z")], {"c": no, "x": f32(4, 3)}, outputs=("z",), dims={"x": ["n", 3]})
    case("if_computed", 13, [op("ReduceSum", "x", "s", keepdims=0), op("Greater", "s zero", "c"), choose], {"x": x}, {"zero": np.float32(0)})
    row = graph("row", [op("Slice", "x zero one", "a")], (), ["a"], {"zero": i64(0), "one": i64(1)})
    same = graph("same", [op("Identity", "x", "b")], (), ["b"])
    for name, c in (("short", yes), ("long", no)):
        case(f"if_shapes_differ_{name}", 13, [op("If", "c", "r", then_branch=row, else_branch=same), op("Concat", "r x", axis=0)], {"c": c, "x": x})
    flat = graph("flat", [op("Flatten", "x", "a", axis=0), op("Shape", "a", "s")], (), ["a", value("s", INT64)])
    wide = graph("wide", [op("Transpose", "x", "b"), op("Shape", "b", "t")], (), ["b", value("t", INT64)])
    case("if_two_results", 13, op("If", "c", "y z", then_branch=flat, else_branch=wide), {"c": no, "x": x}, outputs=("y", "z"))
    inner = op("If", "d", "i", then_branch=double, else_branch=graph("negative", [op("Neg", "x", "n")], (), ["n"]))
    nested = op("If", "c", then_branch=graph("both", [inner, op("Exp", "i", "e")], (), ["e"]), else_branch=triple)
    case("if_in_if", 13, nested, {"c": yes, "d": no, "x": x})
    const = graph("const", [op("Constant", "", "k", value=numpy_helper.from_array(f32(2, 3)))], (), ["k"])
    case("if_constant", 13, op("If", "c", then_branch=const, else_branch=same), {"c": yes, "x": x})
    conv = graph("conv", [op("Conv", "m w", "k", pads=[1] * 4), op("Relu", "k", "a")], (), ["a"], {"w": f32(4, 3, 3, 3)})
    pool = graph("pool", [op("AveragePool", "m", "p", kernel_shape=[3, 3], pads=[1] * 4), op("Conv", "p v", "b")], (), ["b"], {"v": f32(4, 3, 1, 1)})
    for name, c in (("then", yes), ("else", no)):
        case(f"if_convolution_{name}", 13, [op("Relu", "x", "m"), op("If", "c", then_branch=conv, else_branch=pool)], {"c": c, "x": f32(1, 3, 6, 5)})
    signs = lambda *shape: np.where(f32(*shape) >= 0, 1, -1).astype(np.float32)
    ends = {"one": np.float32(1), "minus": np.float32(-1), "zero": np.float32(0)}
    sign = lambda x, y: [op("GreaterOrEqual", f"{x} zero", f"{y}_c"), op("Where", f"{y}_c one minus", y)]
    left = graph("left", sign("x", "p") + [op("Conv", "p v", "q", pads=[1] * 4)], (), ["q"], ends | {"v": signs(8, 32, 3, 3)})
    right = graph("right", sign("x", "p") + [op("Conv", "p w", "q", pads=[1] * 4), op("Relu", "q", "r")], (), ["r"], ends | {"w": 0.5 * signs(8, 32, 3, 3)})
    for name, c in (("then", yes), ("else", no)):
        case(f"if_binary_{name}", 13, op("If", "c", then_branch=left, else_branch=right), {"c": c, "x": f32(1, 32, 5, 4)})


def loops(case, op, f32, i64):
    head = [value("i", INT64, []), value("c", BOOL, [])]
    more = value("more", BOOL, [])
    keep = op("Identity", "c", "more")
    x = f32(3)
    add = graph("add", [keep, op("Add", "s x", "t"), op("Mul", "t t", "e")], head + [value("s", shape=[3])], [more, "t", "e"])
    for opset in (8, 11, 13, 21):
        case(f"loop_opset{opset}", opset, op("Loop", "n  s", "y z", body=add), {"n": i64(4), "s": f32(3), "x": x}, outputs=("y", "z"))
    case("loop_never", 13, op("Loop", "n  s", "y z", body=add), {"n": np.array(0), "s": f32(3), "x": x}, outputs=("y", "z"))
    case("loop_condition_false", 13, op("Loop", "n k s", "y z", body=add), {"n": np.array(3), "k": np.array(False), "s": f32(3), "x": x}, outputs=("y", "z"))
    case("loop_known_count", 13, [op("Loop", "n k s", "l z", body=add), op("Transpose", "z", "y")], {"s": f32(3), "x": x}, {"n": np.array(5), "k": np.array(True)})
    case("loop_result_unused", 13, op("Loop", "n  s", "y unused", body=add), {"n": np.array(3), "s": f32(3), "x": x})
    until = [op("Add", "s x", "t"), op("ReduceMax", "t", "m", keepdims=0), op("Less", "m limit", "more")]
    body = graph("until", until, head + [value("s", shape=[3])], [more, "t"], {"limit": np.float32(9)})
    case("loop_until", 13, op("Loop", "  s", body=body), {"s": f32(3), "x": np.abs(x)})
    case("loop_until_or_count", 13, op("Loop", "n k s", body=body), {"n": np.array(2), "k": np.array(True), "s": f32(3), "x": np.abs(x)})
    grow = [keep, op("Concat", "s x", "t", axis=0), op("ReduceSum", "t", "e"), op("Cast", "i", "f", to=FLOAT), op("Mul", "e f", "g")]
    body = graph("grow", grow, head + [value("s", shape=["n"])], [more, "t", "g"])
    case("loop_grows", 13, op("Loop", "n  s", "y z", body=body), {"n": np.array(4), "s": f32(3), "x": x}, outputs=("y", "z"))
    case("loop_grows_behind", 13, [op("Loop", "n  s", "t z", body=body), op("Reshape", "t shape", "u"), op("MatMul", "m u")], {"n": np.array(3), "s": f32(3), "x": x}, {"shape": i64(3, -1), "m": f32(2, 3)})
    rank1 = graph("rank1", [op("Add", "i i", "t"), keep, op("Unsqueeze", "t zero", "e")], [value("i", INT64, [1]), value("c", BOOL, [1])], [value("more", BOOL, [1]), value("e", INT64)], {"zero": i64(0)})
    case("loop_iteration_of_rank_1", 13, op("Loop", "n ", body=rank1), {"n": i64(3)})
    swap = graph("swap", [keep, op("Identity", "a", "d"), op("Add", "b a", "e")], head + [value("a", shape=[2]), value("b", shape=[2])], [more, "e", "d"])
    case("loop_swaps_states", 13, op("Loop", "n  a b", "y z", body=swap), {"n": np.array(5), "a": f32(2), "b": f32(2)}, outputs=("y", "z"))
    chain = graph("chain", [keep, op("Concat", "a b", "d", axis=0), op("Concat", "b r", "e", axis=0)], head + [value("a"), value("b")], [more, "d", "e"])
    case("loop_states_grow_by_each_other", 13, op("Loop", "n  a b", "y z", body=chain), {"n": np.array(3), "a": f32(2), "b": f32(1), "r": f32(2)}, outputs=("y", "z"))
    inner_head = [value("j", INT64, []), value("d", BOOL, [])]
    inner = graph("inner", [op("Identity", "d", "again"), op("Mul", "q x", "p"), op("Add", "p s", "r")], inner_head + [value("q", shape=[3])], [value("again", BOOL, []), "r"])
    outer = graph("outer", [keep, op("Loop", "i  s", "t", body=inner)], head + [value("s", shape=[3])], [more, "t"])
    case("loop_in_loop", 13, op("Loop", "n  s", body=outer), {"n": np.array(4), "s": f32(3), "x": x})
    decide = op("If", "big", "t", then_branch=graph("less", [op("Sub", "s x", "u")], (), ["u"]), else_branch=graph("more", [op("Add", "s x", "v")], (), ["v"]))
    body = graph("decide", [keep, op("ReduceMax", "s", "m", keepdims=0), op("Greater", "m one", "big"), decide], head + [value("s", shape=[3])], [more, "t"], {"one": np.float32(1)})
    case("if_in_loop", 13, op("Loop", "n  s", body=body), {"n": np.array(6), "s": f32(3), "x": np.abs(x)})
    found = graph("found", [keep, op("Greater", "x s", "g"), op("Cast", "g", "h", to=INT64), op("NonZero", "h", "k"), op("Shape", "k", "l"), op("Add", "s half", "t")], head + [value("s", shape=[])], [more, "t", value("l", INT64)], {"half": np.float32(0.5)})
    case("loop_of_nonzero", 13, op("Loop", "n  s", "y z", body=found), {"n": np.array(4), "s": np.array(-1, np.float32), "x": f32(9)}, outputs=("y", "z"))


def scans(case, op, f32):
    body = graph("sum", [op("Add", "s x", "t"), op("Mul", "t scale", "e")], [value("s", shape=[2]), value("x", shape=[2])], ["t", "e"])
    for opset in (9, 11, 16, 21):
        case(f"scan_opset{opset}", opset, op("Scan", "s x", "y z", num_scan_inputs=1, body=body), {"s": f32(2), "x": f32(4, 2)}, {"scale": np.array([2, -1], np.float32)}, outputs=("y", "z"))
    case("scan_reversed", 11, op("Scan", "s x", "y z", num_scan_inputs=1, scan_input_directions=[1], scan_output_directions=[1], body=body), {"s": f32(2), "x": f32(4, 2)}, {"scale": f32(2)}, outputs=("y", "z"))
    case("scan_axes", 11, op("Scan", "s x", "y z", num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[-1], body=body), {"s": f32(2), "x": f32(2, 5)}, {"scale": f32(2)}, outputs=("y", "z"))
    case("scan_dynamic", 11, [op("Scan", "s x", "l z", num_scan_inputs=1, body=body), op("Relu", "z")], {"s": f32(2), "x": f32(4, 2)}, {"scale": f32(2)}, dims={"x": ["t", 2]})
    two = graph("two", [op("MatMul", "a m", "p"), op("Add", "p b", "e")], [value("a", shape=[2]), value("b", shape=[3])], ["e"])
    case("scan_of_two", 11, op("Scan", "a b", num_scan_inputs=2, scan_input_directions=[0, 1], body=two), {"a": f32(4, 2), "b": f32(4, 3), "m": f32(2, 3)})
    batch = graph("sum8", [op("Add", "s x", "t"), op("Exp", "t", "e")], [value("s", shape=[2]), value("x", shape=[2])], ["t", "e"])
    for name, turned in (("forward", [0]), ("backward", [1])):
        case(f"scan_opset8_{name}", 8, op("Scan", " s x", "y z", num_scan_inputs=1, directions=turned, body=batch), {"s": f32(3, 2), "x": f32(3, 4, 2)}, outputs=("y", "z"))


def functions(case, op, f32):
    def call(name, ins, outs="y", **attrs):
        n = op(name, ins, outs, **attrs)
        n.domain = "local"
        return n

    def ref(node, name, to, kind):
        a = node.attribute.add()
        a.name, a.ref_attr_name, a.type = name, to, kind
        return node

    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("local", 1)]
    soft = helper.make_function("local", "Soft", ["a"], ["b"], [op("Neg", "a", "t"), ref(op("Softmax", "t", "b"), "axis", "along", 2)], opsets, ["along"])
    twice = helper.make_function("local", "Twice", ["a"], ["b"], [call("Soft", "a", "t", along=0), call("Soft", "t", "b", along=1)], opsets)
    slope = helper.make_function("local", "Slope", ["a"], ["b"], [ref(op("LeakyRelu", "a", "b"), "alpha", "slope", 1)], opsets, [], [helper.make_attribute("slope", 0.25)])
    old = helper.make_function("local", "Old", ["a"], ["b"], [op("Softplus", "a", "t"), op("Flatten", "t", "b")], [helper.make_opsetid("", 9)])
    choose = op("If", "c", "b", then_branch=graph("then", [call("Soft", "a", "t", along=0)], (), ["t"]), else_branch=graph("else", [op("Exp", "a", "t")], (), ["t"]))
    chosen = helper.make_function("local", "Choose", ["a", "c"], ["b"], [choose], opsets)
    x = f32(2, 3, 2)
    case("function_of_functions", 13, call("Twice", "x"), {"x": x}, functions=[soft, twice])
    case("function_attribute_default", 13, [call("Slope", "x", "t"), call("Slope", "t", slope=2.0)], {"x": x}, functions=[slope])
    case("function_of_another_opset", 13, call("Old", "x"), {"x": x}, functions=[old])
    case("function_with_branches", 13, call("Choose", "x c"), {"x": x, "c": np.array(True)}, functions=[soft, chosen])


def suppression(case, op, f32, i64):
    corner, size = np.abs(f32(2, 30, 2)), 0.4 + np.abs(f32(2, 30, 2))
    boxes, scores = np.concatenate([corner, corner + size], 2).astype(np.float32), f32(2, 3, 30)
    most, iou, least = np.array([5], np.int64), np.array([0.3], np.float32), np.array([0.1], np.float32)
    full = {"b": boxes, "s": scores, "m": most, "o": iou, "t": least}
    for opset in (10, 11):
        case(f"nms_opset{opset}", opset, op("NonMaxSuppression", "b s m o t"), full)
    case("nms_flipped", 11, op("NonMaxSuppression", "b s m o t"), full | {"b": boxes[:, :, [2, 1, 0, 3]].copy()})
    case("nms_center", 11, op("NonMaxSuppression", "b s m o t", center_point_box=1), full)
    case("nms_constants", 11, op("NonMaxSuppression", "b s m o t"), {"b": boxes, "s": scores}, {"m": most, "o": iou, "t": least})
    case("nms_no_score", 11, op("NonMaxSuppression", "b s m o"), {k: full[k] for k in "bsmo"})
    case("nms_no_overlap", 11, op("NonMaxSuppression", "b s m  t"), {k: full[k] for k in "bsmt"})
    case("nms_no_most", 11, op("NonMaxSuppression", "b s"), {k: full[k] for k in "bs"})
    case("nms_equal_scores", 11, op("NonMaxSuppression", "b s m o"), {"b": boxes, "s": np.round(scores), "m": i64(30), "o": iou})
    case("nms_nothing", 11, op("NonMaxSuppression", "b s m o t"), full | {"t": np.array([9], np.float32)})
    picked = [op("NonMaxSuppression", "b s m o t", "k"), op("Slice", "k two three one", "l"), op("Squeeze", "l one", "i"), op("Slice", "b zero one zero", "f"), op("Squeeze", "f zero", "g"), op("Gather", "g i", axis=0)]
    case("nms_gathered", 13, picked, {"b": boxes[:1], "s": scores[:1, :1]}, {"m": most, "o": iou, "t": least, "zero": i64(0), "one": i64(1), "two": i64(2), "three": i64(3)})
