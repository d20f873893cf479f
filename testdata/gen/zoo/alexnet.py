"""The three binarized AlexNets: BinaryAlexNet, XNOR-Net and DoReFa-Net with 1-bit activations."""

import torch
from torch import nn
from torch.nn import functional as F

import zoolib


def _pool():
    return nn.MaxPool2d(3, stride=2)


def binary_alexnet():
    """Returns BinaryAlexNet of Larq Zoo: all weights are +-1, those of the first layer too."""
    layers = [
        zoolib.BinaryConv(3, 64, 11, stride=4), _pool(), _norm(64),
        zoolib.Where(), zoolib.BinaryConv(64, 192, 5), _pool(), _norm(192),
        zoolib.Where(), zoolib.BinaryConv(192, 384), _norm(384),
        zoolib.Where(), zoolib.BinaryConv(384, 384), _norm(384),
        zoolib.Where(), zoolib.BinaryConv(384, 256), _pool(), _norm(256),
        nn.Flatten(),
    ]  # fmt: skip
    for cin, cout in ((9216, 4096), (4096, 4096), (4096, 1000)):
        layers += [zoolib.Where(), zoolib.BinaryDense(cin, cout), nn.BatchNorm1d(cout, eps=1e-3)]
    return nn.Sequential(*layers, nn.Softmax(dim=1))


def _norm(channels, eps=1e-3):
    return nn.BatchNorm2d(channels, eps=eps)


class Scaled(nn.Module):
    """Convolution with weights mean|w|*sign(w), made in the graph."""

    def __init__(self, cin, cout, kernel, pad):
        super().__init__()
        self.weight = nn.Parameter(zoolib.latent(cout, cin, kernel, kernel))
        self.pad = pad

    def forward(self, x):
        alpha = self.weight.abs().mean((1, 2, 3), keepdim=True)
        return F.conv2d(x, alpha * torch.sign(self.weight), padding=self.pad)


def xnornet():
    """Returns XNOR-Net of Larq Zoo: weights +-alpha[c], activations without a scale; the dense
    layers are convolutions."""

    def unit(cin, cout, kernel, pad, pool=False):
        layers = [zoolib.Where(), Scaled(cin, cout, kernel, pad)]
        return layers + [_pool()] * pool + [_norm(cout, 1e-4)]

    return nn.Sequential(
        _SameConv(3, 96, 11, 4), _norm(96, 1e-5), nn.ReLU(), _pool(), _norm(96, 1e-4),
        *unit(96, 256, 5, 2, pool=True), *unit(256, 384, 3, 1), *unit(384, 384, 3, 1),
        *unit(384, 256, 3, 1, pool=True), *unit(256, 4096, 6, 0), *unit(4096, 4096, 1, 0),
        nn.ReLU(), nn.Flatten(), nn.Linear(4096, 1000, bias=False), nn.Softmax(dim=1),
    )  # fmt: skip


class _SameConv(nn.Module):
    """A float convolution with TensorFlow's SAME padding."""

    def __init__(self, cin, cout, kernel, stride):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride=stride, bias=False)
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        return self.conv(zoolib.same_pad(x, self.kernel, self.stride))


class ScaleMap(nn.Module):
    """XNOR-Net's layer with scales of both operands: BatchNorm, then the convolution of signs times
    alpha[c] times K, the mean of |x| over the channels and the window of each pixel."""

    def __init__(self, cin, cout, kernel, pad):
        super().__init__()
        self.norm = _norm(cin, 1e-4)
        self.sign = zoolib.Sign()
        self.weight = nn.Parameter(zoolib.latent(cout, cin, kernel, kernel))
        self.window = nn.Parameter(torch.full((1, 1, kernel, kernel), 1 / kernel**2), False)
        self.pad = pad

    def forward(self, x):
        x = self.norm(x)
        scale = F.conv2d(x.abs().mean(1, keepdim=True), self.window, padding=self.pad)
        alpha = self.weight.abs().mean((1, 2, 3), keepdim=True)
        y = F.conv2d(self.sign(x), torch.sign(self.weight), padding=self.pad)
        return F.relu(y * scale * alpha.view(1, -1, 1, 1))


def xnornet_k():
    """Returns XNOR-Net as the paper has it, with the scale maps K."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), _norm(96, 1e-4), nn.ReLU(), _pool(),
        ScaleMap(96, 256, 5, 2), _pool(), ScaleMap(256, 384, 3, 1), ScaleMap(384, 384, 3, 1),
        ScaleMap(384, 256, 3, 1), _pool(), ScaleMap(256, 4096, 6, 0), ScaleMap(4096, 4096, 1, 0),
        _norm(4096, 1e-3), nn.Flatten(), nn.Linear(4096, 1000),
    )  # fmt: skip


class Round(zoolib.Binarizer):
    """DoReFa's activation of one bit: 0 or 1."""

    threshold = 0.5

    def forward(self, x):
        return torch.round(torch.clamp(x, 0, 1) * 1) / 1


class LayerScaled(nn.Module):
    """A convolution or dense layer with weights mean|w|*sign(w), the mean over the whole layer.

    The mean is a constant: ONNX Runtime computes one of 37 million values only to three digits.
    """

    def __init__(self, *shape, pad=0):
        super().__init__()
        self.weight = nn.Parameter(zoolib.latent(*shape))
        self.register_buffer("scale", self.weight.detach().abs().mean())
        self.pad = pad

    def forward(self, x):
        w = self.scale * torch.sign(self.weight)
        if w.dim() == 2:
            return F.linear(x, w)
        return F.conv2d(x, w, padding=self.pad)


def dorefanet():
    """Returns DoReFa-Net of Larq Zoo, with activations of one bit instead of two."""
    norm = lambda channels: _norm(channels, 1e-4)  # noqa: E731
    dense = lambda channels: nn.BatchNorm1d(channels, eps=1e-4)  # noqa: E731
    return nn.Sequential(
        nn.Conv2d(3, 96, 12, stride=4),
        Round(), LayerScaled(256, 96, 5, 5, pad=2), norm(256), nn.MaxPool2d(3, 2, ceil_mode=True),
        Round(), LayerScaled(384, 256, 3, 3, pad=1), norm(384), nn.MaxPool2d(3, 2, padding=1),
        Round(), LayerScaled(384, 384, 3, 3, pad=1), norm(384),
        Round(), LayerScaled(256, 384, 3, 3, pad=1), norm(256), _pool(), nn.Flatten(),
        Round(), LayerScaled(4096, 9216), dense(4096),
        Round(), LayerScaled(4096, 4096), dense(4096),
        nn.Hardtanh(0, 1), nn.Linear(4096, 1000), nn.Softmax(dim=1),
    )  # fmt: skip
