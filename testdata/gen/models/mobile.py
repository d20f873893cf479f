"""Networks for phones."""

import mobilenet
from modellib import convolutional

MODELS = {
    "mobilenetv2_op10": convolutional(mobilenet.build, opset=10, fold=False),
}
