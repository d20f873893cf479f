"""Branches and joins: signs and layers with several readers, joins and cuts of signs, gates, products of signs."""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.net import Net
from .common.parts import batch_norm, layer, where

PAD = [1, 1, 1, 1]
GE = where("GreaterOrEqual")


def conv(n, x, c_in, c_out, k=3, **more):
    return layer(n, x, c_in, c_out, kernel=(k, k), pads=[k // 2] * 4, **more)


def conv_norm(n, x, c_in, c_out, k=3, **more):
    return batch_norm()(n, conv(n, x, c_in, c_out, k, **more), c_out)


def signs(n, x, c_in, c_out, k=3):
    return GE(n, conv_norm(n, x, c_in, c_out, k), c_out)


def ints(n, *values):
    return n.const(list(values), np.int64)


# Each takes the net and x [2,c,6,6] and gives the outputs.

def two_thresholds(n, x, c):
    """One layer, read by two signs with thresholds of their own, and as a float."""
    y = conv(n, GE(n, x, c), c, c)
    a, b = GE(n, batch_norm()(n, y, c), c), GE(n, batch_norm()(n, y, c), c)
    return n.op("Add", n.op("Add", conv(n, a, c, 4, 1), conv(n, b, c, 4, 1)), conv(n, y, c, 4, 1))


def sign_and_float_output(n, x, c):
    y = conv_norm(n, GE(n, x, c), c, c)
    return [y, GE(n, y, c)]


def falling_and_float(n, x, c):
    """The weights of some channels are turned around, and the float result stays."""
    y = n.op("Mul", conv(n, GE(n, x, c), c, c), n.const(np.resize(np.float32([-0.5, 2, -1]), c).reshape(c, 1, 1)))
    return n.op("Add", conv(n, GE(n, y, c), c, c), y)


def relu_and_float(n, x, c):
    y = n.op("Relu", conv(n, GE(n, x, c), c, c))
    return n.op("Add", conv(n, GE(n, batch_norm()(n, y, c), c), c, c), y)


def sums_twice(n, x, c):
    """The float value inside of the chain to the sign has another reader."""
    y = conv(n, GE(n, x, c), c, c)
    z = batch_norm()(n, y, c)
    return n.op("Add", conv(n, GE(n, n.op("Relu", z), c), c, c), n.op("Sub", z, y))


def add_of_signs(n, x, c):
    """A sum of two signs is -2, 0 or 2 and no sign."""
    a = GE(n, x, c)
    b = GE(n, conv_norm(n, a, c, c), c)
    return conv(n, n.op("Add", a, b), c, c)


def residual_of_bits(n, x, c):
    a = GE(n, x, c)
    y = n.op("Add", conv_norm(n, a, c, c), a)
    return conv(n, GE(n, y, c), c, c)


def react(n, x, c):
    """ReActNet's block: shifts and PRelu around the residual."""
    def shift(v):
        return n.op("Add", v, n.const(n.rng.integers(-4, 5, size=(c, 1, 1)) / 8))
    y = n.op("Add", conv_norm(n, GE(n, shift(x), c), c, c), x)
    z = shift(n.op("PRelu", shift(y), n.const(np.full((c, 1, 1), 0.25))))
    s = GE(n, shift(z), c)
    a, b = (n.op("Add", conv_norm(n, s, c, c, 1), z) for _ in range(2))
    return n.op("Concat", a, b, axis=1)


def dense_net(n, x, c):
    for i in range(3):
        k = c + 5 * i
        y = conv(n, GE(n, batch_norm()(n, x, k), k), k, 5)
        x = n.op("Concat", x, y, axis=1)
    return x


def concat_then_norm(n, x, c):
    """The sign behind a Concat of layers."""
    s = GE(n, x, c)
    y = n.op("Concat", conv(n, s, c, 5), conv(n, s, c, 32, 1), conv(n, s, c, 3), axis=1)
    return conv(n, GE(n, batch_norm()(n, y, 40), 40), 40, 4)


def concat_of(*sizes):
    def make(n, x, c):
        s = GE(n, x, c)
        parts = [signs(n, s, c, k) for k in sizes]
        return conv(n, n.op("Concat", *parts, axis=1), sum(sizes), 6)
    return make


def concat_with_input(n, x, c):
    s = GE(n, x, c)
    return conv(n, n.op("Concat", s, signs(n, s, c, c), axis=1), 2 * c, 5)


def concat_rows(n, x, c):
    s = GE(n, x, c)
    return conv(n, n.op("Concat", s, signs(n, s, c, c), axis=2), c, 5)


def split_into(*sizes):
    def make(n, x, c):
        s = signs(n, GE(n, x, c), c, sum(sizes))
        parts = n.op("Split", s, ints(n, *sizes), outputs=len(sizes), axis=1)
        out = [conv(n, p, k, 4) for p, k in zip(parts, sizes)]
        y = out[0]
        for v in out[1:]:
            y = n.op("Add", y, v)
        return y
    return make


def split_equal(n, x, c):
    """A grouped stem as MeliusNet has it: Split, layers, Concat."""
    parts = n.op("Split", GE(n, x, c), outputs=2, axis=1)
    return n.op("Concat", *(conv(n, p, c // 2, 4) for p in parts), axis=1)


def slice_of(axis, start, end, step=1):
    def make(n, x, c):
        s = signs(n, GE(n, x, c), c, c)
        s = n.op("Slice", s, ints(n, start), ints(n, end), ints(n, axis), ints(n, step))
        k = len(range(c)[start:end:step]) if axis == 1 else c
        return conv(n, s, k, 4)
    return make


def gather(n, x, c):
    s = signs(n, GE(n, x, c), c, c)
    return conv(n, n.op("Gather", s, ints(n, *reversed(range(c))), axis=1), c, 4)


def shuffle(groups):
    def make(n, x, c):
        s = signs(n, GE(n, x, c), c, c)
        s = n.op("Reshape", s, ints(n, 0, groups, c // groups, 6, 6))
        s = n.op("Reshape", n.op("Transpose", s, perm=[0, 2, 1, 3, 4]), ints(n, 0, c, 6, 6))
        return conv(n, s, c, c, groups=groups)
    return make


def pixel_shuffle(n, x, c):
    """Space to depth of signs."""
    s = GE(n, x, c)
    s = n.op("Reshape", s, ints(n, 0, c, 3, 2, 3, 2))
    s = n.op("Reshape", n.op("Transpose", s, perm=[0, 3, 5, 1, 2, 4]), ints(n, 0, 4 * c, 3, 3))
    return conv(n, s, 4 * c, 5)


def neg_of_sign(n, x, c):
    return conv(n, n.op("Neg", signs(n, GE(n, x, c), c, c)), c, 4)


def double_sign(n, x, c):
    s = where("Greater")(n, GE(n, x, c), c)
    s = n.op("Sign", n.op("Sign", signs(n, s, c, c)))
    return conv(n, s, c, 4)


def sign_of_neg_sign(n, x, c):
    return conv(n, where("Greater")(n, n.op("Neg", GE(n, x, c)), c), c, 4)


def average_of_signs(n, x, c):
    """An average of signs is no sign."""
    s = signs(n, GE(n, x, c), c, c)
    return conv(n, n.op("AveragePool", s, kernel_shape=[2, 2]), c, 4)


def global_average(n, x, c):
    s = signs(n, GE(n, x, c), c, c)
    return n.op("GlobalAveragePool", s)


def max_of_signs(n, x, c):
    s = n.op("MaxPool", signs(n, GE(n, x, c), c, c), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0], ceil_mode=1)
    return conv(n, s, c, 4)


def min_of_signs(n, x, c):
    """Neg, MaxPool, Neg: the minimum."""
    s = n.op("Neg", signs(n, GE(n, x, c), c, c))
    return conv(n, n.op("Neg", n.op("MaxPool", s, kernel_shape=[2, 2])), c, 4)


def global_max(n, x, c):
    s = n.op("GlobalMaxPool", signs(n, GE(n, x, c), c, c))
    return layer(n, s, c, 4, kernel=(1, 1))


def dropout_identity(n, x, c):
    s = n.op("Identity", n.op("Dropout", GE(n, x, c)))
    return conv(n, n.op("Identity", signs(n, s, c, c)), c, 4)


def product_of_signs(n, x, c):
    """A product of signs is a sign."""
    a = GE(n, x, c)
    return conv(n, n.op("Mul", a, signs(n, a, c, c)), c, 4)


def sign_times_constant(n, x, c):
    """Signs with a sign for each channel."""
    s = signs(n, GE(n, x, c), c, c)
    return conv(n, n.op("Mul", s, n.const(n.signs(c, 1, 1))), c, 4)


def channel_gate(n, x, c):
    """Real-to-Binary: a factor for each channel, computed from the values before the sign."""
    y = conv(n, GE(n, x, c), c, c)
    gate = n.op("GlobalAveragePool", x)
    gate = n.op("Relu", n.op("Conv", gate, n.const(n.signs(4, c, 1, 1) / 2)))
    gate = n.op("HardSigmoid", n.op("Conv", gate, n.const(n.signs(c, 4, 1, 1) / 4)), alpha=0.25, beta=0.5)
    y = batch_norm()(n, n.op("Mul", y, gate), c)
    return conv(n, GE(n, y, c), c, 4)


def gate_of_linear(n, x, c):
    """The same with dense layers and Reshape."""
    y = conv(n, GE(n, x, c), c, c)
    gate = n.op("Reshape", n.op("GlobalAveragePool", x), ints(n, 0, -1))
    gate = n.op("Relu", n.op("Gemm", gate, n.const(n.signs(4, c) / 2), n.const(n.signs(4)), transB=1))
    gate = n.op("HardSigmoid", n.op("Gemm", gate, n.const(n.signs(c, 4) / 4), n.const(n.signs(c)), transB=1), alpha=0.25, beta=0.5)
    y = n.op("Mul", y, n.op("Reshape", gate, ints(n, 0, c, 1, 1)))
    return conv(n, GE(n, batch_norm()(n, y, c), c), c, 4)


def scale_map(n, x, c):
    """XNOR-Net's K: the mean magnitude of the input around each pixel."""
    y = conv(n, GE(n, x, c), c, c)
    k = n.op("ReduceMean", n.op("Abs", x), axes=[1], keepdims=1)
    k = n.op("Conv", k, n.const(np.full((1, 1, 3, 3), 0.125)), pads=PAD)
    return conv(n, GE(n, n.op("Sub", n.op("Mul", y, k), n.const(0.5)), c), c, 4)


def bmxnet(n, x, c):
    y = conv(n, GE(n, x, c), c, c)
    y = n.op("Div", n.op("Add", y, n.const(float(9 * c))), n.const(2.0))
    y = n.op("Sub", y, n.const(4.5 * c))
    return conv(n, GE(n, batch_norm()(n, y, c), c), c, 4)


STRUCTURES = {
    "two_thresholds": (two_thresholds, ops(bconv=3, conv=1)),
    "sign_and_float_output": (sign_and_float_output, ops(bconv=1)),
    "falling_and_float": (falling_and_float, ops(bconv=2, Bsign=1)),
    "relu_and_float": (relu_and_float, ops(bconv=2)),
    "sums_twice": (sums_twice, ops(bconv=2)),
    "add_of_signs": (add_of_signs, ops(bconv=1, conv=1)),
    "residual_of_bits": (residual_of_bits, ops(bconv=2)),
    "react": (react, ops(bconv=3)),
    "dense_net": (dense_net, ops(bconv=3)),
    "concat_then_norm": (concat_then_norm, ops(bconv=4)),
    "concat_aligned": (concat_of(32, 64, 5), ops(bconv=4)),
    "concat_odd": (concat_of(1, 33, 7), ops(bconv=4)),
    "concat_with_input": (concat_with_input, ops(bconv=2)),
    "concat_rows": (concat_rows, ops(bconv=2)),
    "split_aligned": (split_into(32, 64, 3), ops(bconv=4)),
    "split_odd": (split_into(3, 33, 5), ops(bconv=4)),
    "split_equal": (split_equal, ops(bconv=2)),
    "slice_odd": (slice_of(1, 1, 6), ops(bconv=2)),
    "slice_step": (slice_of(1, 0, 8, 2), ops(bconv=2)),
    "slice_back": (slice_of(1, 7, -9, -1), ops(bconv=2)),
    "slice_rows": (slice_of(2, 1, 5), ops(bconv=2)),
    "slice_columns": (slice_of(3, 0, 6, 2), ops(bconv=2)),
    "gather": (gather, ops(bconv=2)),
    "shuffle_2": (shuffle(2), ops(bconv=2)),
    "shuffle_4": (shuffle(4), ops(bconv=2)),
    "pixel_shuffle": (pixel_shuffle, ops(bconv=1)),
    "neg_of_sign": (neg_of_sign, ops(bconv=2)),
    "double_sign": (double_sign, ops(bconv=2)),
    "sign_of_neg_sign": (sign_of_neg_sign, ops(bconv=1)),
    "average_of_signs": (average_of_signs, ops(bconv=1, conv=1)),
    "global_average": (global_average, ops(bconv=1)),
    "max_of_signs": (max_of_signs, ops(bconv=2)),
    "min_of_signs": (min_of_signs, ops(bconv=2)),
    "global_max": (global_max, ops(bconv=2)),
    "dropout_identity": (dropout_identity, ops(bconv=2)),
    "product_of_signs": (product_of_signs, ops(bconv=2)),
    "sign_times_constant": (sign_times_constant, ops(bconv=2)),
    "channel_gate": (channel_gate, ops(bconv=2, conv=2)),
    "gate_of_linear": (gate_of_linear, ops(bconv=2, matmul=2)),
    "scale_map": (scale_map, ops(bconv=2, conv=1)),
    "bmxnet": (bmxnet, ops(bconv=2)),
}


# Products of two computed signs: shapes of a and b, permutations before the product (None for none).
PRODUCTS = {
    "plain": ((2, 5, 33), (2, 33, 7), None, None),
    "second_transposed": ((2, 5, 33), (2, 7, 33), None, (0, 2, 1)),
    "first_transposed": ((2, 33, 5), (2, 33, 7), (0, 2, 1), None),
    "both_transposed": ((2, 33, 5), (2, 7, 33), (0, 2, 1), (0, 2, 1)),
    "two_axes": ((5, 40), (40, 3), None, None),
    "first_shared": ((5, 33), (3, 33, 7), None, None),
    "second_shared": ((3, 5, 33), (33, 7), None, None),
    "broadcast": ((3, 1, 5, 33), (1, 2, 33, 7), None, None),
    "broadcast_one": ((3, 5, 33), (1, 33, 7), None, None),
    "heads": ((2, 5, 3, 16), (2, 7, 3, 16), (0, 2, 1, 3), (0, 2, 3, 1)),
    "vector_left": ((33,), (33, 7), None, None),
    "vector_right": ((5, 33), (33,), None, None),
}


def cases():
    for name, (make, want) in STRUCTURES.items():
        n = Net(name)
        out = make(n, n.input("x", (2, 8, 6, 6)), 8)
        for v in out if isinstance(out, list) else [out]:
            n.output(v)
        yield Case(name, n.finish(), n.eighths(2, 8, 6, 6), want)
    for name, (a, b, perm_a, perm_b) in PRODUCTS.items():
        n = Net(name)
        values = []
        for v, shape, perm in (("a", a, perm_a), ("b", b, perm_b)):
            s = GE(n, n.input(v, shape), 0)
            values.append(s if perm is None else n.op("Transpose", s, perm=list(perm)))
        y = n.op("MatMul", *values)
        rank = len(np.matmul(*(np.zeros([s[i] for i in p or range(len(s))]) for s, p in ((a, perm_a), (b, perm_b)))).shape)
        n.output(y, rank)
        yield Case("product_" + name, n.finish(), [{"a": n.eighths(*a), "b": n.eighths(*b)}], ops(bgemm=1))
    # A product of signs with signs and thresholds behind it.
    n = Net("attention")
    q, k, v = (GE(n, n.op("MatMul", n.input(i, (2, 6, 16)) if i == "x" else "x", n.const(n.signs(16, 16))), 0) for i in ("x", "k", "v"))
    a = GE(n, n.op("Sub", n.op("MatMul", q, n.op("Transpose", k, perm=[0, 2, 1])), n.const(2.0)), 0)
    n.output(n.op("MatMul", a, v), 3)
    yield Case("attention", n.finish(), n.eighths(2, 6, 16), ops(bgemm=2, matmul=3))
