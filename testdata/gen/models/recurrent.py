"""Recurrent networks: a classifier of two layers of GRU, and a tagger of two layers of LSTM in
both directions, whose texts have lengths of their own."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

VOCABULARY, WIDTH, STATE = 2003, 128, 256


class Classifier(nn.Module):
    """Reads a text from a given state on; gives the scores of 11 classes and the last state."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.GRU(WIDTH, STATE, num_layers=2, batch_first=True)
        self.head = nn.Linear(STATE, 11)

    def forward(self, input_ids, state):
        x, state = self.layers(self.words(input_ids), state)
        return self.head(x[:, -1]), state


class Tagger(nn.Module):
    """Gives the scores of 17 tags for each word. Texts come in order of falling lengths."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.LSTM(WIDTH, STATE, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * STATE, 17)

    def forward(self, input_ids, lengths):
        x = pack_padded_sequence(self.words(input_ids), lengths, batch_first=True)
        x, _ = pad_packed_sequence(self.layers(x)[0], batch_first=True)
        return self.head(x)
