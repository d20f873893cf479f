"""Networks in float16, as PyTorch's half() and converters write them, and in float64.

They are computed in float32, without the rounding to float16 that ONNX Runtime has between
operators. Where values are exact in float16 the results are equal; elsewhere they differ by a
few of its roundings.
"""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.net import Net

ROUNDINGS = 4e-3  # of the range of an output: eight times the spacing of float16 near its end


class HalfNet(Net):
    """A net whose constants are float16, or another type."""

    def __init__(self, seed, opset=13, dtype=np.float16):
        super().__init__(seed, opset)
        self.dtype = dtype

    def w(self, *shape, scale=1.0):
        return self.const(self.rng.standard_normal(shape) * scale, self.dtype)


def cnn(n, x):
    y = n.op("Conv", x, n.w(16, 3, 3, 3, scale=0.2), n.w(16), pads=[1, 1, 1, 1])
    y = n.op("BatchNormalization", y, n.w(16), n.w(16), n.w(16), n.const(np.abs(n.rng.standard_normal(16)) + 0.5, n.dtype))
    y = n.op("MaxPool", n.op("Relu", y), kernel_shape=[2, 2], strides=[2, 2])
    y = n.op("Conv", y, n.w(24, 16, 3, 3, scale=0.1), n.w(24))
    y = n.op("Clip", y, n.const(0, n.dtype), n.const(6, n.dtype))
    y = n.op("Flatten", n.op("GlobalAveragePool", y))
    return n.op("Gemm", y, n.w(10, 24, scale=0.2), n.w(10), transB=1)


def attention(n, x):
    """A layer norm and an attention over [1, 6, 16]."""
    mean = n.op("ReduceMean", x, axes=[-1])
    d = n.op("Sub", x, mean)
    var = n.op("ReduceMean", n.op("Mul", d, d), axes=[-1])
    y = n.op("Div", d, n.op("Sqrt", n.op("Add", var, n.const(1e-3, n.dtype))))
    y = n.op("Add", n.op("Mul", y, n.w(16)), n.w(16))
    q, k, v = (n.op("MatMul", y, n.w(16, 16, scale=0.25)) for _ in range(3))
    s = n.op("MatMul", q, n.op("Transpose", k, perm=[0, 2, 1]))
    s = n.op("Softmax", n.op("Mul", s, n.const(0.25, n.dtype)), axis=-1)
    y = n.op("Add", n.op("MatMul", s, v), x)
    return n.op("Mul", y, n.op("Sigmoid", n.op("Mul", y, n.const(1.702, n.dtype))))


def binary(n, x):
    """A binary layer; all sums are exact in float16."""
    y = n.op("Conv", n.op("Sign", x), n.const(n.signs(16, 8, 3, 3) / 2, n.dtype), pads=[1, 1, 1, 1])
    y = n.op("Add", n.op("Mul", y, n.const(n.signs(1, 16, 1, 1), n.dtype)), n.const(n.eighths(1, 16, 1, 1), n.dtype))
    y = n.op("Where", n.op("GreaterOrEqual", y, n.const(0, n.dtype)), n.const(1, n.dtype), n.const(-1, n.dtype))
    y = n.op("Conv", y, n.const(n.signs(12, 16, 3, 3), n.dtype))
    return n.op("Relu", y)


NETS = {
    "cnn": (cnn, [2, 3, 12, 12], 2, ROUNDINGS, ops(conv=2, matmul=1)),
    "attention": (attention, [1, 6, 16], 3, ROUNDINGS, ops(matmul=5)),
    "binary": (binary, [1, 8, 6, 6], 4, 0.0, ops(bconv=2)),
}


def cases():
    for name, (build, shape, rank, tolerance, want) in NETS.items():
        # All in float16, inputs and outputs too.
        n = HalfNet(name)
        x = n.rng.standard_normal(shape).astype(np.float16)
        n.output(build(n, n.input("x", shape, TensorProto.FLOAT16)), rank, TensorProto.FLOAT16)
        yield Case(f"{name}_half", n.finish(), [{"x": x}], want, tolerance=tolerance)

        # float32 outside, float16 inside.
        n = HalfNet(name)
        half = n.op("Cast", n.input("x", shape), to=TensorProto.FLOAT16)
        n.output(n.op("Cast", build(n, half), to=TensorProto.FLOAT), rank)
        yield Case(f"{name}_casts", n.finish(), [{"x": x.astype(np.float32)}], want, tolerance=tolerance)

        # float16 weights only, cast when they are used.
        n = HalfNet(name)
        stored = n.const

        def cast(value, dtype=np.float32):
            constant = stored(value, dtype)
            return n.op("Cast", constant, to=TensorProto.FLOAT) if dtype == np.float16 else constant

        n.const = cast
        n.output(build(n, n.input("x", shape)), rank)
        yield Case(f"{name}_weights", n.finish(), [{"x": x.astype(np.float32)}], want, tolerance=tolerance and 2e-5)

    n = HalfNet("attention", dtype=np.float64)
    x = n.rng.standard_normal([1, 6, 16])
    n.output(attention(n, n.input("x", [1, 6, 16], TensorProto.DOUBLE)), 3, TensorProto.DOUBLE)
    yield Case("attention_double", n.finish(), [{"x": x}], ops(matmul=5), tolerance=1e-12)
