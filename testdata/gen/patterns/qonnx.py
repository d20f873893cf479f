"""Quantizers of QONNX, Brevitas and FINN. ONNX Runtime lacks them: it runs their definition in standard operators."""

import numpy as np
from onnx import TensorProto

from .common.case import Case, ops
from .common.net import Net
from .common.parts import apart

DOMAINS = {"brevitas": "onnx.brevitas", "qonnx": "qonnx.custom_op.general", "finn": "finn.custom_op.general"}


class Quantized(Net):
    """A net with quantizers: as nodes of the domain, or with domain None by definition."""

    def __init__(self, seed, domain, imported=False, opset=13):
        super().__init__(seed, opset)
        self.domain = domain
        if imported and domain:
            self.domains.append(domain)

    def bipolar(self, x, scale):
        scale = self.const(scale)
        if self.domain:
            return self.op("BipolarQuant", x, scale, domain=self.domain)
        return self.op("Mul", self.op("Where", self.op("GreaterOrEqual", x, self.const(0.0)), self.const(1.0), self.const(-1.0)), scale)

    def quant(self, x, scale, zero, bits=1, signed=1, narrow=0):
        scale, zero = self.const(scale), self.const(zero)
        if self.domain:
            return self.op("Quant", x, scale, zero, self.const(bits), signed=signed, narrow=narrow, rounding_mode="ROUND", domain=self.domain)
        y = self.op("Add", self.op("Div", x, scale), zero)
        if bits == 1 and signed:
            y = self.op("Where", self.op("GreaterOrEqual", y, self.const(0.0)), self.const(1.0), self.const(-1.0))
        else:
            low = -(2.0 ** (bits - 1)) + narrow if signed else 0.0
            high = 2.0 ** (bits - 1) - 1 if signed else 2.0**bits - 1 - narrow
            y = self.op("Round", self.op("Clip", y, self.const(low), self.const(high)))
        return self.op("Mul", self.op("Sub", y, zero), scale)

    def thresholds(self, x, t, scale=None, bias=None, layout=None):
        """MultiThreshold: the number of thresholds reached, times a scale, plus a bias."""
        t = np.asarray(t, np.float32)
        if self.domain:
            more = {k: v for k, v in (("out_scale", scale), ("out_bias", bias), ("data_layout", layout)) if v is not None}
            return self.op("MultiThreshold", x, self.const(t), domain=self.domain, **more)
        y = None
        for column in t.T:
            level = column.reshape((1, -1, 1, 1) if layout != "NHWC" else (1, 1, 1, -1))
            reached = self.op("Cast", self.op("GreaterOrEqual", x, self.const(level)), to=TensorProto.FLOAT)
            y = self.op("Add", y, reached) if y else reached
        return self.op("Add", self.op("Mul", y, self.const(1.0 if scale is None else scale)), self.const(bias or 0.0))


def weights_bipolar(n, *shape):
    return n.bipolar(n.const(n.rng.standard_normal(shape)), 0.5)


def weights_bipolar_channels(n, *shape):
    return n.bipolar(n.const(n.rng.standard_normal(shape)), 2.0 ** n.rng.integers(-2, 3, size=(shape[0], 1, 1, 1)))


def weights_quant(n, *shape):
    return n.quant(n.const(n.rng.standard_normal(shape)), 0.25, 0.0)


def sign_bipolar(n, x, c):
    return n.bipolar(x, 1.0)


def sign_bipolar_scaled(n, x, c):
    return n.bipolar(x, 0.125)


def sign_bipolar_tensor(n, x, c):
    return n.bipolar(x, [[[[2.0]]]])


def sign_quant(n, x, c):
    return n.quant(x, 0.5, 0.0)


def step_quant(n, x, c):
    """One unsigned bit is 0 and 1; its Round is half to even, so that half a scale is 0."""
    return n.quant(x, 0.25, 0.0, signed=0)


def step_quant_narrow_scale(n, x, c):
    return n.quant(x, 1.0, 0.0, signed=0)


def sign_thresholds(n, x, c):
    return n.thresholds(x, [[0.0]], 2.0, -1.0)


def sign_thresholds_channels(n, x, c):
    return n.thresholds(x, (np.arange(c) % 5 - 2).reshape(c, 1) / 8, 2.0, -1.0, "NCHW")


def step_thresholds(n, x, c):
    return n.thresholds(x, [[0.125]])


ACTIVATIONS = {
    "bipolar": sign_bipolar, "bipolar_scaled": sign_bipolar_scaled, "bipolar_tensor": sign_bipolar_tensor, "quant": sign_quant,
    "step_quant": step_quant, "step_quant_whole": step_quant_narrow_scale, "thresholds": sign_thresholds,
    "thresholds_channels": sign_thresholds_channels, "step_thresholds": step_thresholds,
}
WEIGHTS = {"bipolar": weights_bipolar, "bipolar_channels": weights_bipolar_channels, "quant": weights_quant}


def conv_net(n, sign, weights, c=9):
    y = n.op("Conv", sign(n, "x", c), weights(n, c, c, 3, 3), pads=[1, 1, 1, 1])
    y = sign(n, apart(n, y, c), c)
    y = n.op("Conv", y, weights(n, 5, c, 1, 1))
    return n.model((2, c, 5, 5), y), n.eighths(2, c, 5, 5)


def tfc(n):
    """TFC_1W1A: image in [0,1], *2-1, binary; dense, BatchNorm, binary three times; dense, TensorNorm."""
    y = n.op("Reshape", "x", n.const([1, -1], np.int64))
    y = n.op("Sub", n.op("Mul", y, n.const(2.0)), n.const(1.0))
    y, k = n.bipolar(y, 1.0), 49
    for m in (24, 24, 24):
        w = n.bipolar(n.const(n.rng.standard_normal((m, k))), 1.0)
        y = n.op("MatMul", y, n.op("Transpose", w, perm=[1, 0]))
        g = 2.0 ** n.rng.integers(-2, 3, size=m) * n.signs(m)
        y = n.op("BatchNormalization", y, n.const(g), n.const(n.rng.integers(-4, 5, size=m) / 2), n.const(n.rng.integers(-3, 4, size=m)),
                 n.const(np.full(m, 0.75)), epsilon=0.25)
        y, k = n.bipolar(y, 1.0), m
    w = n.bipolar(n.const(n.rng.standard_normal((10, k))), 1.0)
    y = n.op("MatMul", y, n.op("Transpose", w, perm=[1, 0]))
    # A norm of all logits at once.
    y = n.op("Div", n.op("Sub", y, n.const(1.5)), n.op("Pow", n.op("Add", n.const(15.0), n.const(1.0)), n.const(0.5)))
    y = n.op("Add", n.op("Mul", y, n.const(0.5)), n.const(-0.25))
    return n.model((1, 1, 7, 7), y, rank=2), n.rng.integers(0, 9, size=(1, 1, 7, 7)).astype(np.float32) / 8


def nhwc_thresholds(n):
    """MultiThreshold over channels that are last, around a convolution in NCHW."""
    y = n.op("Transpose", "x", perm=[0, 2, 3, 1])
    y = n.thresholds(y, (np.arange(9) % 5 - 2).reshape(9, 1) / 8, 2.0, -1.0, "NHWC")
    y = n.op("Conv", n.op("Transpose", y, perm=[0, 3, 1, 2]), n.const(n.signs(6, 9, 3, 3)), pads=[1, 1, 1, 1])
    return n.model((2, 9, 5, 5), y), n.eighths(2, 9, 5, 5)


def two_bits(narrow):
    """Two bits are -1, 0 and 1 if they are narrow. With -2 too, the layer stays float."""
    def make(n):
        y = n.op("Conv", n.quant("x", 0.25, 0.0, bits=2, narrow=narrow), weights_bipolar(n, 6, 9, 3, 3), pads=[1, 1, 1, 1])
        return n.model((2, 9, 5, 5), y), n.eighths(2, 9, 5, 5)
    return make


def case(name, domain, imported, make, want, **more):
    model, data = make(Quantized(name, domain, imported))
    oracle, _ = make(Quantized(name, None))
    return Case(name, model, data, want, oracle=oracle, **more)


def cases():
    for short, domain in DOMAINS.items():
        for imported in (True, False):
            for sign, make in ACTIVATIONS.items():
                if not imported and short != "brevitas" and sign not in ("bipolar", "quant", "thresholds"):
                    continue
                name = f"{short}_{'' if imported else 'not_imported_'}{sign}"
                weights = list(WEIGHTS.values())[len(name) % 3]
                yield case(name, domain, imported, lambda n: conv_net(n, make, weights), ops(bconv=2))
    for weights, make in WEIGHTS.items():
        yield case(f"weights_{weights}", DOMAINS["qonnx"], True, lambda n: conv_net(n, sign_bipolar, make), ops(bconv=2))
    yield case("tfc", DOMAINS["brevitas"], False, tfc, ops(bgemm=4))
    yield case("nhwc_thresholds", DOMAINS["qonnx"], True, nhwc_thresholds, ops(bconv=1, Bsign=1))
    yield case("two_bits_narrow", DOMAINS["qonnx"], True, two_bits(1), ops(bconv=1))
    yield case("two_bits", DOMAINS["qonnx"], True, two_bits(0), ops(conv=1), reasons={"conv8_node": "activation is not a sign"})
