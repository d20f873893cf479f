#!/usr/bin/env python3
"""Writes the expected outputs of the Fashion-MNIST models, computed by ONNX Runtime.

Each model runs on all 10,000 test images twice: without graph optimizations and with the default
ones. Both must agree, and so must all variants of one network. See README.md for the files.
"""

import argparse
import json
import os
import struct
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

import data

NETS = ("fashion_mlp", "fashion_cnn")
VARIANTS = ("kept_op11", "kept_op17", "folded_op11", "folded_op17")
FEW = 100  # images in images.npy
SUMS = 10  # images in sums_*.npz
OPTIMIZED_TOLERANCE = 1e-4  # of the range of the outputs, for every image
VARIANT_TOLERANCE = 1e-5


def session(model, optimized):
    """Returns a single-threaded CPU session; model is a path or a serialized model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(model, inputs, optimized):
    """Returns the first output for all inputs, computed in batches."""
    runner = session(model, optimized)
    batches = (inputs[i : i + 500] for i in range(0, len(inputs), 500))
    return np.concatenate([runner.run(None, {"input": batch})[0] for batch in batches])


def difference(a, b):
    """Returns the largest difference, relative to the range of a."""
    return float(np.abs(a - b).max() / (a.max() - a.min()))


def binary_layers(model):
    """Yields (output name, |weight| per output channel) of each layer with binary weights.

    Covers Conv, MatMul and Gemm with a constant weight where all weights of an output channel have
    one magnitude. A layer whose weights differ in magnitude is skipped.
    """
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "MatMul", "Gemm") or node.input[1] not in constants:
            continue
        weight = constants[node.input[1]]
        transposed = any(a.name == "transB" and a.i for a in node.attribute)
        if node.op_type == "MatMul" or (node.op_type == "Gemm" and not transposed):
            weight = weight.T
        magnitude = np.abs(weight.reshape(len(weight), -1))
        if (magnitude == magnitude[:, :1]).all() and (magnitude != 0).all():
            yield node.output[0], magnitude[:, 0]


def integer_sums(path, inputs):
    """Returns a dict of int16 arrays, the sums of each binary layer by ONNX tensor name, and for
    a layer with weights +-alpha[c] also float32 "<name>:scale"; the tensor is sum * scale."""
    model = onnx.load(path)
    layers = list(binary_layers(model))
    for name, _ in layers:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    runner = session(model.SerializeToString(), optimized=False)
    values = runner.run([name for name, _ in layers], {"input": inputs})
    arrays = {}
    for (name, alpha), value in zip(layers, values):
        alpha = alpha.astype(np.float32)
        per_channel = alpha.reshape([1, -1] + [1] * (value.ndim - 2))
        sums = np.rint(value / per_channel)
        assert np.abs(value / per_channel - sums).max() < 1e-3, name
        arrays[name] = sums.astype(np.int16)
        if (alpha != 1).any():
            arrays[name + ":scale"] = alpha
        else:
            assert (value == sums).all(), name
    return arrays


def write_png(path, image):
    """Writes a uint8 [H,W] array as an 8-bit grayscale PNG."""
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)

    def chunk(kind, body):
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(rows, 9)))
        file.write(chunk(b"IEND", b""))


def write_inputs(out, images, labels):
    """Writes the files that do not depend on a model."""
    np.save(os.path.join(out, "images.npy"), images[:FEW])
    np.save(os.path.join(out, "images_f32.npy"), data.to_input(images[:FEW]))
    np.save(os.path.join(out, "labels.npy"), labels[:FEW])
    np.savez_compressed(os.path.join(out, "all_labels.npz"), labels=labels)
    write_png(os.path.join(out, "ankle_boot.png"), images[0, 0])
    np.save(os.path.join(out, "ankle_boot.npy"), data.to_input(images[:1]))
    with open(os.path.join(out, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(data.LABELS) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", required=True, help="folder of the .onnx files")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--data", default=data.DEFAULT_DIR, help="folder of the IDX files")
    args = parser.parse_args()

    os.makedirs(args.out, exist_ok=True)
    images, labels = data.load(args.data, "t10k")
    inputs = data.to_input(images)
    write_inputs(args.out, images, labels)

    accuracy = {}
    for net in NETS:
        expected = None
        for variant in VARIANTS:
            name = f"{net}_{variant}"
            path = os.path.join(args.models, name + ".onnx")
            outputs = run(path, inputs, optimized=False)
            if expected is None:
                expected = outputs
            optimized = difference(outputs, run(path, inputs, optimized=True))
            variants = difference(expected, outputs)
            best = outputs.max(axis=1, keepdims=True)
            accuracy[name] = {
                "accuracy": float((outputs.argmax(axis=1) == labels).mean()),
                "images_with_argmax_ties": int(((outputs == best).sum(axis=1) > 1).sum()),
                "difference_with_optimizations": optimized,
                "difference_from_kept_op11": variants,
            }
            print(name, accuracy[name], flush=True)
            assert optimized <= OPTIMIZED_TOLERANCE, name
            assert variants <= VARIANT_TOLERANCE, name
            np.save(os.path.join(args.out, f"logits_{name}.npy"), outputs[:FEW])
        np.savez_compressed(os.path.join(args.out, f"all_{net}.npz"), logits=expected)
        kept = f"{net}_kept_op11"
        sums = integer_sums(os.path.join(args.models, kept + ".onnx"), inputs[:SUMS])
        np.savez_compressed(os.path.join(args.out, f"sums_{kept}.npz"), **sums)
        for name, array in sums.items():
            print(f"  {name} {array.dtype} {array.shape} {array.min()}..{array.max()}")
    with open(os.path.join(args.out, "accuracy.json"), "w", encoding="utf-8") as file:
        json.dump(accuracy, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
