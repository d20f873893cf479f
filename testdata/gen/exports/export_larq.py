#!/usr/bin/env python3
"""Makes testdata/exports/larq.zip: Keras models with Larq's layers, converted by tf2onnx.

Needs tensorflow-cpu 2.15.1, larq 0.14.0, tf2onnx 1.17.0, onnx 1.17.0 and onnxruntime
1.31.1 (Python 3.11).
"""

import os
import pathlib
import re
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import larq as lq
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from exportlib import Zip, ops

layers = tf.keras.layers


def binary(**more):
    return dict(input_quantizer="ste_sign", kernel_quantizer="ste_sign", kernel_constraint="weight_clip", use_bias=False, **more)


def norm():
    return layers.BatchNormalization(momentum=0.999)


def tutorial():
    """Larq's first example: convolutions without padding, MaxPool, dense layers."""
    return tf.keras.Sequential([
        lq.layers.QuantConv2D(16, 3, kernel_quantizer="ste_sign", kernel_constraint="weight_clip", use_bias=False, input_shape=(14, 14, 1)),
        layers.MaxPooling2D(2),
        norm(),
        lq.layers.QuantConv2D(33, 3, **binary()),
        norm(),
        lq.layers.QuantConv2D(32, 3, **binary()),
        norm(),
        layers.Flatten(),
        lq.layers.QuantDense(32, **binary()),
        norm(),
        lq.layers.QuantDense(10, **binary()),
        norm(),
        layers.Activation("softmax"),
    ])


def quicknet():
    """Residual layers with padding of +1, Relu and BatchNorm; a blur in front of a stride."""
    def residual(x):
        y = lq.layers.QuantConv2D(x.shape[-1], 3, padding="same", pad_values=1.0, activation="relu", **binary())(x)
        return layers.add([norm()(y), x])

    image = x = layers.Input((12, 12, 3))
    x = norm()(layers.Conv2D(16, 3, strides=1, padding="same", use_bias=False)(x))
    x = residual(residual(x))
    x = layers.Activation("relu")(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False, name="blur")(x)
    x = norm()(layers.Conv2D(32, 1, use_bias=False)(x))
    x = residual(residual(x))
    x = layers.GlobalAveragePooling2D()(layers.Activation("relu")(x))
    return tf.keras.Model(image, layers.Dense(10)(x))


def magnitude():
    """Scaled weights, other signs, zero padding, strides."""
    image = x = layers.Input((13, 13, 3))
    x = norm()(layers.Conv2D(16, 3, padding="same")(x))
    for quantizer, stride in ("approx_sign", 1), ("swish_sign", 2), ("ste_sign", 1):
        x = lq.layers.QuantConv2D(24, 3, strides=stride, padding="same", input_quantizer=quantizer,
                                  kernel_quantizer="magnitude_aware_sign", kernel_constraint="weight_clip")(x)
        x = norm()(x)
    x = layers.Flatten()(layers.MaxPooling2D(2)(x))
    return tf.keras.Model(image, lq.layers.QuantDense(10, input_quantizer="ste_sign", kernel_quantizer="magnitude_aware_sign")(x))


def kinds():
    """Depthwise, separable, transposed and dilated convolutions."""
    image = x = layers.Input((9, 9, 3))
    x = norm()(layers.Conv2D(20, 3, padding="same")(x))
    x = norm()(lq.layers.QuantDepthwiseConv2D(3, padding="same", input_quantizer="ste_sign", depthwise_quantizer="ste_sign", use_bias=False)(x))
    x = norm()(lq.layers.QuantConv2D(20, 3, dilation_rate=2, padding="same", **binary())(x))
    x = norm()(lq.layers.QuantSeparableConv2D(24, 3, padding="same", input_quantizer="ste_sign", depthwise_quantizer="ste_sign",
                                              pointwise_quantizer="ste_sign", use_bias=False)(x))
    x = norm()(lq.layers.QuantConv2DTranspose(16, 2, strides=2, **binary())(x))
    return tf.keras.Model(image, layers.GlobalAveragePooling2D()(x))


def conv1d():
    """A series: QuantConv1D."""
    return tf.keras.Sequential([
        layers.Conv1D(16, 5, padding="same", input_shape=(40, 2)),
        norm(),
        lq.layers.QuantConv1D(32, 3, padding="same", pad_values=1.0, **binary()),
        norm(),
        lq.layers.QuantConv1D(32, 3, strides=2, padding="same", **binary()),
        norm(),
        layers.GlobalAveragePooling1D(),
        lq.layers.QuantDense(6, **binary()),
    ])


def dorefa():
    """DoReFa activations of one bit, 0 and 1, with binary weights."""
    image = x = layers.Input((10, 10, 3))
    x = norm()(layers.Conv2D(16, 3, padding="same")(x))
    for _ in range(2):
        x = lq.layers.QuantConv2D(24, 3, padding="same", input_quantizer=lq.quantizers.DoReFa(k_bit=1, mode="activations"),
                                  kernel_quantizer="ste_sign", use_bias=False)(x)
        x = norm()(x)
    return tf.keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def ternary():
    """Ternary weights behind binary activations."""
    image = x = layers.Input((10, 10, 3))
    x = norm()(layers.Conv2D(16, 3, padding="same")(x))
    for _ in range(2):
        x = lq.layers.QuantConv2D(24, 3, padding="same", input_quantizer="ste_sign", kernel_quantizer="ste_tern", use_bias=False)(x)
        x = norm()(x)
    return tf.keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


# Of each model the function that makes it, and what must come out. A transposed
# convolution of 2x2 and stride 2 becomes four layers. The pointwise half of a separable
# one reads sums, not signs: it is float in Larq too.
MODELS = {
    "tutorial": (tutorial, ops(bconv=2, bgemm=2, conv=1)),
    "quicknet": (quicknet, ops(bconv=4, conv=3, matmul=1)),
    "magnitude": (magnitude, ops(bconv=3, bgemm=1, conv=1)),
    "kinds": (kinds, ops(bconv=7, conv=2)),
    "conv1d": (conv1d, ops(bconv=2, bgemm=1, conv=1)),
    "ternary": (ternary, ops(bconv=2, conv=1, matmul=1)),
    "dorefa": (dorefa, ops(bconv=2, conv=1, matmul=1)),
}

EXPORTERS = {"": {}, "_opset18": {"opset": 18}, "_nchw": {"opset": 13, "inputs_as_nchw": True}}


def settle(model):
    """Gives a model weights on a coarse grid, which take few bytes in a zip, and
    BatchNorm statistics and factors of both signs as after a training."""
    rng = np.random.default_rng(1)
    for layer in model.layers:
        values = []
        for w in layer.weights:
            coarse = np.float32((rng.integers(-15, 15, w.shape) + 0.5) / 16)
            name = w.name
            if "blur" in name:
                blur = np.float32([1, 2, 1])
                coarse = np.broadcast_to((blur[:, None] * blur / 16)[:, :, None, None], w.shape)
            elif "gamma" in name:
                coarse = np.where(np.arange(w.shape[0]) % 5 == 0, -1, 1) * (1.5 + coarse / 2)
            elif "variance" in name:
                coarse = np.exp2(rng.integers(-1, 6, w.shape)) + 0.5
            elif "mean" in name or "beta" in name:
                coarse = coarse / 3
            values.append(np.float32(coarse))
        layer.set_weights(values)


def stable(path):
    """Numbers names in the order in which they come. TensorFlow keeps one of several equal
    constants, by chance the one or the other, and tf2onnx counts on from there."""
    model = onnx.load(path)
    g = model.graph
    numbers = {}

    def renumbered(name):
        return re.sub(r"__(\d+)", lambda m: f"__{numbers.setdefault(m[1], len(numbers))}", name)

    constants = {i.name: i for i in g.initializer}
    names = {}
    for node in g.node:
        for i, name in enumerate(node.input):
            if name in constants:
                node.input[i] = names.setdefault(name, f"constant_{len(names)}")
    for name, new in names.items():
        constants[name].name = new
    del g.initializer[:]
    g.initializer.extend(constants[name] for name in names)
    for node in g.node:
        node.name = renumbered(node.name)
        for names in (node.input, node.output):
            names[:] = [renumbered(n) for n in names]
    del g.value_info[:]
    for value in (*g.input, *g.output):
        value.name = renumbered(value.name)
        for d in value.type.tensor_type.shape.dim:
            if d.dim_param:
                d.dim_param = renumbered(d.dim_param)
    onnx.save(model, path)


def main():
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    out = Zip("larq")
    for name, (make, expected) in MODELS.items():
        tf.keras.backend.clear_session()
        model = make()
        settle(model)
        shape = model.input_shape[1:]
        signature = [tf.TensorSpec((None, *shape), tf.float32, name="input")]
        for how, arguments in EXPORTERS.items():
            nchw = arguments.get("inputs_as_nchw")
            if nchw and len(shape) != 3:
                continue
            options = {k: v for k, v in arguments.items() if k != "inputs_as_nchw"}
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "model.onnx"
                tf2onnx.convert.from_keras(model, signature, output_path=path, inputs_as_nchw=["input"] if nchw else None, **options)
                stable(path)
                fed = (2, shape[2], *shape[:2]) if nchw else (2, *shape)
                out.add(name + how, path, fed, expected)
    out.write()


if __name__ == "__main__":
    main()
