"""GPT-2, small: 12 layers of 768, a causal mask, a head tied to the embeddings, opset 14."""

import math

import torch
from torch import nn

VOCABULARY, POSITIONS, WIDTH, HEADS, LAYERS = 4001, 1024, 768, 12, 12


class Dense(nn.Module):
    """A dense layer whose weights are [in,out], on all tokens of all texts as one matrix."""

    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(fan_in, fan_out))
        self.bias = nn.Parameter(torch.empty(fan_out))

    def forward(self, x):
        y = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
        return y.view(x.size(0), x.size(1), self.bias.size(0))


class Block(nn.Module):
    """A layer, normalized before attention and before the dense layers."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-5)
        self.attend = Dense(WIDTH, 3 * WIDTH)
        self.project = Dense(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-5)
        self.widen = Dense(WIDTH, 4 * WIDTH)
        self.narrow = Dense(4 * WIDTH, WIDTH)

    def split(self, x):
        return x.view(x.size(0), x.size(1), HEADS, WIDTH // HEADS)

    def attention(self, x, causal):
        query, key, value = self.attend(x).split(WIDTH, dim=2)
        query = self.split(query).permute(0, 2, 1, 3)
        key = self.split(key).permute(0, 2, 3, 1)
        value = self.split(value).permute(0, 2, 1, 3)
        scores = torch.matmul(query, key) / math.sqrt(WIDTH // HEADS)
        scores = torch.where(causal, scores, torch.tensor(-10000.0))
        mixed = torch.matmul(torch.softmax(scores, dim=-1), value).permute(0, 2, 1, 3).contiguous()
        return self.project(mixed.view(mixed.size(0), mixed.size(1), WIDTH))

    def forward(self, x, causal):
        x = x + self.attention(self.norm1(x), causal)
        y = self.widen(self.norm2(x))
        y = 0.5 * y * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (y + 0.044715 * torch.pow(y, 3.0))))
        return x + self.narrow(y)


class GPT2(nn.Module):
    """Gives the logits of what follows each token."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-5)

    def forward(self, input_ids):
        length = input_ids.size(1)
        x = self.words(input_ids) + self.places(torch.arange(length)[None])
        causal = torch.ones(length, length).tril().bool()
        for block in self.blocks:
            x = block(x, causal)
        return torch.matmul(self.norm(x), self.words.weight.t())


def randomize(net, seed):
    """Gives the dense layers random values, in the manner of encoder.randomize."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, Dense):
                module.weight.normal_(0, 0.05, generator=generator)
                module.bias.uniform_(-0.1, 0.1, generator=generator)
