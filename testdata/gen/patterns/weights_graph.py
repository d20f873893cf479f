"""Weights that are binarized in the graph, or come through it: everything here folds to +-a[o]."""

import numpy as np
from onnx import TensorProto

from .common.case import FLOATS, Case, ops
from .common.net import Net
from .common.parts import apart, build, layer, where


def latent(n, *shape):
    """Weights as they are trained: small floats, none 0."""
    w = n.rng.standard_normal(shape).astype(np.float32) * np.float32(0.05)
    return np.where(np.abs(w) < 1e-4, np.float32(1e-4), w)


def alphas(n, count):
    """A positive scale for each output channel, not of few bits."""
    return (0.01 + n.rng.random((count, 1, 1, 1))).astype(np.float32)


def reduced(n, kind, x, axes, keepdims=1):
    """Reduce, with axes as an attribute before operator set 18."""
    if n.opset < 18:
        return n.op(kind, x, axes=axes, keepdims=keepdims)
    return n.op(kind, x, n.constant(axes, np.int64), keepdims=keepdims)


def folded_norm(n, *shape):
    """gamma/sqrt(var) of both signs, folded into the weights."""
    return n.const(n.signs(*shape) * alphas(n, shape[0]) * n.signs(shape[0], 1, 1, 1))


def within_rounding(n, *shape):
    """+-a of relative differences up to 2e-5, as straight-through arithmetic leaves them."""
    w = n.signs(*shape) * alphas(n, shape[0])
    return n.const(w * (1 + n.rng.uniform(-2e-5, 2e-5, size=shape)))


def by_mean(n, *shape):
    """XNOR-Net and Bi-Real-Net: sign(w) times the mean of |w| by three ReduceMean."""
    w = n.const(latent(n, *shape))
    mean = n.op("Abs", w)
    for axis in (3, 2, 1):
        mean = reduced(n, "ReduceMean", mean, [axis])
    return n.op("Mul", mean, n.op("Sign", w))


def by_mean_at_once(n, *shape):
    """The mean over the three axes at once, on reshaped weights."""
    w = n.const(latent(n, *shape))
    flat = n.op("Reshape", n.op("Abs", w), n.constant([shape[0], -1], np.int64))
    mean = n.op("Reshape", reduced(n, "ReduceMean", flat, [1], keepdims=0), n.constant([-1, 1, 1, 1], np.int64))
    return n.op("Mul", n.op("Sign", w), mean)


def straight_through(n, *shape):
    """HardBinaryConv of Bi-Real-Net and ReActNet: a*sign(w) - clip(w) + clip(w)."""
    w = n.const(latent(n, *shape))
    mean = n.op("Abs", w)
    for axis in (3, 2, 1):
        mean = reduced(n, "ReduceMean", mean, [axis])
    binary = n.op("Mul", mean, n.op("Sign", w))
    if n.opset < 11:
        clipped = n.op("Clip", w, min=-1.0, max=1.0)
    else:
        clipped = n.op("Clip", w, n.constant(-1.0), n.constant(1.0))
    return n.op("Add", n.op("Sub", binary, clipped), clipped)


def flat_parameter(n, *shape):
    """ReActNet's parameter of shape [size, 1]."""
    size = int(np.prod(shape))
    w = n.op("Reshape", n.const(latent(n, size, 1)), n.constant(shape, np.int64))
    return n.op("Sign", w)


def ir_net(n, *shape):
    """IR-Net: standardized, its sign, times 2^round(log2 of the mean magnitude)."""
    w = n.const(latent(n, *shape))
    column, rows = [shape[0], 1, 1, 1], [shape[0], -1]
    mean = reduced(n, "ReduceMean", n.op("Reshape", w, n.constant(rows, np.int64)), [-1], keepdims=0)
    centered = n.op("Sub", w, n.op("Reshape", mean, n.constant(column, np.int64)))
    flat = n.op("Reshape", centered, n.constant(rows, np.int64))
    mean = reduced(n, "ReduceMean", flat, [-1])
    count = n.op("Gather", n.op("Shape", flat), n.constant([-1], np.int64), axis=0)
    count = n.op("Cast", n.op("ReduceProd", count, keepdims=0), to=TensorProto.FLOAT)
    off = n.op("Sub", flat, mean)
    var = n.op("Mul", reduced(n, "ReduceMean", n.op("Mul", off, off), [-1], keepdims=0), count)
    std = n.op("Sqrt", n.op("Div", var, n.op("Sub", count, n.constant(1.0))))
    w = n.op("Div", centered, n.op("Reshape", std, n.constant(column, np.int64)))
    magnitude = reduced(n, "ReduceMean", n.op("Reshape", n.op("Abs", w), n.constant(rows, np.int64)), [-1], keepdims=0)
    power = n.op("Cast", n.op("Round", n.op("Div", n.op("Log", magnitude), n.constant(0.6931472))), to=TensorProto.FLOAT)
    scale = n.op("Pow", n.constant(np.full(shape[0], 2.0)), power)
    return n.op("Mul", n.op("Sign", w), n.op("Reshape", scale, n.constant(column, np.int64)))


def dorefa(n, *shape):
    """DoReFa-Net: one scale, the mean of |w| over all weights, by sign(w/E)*E."""
    w = n.const(latent(n, *shape))
    scale = n.op("ReduceMean", n.op("Abs", w), keepdims=0)
    return n.op("Mul", n.op("Sign", n.op("Div", w, scale)), scale)


def comparison(n, *shape):
    w = n.const(latent(n, *shape))
    b = n.op("Cast", n.op("Greater", w, n.constant(0.0)), to=TensorProto.FLOAT)
    return n.op("Sub", n.op("Mul", b, n.constant(2.0)), n.constant(1.0))


def centered_clipped(n, *shape):
    """Weights centered and clipped before their sign."""
    w = n.const(latent(n, *shape))
    w = n.op("Sub", w, reduced(n, "ReduceMean", w, [1, 2, 3]))
    return n.op("Sign", n.op("Clip", n.op("Tanh", w), n.constant(-1.0), n.constant(1.0)))


def constant_node(n, *shape):
    return n.constant(n.signs(*shape))


def identity(n, *shape):
    """A parameter that equals another one: torch writes Identity."""
    return n.op("Identity", n.op("Identity", n.const(n.signs(*shape))))


def hwio(n, *shape):
    """HWIO weights of tf2onnx, scaled by output channel there."""
    w = n.signs(*shape) * alphas(n, shape[0])
    return n.op("Transpose", n.const(w.transpose(2, 3, 1, 0)), perm=[3, 2, 0, 1])


def hwio_sign(n, *shape):
    """larq's ste_sign of a float kernel: sign(sign(w) + 0.1), then transposed."""
    w = n.const(latent(n, *shape).transpose(2, 3, 1, 0))
    s = n.op("Sign", n.op("Add", n.op("Sign", w), n.const(0.1)))
    return n.op("Transpose", s, perm=[3, 2, 0, 1])


def magnitude_aware(n, *shape):
    """larq's magnitude_aware_sign: the mean over H, W and I of an HWIO kernel."""
    w = n.const(latent(n, *shape).transpose(2, 3, 1, 0))
    scale = reduced(n, "ReduceMean", n.op("Abs", w), [0, 1, 2])
    s = n.op("Where", n.op("GreaterOrEqual", w, n.const(0.0)), n.const(1.0), n.const(-1.0))
    return n.op("Transpose", n.op("Mul", s, scale), perm=[3, 2, 0, 1])


def dequantized(per_channel, zero_point=0):
    """QCDQ: int8 -1 and +1, one scale or one for each output channel."""
    def write(n, *shape):
        w = n.const(n.signs(*shape) + zero_point, np.uint8 if zero_point else np.int8)
        zero = np.uint8 if zero_point else np.int8
        if per_channel:
            return n.op("DequantizeLinear", w, n.const(alphas(n, shape[0]).reshape(-1)),
                        n.const(np.full(shape[0], zero_point), zero), axis=0)
        return n.op("DequantizeLinear", w, n.const(0.125), n.const(zero_point, zero))
    return write


def half(n, *shape):
    return n.op("Cast", n.const(n.signs(*shape) * 0.25, np.float16), to=TensorProto.FLOAT)


def double(n, *shape):
    return n.op("Cast", n.const(n.signs(*shape) * 0.1, np.float64), to=TensorProto.FLOAT)


def zero_one(n, *shape):
    """Bits 0 and 1 in bytes, made to -1 and +1 in the graph."""
    w = n.op("Cast", n.const(n.signs(*shape) > 0, np.uint8), to=TensorProto.FLOAT)
    return n.op("Sub", n.op("Mul", w, n.const(2.0)), n.const(1.0))


def dead_channels(n, *shape):
    """Filters of zeros among others of a scale each."""
    w = n.signs(*shape) * alphas(n, shape[0])
    w[::3] = 0
    return n.const(w)


def all_ones(n, *shape):
    return n.op("Expand", n.const(np.ones((1, 1, 1, 1))), n.const(shape, np.int64))


FORMS = {
    "folded_norm": (folded_norm, (9, 13)), "within_rounding": (within_rounding, (13,)), "by_mean": (by_mean, (9, 13, 18)),
    "by_mean_at_once": (by_mean_at_once, (13, 21)), "straight_through": (straight_through, (9, 13)),
    "flat_parameter": (flat_parameter, (13,)), "ir_net": (ir_net, (11, 13, 18)), "dorefa": (dorefa, (11, 13)),
    "comparison": (comparison, (13,)), "centered_clipped": (centered_clipped, (13,)), "constant_node": (constant_node, (9, 13)),
    "identity": (identity, (11,)), "hwio": (hwio, (13,)), "hwio_sign": (hwio_sign, (11,)),
    "magnitude_aware": (magnitude_aware, (13,)), "dequantized": (dequantized(False), (10, 13)),
    "dequantized_axis": (dequantized(True), (13, 21)), "dequantized_uint8": (dequantized(True, 1), (13,)),
    "half": (half, (13,)), "double": (double, (13,)), "zero_one": (zero_one, (13,)), "dead_channels": (dead_channels, (13,)),
    "all_ones": (all_ones, (13,)),
}


def outside_scale(n, x):
    """ReActNet, step 2: the convolution of signs, then Mul by the mean magnitudes as [C,1,1]."""
    w = n.const(latent(n, 8, 8, 3, 3))
    mean = n.op("Abs", w)
    for axis in (3, 2, 1):
        mean = reduced(n, "ReduceMean", mean, [axis])
    y = n.op("Conv", x, n.op("Sign", w), pads=[1, 1, 1, 1])
    return n.op("Mul", y, n.op("Reshape", mean, n.constant([8, 1, 1], np.int64)))


def bias_of_signs(n, x):
    """fastinference makes the bias binary as well."""
    return n.op("Conv", x, n.const(n.signs(8, 8, 3, 3)), n.const(n.signs(8)), pads=[1, 1, 1, 1])


def shared_weights(n, x):
    """Two layers read the same weights."""
    w = n.op("Sign", n.const(latent(n, 8, 8, 3, 3)))
    y = where("Greater")(n, apart(n, n.op("Conv", x, w, pads=[1, 1, 1, 1]), 8), 8)
    return n.op("Conv", y, w, pads=[1, 1, 1, 1])


def scaled_input_and_weights(n, x):
    """A scalar before the layer, one inside its weights and one behind it."""
    w = n.const(n.signs(8, 8, 3, 3) * 0.5)
    y = n.op("Conv", n.op("Mul", x, n.const([0.25])), w, pads=[1, 1, 1, 1])
    return n.op("Mul", y, n.const(np.full((1, 1, 1, 1), 4.0)))


LAYERS = {
    "outside_scale": (outside_scale, 1, FLOATS), "bias_of_signs": (bias_of_signs, 1, 0), "shared_weights": (shared_weights, 2, 0),
    "scaled_input_and_weights": (scaled_input_and_weights, 1, 0),
}


def cases():
    for form, (make, opsets) in FORMS.items():
        for opset in opsets:
            name = f"{form}_op{opset}"
            yield Case(name, *build(name, weights=make, between=apart, sign=signs(opset), opset=opset, c=9, size=(5, 5)), ops(bconv=2))
        name = f"{form}_last"
        n = Net(name, opsets[0])
        y = layer(n, signs(n.opset)(n, "x", 10), 10, 6, weights=make, pads=[1, 1, 1, 1])
        yield Case(name, n.model((2, 10, 5, 5), y), n.eighths(2, 10, 5, 5), ops(bconv=1, Bsign=1), FLOATS)
    for name, (make, count, tolerance) in LAYERS.items():
        n = Net(name)
        y = make(n, where("Greater")(n, "x", 8))
        yield Case(name, n.model((2, 8, 5, 5), y), n.eighths(2, 8, 5, 5), ops(bconv=count), tolerance)


def signs(opset):
    """A sign that the operator set has."""
    return where("Greater") if opset < 12 else where("GreaterOrEqual")
