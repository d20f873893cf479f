"""What quicknet.py and birealnet.py share: statistics, export and the check."""

import argparse
import inspect
import os
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def same_pad(x, kernel, stride, value=0.0):
    """Pads an NCHW tensor as TensorFlow's SAME does: the odd row and column go to the end."""
    amounts = []
    for size in (int(x.shape[3]), int(x.shape[2])):  # int: a constant in the exported graph
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        amounts += [total // 2, total - total // 2]
    return F.pad(x, amounts, value=value) if any(amounts) else x


def signs(shape):
    """Returns a random tensor of -1 and +1."""
    return torch.where(torch.rand(shape) < 0.5, -1.0, 1.0)


def images(count, size, seed):
    """Returns random images [count,3,size,size] with much energy at low frequencies, each colour
    with mean about 0 and standard deviation about 1."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(count, 3, size, size)
    for octave in range(2, 8):
        cells = min(2**octave, size)
        noise = torch.randn(count, 3, cells, cells, generator=generator)
        noise = F.interpolate(noise, size=(size, size), mode="bilinear", align_corners=False)
        total += noise / octave
    return (total - total.mean()) / total.std()


def randomize_norms(net):
    """Gives each BatchNorm with parameters a random gamma and beta; about 1 gamma in 50 is
    negative."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.affine:
            with torch.no_grad():
                count = module.num_features
                module.weight.uniform_(0.5, 1.5)
                module.weight[torch.rand(count) < 0.02] *= -1
                module.bias.normal_(std=0.2)


def set_statistics(net, inputs):
    """Sets the running mean and variance of each BatchNorm from one pass over inputs.

    In that pass each BatchNorm normalizes by the statistics it is just taking, so the layers behind
    it see what they see later in evaluation mode.
    """
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    with torch.no_grad():
        net(inputs)
    net.eval()


def export(net, path, opset, fold, size):
    """Writes net as ONNX: input "input" [batch,3,size,size], output "output"."""
    arguments = {
        "opset_version": opset,
        "input_names": ["input"],
        "output_names": ["output"],
        "dynamic_axes": {"input": {0: "batch"}, "output": {0: "batch"}},
        "training": torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE,
        "do_constant_folding": True,
    }
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        arguments["dynamo"] = False
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of each constant
        torch.onnx.export(net, torch.zeros(1, 3, size, size), path, **arguments)


def check(path, inputs, expected):
    """Runs ONNX Runtime with and without graph optimizations and prints the differences.

    Prints a message instead where ONNX Runtime is not installed. Differences are reported, not
    judged: one activation within a rounding error of 0 may flip, and move the output a lot.
    """
    try:
        import onnxruntime
    except ImportError:
        print("check skipped: onnxruntime is not installed")
        return
    outputs = []
    for level in ("ORT_DISABLE_ALL", "ORT_ENABLE_ALL"):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        runner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        outputs.append(runner.run(None, {"input": inputs})[0])
    plain, optimized = outputs
    span = plain.max() - plain.min()
    print(f"output {plain.shape}, range {span:.3g}, finite {bool(np.isfinite(plain).all())}")
    print(f"with optimizations: differs by {np.abs(plain - optimized).max() / span:.2e} of it")
    if expected is not None:
        print(f"PyTorch: differs by {np.abs(plain - expected).max() / span:.2e} of it")


def main(build, name, description):
    """The command line of a generator; build() returns the network with seeded weights."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", default=f"build/zoo/{name}.onnx")
    parser.add_argument("--opset", type=int, default=13)
    parser.add_argument("--fold", action="store_true", help="fold BatchNorm into convolutions")
    parser.add_argument("--size", type=int, default=224, help="height and width of the input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="run the file by ONNX Runtime")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    net = build()
    randomize_norms(net)
    set_statistics(net, images(8, args.size, args.seed))
    export(net, args.out, args.opset, args.fold, args.size)
    print(f"{args.out} {os.path.getsize(args.out)} bytes")
    print(f"{sum(p.numel() for p in net.parameters())} parameters without running statistics")
    if args.check:
        inputs = images(2, args.size, args.seed + 1)
        with torch.no_grad():
            expected = net(inputs).numpy()
        check(args.out, inputs.numpy(), expected)
