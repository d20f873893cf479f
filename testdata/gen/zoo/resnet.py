"""ResNet-18 in float (He et al. 2015, as PyTorch builds it): a yardstick for the binarized ones."""

from torch import nn
from torch.nn import functional as F

import zoolib

FILTERS = (64, 64, 128, 128, 256, 256, 512, 512)


class Block(nn.Module):
    """Two 3x3 convolutions, each with BatchNorm, and the input added before the second Relu.
    Where the channels change, the stride is 2 and the shortcut a 1x1 convolution."""

    def __init__(self, cin, cout):
        super().__init__()
        stride = 2 if cin != cout else 1
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride=2, bias=False), nn.BatchNorm2d(cout)
            )

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class Head(nn.Module):
    """Global average and dense layer."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(512, 1000)

    def forward(self, x):
        return self.dense(zoolib.global_pool(x))


def build():
    """Returns the network with random weights."""
    layers = [
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
    current = 64
    for channels in FILTERS:
        layers.append(Block(current, channels))
        current = channels
    return nn.Sequential(*layers, Head())
