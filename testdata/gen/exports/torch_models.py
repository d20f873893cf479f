"""Binarized networks as people write them in PyTorch, small."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class SignSTE(torch.autograd.Function):
    """sign in the forward pass, a clipped identity in the backward pass."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= 1)


def step(x):
    return torch.where(x > 0, torch.tensor([1.0]), torch.tensor([-1.0]))


def ge(x):
    return x.ge(0).float() * 2 - 1


def detached(x):
    return (torch.where(x >= 0, 1.0, -1.0) - x).detach() + x


def detached_tanh(x):
    t = torch.tanh(x)
    return (torch.sign(x) - t).detach() + t


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, SignSTE.apply(self.weight), self.bias)


class BinaryConv(nn.Conv2d):
    """Weights sign(w), without a scale."""

    def forward(self, x):
        return F.conv2d(x, SignSTE.apply(self.weight), self.bias, self.stride, self.padding, self.dilation, self.groups)


class XnorConv(nn.Conv2d):
    """Weights sign(w) * mean|w| of each output channel."""

    def forward(self, x):
        alpha = self.weight.abs().mean((1, 2, 3), keepdim=True)
        return F.conv2d(x, alpha * SignSTE.apply(self.weight), self.bias, self.stride, self.padding, self.dilation, self.groups)


class ClippedConv(nn.Conv2d):
    """Weights with the gradient of a clipped weight, as Bi-Real-Net and ReActNet have them."""

    def forward(self, x):
        w = self.weight
        scale = w.abs().mean((1, 2, 3), keepdim=True).detach()
        hard = scale * torch.sign(w)
        soft = torch.clamp(w, -1.0, 1.0)
        return F.conv2d(x, hard.detach() - soft.detach() + soft, None, self.stride, self.padding)


class MLP(nn.Module):
    """Dense layers behind torch.where; binary input too, behind a BatchNorm."""

    def __init__(self):
        super().__init__()
        sizes = [100, 65, 64, 10]
        self.norms = nn.ModuleList(nn.BatchNorm1d(n) for n in sizes[:-1])
        self.layers = nn.ModuleList(BinaryLinear(a, b, bias=False) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = torch.flatten(x, 1)
        for norm, layer in zip(self.norms, self.layers):
            x = layer(step(norm(x)))
        return F.log_softmax(x / 8, dim=1)


class VGG(nn.Module):
    """Convolutions with BatchNorm between them, a sign by autograd.Function, MaxPool."""

    def __init__(self):
        super().__init__()
        self.features = nn.ModuleList([nn.Conv2d(3, 16, 3, padding=1), XnorConv(16, 24, 3, padding=1, bias=False), XnorConv(24, 32, 3, padding=1)])
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) for n in (16, 24, 32))
        self.fc = BinaryLinear(32 * 9, 20)
        self.last = nn.BatchNorm1d(20)

    def forward(self, x):
        for i, (conv, norm) in enumerate(zip(self.features, self.norms)):
            x = conv(x if i == 0 else SignSTE.apply(x))
            x = norm(F.max_pool2d(x, 2) if i == 2 else x)
        x = SignSTE.apply(F.hardtanh(F.max_pool2d(x, 2)))
        return self.last(self.fc(x.view(x.size(0), -1)))


class Step(nn.Module):
    """Comparisons turned to numbers, grouped, dilated and depthwise convolutions, PReLU."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 20, 3, padding=1, bias=False), nn.BatchNorm2d(20))
        self.convs = nn.ModuleList([
            BinaryConv(20, 20, 3, padding=1, groups=2, bias=False), BinaryConv(20, 20, 3, padding=2, dilation=2, bias=False),
            BinaryConv(20, 20, 3, padding=1, groups=20, bias=False)])
        self.norms = nn.ModuleList(nn.BatchNorm2d(20) for _ in self.convs)
        self.acts = nn.ModuleList(nn.PReLU(20) for _ in self.convs)
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        x = self.stem(x)
        for conv, norm, act in zip(self.convs, self.norms, self.acts):
            x = act(norm(conv(ge(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class BiRealBlock(nn.Module):
    def __init__(self, cin, cout, stride, binarize):
        super().__init__()
        self.binarize = binarize
        self.conv = ClippedConv(cin, cout, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(cout)
        self.down = None
        if stride != 1 or cin != cout:
            self.down = nn.Sequential(nn.AvgPool2d(2, stride), nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.norm(self.conv(self.binarize(x)))
        return y + (x if self.down is None else self.down(x))


def polynomial(x):
    """The sign of Bi-Real-Net: the gradient is that of a piecewise polynomial."""
    out = torch.sign(x)
    m1, m2, m3 = x < -1, x < 0, x < 1
    o = (-1) * m1.type(torch.float32) + (x * x + 2 * x) * (1 - m1.type(torch.float32))
    o = o * m2.type(torch.float32) + (-x * x + 2 * x) * (1 - m2.type(torch.float32))
    o = o * m3.type(torch.float32) + 1 * (1 - m3.type(torch.float32))
    return out.detach() - o.detach() + o


class BiReal(nn.Module):
    """Residual blocks with straight-through arithmetic in the forward pass."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16))
        signs = (polynomial, detached, detached_tanh)
        self.blocks = nn.Sequential(BiRealBlock(16, 16, 1, signs[0]), BiRealBlock(16, 32, 2, signs[1]), BiRealBlock(32, 32, 1, signs[2]))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        return self.fc(x.mean((2, 3)))


class Bias(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, c, 1, 1))

    def forward(self, x):
        return x + self.bias.expand_as(x)


class ReActBlock(nn.Module):
    """Learned thresholds, and a 1x1 layer whose two halves are concatenated."""

    def __init__(self, c):
        super().__init__()
        self.move = nn.ModuleList(Bias(c) for _ in range(2))
        self.act = nn.ModuleList(nn.Sequential(Bias(n), nn.PReLU(n), Bias(n)) for n in (c, 2 * c))
        self.conv = nn.ModuleList([ClippedConv(c, c, 3, 2, 1), ClippedConv(c, c, 1), ClippedConv(c, c, 1)])
        self.norm = nn.ModuleList(nn.BatchNorm2d(c) for _ in range(3))
        self.pool = nn.AvgPool2d(2, 2)

    def forward(self, x):
        y = self.norm[0](self.conv[0](SignSTE.apply(self.move[0](x)))) + self.pool(x)
        y = self.act[0](y)
        s = SignSTE.apply(self.move[1](y))
        z = torch.cat([self.norm[i](self.conv[i](s)) + y for i in (1, 2)], dim=1)
        return self.act[1](z)


class ReAct(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.PReLU(16))
        self.block = ReActBlock(16)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.block(self.stem(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Quick(nn.Module):
    """Layers as in QuickNet: padding of +1, Relu, BatchNorm, residual; a blur before the stride."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16))
        self.convs = nn.ModuleList(BinaryConv(n, n, 3, bias=False) for n in (16, 16, 32, 32))
        self.norms = nn.ModuleList(nn.BatchNorm2d(n) for n in (16, 16, 32, 32))
        blur = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("blur", (blur[:, None] * blur / 16).repeat(16, 1, 1, 1))
        self.widen = nn.Sequential(nn.Conv2d(16, 32, 1, bias=False), nn.BatchNorm2d(32))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            if i == 2:
                x = F.conv2d(F.pad(F.relu(x), (1, 1, 1, 1)), self.blur, stride=2, groups=16)
                x = self.widen(x)
            y = F.pad(torch.where(x >= 0, 1.0, -1.0), (1, 1, 1, 1), value=1.0)
            x = norm(F.relu(conv(y))) + x
        return self.fc(F.relu(x).mean(dim=[2, 3]))


class DoReFa(nn.Module):
    """One-bit activations 0 and 1, weights E|w| * sign(w) of the whole tensor."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16))
        self.weights = nn.ParameterList(nn.Parameter(torch.empty(24, c, 3, 3)) for c in (16, 24))
        self.norms = nn.ModuleList(nn.BatchNorm2d(24) for _ in range(2))
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        x = self.stem(x)
        for w, norm in zip(self.weights, self.norms):
            w = torch.tanh(w)
            w = torch.sign(w) * w.abs().mean()
            x = norm(F.conv2d(torch.round(torch.clamp(x, 0, 1)), w, padding=1))
        return self.fc(F.relu(x).mean((2, 3)))


def settle(model, shape):
    """Gives a model weights on a coarse grid, which take few bytes in a zip, and
    BatchNorm statistics that fit, with factors of both signs."""
    g = torch.Generator().manual_seed(1)
    for name, p in model.named_parameters():
        coarse = torch.randint(-15, 15, p.shape, generator=g).float() + 0.5
        p.data = coarse / 32
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for m in norms:
        m.weight.data = 0.5 + torch.rand(m.weight.shape, generator=g)
        m.weight.data[::5] *= -1
        m.momentum = None
    model.train()
    with torch.no_grad():
        model(torch.randn((32, *shape[1:]), generator=g))
    return model.eval()
