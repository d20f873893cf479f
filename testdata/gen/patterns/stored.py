"""Weights stored as float16, and as int8 with a scale per output channel.

ONNX Runtime computes the same model with weights that numpy rounded in the same way.
"""

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from .common.case import FLOATS, Case, ops
from .common.net import Net
from .common.parts import layer, where

SMALLEST_SCALE = np.float32(2.0**-126)


def half(w):
    return w.astype(np.float16).astype(np.float32)


def int8(*summed):
    """Rounds to -127 to 127 times a scale for what lies along the summed axes."""

    def rounded(w):
        scale = np.maximum(np.abs(w).max(axis=summed, keepdims=True) / np.float32(127), SMALLEST_SCALE)
        return np.rint(w / scale).astype(np.int8).astype(np.float32) * scale

    return rounded


def rounded(model, how):
    """The model with the initializers that how names changed."""
    other = onnx.ModelProto()
    other.CopyFrom(model)
    for tensor in other.graph.initializer:
        if tensor.name in how:
            w = numpy_helper.to_array(tensor)
            tensor.CopyFrom(numpy_helper.from_array(how[tensor.name](w).astype(w.dtype), tensor.name))
    return other


def normal(n, *shape):
    return n.const(n.rng.standard_normal(shape, dtype=np.float32))


def feed(name, *shape):
    return Net(name).rng.standard_normal(shape, dtype=np.float32)


class Model:
    """A net with the ways in which its weights are rounded."""

    def __init__(self, name, opset=13):
        self.n = Net(name, opset)
        self.half, self.int8, self.feeds = {}, {}, {}
        self.name = name

    def x(self, name, *shape):
        self.feeds[name] = feed(self.name + name, *shape)
        return self.n.input(name, shape)

    def w(self, *shape, summed=None, half_too=True, values=None):
        """A constant that float16 rounds, if half_too, and int8 if it says which axes are summed."""
        name = self.n.const(self.n.rng.standard_normal(shape, dtype=np.float32) if values is None else values)
        if half_too:
            self.half[name] = half
        if summed is not None:
            self.int8[name] = int8(*summed)
        return name


def conv(m):
    x = m.x("x", 2, 8, 9, 7)
    y = m.n.op("Conv", x, m.w(16, 8, 3, 3, summed=(1, 2, 3)), normal(m.n, 16), pads=[1, 1, 1, 1])
    y = m.n.op("Relu", y)
    y = m.n.op("Conv", y, m.w(40, 4, 3, 3, summed=(1, 2, 3)), group=4, strides=[2, 2])
    y = m.n.op("Conv", y, m.w(40, 1, 5, 5, summed=(1, 2, 3)), group=40, pads=[2, 2, 2, 2])
    return m.n.op("Conv", y, m.w(64, 40, 1, 1, summed=(1, 2, 3))), 4, ops(conv=4)


def conv1d(m):
    return m.n.op("Conv", m.x("x", 2, 16, 20), m.w(12, 16, 5, summed=(1, 2))), 3, ops(conv=1)


def dense(m):
    y = m.n.op("Gemm", m.x("x", 5, 24), m.w(40, 24, summed=(1,)), normal(m.n, 40), transB=1)
    y = m.n.op("Relu", m.n.op("MatMul", y, m.w(40, 30, summed=(0,))))
    return m.n.op("MatMul", y, m.w(30, 25, summed=(0,))), 2, ops(matmul=3)


def constant_on_the_left(m):
    return m.n.op("MatMul", m.w(40, 24, summed=(1,)), m.x("x", 24, 7)), 2, ops(matmul=1)


def batched(m):
    y = m.n.op("MatMul", m.x("x", 3, 5, 16), m.w(3, 16, 20, summed=(1,)))
    return m.n.op("Einsum", y, m.w(20, 32, summed=(0,)), equation="bij,jk->bik"), 3, ops(matmul=2)


def dead_and_tiny_channels(m):
    w = m.n.rng.standard_normal((30, 40)).astype(np.float32)
    w[:, 3] = 0
    w[:, 5] *= np.float32(1e-6)
    w[:, 7] *= np.float32(1e-39)
    return m.n.op("MatMul", m.x("x", 5, 30), m.w(30, 40, summed=(0,), values=w)), 2, ops(matmul=1)


def ties(m):
    """Numbers in the middle between two neighbours of either type."""
    w = np.float32(2.0) ** m.n.rng.integers(-3, 3, size=(40, 32)) * (2 * m.n.rng.integers(1024, 2048, size=(40, 32)) + 1) / 2048
    w[:20] = m.n.rng.integers(-254, 254, size=(20, 32)) / 2
    w[:20, 0] = 127
    return m.n.op("Gemm", m.x("x", 5, 32), m.w(40, 32, summed=(1,), values=w.astype(np.float32)), transB=1), 2, ops(matmul=1)


def embedding(m):
    """A table that rows are picked from, and that is the last layer, too."""
    table = m.w(40, 32, summed=(1,))
    ids = m.n.input("ids", [6], TensorProto.INT64)
    m.feeds["ids"] = np.int64([3, 39, 0, -1, 3, 17])
    y = m.n.op("Add", m.n.op("Gather", table, ids), m.x("x", 6, 32))
    places = m.n.input("places", [2, 3], TensorProto.INT64)
    m.feeds["places"] = np.int64([[0, 1, 2], [3, 4, 23]])
    place = m.n.op("Gather", m.w(24, 32, summed=(1,)), places, axis=0)
    y = m.n.op("Add", y, m.n.op("Reshape", place, m.n.const([6, 32], np.int64)))
    return m.n.op("Gemm", y, table, transB=1), 2, ops(matmul=1)


def shared(m):
    w = m.w(32, 32, summed=(0,))
    y = m.n.op("Tanh", m.n.op("MatMul", m.x("x", 3, 32), w))
    return m.n.op("MatMul", y, w), 2, ops(matmul=2)


def shared_along_two_axes(m):
    w = m.w(32, 32)
    y = m.n.op("Tanh", m.n.op("MatMul", m.x("x", 3, 32), w))
    return m.n.op("Gemm", y, w, transB=1), 2, ops(matmul=2)


def also_added(m):
    w = m.w(32, 32)
    return m.n.op("Add", m.n.op("MatMul", m.x("x", 32, 32), w), w), 2, ops(matmul=1)


def lstm(m):
    y = m.n.op("LSTM", m.x("x", 5, 2, 12), m.w(2, 64, 12, summed=(2,)), m.w(2, 64, 16, summed=(2,)), normal(m.n, 2, 128),
               hidden_size=16, direction="bidirectional")
    return y, 4, ops(Recurrent=1)


def gru(m):
    y = m.n.op("GRU", m.x("x", 5, 2, 12), m.w(1, 48, 12, summed=(2,)), m.w(1, 48, 16, summed=(2,)), hidden_size=16)
    return y, 4, ops(Recurrent=1)


def transposed_conv(m):
    return m.n.op("ConvTranspose", m.x("x", 1, 8, 5, 5), m.w(8, 12, 3, 3, summed=(0, 2, 3)), strides=[1, 1]), 4, ops(conv=1)


def added_map(m):
    """A large constant between elementwise operators, which run as one."""
    y = m.n.op("Conv", m.x("x", 1, 8, 8, 8), m.w(16, 8, 3, 3, summed=(1, 2, 3)), pads=[1, 1, 1, 1])
    y = m.n.op("Add", y, m.w(1, 16, 8, 8))
    return m.n.op("Mul", m.n.op("Relu", y), m.w(1, 16, 8, 8)), 4, ops(conv=1)


def mask(m):
    """Infinities are numbers of float16."""
    values = np.where(m.n.rng.random((1, 24, 24)) < 0.3, np.float32(-np.inf), np.float32(0))
    values[:, :, :9] = m.n.rng.standard_normal((1, 24, 9))
    y = m.n.op("Add", m.x("x", 2, 24, 24), m.w(1, 24, 24, values=values))
    return m.n.op("Softmax", y, axis=-1), 3, ops()


def too_large(m):
    w = m.n.rng.standard_normal((32, 24)).astype(np.float32)
    w[3, 4] = 65520
    y = m.n.op("MatMul", m.x("x", 5, 32), m.w(32, 24, summed=(0,), half_too=False, values=w))
    w = m.n.rng.standard_normal((24, 32)).astype(np.float32)
    w[3, 4] = 65519
    return m.n.op("MatMul", y, m.w(24, 32, summed=(0,), values=w)), 2, ops(matmul=2)


def too_small(m):
    w = m.n.rng.standard_normal((32, 24)).astype(np.float32) * np.float32(1e-6)
    return m.n.op("MatMul", m.x("x", 5, 32), m.w(32, 24, summed=(0,), half_too=False, values=w)), 2, ops(matmul=1)


def binary(m):
    """Binary layers and weights of one bit stay as they are; thresholds, too."""
    x = m.x("x", 1, 8, 8, 8)
    y = m.n.op("Conv", x, m.n.const(m.n.signs(16, 8, 3, 3) * np.float32(0.3)), pads=[1, 1, 1, 1])
    y = layer(m.n, where("Greater")(m.n, y, 16), 16, 16, pads=[1, 1, 1, 1])
    y = m.n.op("Add", m.n.op("Mul", y, normal(m.n, 1, 16, 1, 1)), normal(m.n, 1, 16, 1, 1))
    y = m.n.op("Flatten", m.n.op("AveragePool", y, kernel_shape=[4, 4], strides=[4, 4]))
    return m.n.op("Gemm", y, m.w(64, 10, summed=(0,)), normal(m.n, 10)), 2, ops(bconv=1, conv=1, matmul=1, Bunpack=1)


def small(m):
    return m.n.op("MatMul", m.x("x", 5, 20), normal(m.n, 20, 25)), 2, ops(matmul=1)


MODELS = [conv, conv1d, dense, constant_on_the_left, batched, dead_and_tiny_channels, ties, embedding, shared,
          shared_along_two_axes, also_added, lstm, gru, transposed_conv, added_map, mask, too_large, too_small, binary, small]

# By which options a constant is rounded, those that come first winning.
MODES = {"float16": {"float16": True}, "int8": {"int8_weights": True}, "both": {"int8_weights": True, "float16": True}}


def cases():
    for build in MODELS:
        for mode, options in MODES.items():
            m = Model(build.__name__)
            out, rank, want = build(m)
            m.n.output(out, rank)
            model = m.n.finish()
            how = {"float16": m.half, "int8": m.int8, "both": {**m.half, **m.int8}}[mode]
            stored = {"Float16": sum(f is half for f in how.values()), "Int8": sum(f is not half for f in how.values())}
            if mode == "both" and 0 in stored.values():
                continue  # the same as one of the others
            yield Case(f"{build.__name__}_{mode}", model, [m.feeds], want, tolerance=FLOATS,
                       options=options, oracle=rounded(model, how), stored=stored)
