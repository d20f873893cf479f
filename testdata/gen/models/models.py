#!/usr/bin/env python3
"""Builds well-known models with random weights as ONNX, inputs for each, and what ONNX Runtime
computes: NAME.onnx, NAME.x0.npy and so on for each input, NAME.y0.npy for each output. A second
case, with other shapes, is NAME.case1.x0.npy. What is there already is kept.

The structure is that of the published models, the weights are not. Each other file of this folder
adds models to the dictionary MODELS. Needs PyTorch, onnx and onnxruntime; a model that needs another
package is left out where that is missing.
"""

import argparse
import importlib
import importlib.util
import os
import pkgutil
import sys
import tempfile
from functools import partial

import numpy as np
import onnxruntime
import torch


def all_models():
    """Returns the models of all files of this folder by name."""
    models = {}
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.append(os.path.join(here, "..", "zoo"))  # for zoolib and the float networks
    for info in pkgutil.iter_modules([here]):
        if info.name != "models":
            found = getattr(importlib.import_module(info.name), "MODELS", {})
            if both := models.keys() & found.keys():
                raise ValueError(f"{info.name}: {', '.join(both)} is in another file too")
            models.update(found)
    return models


def run(path, cases, level):
    """Returns the outputs of ONNX Runtime at a level of graph optimization, for each case."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    runner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [i.name for i in runner.get_inputs()]
    return [runner.run(None, dict(zip(names, case, strict=True))) for case in cases]


def difference(a, b):
    """Returns the largest difference of two arrays as a part of the range of a, at least 1e-30."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return np.abs(a - b).max(initial=0) / max(a.max(initial=0) - a.min(initial=0), 1e-30)


def make(name, model, folder):
    """Writes the files of a model; returns what is wrong with them, or None."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = os.path.join(temporary, name + ".onnx")
        cases = model.write(path)
        plain = (model.expected or partial(run, level="ORT_DISABLE_ALL"))(path, cases)
        fast = run(path, cases, "ORT_ENABLE_ALL")
        worst = 0.0
        for number, (case, outputs) in enumerate(zip(cases, plain)):
            prefix = os.path.join(temporary, f"{name}.case{number}" if number else name)
            for i, x in enumerate(case):
                np.save(f"{prefix}.x{i}.npy", x)
            for i, y in enumerate(outputs):
                np.save(f"{prefix}.y{i}.npy", y)
                if y.dtype.kind == "f" and (not np.isfinite(y).all() or np.ptp(y) == 0):
                    return f"output {i} is constant or not finite"
                if y.shape != fast[number][i].shape:
                    return f"output {i} has shape {y.shape}, optimized {fast[number][i].shape}"
                worst = max(worst, difference(y, fast[number][i]))
        size = sum(os.path.getsize(os.path.join(temporary, f)) for f in os.listdir(temporary))
        shapes = [y.shape for y in plain[0]]
        ranges = [f"{y.min():.3g} to {y.max():.3g}, deviation {y.std():.3g}" for y in plain[0] if y.dtype.kind == "f"]
        print(f"{name}: {size} bytes, outputs {shapes} {ranges}, optimizations change {worst:.1e} of the range")
        if not worst <= model.agreement:
            return f"optimizations of ONNX Runtime change {worst:.1e} of the range"
        # The model is the last: its presence says that all files are there.
        for file in sorted(os.listdir(temporary), key=lambda f: f == name + ".onnx"):
            os.replace(os.path.join(temporary, file), os.path.join(folder, file))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="models, default all")
    parser.add_argument("-o", "--out", default="build/models", help="folder to write to")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    args = parser.parse_args()
    models = all_models()
    if args.list:
        print("\n".join(models))
        return
    unknown = [name for name in args.names if name not in models]
    if unknown:
        parser.error(f"unknown {', '.join(unknown)}; there are {', '.join(models)}")
    os.makedirs(args.out, exist_ok=True)
    torch.set_num_threads(1)  # sums do not depend on the machine
    failed = False
    for name in args.names or models:
        if os.path.exists(os.path.join(args.out, name + ".onnx")):
            print(f"{name}: there already")
            continue
        missing = [p for p in models[name].needs if importlib.util.find_spec(p) is None]
        if missing:
            print(f"{name}: left out, needs the Python package {', '.join(missing)}")
            failed |= bool(args.names)
        elif trouble := make(name, models[name], args.out):
            print(f"{name}: {trouble}", file=sys.stderr)
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
