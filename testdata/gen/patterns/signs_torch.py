"""Signs as the export of torch writes them: with Constant nodes, by operator set."""

import numpy as np
from onnx import TensorProto, helper

from .common.case import Case, ops
from .common.parts import apart, build, where


def compared(compare, x, threshold=0.0):
    """x compared with a Constant; torch writes Less and Not before operator set 12."""
    def write(n):
        opposite = {"GreaterOrEqual": "Less", "LessOrEqual": "Greater"}.get(compare)
        if n.opset < 12 and opposite:
            return n.op("Not", n.op(opposite, x, n.constant(threshold)))
        return n.op(compare, x, n.constant(threshold))
    return write


def shared(n, x, _):
    """torch.where with [1.] and [-1.]; the Constants of the first sign serve all."""
    if not hasattr(n, "branches"):
        condition = compared("Greater", x)(n)
        n.branches = n.constant([1.0]), n.constant([-1.0])
        return n.op("Where", condition, *n.branches)
    return n.op("Where", compared("Greater", x)(n), *n.branches)


def where_scalars(compare, yes, no):
    return lambda n, x, _: n.op("Where", compared(compare, x)(n), n.constant(yes), n.constant(no))


def ones_like(n, x, c):
    """ones_like and -ones_like, folded to Constants of the full size."""
    size = (2, c, 5, 5)
    return n.op("Where", compared("GreaterOrEqual", x)(n), n.constant(np.ones(size)), n.constant(-np.ones(size)))


def ones_like_computed(n, x, _):
    """ones_like where dimensions vary."""
    ones = n.op("ConstantOfShape", n.op("Shape", x), value=helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]))
    return n.op("Where", compared("Greater", x)(n), ones, n.op("Neg", ones))


def cast_bool(n, condition):
    return n.op("Cast", condition, to=TensorProto.BOOL)


def in_place(n, x, _):
    """o = x.clone(); o[x <= 0] = -1; o[x > 0] = 1"""
    low, high = compared("LessOrEqual", x)(n), compared("Greater", x)(n)
    o = n.op("Where", cast_bool(n, low), n.constant(-1.0), x)
    return n.op("Where", cast_bool(n, high), n.constant(1.0), o)


def in_place_reversed(n, x, _):
    """o[x >= 0] = 1; o[x < 0] = -1"""
    high, low = compared("GreaterOrEqual", x)(n), compared("Less", x)(n)
    o = n.op("Where", cast_bool(n, high), n.constant(1.0), x)
    return n.op("Where", cast_bool(n, low), n.constant(-1.0), o)


def in_place_ones(n, x, _):
    """o = ones_like(x); o[x <= 0] = -1"""
    ones = n.constant(np.ones((1, 1, 1, 1)))
    return n.op("Where", cast_bool(n, compared("LessOrEqual", x)(n)), n.constant(-1.0), n.op("Expand", ones, n.op("Shape", x)))


def doubled_cast(kind, to, subtract=True):
    """x.ge(0).to(type) * 2 - 1"""
    def write(n, x, _):
        b = n.op("Cast", compared("GreaterOrEqual", x)(n), to=to)
        b = n.op("Mul", b, n.constant(2, kind))
        b = n.op("Sub", b, n.constant(1, kind)) if subtract else n.op("Add", n.constant(-1, kind), b)
        return b if to == TensorProto.FLOAT else n.op("Cast", b, to=TensorProto.FLOAT)
    return write


def two_casts(n, x, _):
    """(x > 0).float() - (x <= 0).float()"""
    yes = n.op("Cast", compared("Greater", x)(n), to=TensorProto.FLOAT)
    no = n.op("Cast", compared("LessOrEqual", x)(n), to=TensorProto.FLOAT)
    return n.op("Sub", yes, no)


def sign_zero_one(n, x, _):
    """y = x.sign(); y[y == 0] = 1"""
    y = n.op("Sign", x)
    return n.op("Where", cast_bool(n, n.op("Equal", y, n.constant(0.0))), n.constant(1.0), y)


def sign_zero_minus(n, x, _):
    """y = x.sign(); y[y == 0] = -1, by masked_fill"""
    y = n.op("Sign", x)
    return n.op("Where", n.op("Equal", y, n.constant(0.0)), n.constant(-1.0), y)


def sign_add_sign(n, x, _):
    """x.sign().add(0.01).sign()"""
    return n.op("Sign", n.op("Add", n.op("Sign", x), n.constant(0.01)))


def double_branches(n, x, _):
    """torch.where(x >= 0, 1., -1.) makes doubles."""
    y = n.op("Where", compared("GreaterOrEqual", x)(n), n.constant(1, np.float64), n.constant(-1, np.float64))
    return n.op("Cast", y, to=TensorProto.FLOAT)


def integer_branches(n, x, _):
    y = n.op("Where", compared("Less", x)(n), n.constant(-1, np.int64), n.constant(1, np.int64))
    return n.op("Cast", y, to=TensorProto.FLOAT)


def ge_eq_or(n, x, _):
    """GreaterOrEqual before operator set 12, written by hand."""
    either = n.op("Or", n.op("Greater", x, n.constant(0.0)), n.op("Equal", x, n.constant(0.0)))
    return n.op("Where", either, n.constant(1.0), n.constant(-1.0))


def straight_through(sign, order):
    """(sign(x) - x).detach() + x in its three orders."""
    def write(n, x, c):
        s = sign(n, x, c)
        if order == "add_left":
            return n.op("Add", n.op("Sub", s, x), x)
        if order == "add_right":
            return n.op("Add", x, n.op("Sub", s, x))
        return n.op("Sub", n.op("Add", s, x), x)
    return write


def straight_through_clip(n, x, c):
    """sign(x).detach() - clamp(x).detach() + clamp(x)"""
    s, f = where_scalars("GreaterOrEqual", 1.0, -1.0)(n, x, c), n.op("Clip", x, n.constant(-1.0), n.constant(1.0))
    return n.op("Add", n.op("Sub", s, f), f)


def straight_through_tanh(n, x, c):
    s = where_scalars("GreaterOrEqual", 1.0, -1.0)(n, x, c)
    return n.op("Add", n.op("Sub", s, n.op("Tanh", x)), n.op("Tanh", x))


def birealnet(sign):
    """BinaryActivation of Bi-Real-Net, 34 nodes: sign(x) - approximation(x) + approximation(x)."""
    def write(n, x, c):
        s = sign(n, x, c)
        masks = [n.op("Less", x, n.constant(t)) for t in (-1.0, 0.0, 1.0)]
        m = n.op("Cast", masks[0], to=TensorProto.FLOAT)
        low = n.op("Mul", m, n.constant(-1.0))
        square, double = n.op("Mul", x, x), n.op("Mul", x, n.constant(2.0))
        rise = n.op("Mul", n.op("Add", square, double), n.op("Sub", n.constant(1.0), m))
        out = n.op("Add", low, rise)
        m = n.op("Cast", masks[1], to=TensorProto.FLOAT)
        out = n.op("Mul", out, m)
        fall = n.op("Add", n.op("Mul", n.op("Neg", x), x), double)
        out = n.op("Add", out, n.op("Mul", fall, n.op("Sub", n.constant(1.0), m)))
        m = n.op("Cast", masks[2], to=TensorProto.FLOAT)
        out = n.op("Add", n.op("Mul", out, m), n.op("Sub", n.constant(1.0), m))
        return n.op("Add", n.op("Sub", s, out), out)
    return write


def clip(lo, hi):
    """Hardtanh: attributes before operator set 11, then Constants."""
    def write(n, x):
        if n.opset < 11:
            return n.op("Clip", x, min=lo, max=hi)
        return n.op("Clip", x, n.constant(lo), n.constant(hi))
    return write


def plain(n, x, _):
    return n.op("Sign", x)


def hardtanh_sign(n, x, _):
    return n.op("Sign", clip(-1.0, 1.0)(n, x))


def narrow_clip_sign(n, x, _):
    return n.op("Sign", clip(-0.125, 0.25)(n, x))


def tanh_sign(n, x, _):
    return n.op("Sign", n.op("Tanh", x))


def scaled_sign(n, x, _):
    return n.op("Sign", n.op("Div", n.op("Mul", x, n.constant(3.0)), n.constant(0.5)))


def rsign(n, x, c):
    """ReActNet's sign behind a learned shift of [1,C,1,1]."""
    return n.op("Sign", n.op("Add", x, n.const((2 * n.rng.integers(-4, 4, size=(1, c, 1, 1)) + 1) / 32)))


def rsign_left(n, x, c):
    """The shift as the left operand of a Sub, of shape [C,1,1]: a sign upside down."""
    return n.op("Sign", n.op("Sub", n.const((2 * n.rng.integers(-4, 4, size=(c, 1, 1)) + 1) / 32), x))


def guarded(n, x, _):
    return n.op("Sign", n.op("Add", x, n.constant(1e-6)))


def by_magnitude(n, x, _):
    return n.op("Div", x, n.op("Abs", x))


def negated(n, x, c):
    return n.op("Neg", n.op("Where", n.op("Less", n.op("Neg", x), n.constant(0.0)), n.constant(1.0), n.constant(-1.0)))


def threshold_left(n, x, c):
    """A threshold for each channel, [C,1,1], on the left."""
    t = (np.arange(c) % 7 - 3).reshape(c, 1, 1) / 8
    return n.op("Where", n.op("LessOrEqual", n.const(t), x), n.constant(1.0), n.constant(-1.0))


def dorefa(n, x, _):
    """Clip(0, 1), times and by the number of levels; Round is half to even."""
    y = n.op("Mul", clip(0.0, 1.0)(n, x), n.constant(1.0))
    return n.op("Div", n.op("Round", y), n.constant(1.0))


def heaviside_ge(n, x, _):
    return n.op("Cast", compared("GreaterOrEqual", x)(n), to=TensorProto.FLOAT)


def heaviside_where(n, x, _):
    return n.op("Where", compared("LessOrEqual", x)(n), n.constant(0.0), n.constant(1.0))


def sign_clamped(n, x, _):
    """torch.sign(x).clamp(min=0)"""
    return n.op("Clip", n.op("Sign", x), n.constant(0.0))


# By name: the sign, and the operator sets at which it is written differently.
ANY_ZERO = {
    "shared": (shared, (9, 11, 13, 17, 21)),
    "where_ge": (where_scalars("GreaterOrEqual", 1.0, -1.0), (9, 11, 12, 16, 21)),
    "where_le": (where_scalars("LessOrEqual", -1.0, 1.0), (11, 13)),
    "where_lt": (where_scalars("Less", [-1.0], [1.0]), (9, 13)),
    "where_inverted": (where_scalars("Greater", -1.0, 1.0), (11,)),
    "ones_like": (ones_like, (11, 13)),
    "ones_like_computed": (ones_like_computed, (9, 13)),
    "in_place": (in_place, (11, 13, 21)),
    "in_place_reversed": (in_place_reversed, (11, 13)),
    "in_place_ones": (in_place_ones, (11, 13)),
    "ge_float": (doubled_cast(np.float32, TensorProto.FLOAT), (9, 11, 13, 21)),
    "ge_int32": (doubled_cast(np.int32, TensorProto.INT32), (11, 13)),
    "ge_int64": (doubled_cast(np.int64, TensorProto.INT64, subtract=False), (11, 13)),
    "two_casts": (two_casts, (11, 13)),
    "sign_zero_one": (sign_zero_one, (11, 13)),
    "sign_zero_minus": (sign_zero_minus, (13,)),
    "sign_add_sign": (sign_add_sign, (9, 13)),
    "double_branches": (double_branches, (11, 17)),
    "integer_branches": (integer_branches, (13,)),
    "ge_eq_or": (ge_eq_or, (11,)),
    "negated": (negated, (13,)),
    "threshold_left": (threshold_left, (13,)),
    "detach_left": (straight_through(where_scalars("GreaterOrEqual", 1.0, -1.0), "add_left"), (9, 13)),
    "detach_right": (straight_through(where_scalars("Greater", 1.0, -1.0), "add_right"), (13,)),
    "detach_sub": (straight_through(where_scalars("Less", -1.0, 1.0), "sub"), (13,)),
    "detach_clip": (straight_through_clip, (13,)),
    "detach_tanh": (straight_through_tanh, (13,)),
    "birealnet_where": (birealnet(where_scalars("GreaterOrEqual", 1.0, -1.0)), (11, 13)),
    "dorefa": (dorefa, (11, 13)),
    "heaviside_ge": (heaviside_ge, (11, 13)),
    "heaviside_where": (heaviside_where, (13,)),
    "sign_clamped": (sign_clamped, (13,)),
}

# Those that keep a 0 or make it NaN; here behind values that are never 0.
NO_ZERO = {
    "sign": (plain, (9, 13, 21)),
    "hardtanh_sign": (hardtanh_sign, (9, 11, 13)),
    "narrow_clip_sign": (narrow_clip_sign, (10, 13)),
    "tanh_sign": (tanh_sign, (13,)),
    "scaled_sign": (scaled_sign, (13,)),
    "birealnet": (birealnet(plain), (9, 13)),
    "detach_sign": (straight_through(plain, "add_left"), (9, 13)),
    "by_magnitude": (by_magnitude, (13,)),
    "guarded_sums": (guarded, (13,)),
}

# The constants keep even floats away from 0.
SHIFTED = {"rsign": rsign, "rsign_left": rsign_left, "guarded": guarded}


def cases():
    for names, first, between in ((ANY_ZERO, None, None), (NO_ZERO, where("Greater"), apart)):
        for sign, (make, opsets) in names.items():
            for opset in opsets:
                name = f"{sign}_op{opset}"
                more = {"between": between} if between else {}
                yield Case(name, *build(name, sign=make, first=first, opset=opset, c=7, size=(5, 5), **more), ops(bconv=2))
    for sign, make in SHIFTED.items():
        yield Case(sign, *build(sign, sign=make, c=7, between=apart, size=(5, 5)), ops(bconv=2))
