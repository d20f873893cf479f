#!/usr/bin/python3
"""Writes testdata/ops/cases.json: ONNX's node tests in terms of the .lce vocabulary.

Needs Debian's python3-onnx and libonnx-testdata (ONNX 1.12). Each case has an op
name, its options by the field names of package schema, and the inputs and expected
outputs. Maps of convolutions and pools are NHWC here, weights OHWI; of pools only
the first channel is kept, because channels do not mix.

    testdata/gen/opcases.py [FOLDER_OF_NODE_TESTS]
"""
import base64
import glob
import json
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper

NODES = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/libonnx-testdata/data/node"
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ops", "cases.json")

DTYPES = {
    "float32": "Float32", "float16": "Float16", "float64": "Float64", "int8": "Int8", "uint8": "Uint8",
    "int16": "Int16", "uint16": "Uint16", "int32": "Int32", "uint32": "Uint32", "int64": "Int64",
    "uint64": "Uint64", "bool": "Bool",
}
UNARY = ["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh", "Clip", "Neg", "Abs", "Sqrt", "Exp", "Log", "Round",
         "Sign", "Not"]
BINARY = ["Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "PRelu", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
          "Equal", "And", "Or"]
TYPES = ["Invalid"] + ["Float32", "Float16", "Float64", "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Int64",
                       "Uint64", "Bool"]
ARITHMETIC = {"float32", "float64", "int32", "int64"}


class Skip(Exception):
    """The case is outside of what an op of the vocabulary takes by itself."""


def window(a, shape, kernel):
    """Strides, Dilations and Pads of a window over an NCHW map."""
    strides, dilations = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    pads = a.get("pads", [0, 0, 0, 0])
    auto = a.get("auto_pad", b"NOTSET").decode()
    if auto.startswith("SAME"):
        pads = [0, 0, 0, 0]
        for i in range(2):
            size = shape[2 + i]
            total = max((-(-size // strides[i]) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size, 0)
            small, large = total // 2, total - total // 2
            pads[i], pads[2 + i] = (small, large) if auto == "SAME_UPPER" else (large, small)
    size = lambda v: {"H": v[0], "W": v[1]}
    return {"Strides": size(strides), "Dilations": size(dilations),
            "Pads": {"Top": pads[0], "Left": pads[1], "Bottom": pads[2], "Right": pads[3]}}


def ints(values):
    return np.array(values, dtype=np.int64)


def convert(node, opset, ins, outs):
    """The op name, options, inputs and outputs of a case."""
    a = {x.name: onnx.helper.get_attribute_value(x) for x in node.attribute}
    op = node.op_type
    nhwc = lambda x: np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    if op in ("MaxPool", "AveragePool"):
        if ins[0].ndim != 4 or len(outs) != 1:
            raise Skip
        k = a["kernel_shape"]
        o = window(a, ins[0].shape, k)
        o |= {"Kind": int(op == "AveragePool"), "Kernel": {"H": k[0], "W": k[1]}, "CeilMode": bool(a.get("ceil_mode", 0)),
              "CountIncludePad": bool(a.get("count_include_pad", 0))}
        return "Pool2D", o, [nhwc(ins[0][:, :1])], [nhwc(outs[0][:, :1])]
    if op == "Conv":
        if ins[0].ndim != 4:
            raise Skip
        o = window(a, ins[0].shape, ins[1].shape[2:])
        o |= {"Groups": a.get("group", 1)}
        w = np.ascontiguousarray(ins[1].transpose(0, 2, 3, 1))
        return "Conv2D", o, [nhwc(ins[0]), w] + ins[2:], [nhwc(outs[0])]
    if op == "MatMul":
        return op, {}, ins, outs
    if op in ("ReduceMean", "ReduceSum", "ReduceMax"):
        if len(ins) == 1 and a.get("axes"):
            ins = [ins[0], ints(a["axes"])]
        o = {"Kind": ["ReduceMean", "ReduceSum", "ReduceMax"].index(op), "KeepDims": bool(a.get("keepdims", 1)),
             "NoopWithEmptyAxes": bool(a.get("noop_with_empty_axes", 0))}
        return "Reduce", o, ins, outs
    if op in ("Softmax", "LogSoftmax"):
        return "Softmax", {"Axis": a.get("axis", -1), "Log": op == "LogSoftmax"}, ins, outs
    if op == "Clip":
        if ins[0].dtype != np.float32:
            raise Skip
        bounds = [float(v) for v in ins[1:] if v is not None]
        if len(ins) != 3 or len(bounds) != 2:
            raise Skip
        return "Unary", {"Kind": UNARY.index(op), "Alpha": bounds[0], "Beta": bounds[1]}, ins[:1], outs
    if op in UNARY:
        defaults = {"LeakyRelu": (0.01, 0), "HardSigmoid": (0.2, 0.5)}.get(op, (0, 0))
        o = {"Kind": UNARY.index(op), "Alpha": a.get("alpha", defaults[0]), "Beta": a.get("beta", defaults[1])}
        return "Unary", o, ins, outs
    if op in BINARY:
        if len(ins) != 2:
            raise Skip
        if op not in ("And", "Or", "Equal") and not {str(x.dtype) for x in ins} <= ARITHMETIC:
            raise Skip
        return "Binary", {"Kind": BINARY.index(op)}, ins, outs
    if op == "Where":
        return "Select", None, ins, outs
    if op == "Cast":
        return op, {"To": TYPES.index(DTYPES[str(outs[0].dtype)])}, ins, outs
    if op == "Reshape":
        return op, {"AllowZero": bool(a.get("allowzero", 0))}, ins, outs
    if op == "Flatten":
        return op, {"Axis": a.get("axis", 1)}, ins, outs
    if op in ("Squeeze", "Unsqueeze", "Expand", "Slice"):
        if op != "Expand" and "axes" in a:
            ins = ins + [ints(a["axes"])]
        return op, None, ins, outs
    if op == "Transpose":
        return op, {"Perm": list(a.get("perm", []))}, ins, outs
    if op in ("Concat", "Gather", "Split"):
        return op, {"Axis": a.get("axis", 0)}, ins, outs
    if op == "Pad":
        modes = [b"constant", b"reflect", b"edge"]
        return op, {"Mode": modes.index(a.get("mode", b"constant"))}, ins, outs
    if op == "ConstantOfShape":
        value = numpy_helper.to_array(a["value"]) if "value" in a else np.zeros(1, np.float32)
        return "Fill", None, [ins[0], value], outs
    if op == "Shape":
        return op, {"Start": a.get("start", 0), "End": a.get("end", 2**63 - 1)}, ins, outs
    raise Skip


def tensor(x):
    if x is None:
        return None
    name = DTYPES.get(str(x.dtype))
    if name is None:
        raise Skip
    little = x.astype(x.dtype.newbyteorder("<"))
    return {"dtype": name, "shape": list(x.shape), "data": base64.b64encode(little.tobytes()).decode()}


def load(path):
    t = onnx.TensorProto()
    with open(path, "rb") as f:
        t.ParseFromString(f.read())
    if t.data_type in (onnx.TensorProto.UNDEFINED, onnx.TensorProto.BFLOAT16, onnx.TensorProto.STRING):
        raise Skip
    return numpy_helper.to_array(t)


def case(folder):
    model = onnx.load(os.path.join(folder, "model.onnx"))
    if len(model.graph.node) != 1:
        raise Skip
    node = model.graph.node[0]
    values = {}
    for kind, ports in (("input", model.graph.input), ("output", model.graph.output)):
        for i, port in enumerate(ports):
            if port.type.tensor_type.elem_type == onnx.TensorProto.BFLOAT16:
                raise Skip
            values[port.name] = load(f"{folder}/test_data_set_0/{kind}_{i}.pb")
    ins = [values.get(n) for n in node.input]
    outs = [values[n] for n in node.output if n]
    op, options, ins, outs = convert(node, model.opset_import[0].version, ins, outs)
    return {"name": os.path.basename(folder).removeprefix("test_"), "op": op, "options": options,
            "inputs": [tensor(x) for x in ins], "outputs": [tensor(x) for x in outs]}


def main():
    cases = []
    for folder in sorted(glob.glob(NODES + "/test_*")):
        if folder.endswith("_expanded"):
            continue
        try:
            cases.append(case(folder))
        except (Skip, ValueError, OSError):
            continue
    with open(OUT, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(len(cases), "cases")


main()
