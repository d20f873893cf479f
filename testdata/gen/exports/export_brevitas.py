#!/usr/bin/env python3
"""Makes testdata/exports/brevitas.zip: Brevitas networks as QONNX.

The expected outputs are by qonnx's own execution. QCDQ is left out: Brevitas refuses to
write one-bit layers in it ("Binary quant not supported"). Needs torch 2.15.0, brevitas 0.13.4, qonnx 1.0.0, onnx 1.19.0, onnxoptimizer 0.4.2, onnxscript
0.7.2 and onnxruntime 1.31.1 (Python 3.11).
"""

import pathlib
import tempfile
import warnings

import brevitas.nn as qnn
import torch
import torch.nn as nn
from brevitas.core.quant import QuantType
from brevitas.core.restrict_val import RestrictValueType
from brevitas.core.scaling import ScalingImplType
from brevitas.export import export_qonnx
from brevitas.inject import ExtendedInjector
from brevitas.quant.solver import ActQuantSolver, WeightQuantSolver
from brevitas.core.bit_width import BitWidthImplType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx

from exportlib import Zip, closest, ops
from torch_models import settle


class Common(ExtendedInjector):
    bit_width_impl_type = BitWidthImplType.CONST
    scaling_impl_type = ScalingImplType.CONST
    restrict_scaling_type = RestrictValueType.FP
    scaling_per_output_channel = False
    narrow_range = True
    signed = True
    zero_point_impl = None
    quant_type = QuantType.BINARY
    bit_width = 1


class Weight(Common, WeightQuantSolver):
    scaling_const = 1.0


class Scaled(Common, WeightQuantSolver):
    scaling_const = 0.25


class Act(Common, ActQuantSolver):
    min_val = -1.0
    max_val = 1.0


class TFC(nn.Module):
    """Dense layers; the input is binary too."""

    def __init__(self):
        super().__init__()
        sizes = [100, 64, 65, 10]
        self.first = qnn.QuantIdentity(act_quant=Act)
        self.layers = nn.Sequential()
        for a, b in zip(sizes, sizes[1:]):
            self.layers.append(qnn.QuantLinear(a, b, bias=False, weight_quant=Weight))
            if b != sizes[-1]:
                self.layers.append(nn.BatchNorm1d(b))
                self.layers.append(qnn.QuantIdentity(act_quant=Act))

    def forward(self, x):
        return self.layers(self.first(2.0 * x.reshape(x.shape[0], -1) - 1.0))


class CNV(nn.Module):
    """Convolutions without padding, MaxPool, dense layers."""

    def __init__(self):
        super().__init__()

        def conv(a, b, quant=Weight):
            return [qnn.QuantConv2d(a, b, 3, bias=False, weight_quant=quant), nn.BatchNorm2d(b), qnn.QuantIdentity(act_quant=Act)]

        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), qnn.QuantIdentity(act_quant=Act), *conv(16, 24), nn.MaxPool2d(2), *conv(24, 32, Scaled))
        self.dense = nn.Sequential(
            qnn.QuantLinear(128, 40, bias=False, weight_quant=Weight), nn.BatchNorm1d(40), qnn.QuantIdentity(act_quant=Act),
            qnn.QuantLinear(40, 10, bias=False, weight_quant=Scaled))

    def forward(self, x):
        return self.dense(torch.flatten(self.features(x), 1))


MODELS = {
    "tfc": (TFC, (1, 1, 10, 10), ops(bgemm=3)),
    "cnv": (CNV, (1, 3, 12, 12), ops(bconv=2, bgemm=2, conv=1)),
}


def by_qonnx(model, feed):
    """Outputs of qonnx, and the closest distance to a threshold."""
    wrapper = ModelWrapper(model)
    values = execute_onnx(wrapper, feed, return_full_exec_context=True)
    return [values[o.name] for o in model.graph.output], closest(model.graph.node, values.__getitem__)


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    out = Zip("brevitas")
    for name, (make, shape, expected) in MODELS.items():
        torch.manual_seed(0)
        model = settle(make(), shape)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.onnx"
            export_qonnx(model, args=torch.zeros(shape), export_path=str(path))
            out.add(name, path, shape, expected, run=by_qonnx)
    out.write()


if __name__ == "__main__":
    main()
