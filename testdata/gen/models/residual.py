"""Networks with shortcuts: ResNet (He et al. 2015), ArcFace's with PReLU (Deng et al. 2018), and
DenseNet (Huang et al. 2016)."""

from functools import partial

import torch
import zoolib
from modellib import convolutional
from torch import nn


def convolution(cin, cout, kernel=1, stride=1):
    """Returns the layers of a convolution with BatchNorm."""
    return [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(cout)]


class Residual(nn.Module):
    """The sum of a branch and of the input, by a convolution if the shapes differ."""

    def __init__(self, branch, cin, cout, stride, act):
        super().__init__()
        self.branch = nn.Sequential(*branch)
        self.shortcut = nn.Sequential(*(convolution(cin, cout, 1, stride) if stride > 1 or cin != cout else []))
        self.act = act

    def forward(self, x):
        return self.act(self.branch(x) + self.shortcut(x))


def basic(cin, channels, stride):
    branch = [*convolution(cin, channels, 3, stride), nn.ReLU(), *convolution(channels, channels, 3)]
    return Residual(branch, cin, channels, stride, nn.ReLU()), channels


def bottleneck(cin, channels, stride):
    branch = [
        *convolution(cin, channels),
        nn.ReLU(),
        *convolution(channels, channels, 3, stride),
        nn.ReLU(),
        *convolution(channels, 4 * channels),
    ]
    return Residual(branch, cin, 4 * channels, stride, nn.ReLU()), 4 * channels


def resnet(block, blocks):
    layers = [*convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    current = 64
    for stage, count in enumerate(blocks):
        for i in range(count):
            layer, current = block(current, 64 << stage, 2 if stage and not i else 1)
            layers.append(layer)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(current, 1000))


resnet18 = partial(resnet, basic, (2, 2, 2, 2))
resnet50 = partial(resnet, bottleneck, (3, 4, 6, 3))


class Image(nn.Module):
    """Numbers of 0 to 255 become -1 to 1."""

    def forward(self, x):
        return (x * 60 + 127.5 - 127.5) * 0.0078125


def arcface():
    """ResNet100 for faces of 112x112: BatchNorm on both sides of the convolutions, PReLU between."""
    layers = [Image(), *convolution(3, 64, 3), nn.PReLU(64)]
    current = 64
    for stage, count in enumerate((3, 13, 30, 3)):
        channels = 64 << stage
        for i in range(count):
            stride = 1 if i else 2
            branch = [
                nn.BatchNorm2d(current),
                *convolution(current, channels, 3),
                nn.PReLU(channels),
                *convolution(channels, channels, 3, stride),
            ]
            layers.append(Residual(branch, current, channels, stride, nn.Identity()))
            current = channels
    return nn.Sequential(
        *layers, nn.BatchNorm2d(512), nn.Dropout(0.0), nn.Flatten(), nn.Linear(512 * 49, 512), nn.BatchNorm1d(512)
    )


class Dense(nn.Module):
    """Appends to the channels what two convolutions make of them."""

    def __init__(self, cin, growth):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(cin),
            nn.ReLU(),
            *convolution(cin, 4 * growth),
            nn.ReLU(),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return torch.cat((x, self.layers(x)), 1)


def densenet121():
    layers = [*convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    current = 64
    for stage, count in enumerate((6, 12, 24, 16)):
        if stage:
            layers += [nn.BatchNorm2d(current), nn.ReLU(), nn.Conv2d(current, current // 2, 1, bias=False), nn.AvgPool2d(2)]
            current //= 2
        for _ in range(count):
            layers.append(Dense(current, 32))
            current += 32
    return nn.Sequential(
        *layers, nn.BatchNorm2d(current), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(current, 1000)
    )


class ChannelsLast(nn.Module):
    """ResNet50 for images [batch,height,width,3] as it comes from TensorFlow: padding "same" is not
    symmetric, and the average is over the axes 1 and 2."""

    def __init__(self):
        super().__init__()
        layers = list(resnet50())
        layers[0].padding = (0, 0)
        self.stem, self.body, self.dense = nn.Sequential(*layers[:3]), nn.Sequential(*layers[4:-3]), layers[-1]

    def forward(self, x):
        y = self.stem(zoolib.same_pad(x.permute(0, 3, 1, 2), 7, 2))
        y = nn.functional.max_pool2d(zoolib.same_pad(y, 3, 2), 3, 2)
        return self.dense(self.body(y).permute(0, 2, 3, 1).mean((1, 2)))


MODELS = {
    "resnet18_op9": convolutional(resnet18, opset=9),
    "resnet18_op16": convolutional(resnet18, opset=16, fold=False, dynamic=False),
    "resnet18_dynamo21": convolutional(resnet18, opset=21, dynamo=True),
    "resnet50_op12": convolutional(resnet50, opset=12),
    "resnet50_op14_external": convolutional(resnet50, opset=14, fold=False, external=True),
    "resnet50_dynamo18": convolutional(resnet50, opset=18, dynamo=True, external=True),
    "resnet50_nhwc_op13": convolutional(ChannelsLast, opset=13, channels_last=True),
    "arcface_resnet100_op8": convolutional(arcface, size=112, opset=8, fold=False, dynamic=False),
    "densenet121_op13": convolutional(densenet121, opset=13, fold=False),
    "densenet121_dynamo18": convolutional(densenet121, opset=18, dynamo=True),
}
