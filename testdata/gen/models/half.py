"""Models with float16 weights and activations, and with a file for each tensor.

ONNX Runtime computes some operators of float16 in float16 and rounds between all of them. What is
expected of these models is therefore what it computes of the same graph in float32, with
the weights and inputs as float16 has them; that its own float16 is near shows that the
graph is the same."""

import os
from functools import partial

import mobile
import numpy as np
import onnx
import onnxruntime
import plain
import residual
import sequences
from modellib import Model
from onnx import TensorProto, helper, numpy_helper

HALF, FLOAT = TensorProto.FLOAT16, TensorProto.FLOAT
NUMPY = {HALF: np.float16, FLOAT: np.float32}


def tensors(model):
    """The initializers and the constants of nodes."""
    yield from model.graph.initializer
    for node in model.graph.node:
        yield from (a.t for a in node.attribute if a.type == onnx.AttributeProto.TENSOR)


def retype(model, source, target):
    """Changes the element type of all values of the type source, and of Casts to it."""
    for tensor in tensors(model):
        if tensor.data_type == source:
            values = numpy_helper.to_array(tensor).astype(NUMPY[target])
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    for node in model.graph.node:
        for a in node.attribute:
            if node.op_type == "Cast" and a.name == "to" and a.i == source:
                a.i = target
    for value in (*model.graph.input, *model.graph.output):
        if value.type.tensor_type.elem_type == source:
            value.type.tensor_type.elem_type = target
    del model.graph.value_info[:]


def in_float(path, cases):
    """What ONNX Runtime computes of a float16 model in float32, in the types of its outputs."""
    model = onnx.load(path)
    types = [NUMPY[o.type.tensor_type.elem_type] for o in model.graph.output]
    names = [i.name for i in model.graph.input]
    retype(model, HALF, FLOAT)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = []
    for case in cases:
        wide = [x.astype(np.float32) if x.dtype == np.float16 else x for x in case]
        results.append([y.astype(t) for y, t in zip(session.run(None, dict(zip(names, wide))), types)])
    return results


def half_weights(write, path):
    """Float weights as float16, with a Cast in front of their readers."""
    cases = write(path)
    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == FLOAT:
            name, tensor.name = tensor.name, tensor.name + "_half"
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
            casts.append(helper.make_node("Cast", [tensor.name], [name], name=name + "_cast", to=FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)
    return cases


def half_inside(write, path):
    """All in float16 but the inputs and outputs, as tools that convert models do it. The inputs have
    numbers of float16, as in_float does not round them."""
    cases = write(path)
    model = onnx.load(path)
    retype(model, FLOAT, HALF)
    graph = model.graph
    first, last = [], []
    for values, casts in ((graph.input, first), (graph.output, last)):
        for value in values:
            if value.type.tensor_type.elem_type != HALF:
                continue
            value.type.tensor_type.elem_type = FLOAT
            inner = value.name + "_half"
            for node in graph.node:
                for names in (node.input, node.output):
                    for i, name in enumerate(names):
                        if name == value.name:
                            names[i] = inner
            ends = (value.name, inner, HALF) if casts is first else (inner, value.name, FLOAT)
            casts.append(helper.make_node("Cast", [ends[0]], [ends[1]], name=f"cast_{value.name}", to=ends[2]))
    nodes = first + list(graph.node) + last
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)
    return [[x.astype(np.float16).astype(np.float32) if x.dtype == np.float32 else x for x in case] for case in cases]


def half_all(write, path):
    """All in float16, as PyTorch writes a network after half()."""
    cases = write(path)
    model = onnx.load(path)
    retype(model, FLOAT, HALF)
    onnx.save(model, path)
    return [[x.astype(np.float16) if x.dtype == np.float32 else x for x in case] for case in cases]


def many_files(write, path):
    """Each initializer in a file of its own, in a folder beside the model."""
    cases = write(path)
    model = onnx.load(path)
    folder = os.path.basename(path).removesuffix(".onnx") + ".files"
    os.makedirs(os.path.join(os.path.dirname(path), folder))
    for i, tensor in enumerate(model.graph.initializer):
        data = numpy_helper.to_array(tensor).tobytes()
        with open(os.path.join(os.path.dirname(path), folder, f"{i}.bin"), "wb") as f:
            f.write(data)
        tensor.raw_data = data
        onnx.external_data_helper.set_external_data(tensor, f"{folder}/{i}.bin", 0, len(data))
        tensor.ClearField("raw_data")
    onnx.save(model, path)
    return cases


def half(write, model=None):
    # ONNX Runtime's float16 is less exact the deeper the model is.
    return Model(write, needs=model.needs if model else (), expected=in_float, agreement=0.05)


RESNET, MOBILE = residual.MODELS["resnet18_op16"], mobile.MODELS["mobilenetv3_large_op15"]
VIT, SQUEEZE = sequences.MODELS["vit_small"], plain.MODELS["squeezenet11_op12"]

MODELS = {
    "resnet18_half_weights_op16": Model(partial(half_weights, RESNET.write)),
    "resnet18_half_op16": half(partial(half_all, RESNET.write)),
    "mobilenetv3_half_inside_op15": half(partial(half_inside, MOBILE.write), MOBILE),
    "vit_small_half_inside": half(partial(half_inside, VIT.write), VIT),
    "squeezenet11_many_files": Model(partial(many_files, SQUEEZE.write)),
}
