"""Weights: the forms of binary weights. Each gives the name of an OIHW value."""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.parts import build, weights_pm1


def weights_alpha(n, *shape):
    scale = 2.0 ** n.rng.integers(-3, 3, size=(shape[0], 1, 1, 1)) * n.signs(shape[0], 1, 1, 1)
    return n.const(n.signs(*shape) * scale)


def weights_scalar(n, *shape):
    return n.const(n.signs(*shape) * 0.375)


def weights_sign(n, *shape):
    return n.op("Sign", n.const(n.rng.standard_normal(shape)))


def weights_where(n, *shape):
    w = n.const(n.rng.standard_normal(shape))
    return n.op("Where", n.op("GreaterOrEqual", w, n.const(0.0)), n.const(1.0), n.const(-1.0))


def weights_mean_abs(n, *shape):
    w = n.const(n.signs(*shape) * 0.25 * 2.0 ** n.rng.integers(0, 3, size=(shape[0], 1, 1, 1)))
    mean = n.op("Abs", w)
    for axis in (3, 2, 1):
        mean = n.op("ReduceMean", mean, axes=[axis], keepdims=1)
    return n.op("Mul", n.op("Sign", w), mean)


def weights_transposed(n, *shape):
    w = n.signs(*shape).transpose(2, 3, 1, 0)
    return n.op("Transpose", n.const(w), perm=[3, 2, 0, 1])


def weights_cast(n, *shape):
    return n.op("Cast", n.const(n.signs(*shape), np.int8), to=TensorProto.FLOAT)


def weights_dead_channel(n, *shape):
    w = n.signs(*shape)
    w[1] = 0
    return n.const(w)


WEIGHTS = {
    "pm1": weights_pm1, "alpha": weights_alpha, "scalar": weights_scalar, "sign": weights_sign, "where": weights_where,
    "mean_abs": weights_mean_abs, "transposed": weights_transposed, "cast": weights_cast, "dead_channel": weights_dead_channel,
}


def cases():
    for weights, make in WEIGHTS.items():
        for c in (7, 64):
            name = f"{weights}_{c}"
            yield Case(name, *build(name, weights=make, c=c), ops(bconv=2))
