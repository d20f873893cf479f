#!/usr/bin/env python3
"""Builds networks from the literature with random weights as ONNX, an input for each, and what
ONNX Runtime computes: NAME.onnx, NAME.x.npy, NAME.y.npy. What is there already is kept.

The shapes of the layers are those of the published networks, the weights are not. Needs PyTorch,
onnx and onnxruntime.
"""

import argparse
import inspect
import os
import sys
import warnings
from dataclasses import dataclass
from functools import partial
from typing import Callable

import numpy as np
import onnxruntime
import torch

import alexnet
import birealnet
import densenet
import meliusnet
import mobilenet
import quicknet
import reactnet
import realtobinary
import resnet
import resnet_e
import vggsmall
import zoolib


@dataclass
class Network:
    """How a network is built and exported."""

    build: Callable[[], torch.nn.Module]
    size: int = 224  # height and width of the input
    opset: int = 13
    fold: bool = True  # fold BatchNorm into the convolution before it, as PyTorch does by default


NETWORKS = {
    "quicknet_small": Network(partial(quicknet.build, filters=(32, 64, 256, 512))),
    "quicknet": Network(quicknet.build),
    "quicknet_large": Network(partial(quicknet.build, blocks=(6, 8, 12, 6)), opset=11),
    "birealnet18": Network(birealnet.build),
    "birealnet18_authors": Network(partial(birealnet.build, authors=True), opset=11),
    "resnet_e18": Network(resnet_e.build, opset=17, fold=False),
    "binary_densenet28": Network(densenet.build),
    "meliusnet22": Network(meliusnet.build, opset=12),
    "reactnet_a": Network(reactnet.build, opset=11),
    "real_to_binary": Network(realtobinary.build),
    "vgg_small": Network(vggsmall.build, size=32),
    "vgg_small_bnn": Network(vggsmall.build_bnn, size=32, opset=17),
    "vgg_small_irnet": Network(vggsmall.build_irnet, size=32),
    "binary_alexnet": Network(alexnet.binary_alexnet),
    "xnornet": Network(alexnet.xnornet, opset=14),
    "xnornet_k": Network(alexnet.xnornet_k, size=227, opset=12),
    "dorefanet": Network(alexnet.dorefanet),
    "resnet18": Network(resnet.build),
    "mobilenetv2": Network(mobilenet.build, fold=False),
}

# Largest difference between runs of one model, as a part of the range of its outputs. A
# flipped sign gives much more.
AGREEMENT = 1e-5


def export(net, path, network):
    """Writes net as ONNX: input "input" [batch,3,size,size], output "output"."""
    mode = torch.onnx.TrainingMode
    arguments = {
        "opset_version": network.opset,
        "input_names": ["input"],
        "output_names": ["output"],
        "dynamic_axes": {"input": {0: "batch"}, "output": {0: "batch"}},
        "training": mode.EVAL if network.fold else mode.PRESERVE,
        "do_constant_folding": True,
    }
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        arguments["dynamo"] = False
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of each constant
        torch.onnx.export(net, torch.zeros(1, 3, network.size, network.size), path, **arguments)


def run(path, inputs, level):
    """Returns the output of ONNX Runtime at a level of graph optimization."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    runner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return runner.run(None, {"input": inputs})[0]


def make(name, network, folder, seed):
    """Writes the three files of a network; returns what is wrong with them, or None."""
    torch.manual_seed(seed)
    net = network.build()
    zoolib.randomize_norms(net)
    zoolib.set_statistics(net, zoolib.images(8, network.size, seed))
    inputs = zoolib.images(2, network.size, seed + 1)
    margin = zoolib.clear_thresholds(net, inputs)

    path = os.path.join(folder, name)
    export(net, path + ".tmp", network)
    inputs = inputs.numpy()
    plain = run(path + ".tmp", inputs, "ORT_DISABLE_ALL")
    span = float(plain.max() - plain.min())
    with torch.no_grad():
        others = {
            "ONNX Runtime with optimizations": run(path + ".tmp", inputs, "ORT_ENABLE_ALL"),
            "PyTorch": net(torch.from_numpy(inputs)).numpy(),
        }
    print(
        f"{name}: {os.path.getsize(path + '.tmp')} bytes,"
        f" {sum(p.numel() for p in net.parameters())} parameters without running statistics,"
        f" signs keep {margin:.1e} from the thresholds, outputs {plain.shape} range {span:.3g}"
    )
    if not np.isfinite(plain).all() or span == 0:
        return "outputs are constant or not finite"
    for other, result in others.items():
        difference = np.abs(plain - result).max() / span
        print(f"  {other} differs by {difference:.1e} of the range")
        if not difference <= AGREEMENT:
            return f"{other} differs by {difference:.1e} of the range"
    np.save(path + ".x.npy", inputs)
    np.save(path + ".y.npy", plain)
    os.replace(path + ".tmp", path + ".onnx")  # last: its presence says that all are there
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="networks, default all")
    parser.add_argument("--out", default="build/zoo", help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    args = parser.parse_args()
    if args.list:
        print("\n".join(NETWORKS))
        return
    unknown = [name for name in args.names if name not in NETWORKS]
    if unknown:
        parser.error(f"unknown {', '.join(unknown)}; there are {', '.join(NETWORKS)}")
    os.makedirs(args.out, exist_ok=True)
    failed = False
    for name in args.names or NETWORKS:
        if os.path.exists(os.path.join(args.out, name + ".onnx")):
            print(f"{name}: there already")
            continue
        if trouble := make(name, NETWORKS[name], args.out, args.seed):
            print(f"{name}: {trouble}", file=sys.stderr)
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
