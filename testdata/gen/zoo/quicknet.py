"""QuickNet in its three sizes (Larq Zoo).

Signs are where(x >= 0, 1, -1). Binary convolutions are 3x3 with explicit padding of +1, weights
+-1, then Relu, BatchNorm and a residual addition.
"""

import torch
from torch import nn
from torch.nn import functional as F

import zoolib


class Block(nn.Module):
    """Sign, Pad(+1), binary 3x3 convolution, Relu, BatchNorm, and the input added."""

    def __init__(self, channels):
        super().__init__()
        self.sign = zoolib.Where()
        self.weight = nn.Parameter(zoolib.signs((channels, channels, 3, 3)))
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = F.conv2d(F.pad(self.sign(x), (1, 1, 1, 1), value=1.0), self.weight)
        return self.norm(F.relu(y)) + x


class Stem(nn.Module):
    """3x3 stride 2, depthwise 3x3 stride 2, 1x1: the map is a quarter of the input."""

    def __init__(self, channels):
        super().__init__()
        narrow = channels // 4
        self.conv = nn.Conv2d(3, narrow, 3, stride=2, bias=False)
        self.norm1 = nn.BatchNorm2d(narrow, eps=1e-3)
        self.depthwise = nn.Conv2d(narrow, narrow, 3, stride=2, groups=narrow, bias=False)
        self.norm2 = nn.BatchNorm2d(narrow, eps=1e-3, affine=False)
        self.widen = nn.Conv2d(narrow, channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels, eps=1e-3)

    def forward(self, x):
        x = F.relu(self.norm1(self.conv(zoolib.same_pad(x, 3, 2))))
        x = self.norm2(self.depthwise(zoolib.same_pad(x, 3, 2)))
        return self.norm3(self.widen(x))


class Transition(nn.Module):
    """Relu, MaxPool 2x2 stride 1, a fixed blur with stride 2, 1x1, BatchNorm."""

    def __init__(self, cin, cout):
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0])
        blur = (row[:, None] * row / 16).expand(cin, 1, 3, 3).clone()
        self.blur = nn.Parameter(blur, requires_grad=False)
        self.conv = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = F.max_pool2d(F.relu(x), 2, stride=1)
        x = F.conv2d(zoolib.same_pad(x, 3, 2), self.blur, stride=2, groups=x.shape[1])
        return self.norm(self.conv(x))


class Head(nn.Module):
    """Relu, global average, dense layer, Softmax."""

    def __init__(self, channels, classes):
        super().__init__()
        self.dense = nn.Linear(channels, classes)

    def forward(self, x):
        return F.softmax(self.dense(zoolib.global_pool(F.relu(x))), dim=1)


def build(blocks=(4, 4, 4, 4), filters=(64, 128, 256, 512)):
    """Returns the network with random weights."""
    layers = [Stem(filters[0])]
    for section, (count, channels) in enumerate(zip(blocks, filters)):
        if section:
            layers.append(Transition(filters[section - 1], channels))
        layers += [Block(channels) for _ in range(count)]
    layers.append(Head(filters[-1], 1000))
    return nn.Sequential(*layers)
