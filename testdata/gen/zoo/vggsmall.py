"""VGG-small for 32x32 images: six 3x3 convolutions of 128, 128, 256, 256, 512, 512 channels, a MaxPool
behind each second one, and dense layers.

build: the form of most papers. The first convolution and the one dense layer are float.

build_bnn: the network of the first paper on BNNs. All weights are binary, those of the first layer
too, and there are three dense layers. Convolution, pool, BatchNorm, clipping, sign.

build_irnet: as IR-Net's PyTorch code exports. Weights are made in the graph: standardized, sign, and
scaled by a power of two for each channel.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

import zoolib


class Balanced(nn.Module):
    """IR-Net's 3x3 convolution."""

    def __init__(self, cin, cout):
        super().__init__()
        self.weight = nn.Parameter(zoolib.latent(cout, cin, 3, 3))

    def forward(self, x):
        count = self.weight.shape[0]
        w = self.weight - self.weight.view(count, -1).mean(-1).view(count, 1, 1, 1)
        w = w / w.view(count, -1).std(-1).view(count, 1, 1, 1)
        exponent = (torch.log(w.abs().view(count, -1).mean(-1)) / math.log(2)).round().float()
        scale = torch.pow(torch.tensor([2] * count).float(), exponent).view(count, 1, 1, 1)
        return F.conv2d(x, torch.sign(w) * scale.detach(), padding=1)


def build(classes=10):
    """Returns the network with random weights."""
    layers = [nn.Conv2d(3, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128)]
    for cin, cout, pool in ((128, 128, 1), (128, 256, 0), (256, 256, 1), (256, 512, 0), (512, 512, 1)):
        layers += [zoolib.Where(), zoolib.BinaryConv(cin, cout)]
        layers += [nn.MaxPool2d(2)] * pool + [nn.BatchNorm2d(cout)]
    layers += [nn.ReLU(), nn.Flatten(), nn.Linear(512 * 16, classes)]
    return nn.Sequential(*layers)


def build_bnn(classes=10):
    """Returns the network with random weights."""
    layers = [zoolib.BinaryConv(3, 128), nn.BatchNorm2d(128), nn.Hardtanh()]
    for cin, cout, pool in ((128, 128, 1), (128, 256, 0), (256, 256, 1), (256, 512, 0), (512, 512, 1)):
        layers += [zoolib.Where(), zoolib.BinaryConv(cin, cout)]
        layers += [nn.MaxPool2d(2)] * pool + [nn.BatchNorm2d(cout), nn.Hardtanh()]
    layers.append(nn.Flatten())
    for cin, cout in ((512 * 16, 1024), (1024, 1024), (1024, classes)):
        layers += [zoolib.Where(), zoolib.BinaryDense(cin, cout), nn.BatchNorm1d(cout), nn.Hardtanh()]
    layers[-1] = nn.LogSoftmax(dim=1)
    return nn.Sequential(*layers)


def build_irnet(classes=10):
    """Returns the network with random weights."""
    layers = [nn.Conv2d(3, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128), nn.Hardtanh()]
    for cin, cout, pool in ((128, 128, 1), (128, 256, 0), (256, 256, 1), (256, 512, 0), (512, 512, 1)):
        layers += [zoolib.Sign(), Balanced(cin, cout)]
        layers += [nn.MaxPool2d(2)] * pool + [nn.BatchNorm2d(cout), nn.Hardtanh()]
    layers += [nn.Flatten(), nn.Linear(512 * 16, classes)]
    return nn.Sequential(*layers)
