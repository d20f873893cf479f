"""What the models share: how one is described, and the ways to export it."""

import inspect
import os
import warnings
from dataclasses import dataclass
from functools import partial
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


def convolutional(build, size=224, opset=13, fold=True, dynamic=True, dynamo=False, external=False, seed=1):
    """Returns a Model for images [batch,3,size,size]: the network that build() returns, with random
    BatchNorm and statistics that random images give it."""
    write = partial(_write_convolutional, build, size, opset, fold, dynamic, dynamo, external, seed)
    return Model(write, needs=("onnxscript",) if dynamo else ())


def _write_convolutional(build, size, opset, fold, dynamic, dynamo, external, seed, path):
    torch.manual_seed(seed)
    net = build()
    zoolib.randomize_norms(net)
    zoolib.set_statistics(net, zoolib.images(4, size, seed))
    net.eval()
    example = torch.zeros(2 if dynamo and dynamic else 1, 3, size, size)
    if dynamo:
        shapes = ({0: torch.export.Dim("batch")},) if dynamic else None
        dynamo_export(net, [example], path, opset, dynamic=shapes, external=external)
    else:
        axes = {"input": {0: "batch"}, "output": {0: "batch"}} if dynamic else None
        torch_export(net, [example], path, opset, dynamic=axes, fold=fold)
        if external:
            onnx.save(onnx.load(path), path, save_as_external_data=True, location=os.path.basename(path) + ".data")
    images = zoolib.images(3, size, seed + 1).numpy()
    return [[images[:1]], [images[1:]]] if dynamic else [[images[:1]]]


def normal(shape, generator, std=1.0):
    """Returns normally distributed float32 numbers of a numpy generator."""
    return (generator.standard_normal(shape) * std).astype(np.float32)
