"""RoBERTa: 12 layers of 768, positions counted from the tokens that are no padding, opset 15."""

import torch
from torch import nn
from torch.nn import functional as F

import encoder

VOCABULARY, POSITIONS, WIDTH, HEADS, LAYERS, PADDING = 5003, 514, 768, 12, 12, 1


class Roberta(nn.Module):
    """Gives the states of all tokens, and of the first one through a dense layer."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(1, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-5)
        self.blocks = nn.ModuleList(encoder.Block(WIDTH, HEADS, 4 * WIDTH, 1e-5, gelu=F.gelu) for _ in range(LAYERS))
        self.pool = nn.Linear(WIDTH, WIDTH)

    def forward(self, input_ids, attention_mask):
        tokens = input_ids.ne(PADDING).int()
        order = (torch.cumsum(tokens, dim=1).type_as(tokens) * tokens).long() + PADDING
        kinds = torch.zeros(input_ids.size(), dtype=torch.long)
        x = self.norm(self.words(input_ids) + self.kinds(kinds) + self.places(order))
        mask = encoder.additive(attention_mask)
        for block in self.blocks:
            x = block(x, mask)
        return x, torch.tanh(self.pool(x[:, 0]))
