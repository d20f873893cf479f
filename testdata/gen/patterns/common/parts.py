"""Parts that many topics use: a sign, weights, a layer, and the net around the part in question."""

import numpy as np

from .net import Net


def where(compare, yes=1.0, no=-1.0, threshold=0.0, swapped=False):
    def build(n, x, _):
        operands = (n.const(threshold), x) if swapped else (x, n.const(threshold))
        return n.op("Where", n.op(compare, *operands), n.const(yes), n.const(no))
    return build


def weights_pm1(n, *shape):
    return n.const(n.signs(*shape))


def batch_norm(gamma=None, **more):
    def build(n, x, c):
        g = (2.0 ** n.rng.integers(-2, 3, size=c) * n.signs(c)) if gamma is None else np.resize(gamma, c)
        mean = n.rng.integers(-3, 4, size=c).astype(np.float32)
        beta = n.rng.integers(-4, 5, size=c) / 2.0
        var = np.full(c, more.get("var", 0.75))
        return n.op("BatchNormalization", x, n.const(g), n.const(beta), n.const(mean), n.const(var),
                    epsilon=more.get("epsilon", 0.25))
    return build


def chain(*parts):
    def build(n, x, c):
        for part in parts:
            x = part(n, x, c)
        return x
    return build


def layer(n, x, c_in, c_out, kernel=(3, 3), weights=weights_pm1, bias=False, groups=1, **attributes):
    """A convolution; attributes are those of Conv."""
    operands = [x, weights(n, c_out, c_in // groups, *kernel)]
    if bias:
        operands.append(n.const(n.rng.integers(-3, 4, size=c_out)))
    return n.op("Conv", *operands, group=groups, **attributes)


ZERO_PAD = dict(pads=[1, 1, 1, 1])


def apart(n, x, c):
    """A norm that keeps whole numbers away from 0, for a Sign, which keeps 0."""
    scale = (2.0 ** n.rng.integers(-2, 3, size=(1, c, 1, 1))) * n.signs(1, c, 1, 1)
    shift = (2 * n.rng.integers(-20, 20, size=(1, c, 1, 1)) + 1) / 16
    return n.op("Add", n.op("Mul", x, n.const(scale)), n.const(shift))


def build(case, sign=where("Greater"), weights=weights_pm1, between=batch_norm(), geometry=ZERO_PAD, c=8, size=(6, 6),
          pad=None, opset=13, first=None):
    """sign -> layer -> between -> sign -> 1x1 layer; gives the model and its input.

    first is the first sign, if it is not the same.
    """
    n = Net(case, opset)
    x = (first or sign)(n, "x", c)
    if pad is not None:
        x = n.op("Pad", x, n.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64), n.const(pad))
    options = dict(geometry)
    if options.get("groups") == "all":
        options["groups"] = c
    y = layer(n, x, c, c, weights=weights, **options)
    y = between(n, y, c)
    y = sign(n, y, c)
    out = layer(n, y, c, 5, kernel=(1, 1))
    shape = (2, c, *size)
    data = n.eighths(*shape)
    data.flat[3] = -0.0
    return n.model(shape, out), data
