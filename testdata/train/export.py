"""Writes a trained network as four ONNX files: BatchNorm kept or folded, opset 11 or 17.

kept_op11    weights are constants, +-1 or +-alpha[c]; BatchNormalization nodes as trained
kept_op17    as above; a net with scaled weights computes its binary weights in the graph,
             from float initializers
folded_op*   each BatchNorm right behind a conv or dense layer is folded into it, so its weights
             are +-a[c] with both signs of a and a bias; all other BatchNorms stay
"""

import copy
import inspect
import os
import warnings
from collections import OrderedDict

import onnx
import torch
from torch import nn

from nets import BinaryLinear, BinaryWeight

OPSETS = (11, 17)


def _fold_dense(net):
    """Returns a copy of net where BinaryLinear + BatchNorm1d is one nn.Linear with a bias.

    The exporter of PyTorch folds a BatchNorm into a convolution by itself, but not into a dense
    layer.
    """
    folded = OrderedDict()
    modules = list(copy.deepcopy(net).named_children())
    while modules:
        name, module = modules.pop(0)
        following = modules[0][1] if modules else None
        if isinstance(module, BinaryLinear) and isinstance(following, nn.BatchNorm1d):
            modules.pop(0)
            module = _merge(module, following)
        folded[name] = module
    return nn.Sequential(folded)


@torch.no_grad()
def _merge(linear, norm):
    slope = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = linear.binary.frozen.double()
    merged = nn.Linear(weight.shape[1], weight.shape[0])
    merged.weight.copy_(weight * slope[:, None])
    merged.bias.copy_(norm.bias.double() - norm.running_mean.double() * slope)
    return merged


def _export(net, path, opset, keep):
    arguments = {
        "opset_version": opset,
        "input_names": ["input"],
        "output_names": ["output"],
        "dynamic_axes": {"input": {0: "batch"}, "output": {0: "batch"}},
        "training": torch.onnx.TrainingMode.PRESERVE if keep else torch.onnx.TrainingMode.EVAL,
        "do_constant_folding": True,
    }
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        arguments["dynamo"] = False
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of each constant
        torch.onnx.export(net, torch.zeros(1, 1, 28, 28), path, **arguments)
    onnx.checker.check_model(onnx.load(path), full_check=True)


def export_all(net, name, out):
    """Writes the four files of a frozen network into folder out and returns their paths."""
    weights = [m for m in net.modules() if isinstance(m, BinaryWeight)]
    folded = _fold_dense(net)
    paths = []
    for opset in OPSETS:
        for keep in (True, False):
            in_graph = keep and opset >= 17 and any(w.scaled for w in weights)
            for weight in weights:
                weight.in_graph = in_graph
            path = os.path.join(out, f"{name}_{'kept' if keep else 'folded'}_op{opset}.onnx")
            _export(net if keep else folded, path, opset, keep)
            paths.append(path)
    return paths
