"""Networks as the first exporters wrote them: Tiny YOLOv2 (Redmon, Farhadi 2016) from Core ML and
Emotion FerPlus (Barsoum et al. 2016) from CNTK. Weights are inputs of the graph too."""

import numpy as np
import onnx
from modellib import Model, normal
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


class Graph:
    """Collects the nodes and weights of a graph."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def constant(self, array):
        """Adds a weight and returns its name."""
        name = f"Parameter{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def add(self, op, *inputs, **attributes):
        """Adds a node and returns the name of its result."""
        name = f"{op}{len(self.nodes)}_Output_0"
        self.nodes.append(helper.make_node(op, list(inputs), [name], f"{op}{len(self.nodes)}", **attributes))
        return name

    def he(self, *shape):
        """Adds weights that keep the scale of activations: the fan-in is all but the first axis."""
        return self.constant(normal(shape, self.random, np.sqrt(2 / np.prod(shape[1:]))))

    def save(self, path, opset, ir, inputs, outputs):
        """inputs and outputs are lists of a name and a shape."""
        values = [helper.make_tensor_value_info(n, FLOAT, s) for n, s in inputs]
        values += [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in self.weights]
        results = [helper.make_tensor_value_info(n, FLOAT, s) for n, s in outputs]
        graph = helper.make_graph(self.nodes, "graph", values, results, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def write_tinyyolov2(path):
    g = Graph(1)
    channel = {"strides": [1, 1], "dilations": [1, 1], "auto_pad": "SAME_UPPER"}
    x = g.add("Mul", "image", g.constant(np.full(1, 1 / 255, np.float32)))
    x = g.add("Add", x, g.constant(np.array([-0.5, -0.45, -0.4], np.float32).reshape(3, 1, 1)))
    current = 3
    for i, channels in enumerate((16, 32, 64, 128, 256, 512, 1024, 1024)):
        x = g.add("Conv", x, g.he(channels, current, 3, 3), kernel_shape=[3, 3], **channel)
        norms = [g.random.uniform(0.5, 1.5, channels), g.random.normal(0, 0.2, channels)]
        norms += [g.random.normal(0, 0.1, channels), g.random.uniform(0.5, 1.5, channels)]
        names = [g.constant(n.astype(np.float32)) for n in norms]
        x = g.add("BatchNormalization", x, *names, epsilon=1e-3, momentum=0.0)
        x = g.add("LeakyRelu", x, alpha=0.1)
        if i < 6:
            stride = 1 if i == 5 else 2  # the last pads at the right and at the bottom
            x = g.add("MaxPool", x, kernel_shape=[2, 2], strides=[stride, stride], auto_pad="SAME_UPPER")
        current = channels
    bias = g.constant(normal(125, g.random, 0.1))
    g.add("Conv", x, g.he(125, current, 1, 1), bias, kernel_shape=[1, 1], **channel)
    g.nodes[-1].output[0] = "grid"
    g.save(path, 8, 3, [("image", ["None", 3, 416, 416])], [("grid", ["None", 125, 13, 13])])
    return [[g.random.uniform(0, 255, (n, 3, 416, 416)).astype(np.float32)] for n in (1, 2)]


def write_ferplus(path):
    g = Graph(1)
    x = g.add("Sub", "Input3", g.constant(np.full((1, 1, 1), 127.5, np.float32)))
    x = g.add("Div", x, g.constant(np.full((1, 1, 1), 64, np.float32)))
    current = 1
    for count, channels in ((2, 64), (2, 128), (3, 256), (3, 256)):
        for _ in range(count):
            options = {"kernel_shape": [3, 3], "strides": [1, 1], "dilations": [1, 1], "group": 1}
            x = g.add("Conv", x, g.he(channels, current, 3, 3), auto_pad="SAME_UPPER", **options)
            x = g.add("Add", x, g.constant(normal((channels, 1, 1), g.random, 0.1)))
            x = g.add("Relu", x)
            current = channels
        pads = {"pads": [0, 0, 0, 0], "auto_pad": "NOTSET"}
        x = g.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], **pads)
        x = g.add("Dropout", x, ratio=0.25)
    wide = 1024
    shape = [256, 4, 4]
    for i, units in enumerate((wide, wide, 8)):
        inner = int(np.prod(shape))
        weight = g.constant(normal((*shape, units), g.random, np.sqrt(2 / inner)))
        if len(shape) > 1:  # a product over all axes of a map: both operands become matrices
            weight = g.add("Reshape", weight, g.constant(np.array([inner, units], np.int64)))
            x = g.add("Reshape", x, g.constant(np.array([1, inner], np.int64)))
        x = g.add("MatMul", x, weight)
        x = g.add("Add", x, g.constant(normal(units, g.random, 0.1)))
        if i < 2:
            x = g.add("Dropout", g.add("Relu", x), ratio=0.5)
        shape = [units]
    g.nodes[-1].output[0] = "Plus692_Output_0"
    g.save(path, 7, 3, [("Input3", [1, 1, 64, 64])], [("Plus692_Output_0", [1, 8])])
    return [[g.random.uniform(0, 255, (1, 1, 64, 64)).astype(np.float32)]]


MODELS = {
    "tinyyolov2_op8": Model(write_tinyyolov2),
    "emotion_ferplus_op7": Model(write_ferplus),
}
