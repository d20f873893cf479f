"""What differs from file to file: versions, element types, names, dead parts, open dimensions."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .common.case import FLOATS, Case, ops
from .common.net import Net
from .common.parts import batch_norm, layer, where

GT = where("Greater")
PAD = [1, 1, 1, 1]
TWO = ops(bconv=2)


def body(n, x, c=8):
    y = layer(n, GT(n, x, c), c, c, pads=PAD, bias=True)
    y = n.op("MaxPool", batch_norm()(n, y, c), kernel_shape=[2, 2], strides=[2, 2])
    return layer(n, GT(n, y, c), c, 5, kernel=(1, 1))


def net(name, opset=13, x_shape=(2, 8, 6, 6), make=body):
    n = Net(name, opset)
    n.output(make(n, n.input("x", x_shape)))
    return n


def versions():
    for opset in range(9, 22):
        n = net(f"opset_{opset}", opset)
        yield Case(f"opset_{opset}", n.finish(), n.eighths(2, 8, 6, 6), TWO)
    n = net("ir_3", 9)
    model = n.finish(ir_version=3)
    for t in model.graph.initializer:  # before version 4 each initializer is an input too
        model.graph.input.append(helper.make_tensor_value_info(t.name, t.data_type, t.dims))
    yield Case("ir_3", model, n.eighths(2, 8, 6, 6), TWO)


def tensors():
    """Elements as lists, and not as raw bytes."""
    n = net("float_data")
    model = n.finish()
    for t in model.graph.initializer:
        a = numpy_helper.to_array(t)
        t.CopyFrom(helper.make_tensor(t.name, t.data_type, a.shape, a.ravel().tolist()))
    yield Case("float_data", model, n.eighths(2, 8, 6, 6), TWO)
    def halved(n):
        """All floats of a model become float16."""
        model = n.finish()
        for t in model.graph.initializer:
            a = numpy_helper.to_array(t)
            if a.dtype == np.float32:
                t.CopyFrom(numpy_helper.from_array(a.astype(np.float16), t.name))
        for v in (*model.graph.input, *model.graph.output):
            v.type.tensor_type.elem_type = TensorProto.FLOAT16
        return model
    n = net("half")
    yield Case("half", halved(n), n.eighths(2, 8, 6, 6).astype(np.float16), TWO)
    n = Net("half_dense")
    y = n.op("Flatten", GT(n, n.input("x", (2, 8, 6, 6)), 8))
    y = n.op("Add", n.op("MatMul", y, n.const(n.signs(288, 9))), n.const(n.eighths(9)))
    n.output(n.op("Gemm", GT(n, y, 9), n.const(n.signs(4, 9)), n.const(n.eighths(4)), transB=1), rank=2)
    yield Case("half_dense", halved(n), n.eighths(2, 8, 6, 6).astype(np.float16), ops(bgemm=2))
    # More products than float16 counts exactly: operators do not round in between.
    n = Net("half_long_sums")
    y = n.op("MatMul", GT(n, n.input("x", (3, 3000)), 1), n.const(np.ones((3000, 4))))
    n.output(n.op("Sub", y, n.const(2500.0)), rank=2)
    yield Case("half_long_sums", halved(n), np.float16([[1] * 3000, [1] * 2777 + [-1] * 223, [1] * 2776 + [-1] * 224]), ops(bgemm=1))
    n = Net("half_weights")
    x = n.input("x", (2, 8, 6, 6))
    w = n.op("Cast", n.const(n.signs(8, 8, 3, 3), np.float16), to=TensorProto.FLOAT)
    y = n.op("Conv", GT(n, x, 8), w, pads=PAD)
    n.output(layer(n, GT(n, batch_norm()(n, y, 8), 8), 8, 4, kernel=(1, 1)))
    yield Case("half_weights", n.finish(), n.eighths(2, 8, 6, 6), TWO)
    n = Net("double")
    x = n.op("Cast", n.input("x", (2, 8, 6, 6), TensorProto.DOUBLE), to=TensorProto.FLOAT)
    n.output(body(n, x))
    yield Case("double", n.finish(), n.eighths(2, 8, 6, 6).astype(np.float64), TWO)
    n = Net("bytes")
    x = n.op("Cast", n.input("x", (2, 8, 6, 6), TensorProto.UINT8), to=TensorProto.FLOAT)
    n.output(body(n, n.op("Sub", x, n.const(128.0))))
    yield Case("bytes", n.finish(), n.rng.integers(0, 256, size=(2, 8, 6, 6)).astype(np.uint8), TWO)


def ports():
    n = Net("two_inputs")
    s = [GT(n, n.input(name, (2, 8, 6, 6)), 8) for name in ("left", "right")]
    y = n.op("Add", *(layer(n, v, 8, 8, pads=PAD) for v in s))
    n.output(layer(n, GT(n, batch_norm()(n, y, 8), 8), 8, 4, kernel=(1, 1)))
    n.output(y)
    yield Case("two_inputs", n.finish(), [{"left": n.eighths(2, 8, 6, 6), "right": n.eighths(2, 8, 6, 6)}], ops(bconv=3))
    n = Net("input_unused")
    n.output(body(n, n.input("x", (2, 8, 6, 6))))
    n.input("unused", (1,))
    yield Case("input_unused", n.finish(), [{"x": n.eighths(2, 8, 6, 6), "unused": np.ones(1, np.float32)}], TWO)
    n = Net("sign_output")
    y = GT(n, layer(n, GT(n, n.input("x", (2, 8, 6, 6)), 8), 8, 8, pads=PAD), 8)
    n.output(y)
    n.output(layer(n, y, 8, 4, kernel=(1, 1)))
    yield Case("sign_output", n.finish(), n.eighths(2, 8, 6, 6), TWO)
    n = Net("sign_only")
    n.output(GT(n, n.input("x", (2, 8, 6, 6)), 8))
    yield Case("sign_only", n.finish(), n.eighths(2, 8, 6, 6), ops())
    n = Net("output_twice")
    y = body(n, n.input("x", (2, 8, 6, 6)))
    n.output(y)
    n.output(n.op("Identity", y))
    yield Case("output_twice", n.finish(), n.eighths(2, 8, 6, 6), TWO)
    n = Net("input_is_output")
    x = n.input("x", (2, 8, 6, 6))
    n.output(body(n, x))
    n.output(n.op("Identity", x))
    yield Case("input_is_output", n.finish(), n.eighths(2, 8, 6, 6), TWO)


def names():
    n = net("odd_names")
    model = n.finish()
    odd = {}
    for i, node in enumerate(model.graph.node):
        node.name = ["", "conv 1", "/model/conv.1/Conv", "a:0", "\u00e9\u4e2d", "%x", "it's \"so\""][i % 7] if i % 7 else ""
        for v in node.output:
            odd[v] = f"/layer.{i}/{v}:0" + " \u00df"
    odd["x"] = "serving default/x:0"
    for node in model.graph.node:
        node.input[:] = [odd.get(v, v) for v in node.input]
        node.output[:] = [odd[v] for v in node.output]
    model.graph.input[0].name, model.graph.output[0].name = odd["x"], odd[n.outputs[0].name]
    yield Case("odd_names", model, [{odd["x"]: n.eighths(2, 8, 6, 6)}], TWO)
    n = net("dead_parts")
    n.const(n.signs(3, 3))
    n.op("Relu", layer(n, GT(n, "x", 8), 8, 8))
    n.op("Sign", n.const(np.zeros(4)))
    yield Case("dead_parts", n.finish(), n.eighths(2, 8, 6, 6), TWO)
    n = net("value_info")
    model = n.finish()
    for node in model.graph.node:
        if node.op_type == "Conv":
            model.graph.value_info.append(helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, ["a", "b", "c", "d"]))
    model.graph.doc_string, model.producer_name = "text", "somebody"
    model.metadata_props.add(key="k", value="v")
    yield Case("value_info", model, n.eighths(2, 8, 6, 6), TWO)
    n = Net("shared_constants")
    x = n.input("x", (2, 8, 6, 6))
    zero, one, minus, w = n.constant(0.0), n.constant([1.0]), n.constant([-1.0]), n.const(n.signs(8, 8, 3, 3))
    for _ in range(3):  # torch writes equal constants and weights once
        x = n.op("Conv", n.op("Where", n.op("Greater", x, zero), one, minus), n.op("Identity", w), pads=PAD)
        x = n.op("Sub", x, one)
    n.output(x)
    yield Case("shared_constants", n.finish(), n.eighths(2, 8, 6, 6), ops(bconv=3))


def dynamic():
    def runs(n, *sizes):
        return [{"x": n.eighths(*s)} for s in sizes]

    for name, shape, sizes in (
        ("batch", ("N", 8, 6, 6), ((1, 8, 6, 6), (3, 8, 6, 6), (2, 8, 6, 6))),
        ("map", (2, 8, "H", "W"), ((2, 8, 6, 6), (2, 8, 9, 4), (2, 8, 2, 3))),
        ("all", ("N", 8, "H", "W"), ((1, 8, 6, 6), (3, 8, 5, 12), (2, 8, 7, 7), (1, 8, 6, 6))),
    ):
        n = net(f"dynamic_{name}", x_shape=shape)
        yield Case(f"dynamic_{name}", n.finish(), runs(n, *sizes), TWO)

    def case(name, make, sizes, want, shape=("N", 8, "H", "W"), rank=4, opset=13):
        n = Net(name, opset)
        n.output(make(n, n.input("x", shape)), rank)
        return Case(name, n.finish(), runs(n, *sizes), want)

    many = ((1, 8, 6, 6), (2, 8, 9, 5), (1, 8, 3, 3))

    def residual(n, x):
        y = n.op("Add", batch_norm()(n, layer(n, GT(n, x, 8), 8, 8, pads=PAD), 8), x)
        z = n.op("GlobalAveragePool", n.op("Add", batch_norm()(n, layer(n, GT(n, y, 8), 8, 8, pads=PAD), 8), y))
        z = n.op("Flatten", z)
        return n.op("Gemm", GT(n, z, 8), n.const(n.signs(5, 8)), n.const(n.eighths(5)), transB=1)
    yield averaging(case("dynamic_residual", residual, many, ops(bconv=2, bgemm=1), rank=2))

    def strided(n, x):
        y = layer(n, GT(n, x, 8), 8, 16, pads=[0, 0, 1, 1], strides=[2, 2])
        y = n.op("MaxPool", batch_norm()(n, y, 16), kernel_shape=[3, 3], strides=[2, 2], pads=PAD, ceil_mode=1)
        return layer(n, GT(n, y, 16), 16, 4, pads=[2, 2, 2, 2], dilations=[2, 2])
    yield case("dynamic_strided", strided, ((1, 8, 12, 12), (2, 8, 9, 15), (1, 8, 4, 7)), TWO)

    def padded(n, x):
        y = layer(n, n.op("Pad", GT(n, x, 8), n.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64), n.const(-1.0)), 8, 8)
        return layer(n, GT(n, batch_norm()(n, y, 8), 8), 8, 4)
    yield case("dynamic_pad", padded, many, TWO)

    def gate(n, x):
        g = n.op("HardSigmoid", n.op("Conv", n.op("GlobalMaxPool", x), n.const(n.signs(8, 8, 1, 1) / 4)), alpha=0.25, beta=0.5)
        return n.op("Mul", layer(n, GT(n, x, 8), 8, 8, pads=PAD), g)
    yield case("dynamic_gate", gate, many, ops(bconv=1, conv=1))

    def flat(n, x):
        batch = n.op("Gather", n.op("Shape", x), n.const(0, np.int64), axis=0)
        shape = n.op("Concat", n.op("Unsqueeze", batch, n.const([0], np.int64)), n.const([-1], np.int64), axis=0)
        y = n.op("Reshape", GT(n, x, 8), shape)
        y = n.op("MatMul", y, n.const(n.signs(72, 8)))
        return n.op("MatMul", GT(n, n.op("Sub", y, n.const(0.5)), 8), n.const(n.signs(8, 3)))
    yield case("dynamic_flatten", flat, ((1, 8, 3, 3), (4, 8, 3, 3)), ops(bgemm=2), shape=("N", 8, 3, 3), rank=2)

    def same(n, x):
        y = batch_norm()(n, layer(n, GT(n, x, 8), 8, 8, auto_pad="SAME_UPPER"), 8)
        return layer(n, GT(n, y, 8), 8, 4, auto_pad="SAME_LOWER", kernel=(2, 2))
    yield case("dynamic_same", same, many, TWO)

    def line(n, x):
        y = n.op("Conv", GT(n, x, 8), n.const(n.signs(8, 8, 5)), pads=[2, 2], strides=[2])
        return n.op("Conv", GT(n, batch_norm()(n, y, 8), 8), n.const(n.signs(4, 8, 1)))
    yield case("dynamic_1d", line, ((1, 8, 12), (2, 8, 31)), TWO, shape=("N", 8, "L"), rank=3)

    def sequence(n, x):
        y = n.op("Add", n.op("MatMul", GT(n, x, 8), n.const(n.signs(8, 16))), n.const(n.eighths(16)))
        return n.op("MatMul", GT(n, y, 16), n.const(n.signs(16, 4)))
    yield case("dynamic_sequence", sequence, ((1, 3, 8), (2, 7, 8)), ops(bgemm=2), shape=("N", "T", 8), rank=3)

    def attention(n, x):
        s = GT(n, x, 8)
        y = n.op("MatMul", s, n.op("Transpose", s, perm=[0, 2, 1]))
        return n.op("MatMul", GT(n, y, 8), s)
    yield case("dynamic_attention", attention, ((1, 3, 8), (2, 7, 8)), ops(bgemm=2), shape=("N", "T", 8), rank=3)

    def open_batches(n, x):
        """One of two batches may be 1, or not: only the run tells."""
        s = GT(n, x, 8)
        return n.op("MatMul", n.op("Slice", s, *(n.const([v], np.int64) for v in (0, 1, 0))), n.op("Transpose", s, perm=[0, 2, 1]))
    open_case = case("dynamic_broadcast", open_batches, ((1, 3, 8), (2, 7, 8)), ops(matmul=1), shape=("N", "T", 8), rank=3)
    open_case.reasons = {"matmul11_node": "broadcast along an axis whose size is not known"}
    yield open_case

    def concat(n, x):
        s = GT(n, x, 8)
        y = n.op("Concat", s, GT(n, batch_norm()(n, layer(n, s, 8, 32, pads=PAD), 32), 32), axis=1)
        return layer(n, y, 40, 4)
    yield case("dynamic_concat", concat, many, TWO)


def averaging(case):
    """Averages of maps whose size is no power of two are rounded."""
    case.tolerance = FLOATS
    return case


def cases():
    yield from versions()
    yield from tensors()
    yield from ports()
    yield from names()
    yield from dynamic()
