"""A recurrent encoder and a decoder that writes one token after the other, greedily: a Loop that ends when
all texts are complete, with an If in it that holds back a token which would be repeated. PyTorch scripts it."""

import torch
from modellib import Model, torch_export
from torch import nn

WORDS, WIDTH, FEATURES = 200, 96, 40  # word 1 ends a text


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.GRU(FEATURES, WIDTH // 2, 1, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.layers(x)[0]


class Decoder(nn.Module):
    """One step: attends to the memory, and gives the next state and the logits."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.gates = nn.Linear(3 * WIDTH, 2 * WIDTH)
        self.candidate = nn.Linear(3 * WIDTH, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.logits = nn.Linear(2 * WIDTH, WORDS)

    def forward(self, memory, state, last):
        weights = torch.softmax(torch.bmm(memory, self.query(state).unsqueeze(2)).squeeze(2), 1)
        context = torch.bmm(weights.unsqueeze(1), memory).squeeze(1)
        x = torch.cat([self.words(last), context], 1)
        gates = torch.sigmoid(self.gates(torch.cat([x, state], 1)))
        keep, use = gates[:, :WIDTH], gates[:, WIDTH:]
        fresh = torch.tanh(self.candidate(torch.cat([x, use * state], 1)))
        state = keep * state + (1.0 - keep) * fresh
        return state, self.logits(torch.cat([state, context], 1))


class Writer(nn.Module):
    """Gives the tokens [batch,length] and the logarithms of their probabilities."""

    def __init__(self, encoder, decoder, features):
        super().__init__()
        self.held = nn.Embedding.from_pretrained(torch.eye(WORDS))
        with torch.no_grad():
            self.encoder = torch.jit.trace(encoder, features)
            memory = encoder(features)
            first = torch.zeros(len(features), dtype=torch.int64)
            self.decoder = torch.jit.trace(decoder, (memory, memory[:, 0], first))

    def forward(self, features, limit):
        memory = self.encoder(features)
        state = memory.mean(1)
        tokens = torch.zeros([features.size(0), 1], dtype=torch.int64)
        scores = torch.zeros([features.size(0), 1])
        count = torch.zeros([], dtype=torch.int64)
        going = torch.ones([], dtype=torch.bool)
        while bool(going):
            last = tokens[:, -1]
            state, logits = self.decoder(memory, state, last)
            best = torch.argmax(logits, 1)
            if bool((best == last).any()):
                logits = logits - 2.0 * self.held(last)
            else:
                logits = logits * 1.0
            score, best = torch.log_softmax(logits, 1).max(1)
            scores = torch.cat([scores, score.unsqueeze(1)], 1)
            tokens = torch.cat([tokens, best.unsqueeze(1)], 1)
            count = count + 1
            going = torch.logical_and(count < limit, (best != 1).any())
        return tokens, scores


def write(opset):
    def build(path):
        torch.manual_seed(3)
        features = [torch.randn(2, 9, FEATURES), torch.randn(1, 14, FEATURES), torch.randn(3, 5, FEATURES)]
        encoder, decoder = Encoder(), Decoder()
        for p in decoder.parameters():
            p.data.mul_(2.5)  # so that texts differ
        net = torch.jit.script(Writer(encoder.eval(), decoder.eval(), features[0]).eval())
        limits = [torch.tensor(n) for n in (12, 20, 1)]
        axes = {"features": {0: "batch", 1: "time"}, "tokens": {0: "batch", 1: "length"}, "scores": {0: "batch", 1: "length"}}
        torch_export(net, (features[0], limits[0]), path, opset, names=("features", "limit"), outputs=("tokens", "scores"), dynamic=axes)
        return [[x.numpy(), n.numpy()] for x, n in zip(features, limits)]

    return build


MODELS = {f"decoder_loop_op{opset}": Model(write(opset)) for opset in (13, 16)}
