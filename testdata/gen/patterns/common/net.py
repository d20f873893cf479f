"""Net builds the graph of a case."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

IR_VERSIONS = {9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}


class Net:
    """Builds a graph; values are names. seed is any text, most often the name of the case."""

    def __init__(self, seed, opset=13):
        self.rng = np.random.default_rng(sum(seed.encode()) * 7919 + len(seed))
        self.opset = opset
        self.domains = []
        self.nodes, self.initializers, self.count = [], [], 0
        self.inputs, self.outputs = [], []

    def name(self, hint):
        self.count += 1
        return f"{hint}{self.count}"

    def const(self, value, dtype=np.float32):
        """An initializer."""
        name = self.name("c")
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def constant(self, value, dtype=np.float32):
        """A Constant node, as torch writes constants."""
        out = self.name("constant")
        tensor = numpy_helper.from_array(np.asarray(value, dtype), out + "_value")
        self.nodes.append(helper.make_node("Constant", [], [out], name=out + "_node", value=tensor))
        return out

    def op(self, kind, *inputs, outputs=1, **attributes):
        """A node called <its first output>_node; gives its output, or a list of several."""
        out = [self.name(kind.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), out, name=out[0] + "_node", **attributes))
        return out[0] if outputs == 1 else out

    def signs(self, *shape):
        return self.rng.choice(np.float32([-1, 1]), size=shape)

    def eighths(self, *shape):
        """Multiples of 1/8 from -1/2 to 1/2, zeros among them."""
        return self.rng.integers(-4, 5, size=shape).astype(np.float32) / 8

    def input(self, name, shape, dtype=TensorProto.FLOAT):
        """A graph input; dimensions that vary are texts."""
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value, rank=4, dtype=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(value, dtype, ["N", "C", "H", "W", "D"][:rank]))

    def finish(self, ir_version=None):
        """The model with the inputs and outputs so far."""
        graph = helper.make_graph(self.nodes, "net", self.inputs, self.outputs, self.initializers)
        imports = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 1) for d in self.domains]
        return helper.make_model(graph, opset_imports=imports, ir_version=ir_version or IR_VERSIONS[self.opset])

    def model(self, x_shape, out, rank=4):
        """The model with the one input x and one output."""
        self.input("x", x_shape)
        self.output(out, rank)
        return self.finish()
