"""BinaryResNetE18 (Larq Zoo).

Signs are where(x >= 0, 1, -1). Binary convolutions are 3x3 with zero padding and weights +-1, then
BatchNorm and a residual addition.
"""

from torch import nn
from torch.nn import functional as F

import zoolib

FILTERS = (64,) * 4 + (128,) * 4 + (256,) * 4 + (512,) * 4


class Block(nn.Module):
    """Sign, binary 3x3 convolution, BatchNorm, and the input added. Where the channels change,
    the stride is 2 and the shortcut is AveragePool 2x2, a float 1x1 convolution and BatchNorm."""

    def __init__(self, cin, cout):
        super().__init__()
        stride = 2 if cin != cout else 1
        self.sign = zoolib.Where()
        self.conv = zoolib.BinaryConv(cin, cout, stride=stride)
        self.norm = nn.BatchNorm2d(cout)
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2), nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout)
            )

    def forward(self, x):
        return self.norm(self.conv(self.sign(x))) + self.shortcut(x)


class Stem(nn.Module):
    """7x7 stride 2, BatchNorm, Relu, MaxPool 3x3 stride 2, and a second BatchNorm."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.norm2 = nn.BatchNorm2d(64)

    def forward(self, x):
        x = F.relu(self.norm1(self.conv(zoolib.same_pad(x, 7, 2))))
        return self.norm2(F.max_pool2d(x, 3, stride=2, ceil_mode=True))


class Head(nn.Module):
    """Relu, global average, dense layer, Softmax."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(512, 1000)

    def forward(self, x):
        return F.softmax(self.dense(zoolib.global_pool(F.relu(x))), dim=1)


def build():
    """Returns the network with random weights."""
    layers = [Stem()]
    current = 64
    for channels in FILTERS:
        layers.append(Block(current, channels))
        current = channels
    return nn.Sequential(*layers, Head())
