"""What looks like a sign or like binary weights and is neither: layers that rightly stay float, and why."""

import numpy as np

from .common.case import FLOATS, Case, ops
from .common.net import Net
from .common.parts import layer, where

greater = where("Greater")
OPERAND = "activation is not a sign"


def unequal(n, x):
    """1 and -0.5."""
    return n.op("Where", n.op("Greater", x, n.const(0.0)), n.const(1.0), n.const(-0.5))


def sum_of_signs(n, x):
    return n.op("Add", greater(n, x, 6), n.op("Where", n.op("Less", x, n.const(0.25)), n.const(1.0), n.const(-1.0)))


def pooled(n, x):
    return n.op("AveragePool", greater(n, x, 6), kernel_shape=[2, 2], strides=[1, 1])


def clipped(n, x):
    """Hardtanh without a sign."""
    return n.op("Clip", x, n.const(-0.25), n.const(0.25))


def steep(n, x):
    """A softsign with a guard: near 0 it is between -1 and 1."""
    return n.op("Div", x, n.op("Add", n.op("Abs", x), n.const(0.125)))


def three_levels(n, x):
    """Where inside Where: -1, 0.5 and 1."""
    low = n.op("Where", n.op("Greater", x, n.const(-0.25)), n.const(0.5), n.const(-1.0))
    return n.op("Where", n.op("Greater", x, n.const(0.25)), n.const(1.0), low)


def mask(n, x):
    """Where that keeps x itself on one side."""
    return n.op("Where", n.op("Greater", x, n.const(0.0)), n.const(1.0), x)


def two_bits(n, x):
    y = n.op("Mul", n.op("Clip", x, n.const(0.0), n.const(1.0)), n.const(3.0))
    return n.op("Div", n.op("Round", y), n.const(3.0))


def by_place(n, x):
    """Magnitudes that differ from place to place."""
    return n.op("Mul", greater(n, x, 6), n.const(2.0 ** n.rng.integers(-1, 2, size=(1, 1, 5, 5))))


def interval(n, x):
    """1 inside of an interval, -1 outside: no single threshold."""
    inside = n.op("And", n.op("Greater", x, n.const(-0.25)), n.op("Less", x, n.const(0.25)))
    return n.op("Where", inside, n.const(1.0), n.const(-1.0))


def float_padding(n, x):
    """A border that is no sign."""
    return n.op("Pad", greater(n, x, 6), n.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64), n.const(0.5))


# The network as a whole, where the activations are floats: name, node of the layer, reason, tolerance.
ACTIVATIONS = {
    "unequal": (unequal, OPERAND, 0), "sum_of_signs": (sum_of_signs, OPERAND, 0), "pooled": (pooled, OPERAND, 0),
    "clipped": (clipped, "first layer: activation comes from the graph input", 0), "steep": (steep, OPERAND, FLOATS),
    "three_levels": (three_levels, OPERAND, 0), "mask": (mask, OPERAND, 0), "two_bits": (two_bits, "", FLOATS),
    "by_place": (by_place, OPERAND, 0), "interval": (interval, OPERAND, 0), "float_padding": (float_padding, "", 0),
}


def ternary_float(n, *shape):
    """-1.5, 1 and 2 by channel: three magnitudes."""
    return n.const(n.rng.choice(np.float32([-1.5, 1, 2]), size=shape))


def near(spread):
    """Magnitudes that differ by a part."""
    def write(n, *shape):
        return n.const(n.signs(*shape) * (1 + n.rng.uniform(-spread, spread, size=shape)))
    return write


def input_channels(n, *shape):
    """+-a for each input channel: another scale for each summand."""
    return n.const(n.signs(*shape) * 2.0 ** (np.arange(shape[1]) % 3 - 1).reshape(1, -1, 1, 1))


def taps(n, *shape):
    """+-a for each place of the kernel."""
    return n.const(n.signs(*shape) * 2.0 ** n.rng.integers(-1, 2, size=(1, 1, *shape[2:])))


def real(n, *shape):
    return n.const(n.rng.standard_normal(shape))


def one_off(n, *shape):
    """One weight of all is larger."""
    w = n.signs(*shape)
    w[1, 2, 0, 0] = 1.25
    return n.const(w)


WEIGHTS = {
    "three_magnitudes": (ternary_float, "weights take 3 values: -1.5, 1, 2", 0),
    "near_2_percent": (near(0.02), "weights of output channel 0 have magnitudes from", FLOATS),
    "near_half_percent": (near(0.005), "weights of output channel 0 have magnitudes from", FLOATS),
    "input_channels": (input_channels, "weights of output channel 0", 0), "taps": (taps, "weights of output channel 0", 0),
    "real": (real, "weights of output channel 0 have magnitudes from", FLOATS),
    "one_off": (one_off, "weights take 3 values: -1, 1, 1.25", 0),
}


def first_layer(n, weights, channels=12):
    """Binary weights, a float image: stored as bits, computed in float."""
    return layer(n, "x", 6, channels, weights=weights, pads=[1, 1, 1, 1])


def pm1(n, *shape):
    return n.const(n.signs(*shape))


def alpha(n, *shape):
    return n.const(n.signs(*shape) * 2.0 ** n.rng.integers(-2, 3, size=(shape[0], 1, 1, 1)))


def relu_dense(n):
    y = n.op("Flatten", n.op("Relu", "x"), axis=1)
    return n.op("Gemm", y, n.const(n.signs(8, 150)), transB=1)


def mixed(n):
    """A float layer whose weights are binary feeds a layer that is binary."""
    y = first_layer(n, pm1, 7)
    return layer(n, greater(n, y, 7), 7, 5, kernel=(1, 1))


def always_one(n):
    """where(relu(x) >= 0) is 1 everywhere."""
    y = n.op("Where", n.op("GreaterOrEqual", n.op("Relu", "x"), n.const(0.0)), n.const(1.0), n.const(-1.0))
    return layer(n, y, 6, 7, pads=[1, 1, 1, 1])


def relu_sign_bits(n):
    """Sign behind Relu is 0 and 1, not -1 and 1; its zero padding is 0 too."""
    return layer(n, n.op("Sign", n.op("Relu", "x")), 6, 7, pads=[1, 1, 1, 1])


def averaged_then_sign(n):
    """The mean of signs has its own sign."""
    return layer(n, n.op("Where", n.op("Greater", pooled(n, "x"), n.const(0.0)), n.const(1.0), n.const(-1.0)), 6, 5)


def inverted_and_scaled(n):
    """where(x > 0, -3, 3): a sign upside down, times 3."""
    y = n.op("Where", n.op("Greater", "x", n.const(0.0)), n.const(-3.0), n.const(3.0))
    return layer(n, y, 6, 7, pads=[1, 1, 1, 1])


# Where binary layers come out all the same, or in part: the operators that must.
NETWORKS = {
    "first_layer_pm1": (lambda n: first_layer(n, pm1), ops(conv=1, Bunpack=1), {"conv2_node": "first layer"}),
    "first_layer_alpha": (lambda n: first_layer(n, alpha), ops(conv=1, Bunpack=1), {"conv2_node": "first layer"}),
    "relu_dense": (relu_dense, ops(matmul=1, Bunpack=1), {"gemm4_node": "first layer"}),
    "mixed": (mixed, ops(conv=1, bconv=1), {}), "always_one": (always_one, ops(bconv=1), {}),
    "relu_sign_bits": (relu_sign_bits, ops(bconv=1), {}), "averaged_then_sign": (averaged_then_sign, ops(bconv=1), {}),
    "inverted_and_scaled": (inverted_and_scaled, ops(bconv=1), {}),
}


def cases():
    shape = (2, 6, 5, 5)
    for name, (make, reason, tolerance) in ACTIVATIONS.items():
        n = Net(name)
        pads = {} if name in ("pooled", "float_padding") else {"pads": [1, 1, 1, 1]}
        y = layer(n, make(n, "x"), 6, 7, **pads)
        yield Case(name, n.model(shape, y), n.eighths(*shape), ops(conv=1), tolerance, {f"{y}_node": reason})
    for name, (make, reason, tolerance) in WEIGHTS.items():
        n = Net(name)
        y = layer(n, greater(n, "x", 6), 6, 7, weights=make, pads=[1, 1, 1, 1])
        yield Case(name, n.model(shape, y), n.eighths(*shape), ops(conv=1), tolerance, {f"{y}_node": reason})
    for name, (make, want, reasons) in NETWORKS.items():
        n = Net(name)
        y = make(n)
        yield Case(name, n.model(shape, y, rank=2 if name == "relu_dense" else 4), n.eighths(*shape), want, reasons=reasons)
