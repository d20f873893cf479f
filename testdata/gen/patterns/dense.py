"""Dense layers, and how the values get to them."""

import numpy as np

from .common.case import Case, ops
from .common.net import Net
from .common.parts import batch_norm, layer, where


def dense(n, x, k, m, form):
    """A dense layer over [N, k], in the ways that exporters write it."""
    w = n.signs(k, m)
    if form == "gemm":
        return n.op("Gemm", x, n.const(w.T), n.const(n.rng.integers(-3, 4, size=m)), transB=1)
    if form == "gemm_alpha":
        return n.op("Gemm", x, n.const(w), n.const(n.rng.integers(-3, 4, size=m)), alpha=0.5, beta=2.0)
    if form == "transpose":
        return n.op("MatMul", x, n.op("Transpose", n.const(w.T), perm=[1, 0]))
    if form == "matmul_add":
        return n.op("Add", n.op("MatMul", x, n.const(w)), n.const(n.rng.integers(-3, 4, size=m)))
    return n.op("MatMul", x, n.const(w * 0.5))


def flatten(n, x, how):
    if how == "reshape_minus":
        return n.op("Reshape", x, n.const([2, -1], np.int64))
    if how == "reshape_zero":
        return n.op("Reshape", x, n.const([0, -1], np.int64))
    if how == "shape":
        batch = n.op("Gather", n.op("Shape", x), n.const(0, np.int64), axis=0)
        batch = n.op("Unsqueeze", batch, n.const([0], np.int64))
        return n.op("Reshape", x, n.op("Concat", batch, n.const([-1], np.int64), axis=0))
    return n.op("Flatten", x, axis=1)


def behind_flatten(form, how, sign_after=False, c=8):
    def build(n, x):
        y = layer(n, where("Greater")(n, x, 8), 8, c, pads=[1, 1, 1, 1])
        y = batch_norm()(n, y, c)
        if not sign_after:
            y = where("Greater")(n, y, c)
        y = flatten(n, y, how)
        if sign_after:
            y = where("Greater")(n, y, c)
        y = dense(n, y, c * 36, 10, form)
        s = n.const(2.0 ** n.rng.integers(-2, 3, size=10) * n.signs(10))
        y = n.op("Add", n.op("Mul", y, s), n.const(n.rng.integers(-4, 5, size=10) / 2))
        return dense(n, n.op("Where", n.op("Less", y, n.const(0.0)), n.const(-1.0), n.const(1.0)), 10, 3, "matmul")
    return build


NETS = {
    "sign_after_flatten": behind_flatten("matmul", "flatten", sign_after=True),
    **{form: behind_flatten(form, "flatten") for form in ("gemm", "gemm_alpha", "transpose", "matmul_add", "matmul")},
    **{how: behind_flatten("matmul", how, c=32) for how in ("reshape_minus", "reshape_zero", "shape")},
}


def cases():
    for name, make in NETS.items():
        n = Net(name)
        out = make(n, "x")
        data = n.eighths(2, 8, 6, 6)
        yield Case(name, n.model((2, 8, 6, 6), out, rank=2), data, ops(bconv=1, bgemm=2))
