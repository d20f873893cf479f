"""The Real-to-Binary network (Larq Zoo): a residual network whose binary convolutions are scaled by
gates that are computed from their input at run time."""

import torch
from torch import nn
from torch.nn import functional as F

import zoolib


class Half(nn.Module):
    """BatchNorm, sign, binary 3x3 convolution times a gate for each channel, PReLU, and the
    input added."""

    def __init__(self, cin, cout):
        super().__init__()
        stride = 2 if cin != cout else 1
        self.norm = nn.BatchNorm2d(cin, eps=1e-3)
        self.sign = zoolib.Where()
        self.conv = zoolib.BinaryConv(cin, cout, stride=stride)
        self.squeeze = nn.Linear(cin, cin // 8, bias=False)
        self.excite = nn.Linear(cin // 8, cout, bias=False)
        self.prelu = nn.PReLU(cout)
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2), nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout, eps=1e-3)
            )

    def forward(self, x):
        u = self.norm(x)
        gate = F.relu(self.squeeze(zoolib.global_pool(u)))
        gate = torch.sigmoid(self.excite(gate))[:, :, None, None]
        return self.prelu(self.conv(self.sign(u)) * gate) + self.shortcut(x)


class Stem(nn.Module):
    """7x7 stride 2, BatchNorm, PReLU, MaxPool 3x3 stride 2: the map is a quarter of the input."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(64, eps=1e-3)
        self.prelu = nn.PReLU(64)

    def forward(self, x):
        x = self.prelu(self.norm(self.conv(zoolib.same_pad(x, 7, 2))))
        return F.max_pool2d(x, 3, stride=2, ceil_mode=True)


class Head(nn.Module):
    """Global average, dense layer, Softmax."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(512, 1000)

    def forward(self, x):
        return F.softmax(self.dense(zoolib.global_pool(x)), dim=1)


def build():
    """Returns the network with random weights."""
    net, current = [Stem()], 64
    for channels in (64,) * 4 + (128,) * 4 + (256,) * 4 + (512,) * 4:
        net.append(Half(current, channels))
        current = channels
    return nn.Sequential(*net, Head())
