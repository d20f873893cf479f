"""QuantizeLinear and DequantizeLinear of activations, as QCDQ exports have them at the edges of a network."""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.net import Net
from .common.parts import layer, where

TYPES = {np.int8: TensorProto.INT8, np.uint8: TensorProto.UINT8}


def network(name, opset, kind, zero_point, per_channel):
    """x -> quantized, an output -> float -> sign -> layer. Halves are rounded to even."""
    c = 5
    n = Net(name, opset)
    n.input("x", (2, c, 4, 4))
    scale, zero = np.float32(0.25), np.asarray(zero_point or 0)
    if per_channel:
        scale, zero = np.float32(2.0) ** -n.rng.integers(0, 4, size=c), np.full(c, zero)
    operands = [n.const(scale)] + ([] if zero_point is None else [n.const(zero, kind)])
    more = {"axis": 1} if per_channel else {}
    q = n.op("QuantizeLinear", "x", *operands, **more)
    y = n.op("DequantizeLinear", q, *operands, **more)
    y = layer(n, where("Greater")(n, y, c), c, 6, pads=[1, 1, 1, 1])
    n.output(q, dtype=TYPES[kind])
    n.output(y)
    data = n.eighths(2, c, 4, 4)
    data[0, 0, 0, :] = [1000, -1000, 33.125, -32.125]
    return n.finish(), data


def cases():
    for opset in (10, 13, 19, 21, 23):
        for kind, zero_point, per_channel in (
            (np.int8, 0, False), (np.uint8, None, False), (np.uint8, 3, False), (np.int8, -2, True),
        ):
            if per_channel and opset < 13:
                continue
            name = f"{kind.__name__}_{'default' if zero_point is None else zero_point}{'_axis' * per_channel}_op{opset}"
            yield Case(name, *network(name, opset, kind, zero_point, per_channel), ops(bconv=1))
