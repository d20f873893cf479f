"""The models that read sequences: how each is exported, and its inputs, of several sizes.

Each function writes a model with the weights of a seed to path and returns its cases."""

from functools import partial

import numpy as np
import onnx
import torch

import bert
import encoder
import gpt2
import recurrent
import roberta
import vit
from modellib import Model, torch_export


def export(net, path, opset, cases, inputs, outputs, axes):
    """Writes net as ONNX; axes names the dynamic axes of inputs and outputs."""
    arguments = [torch.from_numpy(x) for x in cases[0]]
    torch_export(net.eval(), arguments, path, opset, names=inputs, outputs=outputs, dynamic=axes)


def texts(seed, vocabulary, sizes, shortest=1.0):
    """Returns for each [batch,length] the tokens, and a mask that leaves out the end of some."""
    random = np.random.default_rng(seed)
    for batch, length in sizes:
        ends = np.maximum(1, np.round(length * random.uniform(shortest, 1, (batch, 1)))).astype(np.int64)
        yield random.integers(3, vocabulary, (batch, length)), (np.arange(length) < ends).astype(np.int64)


SIZES = [(1, 128), (2, 37), (3, 1)]
TOKENS = {0: "batch", 1: "sequence"}


def bert_squad(path, seed):
    random = np.random.default_rng(seed)
    cases = []
    for ids, mask in texts(seed, bert.VOCABULARY, SIZES, 0.5):
        kinds = (np.arange(ids.shape[1]) > random.integers(0, ids.shape[1])).astype(np.int64) * mask
        cases.append([ids, mask, kinds])
    inputs, outputs = ["input_ids", "input_mask", "segment_ids"], ["start_logits", "end_logits"]
    net = encoder.randomize(bert.Bert(), seed)
    export(net, path, 11, cases, inputs, outputs, {name: TOKENS for name in inputs + outputs})
    return cases


def roberta_base(path, seed):
    made = texts(seed, roberta.VOCABULARY, SIZES, 0.5)
    cases = [[np.where(mask == 1, ids, roberta.PADDING), mask] for ids, mask in made]
    inputs, outputs = ["input_ids", "attention_mask"], ["last_hidden_state", "pooled"]
    axes = {name: TOKENS for name in inputs + outputs[:1]} | {"pooled": {0: "batch"}}
    net = encoder.randomize(roberta.Roberta(), seed)
    export(net, path, 15, cases, inputs, outputs, axes)
    return cases


def gpt2_small(path, seed):
    cases = [[ids] for ids, _ in texts(seed, gpt2.VOCABULARY, SIZES)]
    net = encoder.randomize(gpt2.GPT2(), seed)
    gpt2.randomize(net, seed + 1)
    export(net, path, 14, cases, ["input_ids"], ["logits"], {"input_ids": TOKENS, "logits": TOKENS})
    return cases


def vit_small(path, seed, half=False):
    onnx.save(vit.model(seed, half), path)
    random = np.random.default_rng(seed)
    return [[random.standard_normal((batch, 3, vit.SIZE, vit.SIZE)).astype(np.float32)] for batch in (1, 2, 3)]


def gru(path, seed):
    random = np.random.default_rng(seed)
    cases = []
    for ids, _ in texts(seed, recurrent.VOCABULARY, SIZES):
        cases.append([ids, random.uniform(-1, 1, (2, len(ids), recurrent.STATE)).astype(np.float32)])
    axes = {"input_ids": TOKENS, "state": {1: "batch"}, "scores": {0: "batch"}, "last_state": {1: "batch"}}
    torch.manual_seed(seed)
    export(recurrent.Classifier(), path, 10, cases, ["input_ids", "state"], ["scores", "last_state"], axes)
    return cases


def bilstm(path, seed):
    cases = []
    for ids, mask in texts(seed, recurrent.VOCABULARY, [(1, 128), (4, 37), (2, 1)], 0.3):
        lengths = np.sort(mask.sum(1))[::-1].copy()
        lengths[0] = ids.shape[1]  # PyTorch cuts the result behind the longest text
        cases.append([ids, lengths])
    axes = {"input_ids": TOKENS, "lengths": {0: "batch"}, "tags": TOKENS}
    torch.manual_seed(seed)
    export(recurrent.Tagger(), path, 13, cases, ["input_ids", "lengths"], ["tags"], axes)
    return cases


WRITERS = {
    "bert_squad": bert_squad,
    "roberta_base": roberta_base,
    "gpt2": gpt2_small,
    "vit_small": vit_small,
    "vit_small_half": partial(vit_small, half=True),
    "gru": gru,
    "bilstm": bilstm,
}
MODELS = {name: Model(partial(write, seed=1)) for name, write in WRITERS.items()}
