#!/usr/bin/env python3
"""Makes testdata/exported.zip: small .lce models, a digest of the ONNX model that lce-convert makes of
each, and what ONNX Runtime computes with that.

    go build -o bin/ ./tools/lce-convert && python3 testdata/gen/exported.py --convert bin/lce-convert

The models are networks of testdata/patterns and testdata/models, converted. A model is refused
where onnx does not accept the exported one, or ONNX Runtime's outputs differ from those with the
network it comes from by more than LIMIT of their range. Needs the Python packages numpy, onnx and
onnxruntime.
"""

import argparse
import hashlib
import io
import json
import pathlib
import subprocess
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime

from roundtrip import LIMIT, difference, run

DATA = pathlib.Path(__file__).resolve().parent.parent
DATE = (2020, 1, 1, 0, 0, 0)  # of all members, so that the same content gives the same bytes

# By the zip of testdata/patterns.
PATTERNS = {
    "branches": 2,
    "dense": 2,
    "geometry": 4,
    "padding": 4,
    "quantized": 2,
    "signs": 3,
    "ternary": 3,
    "thresholds": 3,
    "transposed": 2,
    "weights": 2,
}
MODELS = "fashion_cnn_folded_op17", "fashion_mlp_kept_op11"


def networks():
    """Yields names, models and inputs by name."""
    for topic, count in PATTERNS.items():
        with zipfile.ZipFile(DATA / "patterns" / f"{topic}.zip") as archive:
            index = json.loads(archive.read("index.json"))
            names = [n for n, p in sorted(index.items()) if "options" not in p and f"{n}.onnx.data" not in archive.namelist()]
            # Spread over the topic.
            for name in names[:: max(len(names) // count, 1)][:count]:
                arrays = {i: np.load(io.BytesIO(archive.read(f"{name}.0.{i}.npy"))) for i in index[name]["inputs"]}
                yield f"{topic}_{name}", archive.read(f"{name}.onnx"), arrays
    images = np.load(DATA / "fashion" / "images_f32.npy")[:2]
    for name in MODELS:
        yield name, (DATA / "models" / f"{name}.onnx").read_bytes(), {"input": images}


def npy(array):
    """Returns the bytes of a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--convert", required=True, help="the program lce-convert")
    args = parser.parse_args()
    members, index = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        source, lce, again = (pathlib.Path(folder) / n for n in ("a.onnx", "a.lce", "b.onnx"))
        for name, model, arrays in networks():
            source.write_bytes(model)
            for a, b in (source, lce), (lce, again):
                subprocess.run([args.convert, "-q", a, "-o", b], check=True)
            onnx.checker.check_model(str(again))
            level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            order = [i.name for i in onnx.load(source).graph.input if i.name in arrays]
            want = run(source, [arrays[n] for n in order], level)
            got = run(again, [arrays[n] for n in order], level)
            worst = max(difference(got[n], want[n]) for n in want)
            if got.keys() != want.keys() or not worst <= LIMIT:
                raise ValueError(f"{name}: the exported model differs by {worst} of the range")
            digest = hashlib.sha256(again.read_bytes()).hexdigest()
            index[name] = {"sha256": digest, "inputs": order, "outputs": list(got)}
            members[f"{name}.lce"] = lce.read_bytes()
            members |= {f"{name}.in{i}.npy": npy(arrays[n]) for i, n in enumerate(order)}
            members |= {f"{name}.out{i}.npy": npy(y) for i, y in enumerate(got.values())}
    members["index.json"] = json.dumps(index, indent=1).encode()
    path = DATA / "exported.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    print(f"{len(index)} models, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
