"""What the text transformers share: layers, and weights that make attention matter."""

import math

import torch
from torch import nn


def randomize(net, seed):
    """Gives weights and norms random values: scores of attention are some units apart, and what
    the layers add is small enough for tokens to stay apart."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.LayerNorm):
                module.weight.uniform_(0.5, 1.5, generator=generator)
                module.bias.uniform_(-0.2, 0.2, generator=generator)
            elif isinstance(module, (nn.Linear, nn.Embedding)):
                module.weight.normal_(0, 0.02, generator=generator)
                if getattr(module, "bias", None) is not None:
                    module.bias.uniform_(-0.1, 0.1, generator=generator)
        for module in net.modules():
            if isinstance(module, SelfAttention):
                module.query.weight *= 2.5
                module.key.weight *= 2.5
    return net


class SelfAttention(nn.Module):
    """Attention with three products for queries, keys and values, as BERT has it."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def split(self, x):
        x = x.view(x.size(0), x.size(1), self.heads, self.size)
        return x.permute(0, 2, 1, 3)

    def forward(self, x, mask):
        """mask is added to the scores."""
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(self.size)
        shares = torch.softmax(scores + mask, dim=-1)
        mixed = torch.matmul(shares, value).permute(0, 2, 1, 3).contiguous()
        return mixed.view(mixed.size(0), mixed.size(1), self.heads * self.size)


class Block(nn.Module):
    """A layer of an encoder, normalized behind each sum."""

    def __init__(self, width, heads, inner, epsilon, gelu):
        super().__init__()
        self.gelu = gelu
        self.attention = SelfAttention(width, heads)
        self.project = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=epsilon)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=epsilon)

    def forward(self, x, mask):
        x = self.norm1(self.project(self.attention(x, mask)) + x)
        return self.norm2(self.narrow(self.gelu(self.widen(x))) + x)


def additive(mask):
    """Makes of 1 for tokens and 0 for padding what is added to scores."""
    return (1.0 - mask[:, None, None, :].float()) * -10000.0
