"""Networks of 8-bit numbers: QuantizeLinear and DequantizeLinear around float operators, operators on
integers, and those that ONNX Runtime's quantizer writes in a domain of its own.

Scales are powers of two, so that all float arithmetic is exact, and ties are many.
"""

import zlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .common.case import FLOATS, Case, ops

MICROSOFT = "com.microsoft"


class Quantized:
    """A graph that is built node by node, with one input x of float32."""

    def __init__(self, name, *shape):
        self.name, self.nodes, self.constants, self.count = name, [], [], 0
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.feed = self.rng.integers(-64, 64, shape).astype(np.float32) / 8
        self.shape = shape

    def const(self, array):
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.asarray(array), f"c{self.count}"))
        return f"c{self.count}"

    def integers(self, dtype, *shape):
        info = np.iinfo(dtype)
        return self.rng.integers(info.min, info.max, shape, dtype, endpoint=True)

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"{kind.lower()}{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind}{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def pair(self, scale, zero, dtype=np.uint8):
        """A scale, 2**scale, and a zero point."""
        return self.const(np.float32(2.0**scale)), self.const(np.array(zero, dtype))

    def quantize(self, x, scale, zero, dtype=np.uint8):
        return self.op("QuantizeLinear", x, *self.pair(scale, zero, dtype))

    def dequantize(self, x, scale, zero, dtype=np.uint8):
        return self.op("DequantizeLinear", x, *self.pair(scale, zero, dtype))

    def requantize(self, x, scale, zero, dtype=np.uint8):
        return self.dequantize(self.quantize(x, scale, zero, dtype), scale, zero, dtype)

    def weights(self, shape, scales, axis=0, dtype=np.int8, zero=0):
        """Dequantized weights, with the exponents of their scales."""
        scales = np.float32(2.0 ** np.array(scales))
        zeros = np.full(scales.shape, zero, dtype)
        return self.op("DequantizeLinear", self.const(self.integers(dtype, *shape)), self.const(scales), self.const(zeros), axis=axis)

    def bias(self, scales):
        """A dequantized bias for exponents of the scale of sums."""
        scales = np.float32(2.0 ** np.array(scales))
        values = self.rng.integers(-3000, 3000, scales.shape, np.int32)
        return self.op("DequantizeLinear", self.const(values), self.const(scales), axis=0)

    def case(self, output, tolerance=0.0, rank=None, **want):
        """The case, whose output has the rank of the input if nothing else is said."""
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * (rank or len(self.shape)))
        graph = helper.make_graph(self.nodes, self.name, [value], [result], self.constants)
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        model.producer_name = ""
        return Case(self.name, model, self.feed, ops(**want), tolerance)


def convolutions():
    per_channel = [-9, -7, -8, -9, -10, -8]
    for dtype, zero in ((np.uint8, 131), (np.int8, -7)):
        n = Quantized(f"conv_relu_{np.dtype(dtype).name}", 2, 3, 9, 8)
        x = n.requantize("x", -4, zero, dtype)
        y = n.op("Conv", x, n.weights((6, 3, 3, 3), per_channel), n.bias([s - 4 for s in per_channel]), pads=[1, 0, 2, 1], strides=[2, 1])
        y = n.requantize(n.op("Relu", y), -3, zero, dtype)
        yield n.case(y, QConv2D=1, Quantize=1, Dequantize=1, Unary=0)
    n = Quantized("conv_clip_grouped", 1, 8, 6, 6)
    x = n.requantize("x", -4, 128)
    y = n.op("Conv", x, n.weights((12, 4, 3, 3), -9), group=2, dilations=[2, 1], pads=[1, 1, 1, 1])
    y = n.op("Clip", y, n.const(np.float32(0)), n.const(np.float32(6)))
    yield n.case(n.requantize(y, -5, 0), QConv2D=1, Quantize=1, Dequantize=1, Unary=0)
    n = Quantized("depthwise_1d", 2, 5, 11)
    x = n.requantize("x", -4, 100)
    y = n.requantize(n.op("Conv", x, n.weights((5, 1, 3), -7), n.bias(np.full(5, -11)), group=5), -4, 120)
    yield n.case(y, QConv2D=1, Quantize=1, Dequantize=1)
    n = Quantized("depthwise_wide", 1, 40, 5, 5)
    x = n.requantize("x", -4, 100)
    w = n.weights((40, 1, 3, 3), [-7, -8] * 20)
    y = n.requantize(n.op("Conv", x, w, n.bias([-11, -12] * 20), group=40, pads=[1] * 4), -4, 120)
    yield n.case(y, QConv2D=1, Quantize=1, Dequantize=1)
    n = Quantized("weights_with_zero_point", 1, 5, 6, 7)
    x = n.requantize("x", -4, 90)
    y = n.op("Conv", x, n.weights((7, 5, 2, 3), -9, dtype=np.uint8, zero=117))
    yield n.case(n.requantize(y, -3, 99), QConv2D=1, Quantize=1, Dequantize=1)
    n = Quantized("bias_of_another_scale", 1, 4, 5, 5)
    x = n.requantize("x", -4, 128)
    y = n.op("Conv", x, n.weights((3, 4, 3, 3), -8), n.bias(np.full(3, -9)))
    yield n.case(n.requantize(y, -3, 128), QConv2D=1, Quantize=1, Dequantize=1)
    n = Quantized("float_result_and_two_readers", 1, 4, 5, 5)
    x = n.requantize("x", -4, 128)
    y = n.op("Conv", x, n.weights((4, 4, 1, 1), -8), n.bias(np.full(4, -12)))
    yield n.case(n.op("Add", y, n.op("Neg", n.requantize(y, -3, 128))), QConv2D=1, Quantize=2)


def joined():
    n = Quantized("residual", 1, 4, 6, 6)
    x = n.requantize("x", -4, 128)
    y = n.requantize(n.op("Conv", x, n.weights((4, 4, 3, 3), -9), pads=[1] * 4), -4, 110)
    y = n.requantize(n.op("Relu", n.op("Add", y, x)), -3, 3)
    yield n.case(y, QConv2D=1, QBinary=1, Binary=0, Unary=0, Quantize=1, Dequantize=1)
    n = Quantized("pool_concat_slice", 1, 4, 8, 8)
    x = n.requantize("x", -4, 128)
    a = n.requantize(n.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), -4, 128)
    b = n.requantize(n.op("Conv", x, n.weights((2, 4, 2, 2), -9), strides=[2, 2]), -3, 100)
    y = n.requantize(n.op("Concat", a, b, axis=1), -3, 128)
    y = n.op("Slice", y, n.const(np.array([1])), n.const(np.array([6])), n.const(np.array([1])))
    yield n.case(n.requantize(y, -3, 128), Quantize=1, Dequantize=1, QConv2D=1, Lookup=2, Pool2D=1)
    n = Quantized("product_of_maps", 1, 3, 4, 4)
    a, b = n.requantize("x", -4, 128), n.requantize("x", -3, 7, np.int8)
    yield n.case(n.requantize(n.op("Mul", a, b), -1, 128), QBinary=1, Binary=0, Quantize=2, Dequantize=1)
    for name, zero, dtype in (("functions", 128, np.uint8), ("functions_int8", 5, np.int8)):
        n = Quantized(name, 1, 3, 4, 4)
        x = n.requantize("x", -4, zero, dtype)
        y = n.op("LeakyRelu", n.op("Mul", x, n.const(np.float32(0.5))), alpha=0.25)
        y = n.requantize(y, -4, zero, dtype)
        y = n.requantize(n.op("HardSigmoid", y, alpha=0.125, beta=0.5), -7, 0)
        yield n.case(y, Lookup=2, Unary=0, Quantize=1, Dequantize=1)


def products():
    n = Quantized("flatten_gemm", 3, 4, 3, 2)
    x = n.requantize("x", -4, 128)
    y = n.requantize(n.op("Conv", x, n.weights((5, 4, 1, 1), -8)), -4, 100)
    y = n.op("Flatten", y)
    scales = [-8, -9, -8, -7, -8, -9, -8]
    y = n.op("Gemm", y, n.weights((7, 30), scales), n.bias([s - 4 for s in scales]), transB=1)
    yield n.case(y, rank=2, QConv2D=1, QMatMul=1, Quantize=1, Dequantize=0)
    n = Quantized("matmul_columns", 2, 3, 5)
    x = n.requantize("x", -4, 9, np.int8)
    y = n.requantize(n.op("MatMul", x, n.weights((5, 4), [-7, -8, -9, -7], axis=1)), -3, 1, np.int8)
    yield n.case(y, QMatMul=1, Quantize=1, Dequantize=1)
    n = Quantized("matmul_rows", 2, 3, 5)
    x = n.requantize("x", -4, 9, np.int8)
    w = n.op("Transpose", n.weights((4, 5), [-7, -8, -9, -7]), perm=[1, 0])
    yield n.case(n.requantize(n.op("MatMul", x, w), -3, 1, np.int8), QMatMul=1, Quantize=1, Dequantize=1)
    n = Quantized("matmul_of_activations", 2, 3, 5)
    a = n.requantize("x", -4, 130)
    b = n.requantize(n.op("Transpose", n.op("Neg", "x"), perm=[0, 2, 1]), -5, -3, np.int8)
    yield n.case(n.requantize(n.op("MatMul", a, b), -2, 128), QMatMul=1, Quantize=2, Dequantize=1)
    n = Quantized("dynamic_matmul", 4, 6)
    q, scale, zero = n.op("DynamicQuantizeLinear", "x", outputs=3)
    w = n.const(n.integers(np.int8, 6, 5))
    sums = n.op("Cast", n.op("MatMulInteger", q, w, zero, n.const(np.zeros(5, np.int8))), to=TensorProto.FLOAT)
    factor = n.op("Mul", scale, n.const(np.float32(2.0 ** -np.arange(6, 11))))
    y = n.op("Relu", n.op("Add", n.op("Mul", sums, factor), n.const(np.arange(-2, 3).astype(np.float32))))
    yield n.case(y, FLOATS, QMatMul=1)
    n = Quantized("dynamic_conv", 1, 3, 6, 6)
    q, scale, zero = n.op("DynamicQuantizeLinear", "x", outputs=3)
    w = n.const(n.integers(np.int8, 5, 3, 3, 3))
    sums = n.op("Cast", n.op("ConvInteger", q, w, zero, n.const(np.array(0, np.int8)), pads=[1] * 4), to=TensorProto.FLOAT)
    factor = n.op("Mul", scale, n.const(np.float32(2.0**-7)))
    y = n.op("Add", n.op("Mul", sums, factor), n.const(np.arange(5).astype(np.float32).reshape(1, 5, 1, 1)))
    yield n.case(y, FLOATS, QConv2D=1)


def operators():
    n = Quantized("operators", 1, 4, 8, 8)
    q = n.quantize("x", -4, 128)
    at = n.pair(-4, 128)
    w, ws = n.const(n.integers(np.int8, 4, 4, 3, 3)), n.const(np.float32(2.0 ** np.array([-9, -8, -9, -10])))
    wz, bias = n.const(np.zeros(4, np.int8)), n.const(n.rng.integers(-3000, 3000, 4, np.int32))
    to = n.pair(-3, 120)
    a = n.op("QLinearConv", q, *at, w, ws, wz, *to, bias, pads=[1] * 4)
    b = n.op("QLinearAdd", a, *to, q, *at, *to, domain=MICROSOFT)
    c = n.op("QLinearMul", a, *to, b, *to, *n.pair(0, 100), domain=MICROSOFT)
    d = n.op("QLinearLeakyRelu", c, *n.pair(0, 100), *n.pair(0, 50), domain=MICROSOFT, alpha=0.25)
    e = n.op("QLinearAveragePool", d, *n.pair(0, 50), *to, domain=MICROSOFT, kernel_shape=[2, 2], strides=[2, 2])
    f = n.op("QLinearAveragePool", b, *to, *to, domain=MICROSOFT, kernel_shape=[2, 2], strides=[2, 2])
    g = n.op("QLinearConcat", *to, e, *to, f, *to, domain=MICROSOFT, axis=1)
    h = n.op("Flatten", n.op("QLinearGlobalAveragePool", g, *to, *n.pair(-5, 60), domain=MICROSOFT))
    bw, bs = n.const(n.integers(np.int8, 5, 8)), n.const(np.float32(2.0 ** np.array([-7, -8, -7, -8, -6])))
    bz, c = n.const(np.zeros(5, np.int8)), n.const(n.rng.integers(-300, 300, 5, np.int32))
    y = n.op("QGemm", h, *n.pair(-5, 60), bw, bs, bz, c, *n.pair(-4, 128), domain=MICROSOFT, transB=1)
    y = n.dequantize(y, -4, 128)
    yield n.case(y, rank=2, QConv2D=1, QMatMul=1, QBinary=2, Lookup=1, Binary=0, Unary=0)
    n = Quantized("sigmoid", 1, 3, 4, 4)
    q = n.quantize("x", -4, 128)
    y = n.op("QLinearSigmoid", q, *n.pair(-4, 128), *n.pair(-8, 0), domain=MICROSOFT)
    yield n.case(n.dequantize(y, -8, 0), Lookup=1, Quantize=1, Dequantize=1)
    n = Quantized("gemm_of_float_result", 3, 6)
    q = n.quantize("x", -4, 128)
    w, c = n.const(n.integers(np.int8, 6, 4)), n.const(n.rng.integers(-300, 300, 4, np.int32))
    y = n.op("QGemm", q, *n.pair(-4, 128), w, *n.pair(-6, 0, np.int8), c, domain=MICROSOFT)
    yield n.case(y, QMatMul=1, Quantize=1, Dequantize=0)


def cases():
    return [*convolutions(), *joined(), *products(), *operators()]
