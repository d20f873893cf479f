"""Geometry: kernels, strides, dilations, groups and padding of convolutions."""

from .common.case import Case, ops
from .common.parts import ZERO_PAD, build, where
from .signs import cast_mul_sub, heaviside

GEOMETRY = {
    "zero_pad": ZERO_PAD, "no_pad": {}, "asymmetric": dict(pads=[0, 1, 2, 0]),
    "stride": dict(pads=[1, 1, 1, 1], strides=[2, 2]), "stride_mixed": dict(pads=[1, 0, 1, 0], strides=[1, 2]),
    "dilation": dict(pads=[2, 2, 2, 2], dilations=[2, 2]), "kernel_1x1": dict(kernel=(1, 1)),
    "kernel_1x1_padded": dict(kernel=(1, 1), pads=[1, 1, 1, 1]), "kernel_2x5": dict(kernel=(2, 5), pads=[1, 2, 0, 2]),
    "kernel_5x5": dict(kernel=(5, 5), pads=[2, 2, 2, 2]), "kernel_7x7": dict(kernel=(7, 7), pads=[3, 3, 3, 3]),
    "pads_wide": dict(pads=[4, 4, 4, 4]), "bias": dict(pads=[1, 1, 1, 1], bias=True),
    "same_upper": dict(auto_pad="SAME_UPPER", strides=[2, 2]), "same_lower": dict(auto_pad="SAME_LOWER", strides=[2, 2]),
    "groups": dict(pads=[1, 1, 1, 1], groups=2), "depthwise": dict(pads=[1, 1, 1, 1], groups="all"),
}


def cases():
    for geometry, options in GEOMETRY.items():
        for size, c in (((6, 6), 8), ((9, 5), 34), ((8, 8), 64)):
            name = f"{geometry}_{size[0]}x{size[1]}x{c}"
            yield Case(name, *build(name, geometry=options, c=c, size=size), ops(bconv=2))
    for geometry in ("no_pad", "asymmetric", "kernel_5x5", "depthwise", "groups", "pads_wide"):
        name = f"heaviside_{geometry}"
        yield Case(name, *build(name, sign=heaviside, geometry=GEOMETRY[geometry], size=(5, 4)), ops(bconv=2))
    for size in ((1, 1), (2, 2), (1, 3)):
        for geometry in ("zero_pad", "kernel_5x5", "kernel_7x7", "pads_wide"):
            name = f"tiny_{geometry}_{size[0]}x{size[1]}"
            yield Case(name, *build(name, geometry=GEOMETRY[geometry], c=10, size=size), ops(bconv=2))
    for value in (1.0, -1.0, 0.0):
        for sign, make in (("greater", where("Greater")), ("cast_mul_sub", cast_mul_sub)):
            name = f"pad_{value:g}_{sign}"
            yield Case(name, *build(name, sign=make, pad=value, geometry={}), ops(bconv=2))
    name = "pad_half"  # 0.5 is no sign: the first convolution stays float
    yield Case(name, *build(name, pad=0.5, geometry={}), ops(bconv=1, conv=1))
