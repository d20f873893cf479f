"""Between a layer and the next sign: each takes the net, a value and its channels."""

import numpy as np

from .common.case import Case, ops
from .common.parts import batch_norm, build, chain, where


def mul_add(n, x, c):
    s = (2.0 ** n.rng.integers(-1, 2, size=(c, 1, 1))) * n.signs(c, 1, 1)
    return n.op("Add", n.op("Mul", x, n.const(s)), n.const(n.rng.integers(-4, 5, size=(c, 1, 1)) / 2.0))


def sub_div(n, x, c):
    s = 2.0 ** n.rng.integers(-1, 2, size=(1, c, 1, 1))
    return n.op("Div", n.op("Sub", x, n.const(n.rng.integers(-4, 5, size=(1, c, 1, 1)))), n.const(s))




def pool(n, x, _):
    return n.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def pool_padded(n, x, _):
    return n.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)


def unary(kind, **attributes):
    return lambda n, x, _: n.op(kind, x, **attributes)


def prelu(sign):
    def build(n, x, c):
        return n.op("PRelu", x, n.const(np.full((c, 1, 1), sign * 0.25)))
    return build


BETWEEN = {
    "nothing": chain(), "batch_norm": batch_norm(), "gamma_negative": batch_norm(gamma=[-0.5]),
    "gamma_zero": batch_norm(gamma=[0, 1, -1, 0]), "gamma_tiny": batch_norm(gamma=[2.0 ** -60, -(2.0 ** -60)]),
    "mul_add": mul_add, "sub_div": sub_div, "two_norms": chain(batch_norm(), batch_norm()),
    "pool": pool, "pool_norm": chain(pool, batch_norm()), "norm_pool": chain(batch_norm(), pool),
    "norm_pool_padded": chain(batch_norm(), pool_padded), "relu_norm": chain(unary("Relu"), batch_norm()),
    "norm_clip": chain(batch_norm(), lambda n, x, _: n.op("Clip", x, n.const(-1.0), n.const(1.0))),
    "norm_leaky": chain(batch_norm(), unary("LeakyRelu", alpha=0.25)), "norm_prelu": chain(batch_norm(), prelu(1)),
    "neg": unary("Neg"), "norm_identity": chain(batch_norm(), unary("Identity")),
}

SIGNS = {
    "greater": where("Greater"), "greater_or_equal": where("GreaterOrEqual"), "less": where("Less", -1.0, 1.0),
    "less_or_equal": where("LessOrEqual", -1.0, 1.0),
}


def cases():
    for between, make in BETWEEN.items():
        for sign, compare in SIGNS.items():
            name = f"{between}_{sign}"
            yield Case(name, *build(name, sign=compare, between=make), ops(bconv=2))
