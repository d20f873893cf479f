"""BERT for questions and answers: 12 layers of 768, opset 11."""

import math

import torch
from torch import nn

import encoder

VOCABULARY, POSITIONS, WIDTH, HEADS, LAYERS = 4096, 512, 768, 12, 12


def gelu(x):
    """Gelu from its parts, as authors wrote it before there was an operator."""
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


class Bert(nn.Module):
    """Gives for each token how likely it begins and ends the answer."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.register_buffer("order", torch.arange(POSITIONS)[None])
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.blocks = nn.ModuleList(encoder.Block(WIDTH, HEADS, 4 * WIDTH, 1e-12, gelu) for _ in range(LAYERS))
        self.answer = nn.Linear(WIDTH, 2)

    def forward(self, input_ids, input_mask, segment_ids):
        order = self.order[:, : input_ids.size(1)]
        x = self.norm(self.words(input_ids) + self.kinds(segment_ids) + self.places(order))
        mask = encoder.additive(input_mask)
        for block in self.blocks:
            x = block(x, mask)
        start, end = self.answer(x).split(1, dim=-1)
        return start.squeeze(-1), end.squeeze(-1)
