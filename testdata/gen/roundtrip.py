#!/usr/bin/env python3
"""Converts ONNX models to .lce and exports them to ONNX again, and compares what ONNX Runtime
computes with both on the inputs that are beside them, with its graph optimizations and without.

    roundtrip.py --convert bin/lce-convert build/zoo/*.onnx

Inputs are NAME.x.npy, or NAME.x0.npy and so on. Needs the Python packages numpy, onnx and
onnxruntime. Exits with 1 where an output differs by more than LIMIT of its range, or where onnx
does not accept an exported model.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

LIMIT = 1e-5  # of the range of an output


def inputs(path):
    """Returns the inputs of a network, in order."""
    single = path.with_suffix(".x.npy")
    if single.exists():
        return [np.load(single)]
    numbered = (path.with_suffix(f".x{i}.npy") for i in itertools.count())
    return [np.load(p) for p in itertools.takewhile(pathlib.Path.exists, numbered)]


def run(path, arrays, level):
    """Returns the outputs of ONNX Runtime by name."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, dict(zip(names, arrays, strict=True)))))


def difference(got, want):
    """Returns the largest difference as a part of the range, infinity for another type or shape."""
    if got.dtype != want.dtype or got.shape != want.shape:
        return np.inf
    got, want = got.astype(np.float64), want.astype(np.float64)
    span = want.max(initial=-np.inf) - want.min(initial=np.inf)
    worst = np.abs(got - want).max(initial=0)
    return worst / span if worst > 0 else 0.0


def roundtrip(convert, path, folder):
    """Prints a line about a network; returns the largest difference."""
    lce, again = folder / "model.lce", folder / "again.onnx"
    for source, target in (path, lce), (lce, again):
        subprocess.run([convert, "-q", source, "-o", target], check=True)
    onnx.checker.check_model(str(again))
    graph = onnx.load(again).graph
    transposes = sum(n.op_type == "Transpose" for n in graph.node)
    arrays, worst = inputs(path), []
    for level in "ORT_DISABLE_ALL", "ORT_ENABLE_ALL":
        level = getattr(onnxruntime.GraphOptimizationLevel, level)
        want, got = run(path, arrays, level), run(again, arrays, level)
        if got.keys() != want.keys():
            raise ValueError(f"{path.stem}: outputs {list(got)}, want {list(want)}")
        worst.append(max(difference(got[name], want[name]) for name in want))
    print(f"{path.stem:24} differs by {worst[0]:.1e} of the range, optimized {worst[1]:.1e}; "
          f"{len(graph.node)} nodes, {transposes} of them Transpose", flush=True)
    return max(worst)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--convert", required=True, help="the program lce-convert")
    parser.add_argument("models", nargs="+", type=pathlib.Path, metavar="FILE.onnx")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        worst = [roundtrip(args.convert, path, pathlib.Path(folder)) for path in args.models]
    if not max(worst) <= LIMIT:
        sys.exit(f"the largest difference is {max(worst):.1e} of the range, at most {LIMIT:.0e} is allowed")


if __name__ == "__main__":
    main()
