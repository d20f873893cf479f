"""Structure: branches, joins, moves of channels. Each takes the net and x [2,8,6,6] and gives the output."""

import numpy as np

from .common.case import Case, ops
from .common.net import Net
from .common.parts import batch_norm, layer, where


def norm_sign(n, x, c):
    return where("Greater")(n, batch_norm()(n, x, c), c)


def shared_sign(n, x):
    s = where("Greater")(n, x, 8)
    return n.op("Add", layer(n, s, 8, 8, pads=[1, 1, 1, 1]), layer(n, s, 8, 8, kernel=(1, 1)))


def residual(n, x):
    y = n.op("Add", batch_norm()(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8), x)
    z = n.op("Add", batch_norm()(n, layer(n, where("Greater")(n, y, 8), 8, 8, pads=[1, 1, 1, 1]), 8), y)
    return layer(n, where("Greater")(n, z, 8), 8, 5, kernel=(1, 1))


def float_and_sign(n, x):
    """A layer whose result is read as a float and by a sign."""
    y = batch_norm()(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8)
    z = layer(n, where("GreaterOrEqual")(n, y, 8), 8, 8, pads=[1, 1, 1, 1])
    return n.op("Add", y, z)


def concat(n, x):
    s = where("Greater")(n, x, 8)
    parts = [norm_sign(n, layer(n, s, 8, c, pads=[1, 1, 1, 1]), c) for c in (5, 7)]
    return layer(n, n.op("Concat", *parts, axis=1), 12, 5, kernel=(1, 1))


def split(n, x):
    s = where("Greater")(n, x, 8)
    out = n.op("Split", s, n.const([3, 5], np.int64), outputs=2, axis=1)
    return n.op("Add", layer(n, out[0], 3, 4, pads=[1, 1, 1, 1]), layer(n, out[1], 5, 4, pads=[1, 1, 1, 1]))


def shuffle(n, x):
    """Channel shuffle of signs, in two groups."""
    s = where("Greater")(n, x, 8)
    s = n.op("Reshape", s, n.const([0, 2, 4, 6, 6], np.int64))
    s = n.op("Reshape", n.op("Transpose", s, perm=[0, 2, 1, 3, 4]), n.const([0, 8, 6, 6], np.int64))
    return layer(n, s, 8, 8, groups=2, pads=[1, 1, 1, 1])


def nhwc(n, x):
    """Signs and constants in NHWC with transposes around each convolution."""
    y = n.op("Transpose", x, perm=[0, 2, 3, 1])
    for _ in range(2):
        y = n.op("Where", n.op("Less", y, n.const(0.0)), n.const(-1.0), n.const(1.0))
        y = layer(n, n.op("Transpose", y, perm=[0, 3, 1, 2]), 8, 8, pads=[1, 1, 1, 1])
        y = n.op("Transpose", y, perm=[0, 2, 3, 1])
        y = n.op("Add", n.op("Mul", y, n.const(n.signs(8) * 0.5)), n.const(n.rng.integers(-4, 5, size=8) / 2))
    return y


def one_dimension(n, x):
    y = where("Greater")(n, n.op("Reshape", x, n.const([0, 8, 36], np.int64)), 8)
    y = n.op("Conv", y, n.const(n.signs(8, 8, 5)), pads=[2, 2], strides=[2])
    y = batch_norm()(n, y, 8)
    y = n.op("Where", n.op("Greater", y, n.const(0.0)), n.const(1.0), n.const(-1.0))
    y = n.op("Conv", y, n.const(n.signs(4, 8, 3)), dilations=[2])
    return n.op("Unsqueeze", y, n.const([2], np.int64))


def sign_is_output(n, x):
    return norm_sign(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8)


def two_activations(n, x):
    s = where("Greater")(n, n.op("Reshape", x, n.const([0, 8, 36], np.int64)), 8)
    return n.op("Unsqueeze", n.op("MatMul", s, n.op("Transpose", s, perm=[0, 2, 1])), n.const([1], np.int64))


STRUCTURES = {
    "shared_sign": (shared_sign, ops(bconv=2, Bsign=1)),
    "residual": (residual, ops(bconv=3)),
    "float_and_sign": (float_and_sign, ops(bconv=2, Bsign=1)),
    "concat": (concat, ops(bconv=3)),
    "split": (split, ops(bconv=2)),
    "shuffle": (shuffle, ops(bconv=1)),
    "nhwc": (nhwc, ops(bconv=2, Transpose=1)),
    "one_dimension": (one_dimension, ops(bconv=2)),
    "sign_is_output": (sign_is_output, ops(bconv=1)),
    "two_activations": (two_activations, ops(bgemm=1)),
}


def cases():
    for name, (make, want) in STRUCTURES.items():
        n = Net(name)
        out = make(n, "x")
        data = n.eighths(2, 8, 6, 6)
        yield Case(name, n.model((2, 8, 6, 6), out), data, want)
