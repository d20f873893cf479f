#!/usr/bin/env python3
"""Makes testdata/exports/torch.zip: networks written by both exporters of PyTorch.

Needs torch 2.15.0, onnxscript 0.7.2, onnx 1.23.2 and onnxruntime 1.31.1 (Python 3.11).
"""

import pathlib
import tempfile
import warnings

import torch

import torch_models as nets
from exportlib import Zip, ops

# Each network: its class, its input shape, and what must come out.
MODELS = {
    "mlp": (nets.MLP, (2, 1, 10, 10), ops(bgemm=3)),
    "vgg": (nets.VGG, (2, 3, 12, 12), ops(bconv=2, bgemm=1, conv=1)),
    "step": (nets.Step, (2, 3, 10, 10), ops(bconv=3, conv=1, matmul=1)),
    "bireal": (nets.BiReal, (2, 3, 12, 12), ops(bconv=3, conv=2, matmul=1)),
    "react": (nets.ReAct, (2, 3, 12, 12), ops(bconv=3, conv=1, matmul=1)),
    "quick": (nets.Quick, (2, 3, 12, 12), ops(bconv=4, conv=3, matmul=1)),
    "dorefa": (nets.DoReFa, (2, 3, 10, 10), ops(bconv=2, conv=1, matmul=1)),
}

# The exporters, with the opset that they write by default, an older or a newer one.
EXPORTERS = {
    "script": dict(dynamo=False, dynamic_axes={"input": {0: "batch"}}),
    "script17": dict(dynamo=False, opset_version=17),
    "script_train": dict(dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.PRESERVE, dynamic_axes={"input": {0: "batch"}}),
    "dynamo": dict(dynamo=True, dynamic_shapes=({0: "batch"},)),
    "dynamo25": dict(dynamo=True, opset_version=25, external_data=False),
    "dynamo_plain": dict(dynamo=True, opset_version=18, optimize=False, external_data=False),
}


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    out = Zip("torch")
    for net, (make, shape, expected) in MODELS.items():
        model = nets.settle(make(), shape)
        for how, arguments in EXPORTERS.items():
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "model.onnx"
                torch.onnx.export(model, (torch.zeros(shape),), path, input_names=["input"], output_names=["output"],
                                  verbose=False, **arguments)
                out.add(f"{net}_{how}", path, shape, expected)
    out.write()


if __name__ == "__main__":
    main()
