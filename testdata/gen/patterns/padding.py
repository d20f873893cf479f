"""Padding in every form, and geometry with odd numbers: channels, groups, windows beyond the map."""

import numpy as np
from onnx import TensorProto, helper

from .common.case import Case, ops
from .common.net import Net
from .common.parts import batch_norm, build, layer, where

GE = where("GreaterOrEqual")
GT = where("Greater")


def head(n, y, c):
    """The rest of a net behind the layer in question."""
    return layer(n, GT(n, batch_norm()(n, y, c), c), c, 3, kernel=(1, 1))


def net(name, body, shape=(2, 8, 6, 6), opset=13, want=None, **more):
    n = Net(name, opset)
    out = body(n, n.input("x", shape))
    n.output(out, rank=len(shape))
    return Case(name, n.finish(), n.eighths(*shape), want or ops(bconv=2), **more)


def pads_of(n, pads):
    return n.const(pads, np.int64)


def pad_attribute(value):
    """opset 10 and before."""
    return lambda n, x: n.op("Pad", x, pads=[0, 0, 1, 1, 0, 0, 1, 1], mode="constant", value=float(value))


def pad_operand(value, pads=(0, 0, 1, 1, 0, 0, 1, 1), **attributes):
    def make(n, x):
        more = [] if value is None else [n.const(value)]
        return n.op("Pad", x, pads_of(n, pads), *more, **attributes)
    return make


def pad_axes(value, axes=(2, 3), pads=(1, 0, 1, 2)):
    """opset 18: axes."""
    return lambda n, x: n.op("Pad", x, pads_of(n, pads), n.const(value), pads_of(n, axes))


def pad_computed(value):
    """The pads as torch 1.13 computes them: 16 nodes."""
    def make(n, x):
        last_first = n.constant([1, 2, 1, 0], np.int64)  # left, right, top, bottom
        rank = n.constant([8], np.int64)
        rest = n.op("Sub", rank, n.constant([4], np.int64))
        zeros = n.op("ConstantOfShape", rest, value=helper.make_tensor("v", TensorProto.INT64, [1], [0]))
        pads = n.op("Reshape", n.op("Concat", last_first, zeros, axis=0), n.constant([-1, 2], np.int64))
        big = n.constant([-1], np.int64)
        pads = n.op("Slice", pads, big, n.constant([-9223372036854775807], np.int64), n.constant([0], np.int64), n.constant([-1], np.int64))
        pads = n.op("Reshape", n.op("Transpose", pads, perm=[1, 0]), n.constant([-1], np.int64))
        return n.op("Pad", x, n.op("Cast", pads, to=TensorProto.INT64), n.constant(value), mode="constant")
    return make


def before_sign(pad, sign=GT):
    def body(n, x):
        return head(n, layer(n, sign(n, pad(n, x), 8), 8, 8), 8)
    return body


def after_sign(pad, **options):
    def body(n, x):
        return head(n, layer(n, pad(n, GT(n, x, 8)), 8, 8, **options), 8)
    return body


def pads():
    for value in (-1, 0, 1):
        yield net(f"attribute_{value}", after_sign(pad_attribute(value)), opset=10)
        yield net(f"attribute_before_{value}", before_sign(pad_attribute(value)), opset=10)
        for opset in (11, 13, 18, 21):
            yield net(f"operand_{opset}_{value}", after_sign(pad_operand(value)), opset=opset)
        yield net(f"axes_{value}", after_sign(pad_axes(value)), opset=18)
        yield net(f"axes_negative_{value}", after_sign(pad_axes(value, axes=(-1, -2))), opset=18)
        yield net(f"computed_{value}", after_sign(pad_computed(value)), opset=11)
        yield net(f"before_{value}", before_sign(pad_operand(value)))
        yield net(f"before_ge_{value}", before_sign(pad_operand(value), GE))
        # Two different padding values: the first is written out.
        yield net(f"and_conv_{value}", after_sign(pad_operand(value), pads=[1, 1, 1, 1]), want=ops(bconv=2, Pad=0 if value == 0 else 1))
        yield net(f"huge_{value}", after_sign(pad_operand(value, (0, 0, 5, 0, 0, 0, 7, 9))))
        yield net(f"pool_then_{value}", lambda n, x, v=value: head(n, layer(n, pad_operand(v)(n, n.op(
            "MaxPool", GT(n, x, 8), kernel_shape=[2, 2])), 8, 8), 8))
        yield net(f"grouped_{value}", after_sign(pad_operand(value), groups=2))
        yield net(f"dilated_{value}", after_sign(pad_operand(value), dilations=[2, 2]))
    yield net("before_half", before_sign(pad_operand(0.5)))
    yield net("value_absent", after_sign(pad_operand(None)))
    yield net("no_pads", after_sign(pad_operand(0.5, [0] * 8)))
    yield net("reflect", after_sign(pad_operand(None, mode="reflect")))
    yield net("zero_channels", lambda n, x: head(n, layer(n, n.op(
        "Pad", GT(n, x, 8), pads_of(n, [0, 2, 0, 0, 0, 3, 0, 0])), 13, 8), 8))
    yield net("crop_and_zero", after_sign(pad_operand(0.0, (0, 0, -1, 2, 0, 0, 1, -2))), want=ops(bconv=2, Pad=0, Slice=1))
    yield net("crop_all", after_sign(pad_operand(1.0, (0, 0, -6, 0, 0, 0, 4, 0))), want=ops(bconv=2))  # nothing of the map is left
    yield net("edge", after_sign(pad_operand(None, mode="edge")))
    yield net("reflect_before", before_sign(pad_operand(None, mode="reflect")))
    yield net("half", after_sign(pad_operand(0.5)), want=ops(bconv=1, conv=1), reasons={"conv10_node": "pads with 0.5"})
    yield net("crop", after_sign(pad_operand(0, (0, 0, -1, 0, 0, 0, 0, -2))))
    yield net("crop_and_pad", after_sign(pad_operand(1, (0, 0, -1, 2, 0, 0, 1, -2))))
    yield net("twice_zero", after_sign(lambda n, x: pad_operand(0)(n, pad_operand(0)(n, x))))
    yield net("twice_minus", after_sign(lambda n, x: pad_operand(-1)(n, pad_operand(-1)(n, x))))
    yield net("twice_mixed", after_sign(lambda n, x: pad_operand(-1)(n, pad_operand(1)(n, x))))
    yield net("channels", lambda n, x: head(n, layer(n, GT(n, n.op("Pad", x, pads_of(n, [0, 2, 0, 0, 0, 3, 0, 0])), 13), 13, 8), 8))
    yield net("channels_of_signs", lambda n, x: head(n, layer(n, n.op(
        "Pad", GT(n, x, 8), pads_of(n, [0, 2, 0, 0, 0, 3, 0, 0]), n.const(1.0)), 13, 8), 8))
    yield net("shared", lambda n, x: (lambda p: n.op("Add", head(n, layer(n, p, 8, 8), 8), head(n, layer(n, p, 8, 8), 8)))(
        pad_operand(1.0)(n, GT(n, x, 8))), want=ops(bconv=4))
    yield net("shared_with_plain", lambda n, x: (lambda s: n.op("Add", head(n, layer(n, pad_operand(-1)(n, s), 8, 8), 8), head(
        n, layer(n, s, 8, 8, pads=[1, 1, 1, 1]), 8)))(GT(n, x, 8)), want=ops(bconv=4))
    yield net("average_pool_noop", lambda n, x: head(n, layer(n, GT(n, n.op("AveragePool", n.op(
        "Pad", x, pads_of(n, [0] * 8), n.const(0.0)), kernel_shape=[2, 2]), 8), 8, 8), 8))


def geometries():
    for c in (1, 3, 7, 33, 63, 65, 100, 513):
        size = (5, 4) if c < 100 else (3, 3)
        yield net(f"channels_{c}", lambda n, x, c=c: head(n, layer(n, GT(n, x, c), c, 8, pads=[1, 1, 1, 1]), 8), (2, c, *size))
        yield net(f"channels_to_{c}", lambda n, x, c=c: head(n, layer(n, GT(n, x, 8), 8, c, pads=[1, 1, 1, 1]), c), (2, 8, *size))
        yield Case(f"depthwise_{c}", *build(f"depthwise_{c}", c=c, size=size, geometry=dict(pads=[1, 1, 1, 1], groups="all")), ops(bconv=2))
    for c, groups in ((6, 3), (10, 2), (14, 2), (20, 2), (44, 2), (66, 2), (66, 3), (99, 3), (126, 2), (130, 2), (64, 2), (128, 4)):
        name = f"groups_{c}_in_{groups}"
        yield Case(name, *build(name, c=c, size=(4, 3), geometry=dict(pads=[1, 1, 1, 1], groups=groups)), ops(bconv=2))
    for name, c, out, groups in (("multiplier_2", 5, 10, 5), ("multiplier_3", 33, 99, 33), ("narrowing", 40, 4, 4)):
        yield net(name, lambda n, x, c=c, out=out, g=groups: head(n, layer(n, GT(n, x, c), c, out, groups=g, pads=[1, 1, 1, 1]), out),
                  (2, c, 5, 4))
    for name, options in {
        "dilation_3x2": dict(dilations=[3, 2], pads=[3, 2, 3, 2]), "dilation_far": dict(dilations=[7, 7], pads=[7, 7, 7, 7]),
        "stride_beyond_kernel": dict(kernel=(2, 2), strides=[3, 4]), "stride_1x1": dict(kernel=(1, 1), strides=[2, 3]),
        "kernel_of_map": dict(kernel=(6, 6)), "kernel_beyond_map": dict(kernel=(9, 9), pads=[4, 4, 4, 4]),
        "pads_only": dict(kernel=(2, 2), pads=[6, 0, 7, 9]), "pads_uneven": dict(pads=[0, 0, 1, 1], strides=[2, 2]),
        "pads_3344": dict(kernel=(7, 7), pads=[3, 3, 4, 4], strides=[2, 2]), "auto_valid": dict(auto_pad="VALID"),
        "auto_upper": dict(auto_pad="SAME_UPPER", kernel=(2, 4)), "auto_lower": dict(auto_pad="SAME_LOWER", kernel=(4, 2)),
        "row": dict(kernel=(1, 5), pads=[0, 2, 0, 2]), "column": dict(kernel=(5, 1), pads=[2, 0, 2, 0]),
    }.items():
        yield Case(name, *build(name, geometry=options), ops(bconv=2))
    for name, options in {
        "1d_stride": dict(strides=[2], pads=[1, 2]), "1d_dilated": dict(dilations=[3], pads=[3, 3]), "1d_grouped": dict(group=2, pads=[1, 1]),
        "1d_same": dict(auto_pad="SAME_UPPER", strides=[2]), "1d_depthwise": dict(group=8, pads=[1, 1]),
    }.items():
        def body(n, x, options=options):
            y = n.op("Conv", GT(n, x, 8), n.const(n.signs(8, 8 // options.get("group", 1), 3)), **options)
            y = n.op("MaxPool", batch_norm()(n, y, 8), kernel_shape=[2], strides=[2])
            return n.op("Conv", GE(n, y, 8), n.const(n.signs(4, 8, 1)))
        yield net(name, body, (2, 8, 13))

    def padded_1d(value, first):
        def body(n, x):
            pad = pads_of(n, [0, 0, 1, 0, 0, 2]), n.const(value)
            y = GT(n, n.op("Pad", x, *pad), 8) if first else n.op("Pad", GT(n, x, 8), *pad)
            y = n.op("Conv", y, n.const(n.signs(8, 8, 3)))
            return n.op("Conv", GE(n, batch_norm()(n, y, 8), 8), n.const(n.signs(4, 8, 1)))
        return body
    for value in (-1.0, 0.0, 1.0):
        for first in (False, True):
            yield net(f"1d_{'before' if first else 'behind'}_{value:g}", padded_1d(value, first), (2, 8, 13), want=ops(bconv=2, Pad=0, Bsign=1))

    def threed(n, x):
        y = n.op("MatMul", GT(n, x, 0), n.const(n.signs(12, 9)))
        y = n.op("Add", n.op("Mul", y, n.const(n.signs(9) / 2)), n.const(n.eighths(9)))
        return n.op("MatMul", GE(n, y, 0), n.const(n.signs(9, 4)))
    yield net("dense_3d", threed, (2, 5, 12), want=ops(bgemm=2))
    yield net("dense_4d", threed, (2, 3, 5, 12), want=ops(bgemm=2))
    def stacked(n, x):
        return n.op("MatMul", GT(n, x, 0), n.const(n.signs(2, 12, 9)))
    yield net("dense_weights_3d", stacked, (2, 5, 12), want=ops(bgemm=1))


def cases():
    yield from pads()
    yield from geometries()
