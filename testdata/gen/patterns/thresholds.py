"""Between a layer and the next sign: scales of all kinds, pools, activations that are not monotone."""

import numpy as np

from .common.case import Case, ops
from .common.parts import batch_norm, build, chain, where

INF = float("inf")


def norm(gamma, beta=0.5, mean=1.0, var=0.75, epsilon=0.25):
    """A batch normalization with parameters that repeat over the channels."""
    def make(n, x, c):
        return n.op("BatchNormalization", x, *(n.const(np.resize(np.float32(v), c)) for v in (gamma, beta, mean, var)),
                    epsilon=float(epsilon))
    return make


def affine(scale, shift, shape=(-1, 1, 1)):
    def make(n, x, c):
        s, t = (np.resize(np.float32(v), c).reshape(shape) for v in (scale, shift))
        return n.op("Add", n.op("Mul", x, n.const(s)), n.const(t))
    return make


def unary(kind, **attributes):
    return lambda n, x, _: n.op(kind, x, **attributes)


def scalar(kind, value, left=False):
    def make(n, x, _):
        k = n.const(value)
        return n.op(kind, k, x) if left else n.op(kind, x, k)
    return make


def prelu(*slopes):
    return lambda n, x, c: n.op("PRelu", x, n.const(np.resize(np.float32(slopes), c).reshape(c, 1, 1)))


def clip(lo, hi):
    return lambda n, x, _: n.op("Clip", x, n.const(lo), n.const(hi))


def max_pool(**attributes):
    return lambda n, x, _: n.op("MaxPool", x, **{"kernel_shape": [2, 2], "strides": [2, 2], **attributes})


def pad_map(value, *pads):
    return lambda n, x, _: n.op("Pad", x, n.const([0, 0, *pads[:2], 0, 0, *pads[2:]], np.int64), n.const(value))


FALLING = norm([-0.5, -1, -2])
MIXED = norm([0.5, -1, 0, 2, -0.25], beta=[0.5, -0.5, 0.25, -1])

# What comes between, and how many of the two layers are packed.
BETWEEN = {
    "mixed_gamma": MIXED,
    "gamma_zero_beta_zero": norm([0, -0.0], beta=[0, -0.0, 1, -1]),
    "mean_tie": norm([1, -1], beta=0, mean=[0, 2, -2, 8]),
    "gamma_huge": norm([2.0 ** 100, -2.0 ** 100]),
    "gamma_overflows": norm([2.0 ** 126, -2.0 ** 126], beta=0, mean=0, var=2.0 ** -20, epsilon=0.0),
    "gamma_denormal": norm([2.0 ** -140, -2.0 ** -145], beta=0),
    "scale_infinite": affine([INF, -INF], [1, -1]),
    "shift_infinite": affine([1, -1], [INF, -INF, 0, 1]),
    "scale_denormal": affine([2.0 ** -149, -2.0 ** -149, 2.0 ** -140], [0, 2.0 ** -149]),
    "variance_zero": norm([1, -1], var=0, epsilon=2.0 ** -4),
    "out_of_range": norm(1, beta=[1000, -1000]),
    "channels_4d": affine([1, -1, 0.5], [0.5, -1], (1, -1, 1, 1)),
    "relu_falling": chain(unary("Relu"), FALLING),
    "falling_relu": chain(FALLING, unary("Relu"), scalar("Sub", 0.5)),
    "falling_pool": chain(FALLING, max_pool()),
    "mixed_pool": chain(MIXED, max_pool()),
    "mixed_pool_padded": chain(MIXED, max_pool(kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
    "pool_falling": chain(max_pool(), FALLING),
    "pool_mixed": chain(max_pool(), MIXED),
    "pool_ceil": chain(MIXED, max_pool(kernel_shape=[3, 3], ceil_mode=1)),
    "pool_overlapping": chain(MIXED, max_pool(kernel_shape=[3, 2], strides=[1, 2])),
    "pool_dilated": chain(MIXED, max_pool(kernel_shape=[2, 2], strides=[1, 1], dilations=[2, 3])),
    "norm_pool_norm": chain(MIXED, max_pool(), MIXED),
    "relu_pool_norm": chain(unary("Relu"), max_pool(), MIXED),
    "pool_relu_norm": chain(max_pool(), unary("Relu"), MIXED),
    "average_pool": chain(MIXED, lambda n, x, _: n.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])),
    "neg_norm_neg": chain(unary("Neg"), MIXED, unary("Neg")),
    "prelu_norm": chain(prelu(0.25, 0.5), MIXED),
    "norm_prelu_norm": chain(MIXED, prelu(0.25, 0, 2), scalar("Add", 0.25), MIXED),
    "leaky_norm": chain(unary("LeakyRelu", alpha=0.5), MIXED),
    "clip_norm": chain(clip(-3, 5), MIXED),
    "relu6": chain(clip(0, 6), scalar("Sub", 2.5)),
    "subtracted_from": scalar("Sub", 1.5, left=True),
    "divided": chain(scalar("Div", -4.0), scalar("Add", 0.5)),
    "max_min": chain(scalar("Max", -2.0), scalar("Min", 3.0, left=True), MIXED),
    "hard_sigmoid": chain(MIXED, unary("HardSigmoid", alpha=0.25, beta=0.5), scalar("Sub", 0.375)),
    "sigmoid": chain(MIXED, unary("Sigmoid"), scalar("Sub", 0.375)),
    "tanh": chain(MIXED, unary("Tanh"), scalar("Add", 0.125)),
    "sigmoid_half": chain(MIXED, unary("Sigmoid"), scalar("Sub", 0.5)),
    "exp": chain(scalar("Mul", 0.0625), unary("Exp"), scalar("Sub", 0.75)),
    "sqrt": chain(unary("Relu"), unary("Sqrt"), scalar("Sub", 1.75)),
    "three_norms": chain(MIXED, FALLING, MIXED),
    "identity_dropout": chain(unary("Identity"), MIXED, unary("Dropout")),
    "average_bmxnet": chain(scalar("Add", 72.0), scalar("Div", 2.0), scalar("Sub", 36.0), MIXED),
    "pad_zero": chain(MIXED, pad_map(0.0, 1, 0, 2, 1)),
    "pad_one": chain(MIXED, pad_map(1.0, 1, 1, 1, 1)),
    "pad_minus": chain(MIXED, pad_map(-1.0, 1, 1, 0, 0)),
    "pad_crop": chain(MIXED, pad_map(0.0, -1, 0, 0, -1)),
    # Not monotone: the sign is +1 inside or outside of an interval of the sums.
    "prelu_negative": chain(MIXED, prelu(-0.25, 0.25), scalar("Sub", 0.75)),
    "prelu_all_negative": chain(MIXED, prelu(-1, -0.5), scalar("Sub", 1.25)),
    "prelu_negative_first": chain(prelu(-0.25, -1, 0.5), MIXED),
    "prelu_negative_one_sided": chain(scalar("Add", 100.0), prelu(-1), MIXED),
    "leaky_negative": chain(unary("LeakyRelu", alpha=-0.5), MIXED),
    "abs": chain(MIXED, unary("Abs"), scalar("Sub", 1.25)),
    "square": chain(scalar("Mul", 0.25), scalar("Pow", 2.0), scalar("Sub", 1.25)),
}


# Those whose second sign is taken of floats, and what the report says of it.
TWICE = "changes more than once over the sums"
OF_FLOATS = {
    "average_pool": None, "prelu_negative": TWICE, "prelu_all_negative": TWICE, "prelu_negative_first": TWICE,
    "leaky_negative": TWICE, "abs": TWICE, "square": TWICE,
}


def cases():
    for name, between in BETWEEN.items():
        for sign in ("Greater", "GreaterOrEqual"):
            model, x = build(name + sign, sign=where(sign), between=between)
            # The names count up, so that the last Where is the second sign.
            last = [n.name for n in model.graph.node if n.op_type == "Where"][-1]
            why = OF_FLOATS.get(name)
            yield Case(f"{name}_{sign}", model, x, ops(bconv=2, Bsign=2 if name in OF_FLOATS else 1, Binary=0, Unary=0) if not why else ops(bconv=2, Bsign=2),
                       reasons={last: why} if why else {})
    # Thresholds of border classes: each set of taps has its own range and parity of sums.
    for name, geometry in {
        "border_3x3": dict(pads=[1, 1, 1, 1]), "border_5x5_stride": dict(kernel=(5, 5), pads=[2, 2, 2, 2], strides=[2, 2]),
        "border_even": dict(kernel=(2, 4), pads=[1, 2, 1, 2]), "border_dilated": dict(pads=[3, 3, 3, 3], dilations=[3, 3]),
        "border_grouped": dict(pads=[1, 1, 1, 1], groups=3), "border_bias": dict(pads=[1, 1, 1, 1], bias=True),
    }.items():
        yield Case(name, *build(name, between=MIXED, geometry=geometry, c=9, size=(7, 5)), ops(bconv=2))
