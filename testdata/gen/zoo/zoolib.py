"""What the networks of the zoo share: layers, statistics, thresholds, images."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def same_pad(x, kernel, stride, value=0.0):
    """Pads an NCHW tensor as TensorFlow's SAME does: the odd row and column go to the end."""
    amounts = []
    for size in (int(x.shape[3]), int(x.shape[2])):  # int: a constant in the exported graph
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        amounts += [total // 2, total - total // 2]
    return F.pad(x, amounts, value=value) if any(amounts) else x


def global_pool(x):
    """Averages an NCHW tensor over height and width and flattens it to [N,C]."""
    return torch.flatten(F.avg_pool2d(x, (int(x.shape[2]), int(x.shape[3]))), 1)


def signs(shape):
    """Returns a random tensor of -1 and +1."""
    return torch.where(torch.rand(shape) < 0.5, -1.0, 1.0)


def latent(*shape):
    """Returns random float weights to binarize. None is 0, as none is after training."""
    weights = torch.randn(shape) * 0.03
    return torch.where(weights == 0, 0.03, weights)


class Binarizer(nn.Module):
    """A binarization of activations, the place whose inputs clear_thresholds moves.

    Each binarization of a network has a Binarizer of its own. forward is a subclass's.
    A subclass may have an offset [1,C,1,1], a parameter that it adds to x; without it
    clear_thresholds moves the bias of the BatchNorm or layer that ran last.
    """

    threshold = 0.0


class Where(Binarizer):
    """+1 where x >= 0, else -1."""

    def forward(self, x):
        return torch.where(x >= 0, torch.tensor([1.0]), torch.tensor([-1.0]))


class Sign(Binarizer):
    """ONNX's Sign: 0 at 0."""

    def forward(self, x):
        return torch.sign(x)


class BinaryConv(nn.Module):
    """A convolution of signs with weights +-1, or +-alpha[c] as magnitudes has it.

    pad is TensorFlow's SAME with zeros ("same", for odd kernels), or the zeros on each side.
    """

    def __init__(self, cin, cout, kernel=3, stride=1, pad="same", magnitudes=None):
        super().__init__()
        weight = signs((cout, cin, kernel, kernel))
        if magnitudes is not None:
            weight *= torch.empty(cout, 1, 1, 1).uniform_(*magnitudes)
        self.weight = nn.Parameter(weight)
        self.kernel = kernel
        self.stride = stride
        self.pad = pad

    def forward(self, x):
        pad = self.pad
        if pad == "same":
            # Where both sides get as much, PyTorch users write it into the convolution.
            pad = self.kernel // 2 if self.stride == 1 else 0
            if self.stride > 1:
                x = same_pad(x, self.kernel, self.stride)
        return F.conv2d(x, self.weight, stride=self.stride, padding=pad)


class BinaryDense(nn.Module):
    """A dense layer without bias, with weights +-1."""

    def __init__(self, cin, cout):
        super().__init__()
        self.weight = nn.Parameter(signs((cout, cin)))

    def forward(self, x):
        return F.linear(x, self.weight)


def images(count, size, seed):
    """Returns random images [count,3,size,size] with much energy at low frequencies, each colour
    with mean about 0 and standard deviation about 1."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(count, 3, size, size)
    for octave in range(2, 8):
        cells = min(2**octave, size)
        noise = torch.randn(count, 3, cells, cells, generator=generator)
        noise = F.interpolate(noise, size=(size, size), mode="bilinear", align_corners=False)
        total += noise / octave
    return (total - total.mean()) / total.std()


def _norms(net):
    return [m for m in net.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]


def randomize_norms(net):
    """Gives each BatchNorm with parameters a random gamma and beta; about 1 gamma in 50 is
    negative."""
    for module in _norms(net):
        if module.affine:
            with torch.no_grad():
                count = module.num_features
                module.weight.uniform_(0.5, 1.5)
                module.weight[torch.rand(count) < 0.02] *= -1
                module.bias.normal_(std=0.2)


def set_statistics(net, inputs):
    """Sets the running mean and variance of each BatchNorm from one pass over inputs.

    In that pass each BatchNorm normalizes by the statistics it is just taking, so the layers behind
    it see what they see later in evaluation mode.
    """
    for norm in _norms(net):
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    with torch.no_grad():
        net(inputs)
    net.eval()


class _Reached(Exception):
    """Ends a forward pass at the binarization that is looked at."""


def _trace(net, inputs):
    """Returns the Binarizers in the order they run, each with the parameter that shifts its
    input: its own offset, or the bias of the layer that ran last."""
    found, last, hooks = [], [None], []

    def at_layer(layer, _, __):
        if layer.bias is not None:
            last[0] = layer.bias

    def at_sign(sign, _):
        found.append((sign, getattr(sign, "offset", last[0])))

    for module in net.modules():
        if isinstance(module, Binarizer):
            hooks.append(module.register_forward_pre_hook(at_sign))
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(at_layer))
    with torch.no_grad():
        net(inputs)
    for hook in hooks:
        hook.remove()
    shifts = [id(shift) for _, shift in found]
    if len(set(shifts)) < len(shifts):
        raise ValueError("two binarizations depend on one bias")
    return found


def _input_of(net, sign, inputs):
    """Returns what the Binarizer sign gets, less its threshold."""
    seen = []

    def stop(module, arguments):
        x = arguments[0] - module.threshold
        seen.append(x + module.offset if hasattr(module, "offset") else x)
        raise _Reached

    hook = sign.register_forward_pre_hook(stop)
    try:
        with torch.no_grad():
            net(inputs)
    except _Reached:
        pass
    hook.remove()
    return seen[0].numpy().astype(np.float64)


def _widest(values, reach):
    """Returns the shift d, at most reach, for which the smallest |values + d| is about largest.

    It is not the middle of a gap: sums of an odd number of signs, as at padding, may lie in the
    middle between two sums of an even number, and a threshold on a sum is what no network has.
    """
    s = np.concatenate(([-1e9], np.sort(values), [1e9]))
    inside = np.clip(0.55 * s[1:] + 0.45 * s[:-1], -reach, reach)
    margin = np.minimum(inside - s[:-1], s[1:] - inside)
    return -inside[margin.argmax()]


def clear_thresholds(net, inputs):
    """Shifts the biases before the binarizations so that no value of these inputs is near a
    threshold, and returns the smallest distance left, in standard deviations.

    Two runtimes round differently, and a value that lies at a threshold within that rounding
    flips a bit; in a residual network one flipped bit moves all outputs. Each channel gets a shift
    of at most a tenth of the standard deviation, into the widest gap.
    """
    order = _trace(net, inputs)
    for sign, shift in order:
        x = _input_of(net, sign, inputs)
        channels = shift.numel()
        rows = x.reshape(x.shape[0], channels, -1).swapaxes(0, 1).reshape(channels, -1)
        reach = 0.1 * x.std()
        moves = np.array([_widest(row, reach) for row in rows], np.float32)
        with torch.no_grad():
            shift += torch.from_numpy(moves).reshape(shift.shape)
    margin = np.inf
    for sign, _ in order:
        x = _input_of(net, sign, inputs)
        margin = min(margin, np.abs(x).min() / x.std())
    return margin
