#!/usr/bin/env python3
"""Makes testdata/importer/types.zip: the cases of importer.py, and ONNX's node tests, in float16 and float64.

Of each version of an operator the first case is taken that ONNX Runtime runs in the type: values that
are float32 in the original get the other type, where the operators allow it. Needs the Python
packages onnx and onnxruntime, and Debian's libonnx-testdata.
"""

import collections
import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper

import importer

NODES = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/libonnx-testdata/data/node"
TYPES = {"half": (TensorProto.FLOAT16, np.float16), "double": (TensorProto.DOUBLE, np.float64)}
# What ONNX Runtime computes in a way of its own.
LEFT_OUT = {("Sign", "half"): "gives 0 for NaN, and NaN for other floats"}
PER_VERSION = 1  # cases of each version of an operator in each type


def opset_of(model):
    return next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)


def schema_of(node, opset):
    return onnx.defs.get_schema(node.op_type, opset, node.domain)


def fixed(model):
    """The values that some operator wants to be float32."""
    names = set()
    for node in model.graph.node:
        schema = schema_of(node, opset_of(model))
        for values, params in ((node.input, schema.inputs), (node.output, schema.outputs)):
            for i, name in enumerate(values):
                if params and params[min(i, len(params) - 1)].type_str == "tensor(float)":
                    names.add(name)
    return names


def retyped(model, inputs, onnx_type, np_type):
    """The model and its inputs in another type, None if nothing changes."""
    keep = fixed(model)
    other = onnx.ModelProto()
    other.CopyFrom(model)
    graph = other.graph
    changed = False
    feeds = []
    for value, x in zip(graph.input, inputs, strict=True):
        if x.dtype == np.float32 and value.name not in keep:
            value.type.tensor_type.elem_type = onnx_type
            x, changed = x.astype(np_type), True
        feeds.append(x)
    for tensor in list(graph.initializer) + [a.t for n in graph.node for a in n.attribute if a.type == onnx.AttributeProto.TENSOR]:
        if tensor.data_type == TensorProto.FLOAT and tensor.name not in keep:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np_type), tensor.name))
            changed = True
    for value in graph.output:
        value.ClearField("type")
    graph.ClearField("value_info")
    return (other, feeds) if changed else None


def run(model, inputs):
    """ONNX Runtime's results, None if it cannot run the model."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        return session.run(None, {i.name: x for i, x in zip(model.graph.input, inputs, strict=True)})
    except Exception:  # the bindings have no narrower class for what they refuse
        return None


def node_tests():
    """ONNX's node tests of one operator, as name, model and inputs."""
    for folder in sorted(glob.glob(os.path.join(NODES, "*"))):
        model = onnx.load(os.path.join(folder, "model.onnx"))
        if not all(i.type.HasField("tensor_type") for i in model.graph.input):
            continue
        files = sorted(glob.glob(os.path.join(folder, "test_data_set_0", "input_*.pb")))
        inputs = [numpy_helper.to_array(onnx.load_tensor(f)) for f in files]
        if len(inputs) == len(model.graph.input):
            yield os.path.basename(folder).removeprefix("test_"), model, inputs


def supported():
    """The operators of docs/operators.md."""
    page = (importer.OUT.parent.parent / "docs" / "operators.md").read_text()
    return {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")}


def sources():
    importer.fill()
    yield from ((name, model, inputs) for name, model, inputs, _ in importer.cases)
    yield from node_tests()


def main():
    have = collections.Counter()
    cases = []
    names = supported()
    for name, model, inputs in sources():
        graph = model.graph
        if len(graph.node) != 1 or sum(x.nbytes for x in inputs) > 20_000 or opset_of(model) < 7:
            continue
        node = graph.node[0]
        if node.op_type not in names:
            continue
        try:
            schema = schema_of(node, opset_of(model))
        except onnx.defs.SchemaError:
            continue
        for kind, types in TYPES.items():
            key = node.op_type, schema.since_version, kind
            if (node.op_type, kind) in LEFT_OUT or have[key] >= PER_VERSION or name.endswith(("_half", "_double")) or (made := retyped(model, inputs, *types)) is None:
                continue
            results = run(*made)
            if results is None or not any(x.dtype == types[1] for x in [*made[1], *results]):
                continue
            have[key] += 1
            cases.append((f"{node.op_type.lower()}_{schema.since_version}_{kind}", *made, results))
    importer.write(importer.OUT / "types.zip", sorted(cases, key=lambda c: c[0]))


if __name__ == "__main__":
    main()
