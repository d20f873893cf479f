"""What the models share: how one is described, and the ways to export it."""

import inspect
import os
import warnings
from dataclasses import dataclass
from typing import Callable

import numpy as np
import onnx
import torch
import zoolib


@dataclass
class Model:
    """A model. write(path) writes it with seeded random weights, as ONNX with the file name path, and
    returns its cases: lists of arrays, one for each input of the graph. The first case is measured,
    the others may have other shapes."""

    write: Callable[[str], list]
    needs: tuple = ()  # Python packages beside PyTorch, onnx and onnxruntime
    # Largest difference between runs of ONNX Runtime without and with optimizations, as a part of
    # the range of an output.
    agreement: float = 1e-5
    # expected(path, cases), if there is one, returns the outputs of each case instead of ONNX Runtime
    # without optimizations.
    expected: Callable[[str, list], list] = None


def torch_export(net, arguments, path, opset, names=("input",), outputs=("output",), dynamic=None, fold=True):
    """Writes net by PyTorch's TorchScript exporter. dynamic maps names of inputs and outputs to
    {axis: name}; fold folds each BatchNorm into the convolution before it."""
    mode = torch.onnx.TrainingMode
    options = {
        "opset_version": opset,
        "input_names": list(names),
        "output_names": list(outputs),
        "dynamic_axes": dynamic,
        "training": mode.EVAL if fold else mode.PRESERVE,
        "do_constant_folding": fold,
    }
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of each constant
        torch.onnx.export(net, tuple(arguments), path, **options)


def dynamo_export(net, arguments, path, opset, names=("input",), outputs=("output",), dynamic=None, external=False):
    """Writes net by PyTorch's exporter of captured programs, which needs onnxscript. dynamic is a
    tuple with {axis: torch.export.Dim} or None for each argument; external puts the weights into
    a file beside the model."""
    program = torch.onnx.export(
        net,
        tuple(arguments),
        dynamo=True,
        opset_version=opset,
        input_names=list(names),
        output_names=list(outputs),
        dynamic_shapes=dynamic,
        verbose=False,
    )
    program.save(path, external_data=external)


def convolutional(build, **options):
    """Returns a Model for images [batch,3,size,size]: the network that build() returns, with random
    BatchNorm and statistics that random images give it. The options are those of Images."""
    images = Images(build, **options)
    return Model(images.write, needs=("onnxscript",) if images.dynamo else ())


@dataclass
class Images:
    """A network for images and how it is written."""

    build: Callable[[], torch.nn.Module]
    size: int = 224
    opset: int = 13
    fold: bool = True  # each BatchNorm into the convolution before it
    dynamic: bool = True  # the batch
    dynamo: bool = False  # the exporter of captured programs
    external: bool = False  # the weights are in a file beside the model
    channels_last: bool = False  # images [batch,size,size,3]
    seed: int = 1

    def images(self, count, seed):
        x = zoolib.images(count, self.size, seed)
        return x.permute(0, 2, 3, 1).contiguous() if self.channels_last else x

    def write(self, path):
        torch.manual_seed(self.seed)
        net = self.build()
        zoolib.randomize_norms(net)
        zoolib.set_statistics(net, self.images(4, self.seed))
        net.eval()
        x = self.images(3, self.seed + 1)
        if self.dynamo:
            shapes = ({0: torch.export.Dim("batch")},) if self.dynamic else None
            dynamo_export(net, [x[:2]], path, self.opset, dynamic=shapes, external=self.external)
        else:
            axes = {"input": {0: "batch"}, "output": {0: "batch"}} if self.dynamic else None
            torch_export(net, [x[:1]], path, self.opset, dynamic=axes, fold=self.fold)
            if self.external:
                data = os.path.basename(path) + ".data"
                onnx.save(onnx.load(path), path, save_as_external_data=True, location=data)
        return [[x[:1].numpy()], [x[1:].numpy()]] if self.dynamic else [[x[:1].numpy()]]


def normal(shape, generator, std=1.0):
    """Returns normally distributed float32 numbers of a numpy generator."""
    return (generator.standard_normal(shape) * std).astype(np.float32)
