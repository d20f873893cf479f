"""ONNX's Sign, which keeps 0, before layers: activations of -1, 0 and +1; pooled 0 and 1. All packed."""

import numpy as np

from .common.case import Case, ops
from .common.net import Net
from .common.parts import ZERO_PAD, batch_norm, build, layer, where


def sign(n, x, c):
    return n.op("Sign", x)


def scaled(a):
    return lambda n, x, c: n.op("Mul", n.op("Sign", x), n.const(a))


def straight_through(n, x, c):
    """sign(x) - clip(x) + clip(x), the estimator of the gradient left in."""
    s, f = n.op("Sign", x), n.op("Clip", x, n.const(-1.0), n.const(1.0))
    return n.op("Add", n.op("Sub", s, f), n.op("Clip", x, n.const(-1.0), n.const(1.0)))


def clipped(n, x, c):
    return n.op("Sign", n.op("Clip", x, n.const(-1.0), n.const(1.0)))


def after_norm(n, x, c):
    """Ties of floats: an eighth and its opposite."""
    shift = n.rng.integers(-4, 5, size=(1, c, 1, 1)) / 8
    return n.op("Sign", n.op("Add", x, n.const(shift)))


def same(n, x, c):
    return x


def pooled(n, x, c):
    return n.op("MaxPool", n.op("Sign", x), kernel_shape=[2, 2], strides=[1, 1])


def pooled_overlapping(n, x, c):
    return n.op("MaxPool", n.op("Sign", x), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])


def negated(n, x, c):
    return n.op("Neg", n.op("Sign", x))


def joined(n, x, c):
    """Half of the channels from each of two values, one of which is never 0."""
    a, b = n.op("Split", n.op("Sign", x), axis=1, outputs=2)
    del b
    b = n.op("Slice", where("Greater")(n, x, c), n.const([c // 2], np.int64), n.const([c], np.int64), n.const([1], np.int64))
    return n.op("Concat", b, a, axis=1)


def shuffled(n, x, c):
    y = n.op("Reshape", n.op("Sign", x), n.const([0, 2, c // 2, 6, 6], np.int64))
    y = n.op("Transpose", y, perm=[0, 2, 1, 3, 4])
    return n.op("Reshape", y, n.const([0, c, 6, 6], np.int64))


GEOMETRY = {
    "zero_padded": ZERO_PAD,
    "valid": {},
    "strided": dict(strides=[2, 2], pads=[1, 0, 0, 1]),
    "dilated": dict(dilations=[2, 2], pads=[2, 2, 2, 2]),
    "one_by_one": dict(kernel=(1, 1)),
    "wide_filter": dict(kernel=(1, 5), pads=[0, 2, 0, 2]),
    "grouped": dict(groups=2, pads=[1, 1, 1, 1]),
    "depthwise": dict(groups="all", pads=[1, 1, 1, 1]),
}
FORMS = {
    "scaled": scaled(0.5), "negative_scale": scaled(-2.0), "straight_through": straight_through, "clipped": clipped,
    "after_norm": after_norm, "negated": negated, "joined": joined,
}
ALONE = {"pooled": pooled, "pooled_overlapping": pooled_overlapping, "shuffled": shuffled}


def net(name, body, shape=(2, 8, 6, 6), want=None, rank=4):
    n = Net(name)
    n.output(body(n, n.input("x", shape)), rank=rank)
    data = n.eighths(*shape)
    data.flat[3] = -0.0
    return Case(name, n.finish(), data, want or ops(bconv=1, Unary=0))


def dense(c=8):
    def body(n, x):
        y = n.op("MatMul", n.op("Flatten", n.op("Sign", x)), n.const(n.signs(c * 36, 9)))
        return n.op("MatMul", n.op("Sign", y), n.const(n.signs(9, 4)))  # sums of even numbers, and zeros
    return body


def weights_first(n, x):
    return n.op("MatMul", n.const(n.signs(5, 8)), n.op("Sign", x))


def padded(value):
    def body(n, x):
        y = n.op("Pad", n.op("Sign", x), n.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64), n.const(value))
        return layer(n, y, 8, 5)
    return body


def two_readers(n, x):
    s = n.op("Sign", x)
    return n.op("Add", layer(n, s, 8, 8, **ZERO_PAD), layer(n, s, 8, 8, kernel=(1, 1)))


def residual(n, x):
    """The sum of a layer and its input, then a Sign of it, as Bi-Real-Net has it."""
    y = n.op("Add", layer(n, n.op("Sign", x), 8, 8, **ZERO_PAD), x)
    return layer(n, n.op("Sign", y), 8, 8, **ZERO_PAD)


def ternary_weights(n, *shape):
    scale = 2.0 ** n.rng.integers(-2, 3, size=(shape[0],) + (1,) * (len(shape) - 1))
    return n.const(n.rng.integers(-1, 2, size=shape) * scale)


def sign_of_weights(n, *shape):
    """Weights that are binarized in the graph, zeros among them."""
    return n.op("Sign", n.const(n.rng.integers(-2, 3, size=shape) / 4))


def ternary_dense(n, x):
    y = n.op("Flatten", n.op("Sign", x))
    return n.op("Gemm", y, n.const(n.rng.integers(-1, 2, size=(9, 288)) * 0.5), transB=1)


def two_activations(n, x):
    """Queries and keys of which both can be 0."""
    y = n.op("Transpose", n.op("Sign", n.op("Add", x, n.const(0.125))), perm=[0, 1, 3, 2])
    return n.op("MatMul", n.op("Sign", x), y)


def pooled_steps(n, x):
    step = n.op("Cast", n.op("Greater", x, n.const(0.25)), to=1)
    y = n.op("MaxPool", step, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    return layer(n, y, 8, 5, **ZERO_PAD)


def with_output():
    n = Net("with_output")
    s = n.op("Sign", n.input("x", (2, 8, 6, 6)))
    n.output(s)
    n.output(layer(n, s, 8, 5, **ZERO_PAD))
    return Case("with_output", n.finish(), n.eighths(2, 8, 6, 6), ops(bconv=1))


def cases():
    for c in (8, 37):
        for name, geometry in GEOMETRY.items():
            if name == "grouped" and c % 2:
                continue
            title = f"{name}_{c}"
            yield Case(title, *build(title, sign, geometry=geometry, c=c), ops(bconv=2, Unary=0))
    for name, form in FORMS.items():
        yield Case(name, *build(name, form), ops(bconv=2, Unary=0))
    for name, form in ALONE.items():
        yield Case(name, *build(name, sign, first=form), ops(bconv=2, Unary=0))
    for name, weights in {"ternary_weights": ternary_weights, "sign_of_weights": sign_of_weights}.items():
        for first in (sign, where("Greater")):
            title = name + ("_of_signs" if first is not sign else "")
            yield Case(title, *build(title, sign, weights=weights, first=first), ops(bconv=2, Unary=0))
        for groups in (2, "all"):
            title = f"{name}_groups_{groups}"
            yield Case(title, *build(title, sign, weights=weights, geometry=dict(groups=groups, pads=[1, 1, 1, 1])), ops(bconv=2, Unary=0))
    yield net("ternary_dense", ternary_dense, want=ops(bgemm=1, Unary=0), rank=2)
    yield net("two_activations", two_activations, want=ops(bgemm=2, Unary=0))
    yield net("pooled_steps", pooled_steps, want=ops(bconv=1, Pool2D=0))
    yield Case("ties_of_sums", *build("ties_of_sums", sign, between=same, first=where("Greater")), ops(bconv=2, Unary=0))
    yield Case("norm_of_norm", *build("norm_of_norm", after_norm, between=batch_norm([1, 0.5])), ops(bconv=2, Unary=0))
    yield net("dense", dense(), want=ops(bgemm=2, Unary=0), rank=2)
    yield net("weights_first", weights_first, (8, 6), want=ops(bgemm=1, Unary=0), rank=2)
    for value in (-1.0, 0.0, 1.0):
        yield net(f"padded_{value:+.0f}", padded(value))
    yield net("two_readers", two_readers, want=ops(bconv=2, Unary=0))
    yield net("residual", residual, want=ops(bconv=2, Unary=0))
    yield with_output()
