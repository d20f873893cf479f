#!/usr/bin/env python3
"""Makes testdata/bnn/cases.zip: small binarized networks with ONNX Runtime's results.

Each case is sign -> layer -> what lies between -> sign -> layer. One part varies at a
time: the way a sign is written, the form of the weights, the padding and geometry, the
arithmetic between the layers, the kind of the layer. Values are small multiples of powers
of two, so that zeros and ties are exact and all float arithmetic of a case is exact too.

The zip holds <case>.onnx, <case>.x.npy, <case>.y.npy and index.json: for each case the
operators that the conversion must give ("ops"), those that are not named may occur any
number of times. Needs the Python packages onnx and onnxruntime.
"""

import io
import json
import pathlib
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parent.parent / "bnn" / "cases.zip"


class Net:
    """Builds a graph; values are names."""

    def __init__(self, seed, opset=13):
        self.rng = np.random.default_rng(seed)
        self.opset = opset
        self.nodes, self.initializers, self.count = [], [], 0

    def name(self, hint):
        self.count += 1
        return f"{hint}{self.count}"

    def const(self, value, dtype=np.float32):
        name = self.name("c")
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def op(self, kind, *inputs, **attributes):
        out = self.name(kind.lower())
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=out + "_node", **attributes))
        return out

    def signs(self, *shape):
        return self.rng.choice(np.float32([-1, 1]), size=shape)

    def model(self, x_shape, out, rank=4):
        out_shape = ["N", "C", "H", "W"][:rank]
        graph = helper.make_graph(
            self.nodes, "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x_shape)],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, out_shape)], self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=7)


# Signs: how a value becomes -1 and +1. Each takes the net, a value and its channels.

def where(compare, yes=1.0, no=-1.0, threshold=0.0, swapped=False):
    def build(n, x, _):
        operands = (n.const(threshold), x) if swapped else (x, n.const(threshold))
        return n.op("Where", n.op(compare, *operands), n.const(yes), n.const(no))
    return build


def where_not(compare):
    def build(n, x, _):
        return n.op("Where", n.op("Not", n.op(compare, x, n.const(0.0))), n.const([1.0]), n.const([-1.0]))
    return build


def where_per_channel(n, x, c):
    t = (np.arange(c) % 5 - 2).reshape(1, c, 1, 1) / 4
    return n.op("Where", n.op("Greater", x, n.const(t)), n.const(1.0), n.const(-1.0))


def where_full(n, x, c):
    return n.op("Where", n.op("GreaterOrEqual", x, n.const(np.zeros((1, c, 1, 1)))),
                n.const(np.ones((1, c, 1, 1))), n.const(-np.ones((1, c, 1, 1))))


def cast_mul_sub(n, x, _):
    b = n.op("Cast", n.op("GreaterOrEqual", x, n.const(0.0)), to=TensorProto.FLOAT)
    return n.op("Sub", n.op("Mul", b, n.const(2.0)), n.const(1.0))


def cast_int(n, x, _):
    b = n.op("Cast", n.op("Greater", x, n.const(0.0)), to=TensorProto.INT32)
    b = n.op("Add", n.op("Mul", b, n.const(2, np.int32)), n.const(-1, np.int32))
    return n.op("Cast", b, to=TensorProto.FLOAT)


def sign_behind_bias(n, x, c):
    """Sign of values that the added constant keeps away from 0."""
    bias = np.full((1, c, 1, 1), 1 / 64)
    return n.op("Sign", n.op("Add", x, n.const(bias)))


def clip_where(n, x, c):
    return where("Greater")(n, n.op("Clip", x, n.const(-1.0), n.const(1.0)), c)


def scaled_where(n, x, c):
    return where("GreaterOrEqual", 0.5, -0.5)(n, x, c)


def larq_old(n, x, _):
    return n.op("Sign", n.op("Add", n.op("Sign", x), n.const(0.25)))


def heaviside(n, x, _):
    return n.op("Cast", n.op("Greater", x, n.const(0.0)), to=TensorProto.FLOAT)


def relu_sign(n, x, _):
    return n.op("Sign", n.op("Relu", x))


def dorefa(n, x, _):
    """One bit of DoReFa-Net; Round is half to even."""
    return n.op("Round", n.op("Clip", x, n.const(0.0), n.const(1.0)))


SIGNS = {
    "heaviside": heaviside, "relu_sign": relu_sign, "dorefa": dorefa,
    "greater": where("Greater"), "greater_or_equal": where("GreaterOrEqual"), "less": where("Less", -1.0, 1.0),
    "less_or_equal": where("LessOrEqual", -1.0, 1.0), "inverted": where("Greater", -1.0, 1.0),
    "inverted_less": where("Less"), "constant_left": where("Less", swapped=True),
    "constant_left_ge": where("GreaterOrEqual", -1.0, 1.0, swapped=True), "threshold": where("Greater", threshold=0.25),
    "threshold_ge": where("GreaterOrEqual", threshold=-0.5), "not_less": where_not("Less"),
    "not_less_or_equal": where_not("LessOrEqual"), "per_channel": where_per_channel, "full_constants": where_full,
    "cast_mul_sub": cast_mul_sub, "cast_int": cast_int, "sign_behind_bias": sign_behind_bias, "clip": clip_where,
    "scaled": scaled_where, "larq_old": larq_old,
}


# Weights: give the name of an OIHW value.

def weights_pm1(n, *shape):
    return n.const(n.signs(*shape))


def weights_alpha(n, *shape):
    scale = 2.0 ** n.rng.integers(-3, 3, size=(shape[0], 1, 1, 1)) * n.signs(shape[0], 1, 1, 1)
    return n.const(n.signs(*shape) * scale)


def weights_scalar(n, *shape):
    return n.const(n.signs(*shape) * 0.375)


def weights_sign(n, *shape):
    return n.op("Sign", n.const(n.rng.standard_normal(shape)))


def weights_where(n, *shape):
    w = n.const(n.rng.standard_normal(shape))
    return n.op("Where", n.op("GreaterOrEqual", w, n.const(0.0)), n.const(1.0), n.const(-1.0))


def weights_mean_abs(n, *shape):
    w = n.const(n.signs(*shape) * 0.25 * 2.0 ** n.rng.integers(0, 3, size=(shape[0], 1, 1, 1)))
    mean = n.op("Abs", w)
    for axis in (3, 2, 1):
        mean = n.op("ReduceMean", mean, axes=[axis], keepdims=1)
    return n.op("Mul", n.op("Sign", w), mean)


def weights_transposed(n, *shape):
    w = n.signs(*shape).transpose(2, 3, 1, 0)
    return n.op("Transpose", n.const(w), perm=[3, 2, 0, 1])


def weights_cast(n, *shape):
    return n.op("Cast", n.const(n.signs(*shape), np.int8), to=TensorProto.FLOAT)


def weights_dead_channel(n, *shape):
    w = n.signs(*shape)
    w[1] = 0
    return n.const(w)


WEIGHTS = {
    "pm1": weights_pm1, "alpha": weights_alpha, "scalar": weights_scalar, "sign": weights_sign, "where": weights_where,
    "mean_abs": weights_mean_abs, "transposed": weights_transposed, "cast": weights_cast, "dead_channel": weights_dead_channel,
}


# Between a layer and the next sign.

def batch_norm(gamma=None, **more):
    def build(n, x, c):
        g = (2.0 ** n.rng.integers(-2, 3, size=c) * n.signs(c)) if gamma is None else np.resize(gamma, c)
        mean = n.rng.integers(-3, 4, size=c).astype(np.float32)
        beta = n.rng.integers(-4, 5, size=c) / 2.0
        var = np.full(c, more.get("var", 0.75))
        return n.op("BatchNormalization", x, n.const(g), n.const(beta), n.const(mean), n.const(var),
                    epsilon=more.get("epsilon", 0.25))
    return build


def mul_add(n, x, c):
    s = (2.0 ** n.rng.integers(-1, 2, size=(c, 1, 1))) * n.signs(c, 1, 1)
    return n.op("Add", n.op("Mul", x, n.const(s)), n.const(n.rng.integers(-4, 5, size=(c, 1, 1)) / 2.0))


def sub_div(n, x, c):
    s = 2.0 ** n.rng.integers(-1, 2, size=(1, c, 1, 1))
    return n.op("Div", n.op("Sub", x, n.const(n.rng.integers(-4, 5, size=(1, c, 1, 1)))), n.const(s))


def chain(*parts):
    def build(n, x, c):
        for part in parts:
            x = part(n, x, c)
        return x
    return build


def pool(n, x, _):
    return n.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def pool_padded(n, x, _):
    return n.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)


def unary(kind, **attributes):
    return lambda n, x, _: n.op(kind, x, **attributes)


def prelu(sign):
    def build(n, x, c):
        return n.op("PRelu", x, n.const(np.full((c, 1, 1), sign * 0.25)))
    return build


BETWEEN = {
    "nothing": chain(), "batch_norm": batch_norm(), "gamma_negative": batch_norm(gamma=[-0.5]),
    "gamma_zero": batch_norm(gamma=[0, 1, -1, 0]), "gamma_tiny": batch_norm(gamma=[2.0 ** -60, -(2.0 ** -60)]),
    "mul_add": mul_add, "sub_div": sub_div, "two_norms": chain(batch_norm(), batch_norm()),
    "pool": pool, "pool_norm": chain(pool, batch_norm()), "norm_pool": chain(batch_norm(), pool),
    "norm_pool_padded": chain(batch_norm(), pool_padded), "relu_norm": chain(unary("Relu"), batch_norm()),
    "norm_clip": chain(batch_norm(), lambda n, x, _: n.op("Clip", x, n.const(-1.0), n.const(1.0))),
    "norm_leaky": chain(batch_norm(), unary("LeakyRelu", alpha=0.25)), "norm_prelu": chain(batch_norm(), prelu(1)),
    "neg": unary("Neg"), "norm_identity": chain(batch_norm(), unary("Identity")),
}


def layer(n, x, c_in, c_out, kernel=(3, 3), weights=weights_pm1, bias=False, groups=1, **attributes):
    """A convolution; attributes are those of Conv."""
    operands = [x, weights(n, c_out, c_in // groups, *kernel)]
    if bias:
        operands.append(n.const(n.rng.integers(-3, 4, size=c_out)))
    return n.op("Conv", *operands, group=groups, **attributes)


GEOMETRY = {
    "zero_pad": dict(pads=[1, 1, 1, 1]), "no_pad": {}, "asymmetric": dict(pads=[0, 1, 2, 0]),
    "stride": dict(pads=[1, 1, 1, 1], strides=[2, 2]), "stride_mixed": dict(pads=[1, 0, 1, 0], strides=[1, 2]),
    "dilation": dict(pads=[2, 2, 2, 2], dilations=[2, 2]), "kernel_1x1": dict(kernel=(1, 1)),
    "kernel_1x1_padded": dict(kernel=(1, 1), pads=[1, 1, 1, 1]), "kernel_2x5": dict(kernel=(2, 5), pads=[1, 2, 0, 2]),
    "kernel_5x5": dict(kernel=(5, 5), pads=[2, 2, 2, 2]), "kernel_7x7": dict(kernel=(7, 7), pads=[3, 3, 3, 3]),
    "pads_wide": dict(pads=[4, 4, 4, 4]), "bias": dict(pads=[1, 1, 1, 1], bias=True),
    "same_upper": dict(auto_pad="SAME_UPPER", strides=[2, 2]), "same_lower": dict(auto_pad="SAME_LOWER", strides=[2, 2]),
    "groups": dict(pads=[1, 1, 1, 1], groups=2), "depthwise": dict(pads=[1, 1, 1, 1], groups="all"),
}


def build(case, sign="greater", weights="pm1", between="batch_norm", geometry="zero_pad", c=8, size=(6, 6), pad=None):
    """sign -> layer -> between -> sign -> 1x1 layer; returns the model and its input."""
    n = Net(sum(case.encode()) * 7919 + len(case))
    make = SIGNS[sign]
    x = make(n, "x", c)
    if pad is not None:
        x = n.op("Pad", x, n.const([0, 0, 1, 1, 0, 0, 1, 1], np.int64), n.const(pad))
    options = dict(GEOMETRY[geometry])
    if options.get("groups") == "all":
        options["groups"] = c
    y = layer(n, x, c, c, weights=WEIGHTS[weights], **options)
    y = BETWEEN[between](n, y, c)
    y = make(n, y, c)
    out = layer(n, y, c, 5, kernel=(1, 1))
    shape = (2, c, *size)
    data = n.rng.integers(-4, 5, size=shape).astype(np.float32) / 8
    data.flat[3] = -0.0
    return n.model(shape, out), data


# Structures: each gets the net and x [2,8,6,6] and gives the output.

def norm_sign(n, x, c):
    return where("Greater")(n, batch_norm()(n, x, c), c)


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


def dense_behind_flatten(form, how, sign_after=False, c=8):
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


def shared_sign(n, x):
    s = where("Greater")(n, x, 8)
    return n.op("Add", layer(n, s, 8, 8, pads=[1, 1, 1, 1]), layer(n, s, 8, 8, kernel=(1, 1)))


def residual(n, x):
    y = n.op("Add", batch_norm()(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8), x)
    z = n.op("Add", batch_norm()(n, layer(n, where("Greater")(n, y, 8), 8, 8, pads=[1, 1, 1, 1]), 8), y)
    return layer(n, where("Greater")(n, z, 8), 8, 5, kernel=(1, 1))


def float_and_sign(n, x):
    """A layer whose result is read as a float and by a sign."""
    y = batch_norm()(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8)
    z = layer(n, where("GreaterOrEqual")(n, y, 8), 8, 8, pads=[1, 1, 1, 1])
    return n.op("Add", y, z)


def concat(n, x):
    s = where("Greater")(n, x, 8)
    parts = [norm_sign(n, layer(n, s, 8, c, pads=[1, 1, 1, 1]), c) for c in (5, 7)]
    return layer(n, n.op("Concat", *parts, axis=1), 12, 5, kernel=(1, 1))


def split(n, x):
    s = where("Greater")(n, x, 8)
    out = [n.name("part"), n.name("part")]
    n.nodes.append(helper.make_node("Split", [s, n.const([3, 5], np.int64)], out, axis=1))
    return n.op("Add", layer(n, out[0], 3, 4, pads=[1, 1, 1, 1]), layer(n, out[1], 5, 4, pads=[1, 1, 1, 1]))


def shuffle(n, x):
    """Channel shuffle of signs, in two groups."""
    s = where("Greater")(n, x, 8)
    s = n.op("Reshape", s, n.const([0, 2, 4, 6, 6], np.int64))
    s = n.op("Reshape", n.op("Transpose", s, perm=[0, 2, 1, 3, 4]), n.const([0, 8, 6, 6], np.int64))
    return layer(n, s, 8, 8, groups=2, pads=[1, 1, 1, 1])


def nhwc(n, x):
    """Signs and constants in NHWC with transposes around each convolution."""
    y = n.op("Transpose", x, perm=[0, 2, 3, 1])
    for _ in range(2):
        y = n.op("Where", n.op("Less", y, n.const(0.0)), n.const(-1.0), n.const(1.0))
        y = layer(n, n.op("Transpose", y, perm=[0, 3, 1, 2]), 8, 8, pads=[1, 1, 1, 1])
        y = n.op("Transpose", y, perm=[0, 2, 3, 1])
        y = n.op("Add", n.op("Mul", y, n.const(n.signs(8) * 0.5)), n.const(n.rng.integers(-4, 5, size=8) / 2))
    return y


def one_dimension(n, x):
    y = where("Greater")(n, n.op("Reshape", x, n.const([0, 8, 36], np.int64)), 8)
    y = n.op("Conv", y, n.const(n.signs(8, 8, 5)), pads=[2, 2], strides=[2])
    y = batch_norm()(n, y, 8)
    y = n.op("Where", n.op("Greater", y, n.const(0.0)), n.const(1.0), n.const(-1.0))
    y = n.op("Conv", y, n.const(n.signs(4, 8, 3)), dilations=[2])
    return n.op("Unsqueeze", y, n.const([2], np.int64))


def sign_is_output(n, x):
    return norm_sign(n, layer(n, where("Greater")(n, x, 8), 8, 8, pads=[1, 1, 1, 1]), 8)


def two_activations(n, x):
    s = where("Greater")(n, n.op("Reshape", x, n.const([0, 8, 36], np.int64)), 8)
    return n.op("Unsqueeze", n.op("MatMul", s, n.op("Transpose", s, perm=[0, 2, 1])), n.const([1], np.int64))


STRUCTURES = {
    "shared_sign": (shared_sign, {"BConv2D": 2, "Conv2D": 0, "Bsign": 1}),
    "residual": (residual, {"BConv2D": 3, "Conv2D": 0}),
    "float_and_sign": (float_and_sign, {"BConv2D": 2, "Conv2D": 0, "Bsign": 1}),
    "concat": (concat, {"BConv2D": 3, "Conv2D": 0}),
    "split": (split, {"BConv2D": 2, "Conv2D": 0}),
    "shuffle": (shuffle, {"BConv2D": 1, "Conv2D": 0}),
    "nhwc": (nhwc, {"BConv2D": 2, "Conv2D": 0, "Transpose": 1}),
    "one_dimension": (one_dimension, {"BConv2D": 2, "Conv2D": 0}),
    "sign_is_output": (sign_is_output, {"BConv2D": 1, "Conv2D": 0}),
    "two_activations": (two_activations, {"BGEMM": 1, "MatMul": 0}),
}
for _form in ("gemm", "gemm_alpha", "transpose", "matmul_add", "matmul"):
    STRUCTURES[f"dense_{_form}"] = (dense_behind_flatten(_form, "flatten"), {"BConv2D": 1, "BGEMM": 2, "MatMul": 0})
for _how in ("reshape_minus", "reshape_zero", "shape"):
    STRUCTURES[f"dense_{_how}"] = (dense_behind_flatten("matmul", _how, c=32), {"BConv2D": 1, "BGEMM": 2, "MatMul": 0})
STRUCTURES["dense_sign_after_flatten"] = (
    dense_behind_flatten("matmul", "flatten", sign_after=True), {"BConv2D": 1, "BGEMM": 2, "MatMul": 0})


def build_structure(name):
    n = Net(sum(name.encode()) * 7919 + len(name))
    out = STRUCTURES[name][0](n, "x")
    data = n.rng.integers(-4, 5, size=(2, 8, 6, 6)).astype(np.float32) / 8
    return n.model((2, 8, 6, 6), out, rank=2 if name.startswith("dense") else 4), data


def cases():
    """Yields name, model, input, expected operators."""
    both = {"BConv2D": 2, "Conv2D": 0}
    for sign in SIGNS:
        for c in (8, 33):
            name = f"sign_{sign}_{c}"
            yield (name, *build(name, sign=sign, c=c), both)
    for weights in WEIGHTS:
        for c in (7, 64):
            name = f"weights_{weights}_{c}"
            yield (name, *build(name, weights=weights, c=c), both)
    for between in BETWEEN:
        for sign in ("greater", "greater_or_equal", "less", "less_or_equal"):
            name = f"between_{between}_{sign}"
            yield (name, *build(name, sign=sign, between=between), both)
    for geometry in GEOMETRY:
        for size, c in (((6, 6), 8), ((9, 5), 34), ((8, 8), 64)):
            name = f"geometry_{geometry}_{size[0]}x{size[1]}x{c}"
            yield (name, *build(name, geometry=geometry, c=c, size=size), both)
    for geometry in ("no_pad", "asymmetric", "kernel_5x5", "depthwise", "groups", "pads_wide"):
        name = f"heaviside_{geometry}"
        yield (name, *build(name, sign="heaviside", geometry=geometry, size=(5, 4)), both)
    for size in ((1, 1), (2, 2), (1, 3)):
        for geometry in ("zero_pad", "kernel_5x5", "kernel_7x7", "pads_wide"):
            name = f"tiny_{geometry}_{size[0]}x{size[1]}"
            yield (name, *build(name, geometry=geometry, c=10, size=size), both)
    for value in (1.0, -1.0, 0.0):
        for sign in ("greater", "cast_mul_sub"):
            name = f"pad_{value:g}_{sign}"
            yield (name, *build(name, sign=sign, pad=value, geometry="no_pad"), both)
    for name in STRUCTURES:
        yield (f"structure_{name}", *build_structure(name), STRUCTURES[name][1])
    name = "pad_half"  # 0.5 is no sign: the first convolution stays float
    yield (name, *build(name, pad=0.5, geometry="no_pad"), {"BConv2D": 1, "Conv2D": 1})


def npy(array):
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


def run(model, x, optimized):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": x})[0]


def main():
    index = {}
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:

        def add(name, data):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, data)

        for name, model, x, ops in cases():
            onnx.checker.check_model(model)
            y = run(model, x, optimized=False)
            add(f"{name}.onnx", model.SerializeToString())
            add(f"{name}.x.npy", npy(x))
            add(f"{name}.y.npy", npy(y))
            index[name] = {"ops": ops}
        add("index.json", json.dumps(index, indent=1))
    print(f"{len(index)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
