"""MeliusNet22 (Larq Zoo).

Pairs of a dense block, which adds 64 channels, and an improvement block, which adds to the last 64
channels. Both are BatchNorm, where(x >= 0, 1, -1) and a binary 3x3 convolution with zero padding.
"""

from torch import nn
from torch.nn import functional as F

import densenet
import zoolib


class Improve(nn.Module):
    """Adds the result, with channels of zeros on its left, to the input."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.sign = zoolib.Where()
        self.conv = zoolib.BinaryConv(channels, 64)
        self.rest = channels - 64

    def forward(self, x):
        y = self.conv(self.sign(self.norm(x)))
        return x + F.pad(y, (0, 0, 0, 0, self.rest, 0))


class First(nn.Module):
    """3x3 convolution with stride 2 and TensorFlow's padding."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 32, 3, stride=2, bias=False)

    def forward(self, x):
        return self.conv(zoolib.same_pad(x, 3, 2))


def build(pairs=(4, 5, 4, 4), widths=(160, 224, 256)):
    """Returns the network with random weights; widths are the channels behind the transitions."""
    net = [
        First(), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1, groups=4, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.MaxPool2d(2),
    ]  # fmt: skip
    channels = 64
    for section, count in enumerate(pairs):
        if section:
            width = widths[section - 1]
            net += [nn.BatchNorm2d(channels), nn.MaxPool2d(2), nn.ReLU()]
            net.append(nn.Conv2d(channels, width, 1, bias=False))
            channels = width
        for _ in range(count):
            net += [densenet.Block(channels), Improve(channels + 64)]
            channels += 64
    return nn.Sequential(*net, densenet.Head(channels))
