"""A vision transformer, small/16: 12 layers of 384 on 224x224 images, opset 20.

The graph is written node by node as the exporter of PyTorch 2 writes it: LayerNormalization and
Gelu as operators, queries, keys and values out of one product, and the scale of attention on both
sides of it."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIZE, PATCH, WIDTH, HEADS, LAYERS, CLASSES = 224, 16, 384, 6, 12, 1000
TOKENS = (SIZE // PATCH) ** 2 + 1


class Graph:
    """Collects nodes and initializers. With half, weights are stored as float16 and cast."""

    def __init__(self, seed, half=False):
        self.nodes, self.initializers, self.half = [], [], half
        self.random = np.random.default_rng(seed)

    def constant(self, value):
        name = f"const_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def weights(self, value):
        if not self.half:
            return self.constant(value.astype(np.float32))
        return self("Cast", self.constant(value.astype(np.float16)), to=TensorProto.FLOAT)

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def normal(self, *shape, scale=0.05):
        return self.weights(scale * self.random.standard_normal(shape))

    def uniform(self, low, high, *shape):
        return self.weights(self.random.uniform(low, high, shape))

    def __call__(self, op, *inputs, outputs=1, **attributes):
        names = [f"{op}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"node_{op}_{len(self.nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    def norm(self, x):
        scale, bias = self.uniform(0.5, 1.5, WIDTH), self.uniform(-0.2, 0.2, WIDTH)
        return self("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-6)

    def dense(self, x, fan_in, fan_out):
        y = self("MatMul", x, self.normal(fan_in, fan_out))
        return self("Add", y, self.uniform(-0.1, 0.1, fan_out))


def attention(g, x, batch):
    each = WIDTH // HEADS
    parts = g("Concat", batch, g.ints(TOKENS, 3, HEADS, each), axis=0)
    packed = g("Reshape", g.dense(x, WIDTH, 3 * WIDTH), parts, allowzero=1)
    packed = g("Transpose", packed, perm=[2, 0, 3, 1, 4])
    query, key, value = (g("Squeeze", part, g.ints(0)) for part in g("Split", packed, axis=0, num_outputs=3, outputs=3))
    root = g.constant(np.float32(each**-0.25))
    scores = g("MatMul", g("Mul", query, root), g("Mul", g("Transpose", key, perm=[0, 1, 3, 2]), root))
    mixed = g("MatMul", g("Softmax", scores, axis=-1), value)
    mixed = g("Transpose", mixed, perm=[0, 2, 1, 3])
    mixed = g("Reshape", mixed, g("Concat", batch, g.ints(TOKENS, WIDTH), axis=0), allowzero=1)
    return g.dense(mixed, WIDTH, WIDTH)


def model(seed, half=False):
    """Returns the model: input "pixels" [batch,3,224,224], output "logits" [batch,1000]."""
    g = Graph(seed, half)
    patches = g("Conv", "pixels", g.normal(WIDTH, 3, PATCH, PATCH), g.uniform(-0.1, 0.1, WIDTH),
                kernel_shape=[PATCH, PATCH], strides=[PATCH, PATCH], pads=[0, 0, 0, 0], dilations=[1, 1], group=1)
    batch = g("Shape", "pixels", start=0, end=1)
    patches = g("Reshape", patches, g("Concat", batch, g.ints(WIDTH, TOKENS - 1), axis=0), allowzero=1)
    patches = g("Transpose", patches, perm=[0, 2, 1])
    first = g("Expand", g.normal(1, 1, WIDTH, scale=1), g("Concat", batch, g.ints(1, WIDTH), axis=0))
    x = g("Add", g("Concat", first, patches, axis=1), g.normal(1, TOKENS, WIDTH, scale=0.5))
    for _ in range(LAYERS):
        x = g("Add", x, attention(g, g.norm(x), batch))
        y = g("Gelu", g.dense(g.norm(x), WIDTH, 4 * WIDTH), approximate="none")
        x = g("Add", x, g.dense(y, 4 * WIDTH, WIDTH))
    x = g("Gather", g.norm(x), g.constant(np.array(0, np.int64)), axis=1)
    g.nodes.append(helper.make_node("Gemm", [x, g.normal(CLASSES, WIDTH), g.uniform(-0.1, 0.1, CLASSES)],
                                    ["logits"], name="node_head", alpha=1.0, beta=1.0, transB=1))
    graph = helper.make_graph(
        g.nodes, "main_graph",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", CLASSES])], g.initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
