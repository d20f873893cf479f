"""What the scripts of the exporters share: inputs, expected outputs, and the zip.

A zip holds, for each case, <case>.onnx as the exporter wrote it but for what
portable() says, <case>.onnx.data if the exporter put weights there, <case>.0.<input>.npy,
<case>.0.out<i>.npy, and index.json with what must come out of the conversion.
"""

import io
import json
import pathlib
import re
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parents[2] / "exports"
FLOATS = 2e-5  # the tolerance, as a part of an output's range
CLEAR = 1e-5  # how far values keep from thresholds, as a part of the tensor's largest


def ops(bconv=0, bgemm=0, conv=0, matmul=0, **more):
    """How many operators must come out. Others, and those of more, by name."""
    return {"BConv2D": bconv, "BGEMM": bgemm, "Conv2D": conv, "MatMul": matmul, **more}


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def distances(node, value):
    """How far the values that a node compares are from where its result changes."""
    if not node.input:
        return None
    x = value(node.input[0])
    if x.dtype != np.float32:
        return None
    match node.op_type:
        case "Sign":
            return x
        case "BipolarQuant":
            return x
        case "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual":
            return x - value(node.input[1])
        case "Round" | "QuantizeLinear" | "Quant":
            if node.op_type != "Round":
                x = x / value(node.input[1])
            return x - np.floor(x) - 0.5
    return None


def closest(nodes, value):
    """The smallest distance of a value from its threshold, as a part of the largest
    value of the tensor. Values that lie on it do not count: sums of integers and
    behind a Relu are exact."""
    least = 1.0
    for node in nodes:
        if any(not i for i in node.input):
            continue
        d = distances(node, value)
        if d is not None and (d := np.abs(d[d != 0])).size:
            least = min(least, float(d.min() / max(d.max(), np.abs(value(node.input[0])).max())))
    return least


def results(model, feed):
    """Outputs of ONNX Runtime, and the closest distance to a threshold."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    watched = {i for n in model.graph.node for i in n.input if i and i not in constants and i not in feed}
    outputs = [o.name for o in model.graph.output]
    watched = sorted(watched - set(outputs))
    probe.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in watched)
    got = session(probe).run(None, feed)
    values = {**constants, **feed, **dict(zip(outputs + watched, got))}
    return session(model).run(None, feed), closest(model.graph.node, values.__getitem__)


def portable(model):
    """Takes folders out of the names of source files in the metadata that dynamo writes."""
    g = model.graph
    for item in [model, g, *g.node, *g.input, *g.output, *g.value_info, *g.initializer]:
        for p in item.metadata_props:
            p.value = re.sub(r'File "[^"]*/(site-packages/|(?=[^"/]*"))', 'File "', p.value)
    return model


def npy(array):
    data = io.BytesIO()
    np.save(data, np.asarray(array))
    return data.getvalue()


class Zip:
    """The zip of one exporter."""

    def __init__(self, name):
        OUT.mkdir(exist_ok=True)
        self.path, self.index = OUT / f"{name}.zip", {}
        self.members = {}

    def add(self, case, path, shape, expected_ops, make=None, run=results, tolerance=FLOATS):
        """Adds the file that an exporter wrote. make gives values of the shape from a
        random generator. Inputs are tried until all values keep clear of thresholds."""
        path = pathlib.Path(path)
        model = onnx.load(path)
        name = model.graph.input[0].name
        for seed in range(100):
            rng = np.random.default_rng(seed)
            x = make(rng, shape) if make else rng.standard_normal(shape, np.float32)
            outputs, least = run(model, {name: x})
            if least > CLEAR:
                break
        else:
            raise ValueError(f"{case}: no input keeps clear of the thresholds, the last by {least}")
        stored = portable(onnx.load(path, load_external_data=False))
        data = path.with_name(path.name + ".data")
        if data.exists():
            for t in stored.graph.initializer:
                for entry in t.external_data:
                    if entry.key == "location":
                        entry.value = f"{case}.onnx.data"
            self.members[f"{case}.onnx.data"] = data.read_bytes()
        self.members[f"{case}.onnx"] = stored.SerializeToString(deterministic=True)
        self.members[f"{case}.0.{name}.npy"] = npy(x)
        for i, y in enumerate(outputs):
            self.members[f"{case}.0.out{i}.npy"] = npy(y)
        if case in self.index:
            raise ValueError(f"two cases are called {case}")
        self.index[case] = {"inputs": [name], "runs": 1, "outputs": len(outputs), "ops": expected_ops, "tolerance": tolerance}

    def write(self):
        self.members["index.json"] = json.dumps(self.index, indent=1).encode()
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for name, data in self.members.items():
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                z.writestr(info, data)
        print(f"{self.path.name}: {len(self.index)} models, {self.path.stat().st_size} bytes")
