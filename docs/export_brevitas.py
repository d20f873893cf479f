"""A binarized network in Brevitas: training steps on random data, and the export.

Run: python export_brevitas.py
It writes model.onnx and input.npy. Needs brevitas, qonnx, onnx, onnxoptimizer and numpy.
"""

import brevitas.nn as qnn
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from brevitas.core.bit_width import BitWidthImplType
from brevitas.core.quant import QuantType
from brevitas.core.restrict_val import RestrictValueType
from brevitas.core.scaling import ScalingImplType
from brevitas.export import export_qonnx
from brevitas.inject import ExtendedInjector
from brevitas.quant.solver import ActQuantSolver, WeightQuantSolver


class Binary(ExtendedInjector):
    quant_type = QuantType.BINARY
    bit_width_impl_type = BitWidthImplType.CONST
    bit_width = 1
    scaling_impl_type = ScalingImplType.CONST
    restrict_scaling_type = RestrictValueType.FP
    scaling_per_output_channel = False
    narrow_range = True
    signed = True
    zero_point_impl = None


class BinaryWeight(Binary, WeightQuantSolver):
    scaling_const = 1.0


class BinaryAct(Binary, ActQuantSolver):
    min_val = -1.0
    max_val = 1.0


model = nn.Sequential(
    nn.Conv2d(1, 32, 3, bias=False),
    nn.BatchNorm2d(32),
    qnn.QuantIdentity(act_quant=BinaryAct),
    qnn.QuantConv2d(32, 64, 3, bias=False, weight_quant=BinaryWeight),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(64),
    qnn.QuantIdentity(act_quant=BinaryAct),
    nn.Flatten(),
    qnn.QuantLinear(64 * 12 * 12, 10, bias=False, weight_quant=BinaryWeight),
    nn.BatchNorm1d(10),
)

torch.manual_seed(0)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for _ in range(5):
    images, labels = torch.randn(16, 1, 28, 28), torch.randint(10, (16,))
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()

model.eval()  # BatchNorm must use its running statistics
example = torch.randn(1, 1, 28, 28)
export_qonnx(model, args=example, export_path="model.onnx")
np.save("input.npy", example.numpy())
