"""A binarized network in PyTorch: training steps on random data, and the export.

Run: python export_pytorch.py
It writes model.onnx and input.npy. Needs torch, onnx, onnxscript and numpy.
"""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Sign(torch.autograd.Function):
    """-1 or +1, and +1 at 0; the gradient passes where |x| <= 1."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= 1)


class BinaryConv(nn.Conv2d):
    def forward(self, x):
        scale = self.weight.abs().mean((1, 2, 3), keepdim=True).detach()
        return F.conv2d(Sign.apply(x), scale * Sign.apply(self.weight), None, self.stride, self.padding)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(Sign.apply(x), Sign.apply(self.weight))


model = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1, bias=False),
    nn.BatchNorm2d(32),
    BinaryConv(32, 64, 3, padding=1, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(64),
    BinaryConv(64, 64, 3, padding=1, bias=False),
    nn.MaxPool2d(2),
    nn.BatchNorm2d(64),
    nn.Flatten(),
    BinaryLinear(64 * 7 * 7, 10, bias=False),
    nn.BatchNorm1d(10),
)

torch.manual_seed(0)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for _ in range(5):
    images, labels = torch.randn(16, 1, 28, 28), torch.randint(10, (16,))
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()

model.eval()  # BatchNorm must use its running statistics
example = torch.randn(1, 1, 28, 28)
torch.onnx.export(
    model, (example,), "model.onnx", dynamo=True, external_data=False,
    input_names=["input"], output_names=["output"], dynamic_shapes=({0: "batch"},),
)
np.save("input.npy", example.numpy())
