"""BinaryDenseNet28 (Larq Zoo).

BatchNorm, where(x >= 0, 1, -1), binary 3x3 convolution with zero padding, and the result joined to
the channels of the input.
"""

import torch
from torch import nn
from torch.nn import functional as F

import zoolib


class Block(nn.Module):
    """Adds 64 channels."""

    def __init__(self, cin):
        super().__init__()
        self.norm = nn.BatchNorm2d(cin)
        self.sign = zoolib.Where()
        self.conv = zoolib.BinaryConv(cin, 64)

    def forward(self, x):
        return torch.cat([x, self.conv(self.sign(self.norm(x)))], dim=1)


class Stem(nn.Module):
    """7x7 stride 2, BatchNorm, Relu, MaxPool 3x3 stride 2: the map is a quarter of the input."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(64)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(zoolib.same_pad(x, 7, 2))))
        return F.max_pool2d(x, 3, stride=2, ceil_mode=True)


class Head(nn.Module):
    """BatchNorm, Relu, global average, dense layer, Softmax."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.dense = nn.Linear(channels, 1000)

    def forward(self, x):
        return F.softmax(self.dense(zoolib.global_pool(F.relu(self.norm(x)))), dim=1)


def build(layers=(6, 6, 6, 5), widths=(160, 192, 256)):
    """Returns the network with random weights; widths are the channels behind the transitions."""
    net, channels = [Stem()], 64
    for section, count in enumerate(layers):
        if section:
            width = widths[section - 1]
            net += [nn.BatchNorm2d(channels), nn.MaxPool2d(2), nn.ReLU()]
            net.append(nn.Conv2d(channels, width, 1, bias=False))
            channels = width
        for _ in range(count):
            net.append(Block(channels))
            channels += 64
    return nn.Sequential(*net, Head(channels))
