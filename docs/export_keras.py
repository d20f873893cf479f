"""A binarized network with Larq's layers: training steps on random data, and the export.

Run: python export_keras.py
It writes model.onnx and input.npy. Needs tensorflow (up to 2.15), larq and tf2onnx.
"""

import larq as lq
import numpy as np
import tensorflow as tf
import tf2onnx

binary = dict(input_quantizer="ste_sign", kernel_quantizer="ste_sign", kernel_constraint="weight_clip", use_bias=False)

model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(32, 3, padding="same", use_bias=False, input_shape=(28, 28, 1)),
    tf.keras.layers.BatchNormalization(),
    lq.layers.QuantConv2D(64, 3, padding="same", pad_values=1.0, **binary),
    tf.keras.layers.MaxPooling2D(2),
    tf.keras.layers.BatchNormalization(),
    lq.layers.QuantConv2D(64, 3, padding="same", pad_values=1.0, **binary),
    tf.keras.layers.MaxPooling2D(2),
    tf.keras.layers.BatchNormalization(),
    tf.keras.layers.Flatten(),
    lq.layers.QuantDense(10, **binary),
    tf.keras.layers.BatchNormalization(),
])

tf.keras.utils.set_random_seed(0)
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images = np.random.standard_normal((80, 28, 28, 1)).astype(np.float32)
labels = np.random.randint(10, size=80)
model.fit(images, labels, batch_size=16, verbose=0)

signature = [tf.TensorSpec((None, 28, 28, 1), tf.float32, name="input")]
tf2onnx.convert.from_keras(model, signature, output_path="model.onnx")
np.save("input.npy", images[:1])
