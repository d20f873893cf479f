"""Moves the zero crossings of BatchNorms that feed a step to where no value can be.

A step flips a bit when its input is a rounding error away from 0, and two runtimes round in two
ways. Here every BatchNorm input is an exact multiple of a known grid: integer sums for binary
layers, multiples of 1/(256*STEM_GRID) for the stem, pixels/256 for the input. Each beta is changed
so that the BatchNorm crosses 0 halfway between two grid points. Then all runtimes agree.
"""

import torch
from torch import nn

from data import PIXEL_SCALE
from nets import STEM_GRID, BinaryConv, BinaryLinear, GridConv, Step


def _grid_before(layers, index):
    """Returns the grid step, per channel or one for all, of the input of layers[index]."""
    layer = layers[index - 1]
    if isinstance(layer, (BinaryConv, BinaryLinear)):
        return layer.binary.alpha().double()
    if isinstance(layer, GridConv):
        return torch.tensor(1 / (PIXEL_SCALE * STEM_GRID), dtype=torch.float64)
    if isinstance(layer, nn.Flatten) and index == 1:
        return torch.tensor(1 / PIXEL_SCALE, dtype=torch.float64)
    raise ValueError(f"layer {index}: no known grid behind {type(layer).__name__}")


def _feeds_step(layers, index):
    following = layers[index + 1 : index + 3]
    if isinstance(following[0], nn.MaxPool2d):
        following = following[1:]
    return isinstance(following[0], Step)


@torch.no_grad()
def centre(net):
    """Moves the betas of net in place; net must be frozen. Returns the worst distance of a zero
    crossing from the middle between its two grid points, in grid steps."""
    layers = list(net)
    worst = 0.0
    for index, norm in enumerate(layers):
        if not isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d)) or not _feeds_step(layers, index):
            continue
        grid = _grid_before(layers, index)
        slope = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
        crossing = (norm.running_mean.double() - norm.bias.double() / slope) / grid
        if index == 1 and isinstance(layers[0], nn.Flatten):
            crossing = crossing.clamp(-0.5, PIXEL_SCALE - 0.5)
        middle = torch.floor(crossing) + 0.5
        norm.bias.copy_((norm.running_mean.double() - middle * grid) * slope)
        moved = (norm.running_mean.double() - norm.bias.double() / slope) / grid
        worst = max(worst, float((moved - middle).abs().max()))
    return worst
