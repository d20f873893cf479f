"""Activations of -a, 0 and +a with two thresholds, in the forms of torch, Larq, Brevitas and FINN. All packed."""

import numpy as np

from .common.case import Case, ops
from .common.parts import batch_norm, build, layer
from .qonnx import Quantized

T = 0.125  # a value that the inputs have, so that ties are tested
FLOAT = 1


def nested(above, below, a=1.0, t=(-T, T), low_first=False, swapped=False):
    """Where(x above t1, a, Where(x below t0, -a, 0)), or the other way round."""
    def compare(n, x, kind, k):
        if not swapped:
            return n.op(kind, x, n.const(k))
        turned = kind.replace("Greater", "Less") if "Greater" in kind else kind.replace("Less", "Greater")
        return n.op(turned, n.const(k), x)

    def form(n, x, c):
        high, low = compare(n, x, above, t[1]), compare(n, x, below, t[0])
        if low_first:
            return n.op("Where", low, n.const(-a), n.op("Where", high, n.const(a), n.const(0.0)))
        return n.op("Where", high, n.const(a), n.op("Where", low, n.const(-a), n.const(0.0)))
    return form


def falling(n, x, c):
    return nested("Greater", "LessOrEqual", a=-0.5)(n, x, c)


def per_channel(n, x, c):
    t = n.rng.integers(0, 4, size=(1, c, 1, 1)) / 8
    low = n.op("Where", n.op("Less", x, n.const(-t)), n.const(-1.0), n.const(0.0))
    return n.op("Where", n.op("Greater", x, n.const(t)), n.const(1.0), low)


def scaled_channels(n, x, c):
    """One magnitude, a sign per channel."""
    return n.op("Mul", nested("Greater", "Less")(n, x, c), n.const(n.signs(1, c, 1, 1) * 0.5))


def casts(n, x, c):
    high = n.op("Cast", n.op("Greater", x, n.const(T)), to=FLOAT)
    return n.op("Sub", high, n.op("Cast", n.op("Less", x, n.const(-T)), to=FLOAT))


def casts_turned(n, x, c):
    low = n.op("Cast", n.op("LessOrEqual", x, n.const(-T)), to=FLOAT)
    return n.op("Sub", low, n.op("Cast", n.op("GreaterOrEqual", x, n.const(T)), to=FLOAT))


def half_of_signs(n, x, c):
    one, minus = n.const(1.0), n.const(-1.0)
    high = n.op("Where", n.op("Greater", x, n.const(T)), one, minus)
    low = n.op("Where", n.op("GreaterOrEqual", x, n.const(-T)), one, minus)
    return n.op("Mul", n.op("Add", high, low), n.const(0.5))


def larq(n, x, c):
    """SteTern: sign(sign(x + t) + sign(x - t))."""
    up, down = n.op("Sign", n.op("Add", x, n.const(T))), n.op("Sign", n.op("Sub", x, n.const(T)))
    return n.op("Sign", n.op("Add", up, down))


def rounded(scale):
    """Ties round to even: half a scale is 0."""
    def form(n, x, c):
        y = n.op("Clip", n.op("Div", x, n.const(scale)), n.const(-1.0), n.const(1.0))
        return n.op("Mul", n.op("Round", y), n.const(scale))
    return form


def round_first(n, x, c):
    y = n.op("Clip", n.op("Round", n.op("Mul", x, n.const(4.0))), n.const(-1.0), n.const(1.0))
    return n.op("Mul", y, n.const(0.25))


def pooled(n, x, c):
    return n.op("MaxPool", nested("Greater", "Less", a=0.5)(n, x, c), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])


def pooled_falling(n, x, c):
    return n.op("MaxPool", falling(n, x, c), kernel_shape=[2, 2], strides=[1, 1])


def pool_between(n, x, c):
    """Both signs read the pooled sums."""
    return batch_norm([1, 0.5])(n, n.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), c)


def not_monotone(n, x, c):
    """0, -1 and 1, in this order."""
    low = n.op("Where", n.op("Less", x, n.const(-T)), n.const(0.0), n.const(-1.0))
    return n.op("Where", n.op("Greater", x, n.const(T)), n.const(1.0), low)


def quant(n, x, c):
    return n.quant(x, 0.25, 0.0, bits=2, narrow=1)


def multi_threshold(n, x, c):
    return n.thresholds(x, np.tile([-T, T + T], (c, 1)), bias=-1.0)


def multi_threshold_channels(n, x, c):
    low = n.rng.integers(-4, 1, size=c) / 8
    return n.thresholds(x, np.stack([low, low + n.rng.integers(1, 4, size=c) / 8], 1), bias=-1.0)


COMPARISONS = [("Greater", "Less"), ("GreaterOrEqual", "LessOrEqual"), ("Greater", "LessOrEqual"), ("GreaterOrEqual", "Less")]
FORMS = {
    "asymmetric": nested("Greater", "Less", t=(-0.25, 0.375)), "scaled": nested("Greater", "Less", a=0.5), "falling": falling,
    "per_channel": per_channel, "scaled_channels": scaled_channels, "casts": casts, "casts_turned": casts_turned,
    "half_of_signs": half_of_signs, "larq": larq, "rounded": rounded(0.25), "rounded_unit": rounded(1.0), "round_first": round_first,
}
QUANTIZERS = {"quant": quant, "multi_threshold": multi_threshold, "multi_threshold_channels": multi_threshold_channels}
STAY = {
    "not_monotone": not_monotone,
    "uneven": lambda n, x, c: n.op("Add", nested("Greater", "Less")(n, x, c), n.const(0.5)),
}


def quantized(name, form):
    """The net with nodes of QONNX, and the one by definition, which ONNX Runtime runs."""
    nets = []
    for domain in ("qonnx.custom_op.general", None):
        n = Quantized(name, domain, imported=True)
        y = form(n, n.input("x", (2, 8, 6, 6)), 8)
        y = batch_norm()(n, layer(n, y, 8, 8, pads=[1, 1, 1, 1]), 8)
        n.output(layer(n, form(n, y, 8), 8, 5))
        nets.append(n)
    return Case(name, nets[0].finish(), nets[0].eighths(2, 8, 6, 6), ops(bconv=2, Unary=0), oracle=nets[1].finish())


def cases():
    for above, below in COMPARISONS:
        for low_first in (False, True):
            for swapped in (False, True):
                name = f"{above}_{below}".lower() + "_low_first" * low_first + "_swapped" * swapped
                form = nested(above, below, low_first=low_first, swapped=swapped)
                yield Case(name, *build(name, form), ops(bconv=2, Unary=0, Select=0))
    for name, form in FORMS.items():
        yield Case(name, *build(name, form), ops(bconv=2, Unary=0, Select=0))
    for name, form in {"pooled": pooled, "pooled_falling": pooled_falling}.items():
        yield Case(name, *build(name, nested("Greater", "Less"), first=form), ops(bconv=2, Unary=0, Pool2D=0))
    yield Case("pool_between", *build("pool_between", nested("Greater", "Less"), between=pool_between), ops(bconv=2, Unary=0, Binary=0))
    for c in (37, 64):
        name = f"channels_{c}"
        yield Case(name, *build(name, nested("Greater", "Less"), c=c), ops(bconv=2, Unary=0))
    for groups in (2, "all"):
        name = f"groups_{groups}"
        yield Case(name, *build(name, larq, geometry=dict(groups=groups, pads=[1, 1, 1, 1])), ops(bconv=2, Unary=0))
    for name, form in QUANTIZERS.items():
        yield quantized(name, form)
    for name, form in STAY.items():
        model, data = build(name, nested("Greater", "Less"), first=form)
        first = next(node.name for node in model.graph.node if node.op_type == "Conv")
        yield Case(name, model, data, ops(bconv=1, conv=1), reasons={first: "activation is not a sign"})
