"""Bi-Real-18 in two forms.

larq: as in Larq Zoo. Signs are ONNX Sign, binary convolutions have TensorFlow's padding and constant
weights +-alpha[c].

authors: as the authors' PyTorch code exports. The activation's gradient, a piecewise polynomial, is
in the graph as sign(x) - f(x) + f(x), and so is the weights': alpha*sign(w) - clip(w) + clip(w).
"""

import torch
from torch import nn
from torch.nn import functional as F

import zoolib

FILTERS = (64,) * 4 + (128,) * 4 + (256,) * 4 + (512,) * 4


class Polynomial(zoolib.Binarizer):
    """sign(x), with the arithmetic of the polynomial that its gradient comes from."""

    def forward(self, x):
        below = (x < -1).float()
        negative = (x < 0).float()
        small = (x < 1).float()
        f = -1 * below + (x * x + 2 * x) * (1 - below)
        f = f * negative + (-x * x + 2 * x) * (1 - negative)
        f = f * small + 1 * (1 - small)
        return torch.sign(x).detach() - f.detach() + f


class ClippedConv(nn.Module):
    """A convolution that makes its weights +-mean|w| in the graph, gradient by clipping."""

    def __init__(self, cin, cout, stride, kernel=3):
        super().__init__()
        self.shape = (cout, cin, kernel, kernel)
        self.stride = stride
        self.pad = kernel // 2
        self.weight = nn.Parameter(zoolib.latent(cout * cin * kernel**2, 1))

    def forward(self, x):
        w = self.weight.view(self.shape)
        alpha = w.abs()
        for axis in (3, 2, 1):
            alpha = alpha.mean(axis, keepdim=True)
        clipped = torch.clamp(w, -1.0, 1.0)
        w = (alpha * torch.sign(w)).detach() - clipped.detach() + clipped
        return F.conv2d(x, w, stride=self.stride, padding=self.pad)


class Block(nn.Module):
    """Sign, binary 3x3 convolution, BatchNorm, and the input added. Where the channels change,
    the stride is 2 and the shortcut is AveragePool 2x2, a float 1x1 convolution and BatchNorm."""

    def __init__(self, cin, cout, authors):
        super().__init__()
        stride = 2 if cin != cout else 1
        eps = 1e-5 if authors else 1e-3
        if authors:
            self.sign = Polynomial()
            self.conv = ClippedConv(cin, cout, stride)
        else:
            self.sign = zoolib.Sign()
            self.conv = zoolib.BinaryConv(cin, cout, stride=stride, magnitudes=(0.01, 0.05))
        self.norm = nn.BatchNorm2d(cout, eps=eps)
        if stride == 2:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2), nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout, eps=eps)
            )
        else:
            self.shortcut = None

    def forward(self, x):
        y = self.norm(self.conv(self.sign(x)))
        return y + (self.shortcut(x) if self.shortcut else x)


class Stem(nn.Module):
    """7x7 stride 2, BatchNorm, MaxPool 3x3 stride 2: the map is a quarter of the input."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 7, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(64, eps=1e-3)

    def forward(self, x):
        x = self.norm(self.conv(zoolib.same_pad(x, 7, 2)))
        return F.max_pool2d(x, 3, stride=2, ceil_mode=True)


class Head(nn.Module):
    """Global average, dense layer, Softmax."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(512, 1000)

    def forward(self, x):
        return F.softmax(self.dense(zoolib.global_pool(x)), dim=1)


def build(authors=False):
    """Returns the network with random weights."""
    if authors:
        stem = [
            nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)]
    else:
        stem, head = [Stem()], [Head()]
    blocks = []
    current = 64
    for channels in FILTERS:
        blocks.append(Block(current, channels, authors))
        current = channels
    return nn.Sequential(*stem, *blocks, *head)
