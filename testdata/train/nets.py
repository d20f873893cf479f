"""The two networks and their binary layers.

A layer behaves in two ways. In training mode it uses straight-through estimators. In evaluation
mode it uses only plain tensor functions, so that the exported graph looks like what users export.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

STEM_GRID = 32  # stem weights are non-zero multiples of 1/STEM_GRID


class _SignSTE(torch.autograd.Function):
    """+1 where x >= 0, else -1; the gradient is that of a piecewise quadratic approximation."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (2 - 2 * x.abs()).clamp_(min=0)


class _RoundSTE(torch.autograd.Function):
    """The nearest non-zero multiple of 1/STEM_GRID in [-1, 1]; the gradient passes unchanged."""

    @staticmethod
    def forward(ctx, w):
        return snap_to_grid(w)

    @staticmethod
    def backward(ctx, grad):
        return grad


def snap_to_grid(w):
    """Returns w rounded to the nearest non-zero multiple of 1/STEM_GRID in [-1, 1]."""
    steps = torch.round(w * STEM_GRID).clamp(-STEM_GRID, STEM_GRID)
    nudge = torch.where(w >= 0, 1.0, -1.0).to(w.dtype)
    return torch.where(steps == 0, nudge, steps) / STEM_GRID


def binarize_weight(w, scaled):
    """Returns the +-1 weights, or with scaled the +-alpha[c] ones, alpha[c] = mean |w[c]|."""
    bits = w + (torch.where(w >= 0, 1.0, -1.0) - w).detach()
    if not scaled:
        return bits
    return bits * w.detach().abs().mean(dim=tuple(range(1, w.dim())), keepdim=True)


class Step(nn.Module):
    """A binary activation. style is "gt" (0 gives -1), "ge" (0 gives +1) or "sign" (0 gives 0)."""

    def __init__(self, style):
        super().__init__()
        self.style = style

    def forward(self, x):
        if self.training:
            return _SignSTE.apply(x)
        if self.style == "sign":
            return torch.sign(x)
        above = x > 0 if self.style == "gt" else x >= 0
        return torch.where(above, torch.tensor([1.0]), torch.tensor([-1.0]))


class BinaryWeight(nn.Module):
    """Holds the latent weight of a binary layer.

    In evaluation mode the weight is `frozen`, a constant; where in_graph is set, it is computed
    from the latent weight by tensor functions instead, and an exported graph has them as nodes.
    """

    def __init__(self, shape, scaled):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        nn.init.normal_(self.weight, std=0.1)
        self.scaled = scaled
        self.in_graph = False
        self.frozen = None

    @torch.no_grad()
    def freeze(self):
        """Fixes the evaluation weight. Latent weights that are 0 become the smallest positive
        number 1e-6, which keeps their bit and makes sign(w) equal to where(w >= 0, 1, -1)."""
        self.weight[self.weight == 0] = 1e-6
        self.frozen = nn.Parameter(
            binarize_weight(self.weight, self.scaled).clone(), requires_grad=False
        )
        assert bool((self.frozen != 0).all())

    def alpha(self):
        """Returns the scale of each output channel, a float tensor [C]."""
        return self.frozen.detach().abs().flatten(1)[:, 0]

    def forward(self):
        if self.training:
            return binarize_weight(self.weight, self.scaled)
        if not self.in_graph:
            return self.frozen
        if self.scaled:
            dims = tuple(range(1, self.weight.dim()))
            return torch.sign(self.weight) * self.weight.abs().mean(dim=dims, keepdim=True)
        return torch.where(self.weight >= 0, torch.tensor([1.0]), torch.tensor([-1.0]))


class BinaryConv(nn.Module):
    """A 3x3 convolution of +-1 weights, zero padding 1, no bias."""

    def __init__(self, cin, cout, stride=1, scaled=False):
        super().__init__()
        self.binary = BinaryWeight((cout, cin, 3, 3), scaled)
        self.stride = stride

    def forward(self, x):
        return F.conv2d(x, self.binary(), stride=self.stride, padding=1)


class BinaryLinear(nn.Module):
    """A dense layer of +-1 weights, no bias."""

    def __init__(self, cin, cout, scaled=False):
        super().__init__()
        self.binary = BinaryWeight((cout, cin), scaled)

    def forward(self, x):
        return F.linear(x, self.binary())


class GridConv(nn.Module):
    """The float stem: a 3x3 convolution, zero padding 1, weights on a grid."""

    def __init__(self, cin, cout):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(cout, cin, 3, 3).uniform_(-0.6, 0.6))

    @torch.no_grad()
    def freeze(self):
        """Puts the weights on their grid for good."""
        self.weight.copy_(snap_to_grid(self.weight))

    def forward(self, x):
        weight = _RoundSTE.apply(self.weight) if self.training else self.weight
        return F.conv2d(x, weight, padding=1)


class Scale(nn.Module):
    """Multiplies by one constant."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


def mlp(hidden=256):
    """Flatten, BatchNorm, then three binary dense layers. Only the last one has no BatchNorm:
    its integer sums are scaled by 1/16, so that equal sums stay equal outputs."""
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            norm0=nn.BatchNorm1d(784),
            step0=Step("gt"),
            dense1=BinaryLinear(784, hidden),
            norm1=nn.BatchNorm1d(hidden),
            step1=Step("gt"),
            dense2=BinaryLinear(hidden, hidden),
            norm2=nn.BatchNorm1d(hidden),
            step2=Step("gt"),
            dense3=BinaryLinear(hidden, 10),
            scale3=Scale(1 / 16),
            logsoftmax=nn.LogSoftmax(dim=1),
        )
    )


def cnn():
    """A float stem, four binary convolutions and a binary dense layer behind Flatten(64x4x4)."""
    return nn.Sequential(
        OrderedDict(
            stem=GridConv(1, 32),
            norm0=nn.BatchNorm2d(32),
            step0=Step("ge"),
            pool0=nn.MaxPool2d(2),
            conv1=BinaryConv(32, 64, scaled=True),
            norm1=nn.BatchNorm2d(64),
            step1=Step("sign"),
            conv2=BinaryConv(64, 64),
            norm2=nn.BatchNorm2d(64),
            pool2=nn.MaxPool2d(2),
            step2=Step("ge"),
            conv3=BinaryConv(64, 64, scaled=True),
            norm3=nn.BatchNorm2d(64),
            step3=Step("sign"),
            conv4=BinaryConv(64, 64, stride=2),
            norm4=nn.BatchNorm2d(64),
            step4=Step("ge"),
            flatten=nn.Flatten(),
            dense5=BinaryLinear(1024, 10),
            norm5=nn.BatchNorm1d(10),
            softmax=nn.Softmax(dim=1),
        )
    )


NETS = {"fashion_mlp": mlp, "fashion_cnn": cnn}


def batch_norms(net):
    """Returns the BatchNorm modules of net in order."""
    return [m for m in net if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]


def flip_some_gammas(net, every=8):
    """Makes the gamma of every eighth channel negative in each BatchNorm that feeds a step."""
    for norm in batch_norms(net):
        if norm.num_features > 10:
            with torch.no_grad():
                norm.weight[every - 1 :: every] *= -1


def keep_gammas_away_from_zero(net, least=0.1):
    """Clamps |gamma| to at least `least`. Positive and negative gammas keep their signs as long
    as this runs after each optimizer step with a small learning rate."""
    with torch.no_grad():
        for norm in batch_norms(net):
            gamma = norm.weight
            gamma.copy_(torch.where(gamma >= 0, 1.0, -1.0) * gamma.abs().clamp(min=least))


def clip_latent_weights(net):
    """Clamps the latent weights of binary layers to [-1, 1]."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, BinaryWeight):
                module.weight.clamp_(-1, 1)
