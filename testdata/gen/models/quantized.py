"""ResNet-18 and MobileNetV2 with 8-bit weights and activations, by ONNX Runtime's quantizer.

Beside what every model has, NAME.float.npy is what the network gives before it is quantized, and
NAME.optimized.npy what ONNX Runtime gives with its optimizations, which compute on integers: an
implementation is as good as ONNX Runtime if it is as near to the float network.
"""

import os
import tempfile
from dataclasses import dataclass

import mobilenet
import numpy as np
import onnxruntime
from modellib import Images, Model
from residual import resnet18


def outputs(path, x):
    """Returns the first output of ONNX Runtime with all its optimizations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    runner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return runner.run(None, {runner.get_inputs()[0].name: x})[0]


@dataclass
class Quantized:
    """How a network for images is quantized, with weights of int8."""

    images: Images
    form: str = "QDQ"
    activations: str = "QUInt8"
    per_channel: bool = True

    def write(self, path):
        from onnxruntime import quantization  # needs ml_dtypes

        class Samples(quantization.CalibrationDataReader):
            """Images that show the quantizer the ranges of activations."""

            def __init__(self, images):
                self.rest = iter([{"input": x[None]} for x in images])

            def get_next(self):
                return next(self.rest, None)

        with tempfile.TemporaryDirectory() as folder:
            parent = os.path.join(folder, "float.onnx")
            cases = self.images.write(parent)
            quantization.quantize_static(
                parent,
                path,
                Samples(self.images.images(4, self.images.seed + 2).numpy()),
                quant_format=quantization.QuantFormat[self.form],
                activation_type=quantization.QuantType[self.activations],
                weight_type=quantization.QuantType.QInt8,
                per_channel=self.per_channel,
            )
            name = path.removesuffix(".onnx")
            np.save(name + ".float.npy", outputs(parent, cases[0][0]))
            np.save(name + ".optimized.npy", outputs(path, cases[0][0]))
        return cases


def quantized(build, **options):
    """Returns a Model. What optimizations of ONNX Runtime change is rounding to 8 bits."""
    return Model(Quantized(Images(build, dynamic=False), **options).write, needs=("ml_dtypes",), agreement=0.1)


MODELS = {
    "resnet18_qdq_u8s8": quantized(resnet18),
    "resnet18_qdq_s8s8": quantized(resnet18, activations="QInt8"),
    "resnet18_qdq_tensor": quantized(resnet18, per_channel=False),
    "resnet18_qlinear": quantized(resnet18, form="QOperator"),
    "mobilenetv2_qdq_u8s8": quantized(mobilenet.build),
}
