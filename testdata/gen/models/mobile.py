"""Networks for phones: MobileNet V2 and V3, EfficientNet, ShuffleNet V2."""

from functools import partial

import mobilenet
import torch
from modellib import convolutional
from torch import nn

# MobileNetV3 large (Howard et al. 2019): kernel, expanded and output channels, whether it squeezes,
# whether the activation is hard-swish, stride.
V3_LARGE = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)

# EfficientNet-B0 (Tan, Le 2019): expansion, output channels, blocks, stride of the first, kernel.
B0 = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


def convolution(cin, cout, kernel=1, stride=1, groups=1, act=None):
    """Returns the layers of a convolution with BatchNorm and activation."""
    layers = [
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout),
    ]
    return layers + ([act()] if act else [])


class Squeeze(nn.Module):
    """Scales each channel by what two dense layers make of all averages."""

    def __init__(self, channels, inner, act, gate):
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, inner, 1), act(), nn.Conv2d(inner, channels, 1), gate()
        )

    def forward(self, x):
        return x * self.layers(x)


class Inverted(nn.Module):
    """Expands by a 1x1 convolution, convolves each channel, squeezes, and projects; adds the input if
    the shapes are equal."""

    def __init__(self, cin, wide, cout, kernel, stride, act, squeeze=None):
        super().__init__()
        layers = convolution(cin, wide, act=act) if wide != cin else []
        layers += convolution(wide, wide, kernel, stride, wide, act)
        if squeeze:
            layers.append(squeeze(wide))
        self.layers = nn.Sequential(*layers, *convolution(wide, cout))
        self.shortcut = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.layers(x) if self.shortcut else self.layers(x)


def mobilenetv3():
    def squeeze(wide):
        inner = max(8, (wide // 4 + 4) // 8 * 8)
        return Squeeze(wide, inner, nn.ReLU, nn.Hardsigmoid)

    layers = convolution(3, 16, 3, 2, act=nn.Hardswish)
    current = 16
    for kernel, wide, channels, squeezes, hard, stride in V3_LARGE:
        act = nn.Hardswish if hard else nn.ReLU
        layers.append(Inverted(current, wide, channels, kernel, stride, act, squeeze if squeezes else None))
        current = channels
    layers += convolution(current, 960, act=nn.Hardswish)
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Linear(1280, 1000)]
    return nn.Sequential(*layers)


def efficientnet():
    layers = convolution(3, 32, 3, 2, act=nn.SiLU)
    current = 32
    for expansion, channels, blocks, stride, kernel in B0:
        for i in range(blocks):
            squeeze = partial(Squeeze, inner=current // 4, act=nn.SiLU, gate=nn.Sigmoid)
            wide = expansion * current
            layers.append(Inverted(current, wide, channels, kernel, 1 if i else stride, nn.SiLU, squeeze))
            current = channels
    layers += convolution(current, 1280, act=nn.SiLU)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000))


class Shuffle(nn.Module):
    """A block of ShuffleNetV2 (Ma et al. 2018): one half of the channels passes, or both come from all
    with stride 2; then the channels of the halves take turns."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        half = cout // 2
        self.left = None
        if stride == 2:
            self.left = nn.Sequential(*convolution(cin, cin, 3, 2, cin), *convolution(cin, half, act=nn.ReLU))
        right = cin if stride == 2 else half
        self.right = nn.Sequential(
            *convolution(right, half, act=nn.ReLU),
            *convolution(half, half, 3, stride, half),
            *convolution(half, half, act=nn.ReLU),
        )

    def forward(self, x):
        if self.left is None:
            left, right = x.chunk(2, dim=1)
        else:
            left, right = self.left(x), x
        y = torch.cat((left, self.right(right)), dim=1)
        batch, channels, height, width = y.shape
        return y.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, channels, height, width)


class GlobalMean(nn.Module):
    def forward(self, x):
        return x.mean([2, 3])


def shufflenetv2():
    layers = [*convolution(3, 24, 3, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    current = 24
    for blocks, channels in ((4, 116), (8, 232), (4, 464)):
        for i in range(blocks):
            layers.append(Shuffle(current, channels, 1 if i else 2))
            current = channels
    return nn.Sequential(*layers, *convolution(current, 1024, act=nn.ReLU), GlobalMean(), nn.Linear(1024, 1000))


MODELS = {
    "mobilenetv2_op10": convolutional(mobilenet.build, opset=10, fold=False),
    "mobilenetv2_dynamo18": convolutional(mobilenet.build, opset=18, dynamo=True),
    "mobilenetv3_large_op11": convolutional(mobilenetv3, opset=11),
    "mobilenetv3_large_op15": convolutional(mobilenetv3, opset=15, fold=False, dynamic=False),
    "efficientnet_b0_op13": convolutional(efficientnet, opset=13),
    "efficientnet_b0_dynamo20": convolutional(efficientnet, opset=20, dynamo=True),
    "shufflenetv2_op9": convolutional(shufflenetv2, opset=9, dynamic=False),
    "shufflenetv2_op16": convolutional(shufflenetv2, opset=16, fold=False),
    "shufflenetv2_dynamo18": convolutional(shufflenetv2, opset=18, dynamo=True),
}
