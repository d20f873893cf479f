"""Networks without BatchNorm: VGG16, SqueezeNet, super-resolution; and U-Net."""

from functools import partial

import torch
import zoolib
from modellib import Model, convolutional, dynamo_export, torch_export
from torch import nn


def initialize(net):
    """Gives weights that keep the scale of the activations, and small biases."""
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)
    return net


def vgg16():
    """The network D of Simonyan and Zisserman 2014."""
    layers, current = [], 3
    for count, channels in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(count):
            layers += [nn.Conv2d(current, channels, 3, padding=1), nn.ReLU()]
            current = channels
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout()]
    layers += [nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000)]
    return initialize(nn.Sequential(*layers))


class Fire(nn.Module):
    """Squeezes by a 1x1 convolution; 1x1 and 3x3 convolutions of that are the channels of the result."""

    def __init__(self, cin, inner, half):
        super().__init__()
        self.squeeze = nn.Conv2d(cin, inner, 1)
        self.small, self.large = nn.Conv2d(inner, half, 1), nn.Conv2d(inner, half, 3, padding=1)

    def forward(self, x):
        x = self.squeeze(x).relu()
        return torch.cat((self.small(x).relu(), self.large(x).relu()), 1)


def squeezenet():
    """SqueezeNet 1.1 (Iandola et al. 2016)."""
    layers, current = [nn.Conv2d(3, 64, 3, 2), nn.ReLU()], 64
    for i, (inner, half) in enumerate(
        ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
    ):
        if i in (0, 2, 4):
            layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
        layers.append(Fire(current, inner, half))
        current = 2 * half
    layers += [nn.Dropout(), nn.Conv2d(current, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return initialize(nn.Sequential(*layers))


def superresolution(factor=3):
    """Sub-pixel convolutions (Shi et al. 2016) for one channel."""
    return initialize(
        nn.Sequential(
            nn.Conv2d(1, 64, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, factor * factor, 3, padding=1),
            nn.PixelShuffle(factor),
        )
    )


def write_superresolution(opset, path):
    """Writes it for open batches, and for all heights and widths with the newer exporter."""
    torch.manual_seed(1)
    net = superresolution().eval()
    grey = [zoolib.images(n, 224, n)[:, :1] for n in (1, 2)]
    cases = [[g.numpy()] for g in grey]
    if opset < 18:
        torch_export(net, grey[:1], path, opset, dynamic={"input": {0: "batch"}, "output": {0: "batch"}})
        return cases
    dim = torch.export.Dim
    dynamo_export(net, grey[1:], path, opset, dynamic=({0: dim("batch"), 2: dim("height"), 3: dim("width")},))
    return cases + [[zoolib.images(1, 96, 3)[:, :1, :, :80].contiguous().numpy()]]


class UNet(nn.Module):
    """U-Net (Ronneberger et al. 2015): down by pools, up by transposed convolutions or by bilinear
    interpolation, with the maps of the way down as more channels on the way up."""

    def __init__(self, norm, bilinear, width=32, depth=4, classes=4):
        super().__init__()

        def double(cin, cout):
            layers = []
            for c in (cin, cout):
                layers += [nn.Conv2d(c, cout, 3, padding=1, bias=not norm)]
                layers += [nn.BatchNorm2d(cout), nn.ReLU()] if norm else [nn.ReLU()]
            return nn.Sequential(*layers)

        widths = [width << i for i in range(depth + 1)]
        self.first = double(3, width)
        self.pool = nn.MaxPool2d(2)
        self.down = nn.ModuleList(double(a, b) for a, b in zip(widths, widths[1:]))
        self.widen, self.up = nn.ModuleList(), nn.ModuleList()
        for b, a in zip(widths[:0:-1], widths[-2::-1]):
            if bilinear:
                larger = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
                self.widen.append(nn.Sequential(larger, nn.Conv2d(b, a, 1)))
            else:
                self.widen.append(nn.ConvTranspose2d(b, a, 2, 2))
            self.up.append(double(2 * a, a))
        self.last = nn.Conv2d(width, classes, 1)
        initialize(self)

    def forward(self, x):
        maps = [self.first(x)]
        for down in self.down:
            maps.append(down(self.pool(maps[-1])))
        x = maps.pop()
        for widen, up in zip(self.widen, self.up):
            x = up(torch.cat((maps.pop(), widen(x)), 1))
        return self.last(x)


class Pyramid(nn.Module):
    """A U-Net without crossings for maps of any size: maps of four sizes, each enlarged to that of the
    one above and added to it, as feature pyramids do (Lin et al. 2016)."""

    def __init__(self, mode):
        super().__init__()
        widths = (32, 64, 128, 256)
        self.mode = mode
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in zip((3, *widths), widths)
        )
        self.side = nn.ModuleList(nn.Conv2d(w, 64, 1) for w in widths)
        self.last = nn.Conv2d(64, 8, 3, padding=1)
        initialize(self)

    def forward(self, x):
        maps = []
        for down in self.down:
            x = down(x)
            maps.append(x)
        y = self.side[-1](maps[-1])
        for x, side in zip(maps[-2::-1], list(self.side)[-2::-1]):
            y = side(x) + nn.functional.interpolate(y, size=x.shape[2:], mode=self.mode)
        return self.last(y)


def write_pyramid(mode, opset, path):
    """Writes it for all batches, heights and widths."""
    torch.manual_seed(1)
    net = Pyramid(mode)
    zoolib.randomize_norms(net)
    zoolib.set_statistics(net, zoolib.images(4, 128, 1))
    net.eval()
    images = [zoolib.images(1, 256, 2), zoolib.images(2, 128, 3)[:, :, :75, :110].contiguous()]
    names = {0: "batch", 2: "height", 3: "width"}
    if opset < 18:
        torch_export(net, images[:1], path, opset, dynamic={"input": names, "output": dict(names)})
    else:
        dim = torch.export.Dim
        shapes = ({0: dim("batch"), 2: dim("height", min=32), 3: dim("width", min=32)},)
        dynamo_export(net, images[1:], path, opset, dynamic=shapes)
    return [[i.numpy()] for i in images]


MODELS = {
    "vgg16_op9": convolutional(vgg16, opset=9),
    "squeezenet11_op12": convolutional(squeezenet, opset=12),
    "superresolution_op10": Model(partial(write_superresolution, 10)),
    "superresolution_dynamo18": Model(partial(write_superresolution, 18), needs=("onnxscript",)),
    "unet_op11": convolutional(partial(UNet, True, False), size=256, opset=11, fold=False),
    "unet_bilinear_op13": convolutional(partial(UNet, False, True), size=256, opset=13),
    "pyramid_nearest_op11": Model(partial(write_pyramid, "nearest", 11)),
    "pyramid_bilinear_op16": Model(partial(write_pyramid, "bilinear", 16)),
    "pyramid_bilinear_dynamo18": Model(partial(write_pyramid, "bilinear", 18), needs=("onnxscript",)),
    "unet_dynamo18": convolutional(partial(UNet, True, True), size=256, opset=18, dynamo=True),
}
