"""Dense layers by operator, operands and operator set, and the ways to flatten."""

import numpy as np
from onnx import TensorProto

from .common.case import FLOATS, Case, ops
from .common.net import Net
from .common.parts import layer, where

greater = where("Greater")


def gemm(transposed, bias="vector", **attributes):
    """Gemm; bias names the shape of C."""
    def write(n, x, k, m):
        w = n.signs(k, m)
        operands = [x, n.const(w.T if transposed else w)]
        shapes = {"vector": (m,), "row": (1, m), "one": (1,), "scalar": ()}
        if bias:
            operands.append(n.const(n.rng.integers(-3, 4, size=shapes[bias])))
        return n.op("Gemm", *operands, transB=int(transposed), **attributes)
    return write


def matmul(n, x, k, m):
    return n.op("MatMul", x, n.const(n.signs(k, m)))


def matmul_add(left):
    def write(n, x, k, m):
        y, b = matmul(n, x, k, m), n.const(n.rng.integers(-3, 4, size=m))
        return n.op("Add", b, y) if left else n.op("Add", y, b)
    return write


def matmul_alpha(n, x, k, m):
    """Magnitudes of both signs for each output, as BatchNorm folded by tf2onnx leaves them."""
    scale = (2.0 ** n.rng.integers(-3, 3, size=m)) * n.signs(m)
    return n.op("Add", n.op("MatMul", x, n.const(n.signs(k, m) * scale)), n.const(n.rng.integers(-4, 5, size=m) / 4))


def gemm_alpha(n, x, k, m):
    scale = (2.0 ** n.rng.integers(-3, 3, size=(m, 1))) * n.signs(m, 1)
    return n.op("Gemm", x, n.const(n.signs(m, k) * scale), n.const(n.rng.integers(-4, 5, size=m) / 4), transB=1)


def matmul_sign(n, x, k, m):
    """torch: sign of the parameter, transposed in the graph."""
    return n.op("MatMul", x, n.op("Transpose", n.op("Sign", n.const(n.rng.standard_normal((m, k)))), perm=[1, 0]))


def gemm_sign_scaled(n, x, k, m):
    """sign(w) times the mean of |w| of each row: not of few bits."""
    w = n.const(n.rng.standard_normal((m, k)) * 0.1)
    mean = n.op("ReduceMean", n.op("Abs", w), axes=[1], keepdims=1)
    return n.op("Gemm", x, n.op("Mul", n.op("Sign", w), mean), transB=1)


def dequantized(n, x, k, m):
    """QCDQ: int8 weights [out, in] through DequantizeLinear, axis 0."""
    w = n.op("DequantizeLinear", n.const(n.signs(m, k), np.int8), n.const(2.0 ** n.rng.integers(-3, 3, size=m)),
             n.const(np.zeros(m), np.int8), axis=0)
    return n.op("Gemm", x, w, n.const(n.rng.integers(-3, 4, size=m)), transB=1)


def cast(n, x, k, m):
    return n.op("MatMul", x, n.op("Cast", n.const(n.signs(k, m), np.int8), to=TensorProto.FLOAT))


def dead_outputs(n, x, k, m):
    w = n.signs(k, m) * 0.5
    w[:, 1::3] = 0
    return n.op("MatMul", x, n.const(w))


def norm(n, x, c):
    """BatchNorm1d, which torch leaves behind Gemm."""
    g = 2.0 ** n.rng.integers(-2, 3, size=c) * n.signs(c)
    return n.op("BatchNormalization", x, n.const(g), n.const(n.rng.integers(-4, 5, size=c) / 2), n.const(n.rng.integers(-3, 4, size=c)),
                n.const(np.full(c, 0.75)), epsilon=0.25)


FORMS = {
    "gemm": (gemm(True), (9, 11, 13, 21)), "gemm_plain": (gemm(False), (9, 13)), "gemm_no_bias": (gemm(True, None), (11, 13)),
    "gemm_row": (gemm(True, "row"), (13,)), "gemm_one": (gemm(False, "one"), (13,)), "gemm_scalar": (gemm(True, "scalar"), (13,)),
    "gemm_alpha_beta": (gemm(True, alpha=0.25, beta=-0.5), (9, 13)), "gemm_alpha_negative": (gemm(False, alpha=-2.0), (13,)),
    "gemm_beta_zero": (gemm(True, beta=0.0), (13,)), "matmul": (matmul, (9, 13, 21)), "matmul_add": (matmul_add(False), (9, 13)),
    "add_matmul": (matmul_add(True), (13,)), "matmul_scales": (matmul_alpha, (13,)), "gemm_scales": (gemm_alpha, (13,)),
    "matmul_sign": (matmul_sign, (11,)), "dequantized": (dequantized, (13,)), "cast": (cast, (13,)), "dead_outputs": (dead_outputs, (13,)),
}


def mlp(name, form, opset, k=33, batch=3):
    """sign -> dense -> norm -> sign -> dense over [N, k]."""
    n = Net(name, opset)
    y = norm(n, form(n, greater(n, "x", k), k, 17), 17)
    y = form(n, greater(n, y, 17), 17, 5)
    return n.model((batch, k), y, rank=2), n.eighths(batch, k)


def reshape(*shape):
    return lambda n, x, k: n.op("Reshape", x, n.const([k if d == "k" else d for d in shape], np.int64))


def flatten(n, x, k):
    return n.op("Flatten", x, axis=1)


def by_shape(n, x, k):
    """x.view(x.size(0), -1) of torch: Shape, Gather, Unsqueeze, Concat, Reshape."""
    batch = n.op("Gather", n.op("Shape", x), n.constant(0, np.int64), axis=0)
    batch = n.op("Unsqueeze", batch, axes=[0]) if n.opset < 13 else n.op("Unsqueeze", batch, n.constant([0], np.int64))
    return n.op("Reshape", x, n.op("Concat", batch, n.constant([-1], np.int64), axis=0))


def by_slice(n, x, k):
    """tf2onnx: the batch cut out of the Shape, between casts."""
    shape = n.op("Cast", n.op("Shape", x), to=TensorProto.INT32)
    if n.opset < 10:
        batch = n.op("Slice", shape, starts=[0], ends=[1], axes=[0])
    else:
        batch = n.op("Slice", shape, n.const([0], np.int32), n.const([1], np.int32), n.const([0], np.int32))
    shape = n.op("Concat", batch, n.const([k], np.int32), axis=0)
    return n.op("Reshape", x, n.op("Cast", shape, to=TensorProto.INT64))


def flatten_all(n, x, k):
    """torch.flatten as Flatten of axis -3."""
    return n.op("Flatten", x, axis=-3)


def tf_reshape(n, x, k):
    """tf2onnx: a map back to NHWC, flattened in that order."""
    return n.op("Reshape", n.op("Transpose", x, perm=[0, 2, 3, 1]), n.const([-1, k], np.int64))


def squeezed(n, x, k):
    """A map of one place, by Squeeze of its axes."""
    y = n.op("Reshape", x, n.const([0, k, 1, 1], np.int64))
    return n.op("Squeeze", y, axes=[2, 3]) if n.opset < 13 else n.op("Squeeze", y, n.const([2, 3], np.int64))


FLATTEN = {
    "flatten": (flatten, (9, 13)), "flatten_negative": (flatten_all, (11, 13)), "reshape_0": (reshape(0, -1), (13,)),
    "reshape_k": (reshape(-1, "k"), (13, 21)), "by_shape": (by_shape, (11, 13)), "by_slice": (by_slice, (9, 13)),
    "tf_reshape": (tf_reshape, (11, 13)), "squeezed": (squeezed, (11, 13)),
}


def classifier(name, how, opset, sign_after, batch):
    """Layer -> sign -> flatten -> dense, or the sign behind the flattening."""
    n = Net(name, opset)
    c, k = 6, 6 * 4 * 3
    y = layer(n, greater(n, "x", 7), 7, c, pads=[1, 1, 1, 1])
    y = n.op("Add", y, n.const(n.rng.integers(-4, 5, size=(1, c, 1, 1))))
    y = greater(n, how(n, y, k), k) if sign_after else how(n, greater(n, y, c), k)
    y = n.op("Gemm", y, n.const(n.signs(10, k)), n.const(n.rng.integers(-3, 4, size=10)), transB=1)
    model = n.model((batch, 7, 4, 3), y, rank=2)
    sizes = (2, 1, 5) if batch == "N" else (batch,)
    return model, [{"x": n.eighths(size, 7, 4, 3)} for size in sizes]


def sequence(n, x):
    """[B, T, K] through two layers, as torch's Linear does it: MatMul, Add."""
    y = n.op("Add", matmul(n, greater(n, x, 9), 9, 12), n.const(n.rng.integers(-3, 4, size=12)))
    return matmul(n, greater(n, y, 12), 12, 4)


def sequence_reshaped(n, x):
    """[B, T, K] as [B*T, K] for a Gemm, and back."""
    y = n.op("Reshape", greater(n, x, 9), n.const([-1, 9], np.int64))
    return n.op("Reshape", gemm(True)(n, y, 9, 12), n.const([2, 5, 12], np.int64))


def batched_weights(n, x):
    """A matrix for each element of the batch, constant."""
    return n.op("MatMul", greater(n, x, 9), n.const(n.signs(2, 9, 6)))


def weights_left(n, x):
    """The constant on the left: W x."""
    return n.op("MatMul", n.const(n.signs(6, 5)), greater(n, x, 9))


def residual(n, x):
    y = n.op("Add", matmul(n, greater(n, x, 9), 9, 9), x)
    return matmul(n, greater(n, y, 9), 9, 4)


def heaviside(n, x):
    y = n.op("Cast", n.op("Greater", x, n.const(0.0)), to=TensorProto.FLOAT)
    y = n.op("Cast", n.op("Greater", matmul_alpha(n, y, 9, 12), n.const(0.5)), to=TensorProto.FLOAT)
    return matmul(n, y, 12, 4)


def products(n, x):
    """Two binary activations, as in attention: scores, their sign, times values."""
    q, k, v = (greater(n, n.op("Add", x, n.const(t)), 9) for t in (0.0, 0.125, -0.25))
    scores = n.op("MatMul", q, n.op("Transpose", k, perm=[0, 2, 1]))
    return n.op("MatMul", greater(n, scores, 5), v)


def vector(n, x):
    """MatMul with a vector gives one axis less."""
    return n.op("Unsqueeze", n.op("MatMul", greater(n, x, 9), n.const(n.signs(9))), n.const([2], np.int64))


SEQUENCES = {
    "sequence": (sequence, ops(bgemm=2)), "sequence_reshaped": (sequence_reshaped, ops(bgemm=1)),
    "batched_weights": (batched_weights, ops(bgemm=1)), "weights_left": (weights_left, ops(bgemm=1)),
    "residual": (residual, ops(bgemm=2)), "heaviside": (heaviside, ops(bgemm=2)), "products": (products, ops(bgemm=2)),
    "vector": (vector, ops(bgemm=1)),
}


def cases():
    for form, (make, opsets) in FORMS.items():
        for opset in opsets:
            name = f"{form}_op{opset}"
            yield Case(name, *mlp(name, make, opset), ops(bgemm=2))
    for k, batch in ((1, 1), (7, 1), (31, 2), (32, 5), (64, 1), (65, 3), (127, 1), (513, 2), (1000, 1)):
        name = f"size_{k}_batch_{batch}"
        yield Case(name, *mlp(name, gemm(True), 13, k, batch), ops(bgemm=2))
    for how, (make, opsets) in FLATTEN.items():
        for opset in opsets:
            for batch in (2, "N"):
                for sign_after in (False, True):
                    name = f"{how}_{'sign_after_' * sign_after}{'batch_' * (batch == 'N')}op{opset}"
                    yield Case(name, *classifier(name, make, opset, sign_after, batch), ops(bconv=1, bgemm=1))
    for name, (make, want) in SEQUENCES.items():
        n = Net(name)
        y = make(n, "x")
        yield Case(name, n.model((2, 5, 9), y, rank=3), n.eighths(2, 5, 9), want)
    name = "gemm_sign_scaled"
    n = Net(name)
    y = gemm_sign_scaled(n, greater(n, "x", 40), 40, 10)
    yield Case(name, n.model((3, 40), y, rank=2), n.eighths(3, 40), ops(bgemm=1), FLOATS)
