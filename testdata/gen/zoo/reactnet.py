"""ReActNet-A as the authors' PyTorch code exports: the layers of MobileNet with 3x3 and 1x1 binary
convolutions, learned shifts before the signs, and PReLU between two learned shifts.

Signs and weights carry the arithmetic of their gradients, as Bi-Real-18's.
"""

import torch
from torch import nn

import birealnet

CHANNELS = (32, 64, 128, 128, 256, 256) + (512,) * 6 + (1024,) * 2


class Shift(nn.Module):
    """Adds a learned constant to each channel."""

    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.randn(1, channels, 1, 1) * 0.1)

    def forward(self, x):
        return x + self.bias.expand_as(x)


class ShiftedSign(birealnet.Polynomial):
    """The sign of the input plus a learned constant for each channel."""

    def __init__(self, channels):
        super().__init__()
        self.offset = nn.Parameter(torch.randn(1, channels, 1, 1) * 0.1)

    def forward(self, x):
        return super().forward(x + self.offset.expand_as(x))


class Activation(nn.Module):
    """PReLU with a slope for each channel, shifted on both sides."""

    def __init__(self, channels):
        super().__init__()
        self.before = Shift(channels)
        self.prelu = nn.PReLU(channels)
        self.after = Shift(channels)
        with torch.no_grad():
            self.prelu.weight.uniform_(0.1, 0.4)

    def forward(self, x):
        return self.after(self.prelu(self.before(x)))


class Block(nn.Module):
    """A 3x3 binary convolution, perhaps with stride 2, and a 1x1 one, each with BatchNorm, a
    shortcut and an activation. To double the channels, there are two 1x1 ones side by side."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.sign1 = ShiftedSign(cin)
        self.conv1 = birealnet.ClippedConv(cin, cin, stride)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pool = nn.AvgPool2d(2) if stride == 2 else nn.Identity()
        self.act1 = Activation(cin)
        self.sign2 = ShiftedSign(cin)
        halves = range(cout // cin)
        self.conv2 = nn.ModuleList(birealnet.ClippedConv(cin, cin, 1, kernel=1) for _ in halves)
        self.norm2 = nn.ModuleList(nn.BatchNorm2d(cin) for _ in halves)
        self.act2 = Activation(cout)

    def forward(self, x):
        x = self.act1(self.norm1(self.conv1(self.sign1(x))) + self.pool(x))
        bits = self.sign2(x)
        halves = [norm(conv(bits)) + x for conv, norm in zip(self.conv2, self.norm2)]
        return self.act2(torch.cat(halves, dim=1) if len(halves) > 1 else halves[0])


def build():
    """Returns the network with random weights."""
    net = [nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32)]
    for cin, cout in zip(CHANNELS, CHANNELS[1:]):
        net.append(Block(cin, cout, 2 if cin != cout and cout != 64 else 1))
    return nn.Sequential(*net, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))
