"""Fashion-MNIST from its IDX files. Needs NumPy only."""

import gzip
import os

import numpy as np

DEFAULT_DIR = "/usr/share/datasets/fashion-mnist"

LABELS = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]

# A network input is float32 pixel / PIXEL_SCALE. 1/256 is a power of two, so the division is
# exact and every runtime starts from the same bits.
PIXEL_SCALE = 256


def read_idx(path):
    """Returns the uint8 array in a gzip-compressed IDX file."""
    with gzip.open(path, "rb") as file:
        raw = file.read()
    if raw[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", rank, 4)
    return np.frombuffer(raw, np.uint8, -1, 4 + 4 * rank).reshape(shape)


def load(directory, split):
    """Returns (images uint8 [N,1,28,28], labels uint8 [N]); split is "train" or "t10k"."""
    images = read_idx(os.path.join(directory, f"{split}-images-idx3-ubyte.gz"))
    labels = read_idx(os.path.join(directory, f"{split}-labels-idx1-ubyte.gz"))
    return images[:, None], labels


def to_input(images):
    """Returns the network input for uint8 images: float32 pixel / 256, same shape."""
    return images.astype(np.float32) / np.float32(PIXEL_SCALE)
