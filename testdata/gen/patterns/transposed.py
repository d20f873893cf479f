"""Transposed convolutions, of signs and of floats."""

import numpy as np

from .common.case import Case, ops
from .common.net import Net
from .common.parts import batch_norm, layer, where

GT = where("Greater")


def transposed(n, x, c_in, c_out, kernel, group=1, bias=False, weights=None, **attributes):
    w = n.signs(c_in, c_out // group, *kernel) if weights is None else weights(n, c_in, c_out // group, *kernel)
    operands = [x, n.const(w)]
    if bias:
        operands.append(n.const(n.rng.integers(-3, 4, size=c_out)))
    return n.op("ConvTranspose", *operands, group=group, **attributes)


# Geometry, and how many binary layers come out: one for each phase that reads a tap.
GEOMETRY = {
    "plain": (dict(kernel=(3, 3)), 1),
    "pads": (dict(kernel=(3, 3), pads=[1, 1, 1, 1]), 1),
    "kernel_1x1": (dict(kernel=(1, 1)), 1),
    "stride_2": (dict(kernel=(2, 2), strides=[2, 2]), 4),
    "stride_2_kernel_3": (dict(kernel=(3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]), 4),
    "stride_2_kernel_4": (dict(kernel=(4, 4), strides=[2, 2], pads=[1, 1, 1, 1]), 4),
    "stride_2_bias": (dict(kernel=(3, 3), strides=[2, 2], bias=True), 4),
    "stride_2x1": (dict(kernel=(3, 5), strides=[2, 1], pads=[0, 2, 1, 1]), 2),
    "stride_1x3": (dict(kernel=(2, 4), strides=[1, 3], pads=[1, 0, 0, 2], output_padding=[0, 2]), 3),
    "pads_uneven": (dict(kernel=(4, 4), strides=[2, 2], pads=[0, 2, 3, 1]), 4),
    "pads_beyond_kernel": (dict(kernel=(2, 2), pads=[2, 0, 1, 3]), 1),
    "pads_beyond_stride": (dict(kernel=(3, 2), strides=[2, 2], pads=[4, 3, 2, 2]), 4),
    "dilation": (dict(kernel=(3, 2), dilations=[2, 3]), 1),
    "dilation_stride": (dict(kernel=(3, 3), dilations=[3, 3], strides=[2, 2], pads=[1, 2, 1, 0]), 4),
    "groups": (dict(kernel=(3, 3), strides=[2, 2], group=2), 4),
    "depthwise": (dict(kernel=(4, 4), strides=[2, 2], pads=[1, 1, 1, 1], group=8), 4),
    "same_upper": (dict(kernel=(3, 3), strides=[2, 2], auto_pad="SAME_UPPER"), 4),
    "same_lower": (dict(kernel=(3, 4), strides=[2, 2], auto_pad="SAME_LOWER"), 4),
    "valid": (dict(kernel=(3, 2), strides=[1, 2], auto_pad="VALID"), 2),
    "output_shape": (dict(kernel=(3, 3), strides=[2, 2], output_shape=[10, 9]), 4),
    "output_shape_upper": (dict(kernel=(3, 3), strides=[2, 2], output_shape=[10, 8], auto_pad="SAME_UPPER"), 4),
    # A stride beyond the taps, or a factor in common with the dilation, leaves phases of zeros.
    "gaps": (dict(kernel=(2, 2), strides=[3, 4]), 4),
    "gaps_bias": (dict(kernel=(1, 2), strides=[2, 2], bias=True, output_padding=[1, 0]), 2),
    "gaps_dilation": (dict(kernel=(3, 3), strides=[2, 4], dilations=[2, 2]), 2),
}


def scaled(n, *shape):
    """A scale for each output channel, of both signs."""
    return n.signs(*shape) * np.float32(2.0) ** n.rng.integers(-2, 2, size=(1, shape[1], 1, 1)) * n.signs(1, shape[1], 1, 1)


def net(name, make, shape=(2, 8, 5, 4), want=None, sizes=None, **more):
    n = Net(name)
    out = make(n, n.input("x", shape))
    n.output(out, rank=len(shape))
    feeds = [{"x": n.eighths(*s)} for s in sizes] if sizes else n.eighths(*shape)
    return Case(name, n.finish(), feeds, want, **more)


def to_sign(options, c=8):
    def make(n, x):
        y = batch_norm()(n, transposed(n, GT(n, x, 8), 8, c, **options), c)
        return layer(n, GT(n, y, c), c, 3, kernel=(1, 1))
    return make


def cases():
    for name, (options, phases) in GEOMETRY.items():
        yield net(name, to_sign(options), want=ops(bconv=phases + 1))
        yield net("float_" + name, lambda n, x, o=options: transposed(
            n, x, 8, 8, **{**o, "weights": lambda n, *s: n.eighths(*s)}), want=ops(conv=phases))
    options = GEOMETRY["stride_2_kernel_3"][0]
    for c in (3, 33, 64):
        yield net(f"channels_{c}", to_sign(options, c), want=ops(bconv=5, Bsign=1))
    yield net("scaled", to_sign({**options, "weights": scaled}), want=ops(bconv=5))
    yield net("chain", lambda n, x: transposed(n, GT(n, batch_norm()(n, transposed(n, GT(n, x, 8), 8, 8, **options), 8), 8), 8, 4,
                                               **GEOMETRY["stride_2"][0]), want=ops(bconv=8))
    yield net("one_dimension", lambda n, x: n.op("ConvTranspose", GT(n, x, 8), n.const(n.signs(8, 4, 4)), strides=[2], pads=[1, 1]),
              (2, 8, 7), want=ops(bconv=2))
    yield net("one_dimension_dilated", lambda n, x: n.op(
        "ConvTranspose", GT(n, x, 8), n.const(n.signs(8, 2, 3)), strides=[3], dilations=[2], output_padding=[1], group=2), (2, 8, 7), want=ops(bconv=3))
    for name, shape in (("batch", ("N", 8, 5, 4)), ("map", ("N", 8, "H", "W")), ("height", ("N", 8, "H", 4)), ("width", ("N", 8, 5, "W"))):
        sizes = [(2, 8, 5, 4), (1, 8, 5 if shape[2] == 5 else 9, 4 if shape[3] == 4 else 7), (3, 8, 5, 4)]
        if name == "batch":
            sizes = [(2, 8, 5, 4), (1, 8, 5, 4)]
        yield net(f"dynamic_{name}", to_sign(options), shape, ops(bconv=5), sizes)
    same = dict(kernel=(3, 3), strides=[2, 2], auto_pad="SAME_UPPER")
    yield net("dynamic_same", to_sign(same), ("N", 8, "H", "W"), ops(bconv=5), [(1, 8, 5, 4), (2, 8, 3, 7)])

    def in_graph(n, x):
        w = n.op("Sign", n.const(n.rng.standard_normal((8, 4, 3, 3))))
        return n.op("ConvTranspose", GT(n, x, 8), w, strides=[2, 2])
    yield net("weights_of_graph", in_graph, want=ops(bconv=4))

    def decoder(n, x):
        """Up, joined with what was there before going down."""
        s = GT(n, x, 8)
        down = batch_norm()(n, layer(n, s, 8, 16, pads=[1, 1, 1, 1], strides=[2, 2]), 16)
        up = batch_norm()(n, transposed(n, GT(n, down, 16), 16, 8, (2, 2), strides=[2, 2]), 8)
        return layer(n, n.op("Concat", s, GT(n, up, 8), axis=1), 16, 4, pads=[1, 1, 1, 1])
    yield net("decoder", decoder, (2, 8, 6, 8), ops(bconv=6))
