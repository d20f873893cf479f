"""MobileNetV2 1.0 in float (Sandler et al. 2018): depthwise convolutions between 1x1 ones."""

from torch import nn

import zoolib

# Expansion, output channels, blocks, stride of the first.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def convolution(cin, cout, kernel=1, stride=1, groups=1):
    """Returns the layers of a convolution with BatchNorm and Relu6."""
    return [
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU6(),
    ]


class Block(nn.Module):
    """Expands by a 1x1 convolution, convolves each channel 3x3, and projects by a 1x1 convolution
    without Relu; adds the input if the shapes are equal."""

    def __init__(self, cin, cout, stride, expansion):
        super().__init__()
        wide = cin * expansion
        layers = convolution(cin, wide) if expansion > 1 else []
        layers += convolution(wide, wide, 3, stride, groups=wide)
        layers += convolution(wide, cout)[:2]
        self.layers = nn.Sequential(*layers)
        self.shortcut = stride == 1 and cin == cout

    def forward(self, x):
        return self.layers(x) + x if self.shortcut else self.layers(x)


class Head(nn.Module):
    """Global average and dense layer."""

    def __init__(self, channels):
        super().__init__()
        self.dense = nn.Linear(channels, 1000)

    def forward(self, x):
        return self.dense(zoolib.global_pool(x))


def build():
    """Returns the network with random weights."""
    layers = convolution(3, 32, 3, 2)
    current = 32
    for expansion, channels, blocks, stride in STAGES:
        for i in range(blocks):
            layers.append(Block(current, channels, 1 if i else stride, expansion))
            current = channels
    return nn.Sequential(*layers, *convolution(current, 1280), Head(1280))
