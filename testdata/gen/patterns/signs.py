"""Signs: how a value becomes -1 and +1, or 0 and 1. Each takes the net, a value and its channels."""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.parts import build, where


def where_not(compare):
    def build(n, x, _):
        return n.op("Where", n.op("Not", n.op(compare, x, n.const(0.0))), n.const([1.0]), n.const([-1.0]))
    return build


def where_per_channel(n, x, c):
    t = (np.arange(c) % 5 - 2).reshape(1, c, 1, 1) / 4
    return n.op("Where", n.op("Greater", x, n.const(t)), n.const(1.0), n.const(-1.0))


def where_full(n, x, c):
    return n.op("Where", n.op("GreaterOrEqual", x, n.const(np.zeros((1, c, 1, 1)))),
                n.const(np.ones((1, c, 1, 1))), n.const(-np.ones((1, c, 1, 1))))


def cast_mul_sub(n, x, _):
    b = n.op("Cast", n.op("GreaterOrEqual", x, n.const(0.0)), to=TensorProto.FLOAT)
    return n.op("Sub", n.op("Mul", b, n.const(2.0)), n.const(1.0))


def cast_int(n, x, _):
    b = n.op("Cast", n.op("Greater", x, n.const(0.0)), to=TensorProto.INT32)
    b = n.op("Add", n.op("Mul", b, n.const(2, np.int32)), n.const(-1, np.int32))
    return n.op("Cast", b, to=TensorProto.FLOAT)


def sign_behind_bias(n, x, c):
    """Sign of values that the added constant keeps away from 0."""
    bias = np.full((1, c, 1, 1), 1 / 64)
    return n.op("Sign", n.op("Add", x, n.const(bias)))


def clip_where(n, x, c):
    return where("Greater")(n, n.op("Clip", x, n.const(-1.0), n.const(1.0)), c)


def scaled_where(n, x, c):
    return where("GreaterOrEqual", 0.5, -0.5)(n, x, c)


def larq_old(n, x, _):
    return n.op("Sign", n.op("Add", n.op("Sign", x), n.const(0.25)))


def heaviside(n, x, _):
    return n.op("Cast", n.op("Greater", x, n.const(0.0)), to=TensorProto.FLOAT)


def relu_sign(n, x, _):
    return n.op("Sign", n.op("Relu", x))


def dorefa(n, x, _):
    """One bit of DoReFa-Net; Round is half to even."""
    return n.op("Round", n.op("Clip", x, n.const(0.0), n.const(1.0)))


SIGNS = {
    "heaviside": heaviside, "relu_sign": relu_sign, "dorefa": dorefa,
    "greater": where("Greater"), "greater_or_equal": where("GreaterOrEqual"), "less": where("Less", -1.0, 1.0),
    "less_or_equal": where("LessOrEqual", -1.0, 1.0), "inverted": where("Greater", -1.0, 1.0),
    "inverted_less": where("Less"), "constant_left": where("Less", swapped=True),
    "constant_left_ge": where("GreaterOrEqual", -1.0, 1.0, swapped=True), "threshold": where("Greater", threshold=0.25),
    "threshold_ge": where("GreaterOrEqual", threshold=-0.5), "not_less": where_not("Less"),
    "not_less_or_equal": where_not("LessOrEqual"), "per_channel": where_per_channel, "full_constants": where_full,
    "cast_mul_sub": cast_mul_sub, "cast_int": cast_int, "sign_behind_bias": sign_behind_bias, "clip": clip_where,
    "scaled": scaled_where, "larq_old": larq_old,
}

def cases():
    for sign, make in SIGNS.items():
        for c in (8, 33):
            name = f"{sign}_{c}"
            yield Case(name, *build(name, sign=make, c=c), ops(bconv=2))
