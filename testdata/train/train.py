#!/usr/bin/env python3
"""Trains fashion_mlp and fashion_cnn on Fashion-MNIST and exports them to ONNX.

The run is deterministic on one machine: fixed seeds, one thread. Other processors or versions of
PyTorch may give other weights. Checkpoints go to --checkpoints; --export-only starts from them.
"""

import argparse
import math
import os
import time

import torch
from torch.nn import functional as F

import data
import export
import nets
import thresholds

EPOCHS = {"fashion_mlp": 20, "fashion_cnn": 8}
BATCH = 128
RATE = 0.004


def accuracy(net, images, labels):
    """Returns the share of images whose largest output is at their label."""
    net.eval()
    with torch.no_grad():
        hits = sum(
            int((net(images[i : i + 1000]).argmax(1) == labels[i : i + 1000]).sum())
            for i in range(0, len(images), 1000)
        )
    return hits / len(images)


def fit(net, images, labels, epochs):
    """Trains net in place: Adam, cosine schedule, cross-entropy before the final Softmax."""
    body = net[:-1]  # shares its modules with net; cross-entropy does the Softmax
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    steps_per_epoch = len(images) // BATCH
    total = epochs * steps_per_epoch
    step = 0
    for epoch in range(epochs):
        start, losses = time.time(), 0.0
        net.train()
        order = torch.randperm(len(images))
        for i in range(steps_per_epoch):
            rate = RATE * (0.5 + 0.5 * math.cos(math.pi * step / total))
            for group in optimizer.param_groups:
                group["lr"] = rate
            batch = order[i * BATCH : (i + 1) * BATCH]
            loss = F.cross_entropy(body(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            nets.clip_latent_weights(net)
            nets.keep_gammas_away_from_zero(net)
            losses += float(loss.detach())
            step += 1
        print(
            f"  epoch {epoch + 1}/{epochs} loss {losses / steps_per_epoch:.4f}"
            f" {time.time() - start:.0f} s",
            flush=True,
        )


def recalibrate(net, images, count=20000):
    """Sets the running statistics of each BatchNorm to the average over `count` images."""
    norms = nets.batch_norms(net)
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    with torch.no_grad():
        for i in range(0, count, 500):
            net(images[i : i + 500])
    for norm in norms:
        norm.momentum = 0.1


def freeze(net):
    """Fixes the weights of all binary layers and of the stem for evaluation and export."""
    for module in net.modules():
        if isinstance(module, (nets.BinaryWeight, nets.GridConv)):
            module.freeze()


def build(name, seed):
    """Returns a new network with seeded random weights."""
    torch.manual_seed(seed)
    net = nets.NETS[name]()
    nets.flip_some_gammas(net)
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder for the .onnx files")
    parser.add_argument("--data", default=data.DEFAULT_DIR, help="folder of the IDX files")
    parser.add_argument("--checkpoints", default="build/train", help="folder for the weights")
    parser.add_argument("--nets", nargs="+", default=sorted(nets.NETS, reverse=True))
    parser.add_argument("--epochs", type=int, help="the same number for all networks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--export-only", action="store_true", help="use the checkpoints")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    os.makedirs(args.out, exist_ok=True)
    os.makedirs(args.checkpoints, exist_ok=True)
    train_images, train_labels = data.load(args.data, "train")
    test_images, test_labels = data.load(args.data, "t10k")
    train_x = torch.from_numpy(data.to_input(train_images))
    train_y = torch.from_numpy(train_labels.astype("int64"))
    test_x = torch.from_numpy(data.to_input(test_images))
    test_y = torch.from_numpy(test_labels.astype("int64"))

    for name in args.nets:
        checkpoint = os.path.join(args.checkpoints, f"{name}.pt")
        net = build(name, args.seed)
        print(name, flush=True)
        if args.export_only:
            net.load_state_dict(torch.load(checkpoint))
        else:
            fit(net, train_x, train_y, args.epochs or EPOCHS[name])
            recalibrate(net, train_x)
            torch.save(net.state_dict(), checkpoint)
        freeze(net)
        print(f"  test accuracy {accuracy(net, test_x, test_y):.4f}")
        worst = thresholds.centre(net)
        print(f"  thresholds moved to midpoints, worst error {worst:.1e} grid steps")
        print(f"  test accuracy {accuracy(net, test_x, test_y):.4f}")
        for norm in nets.batch_norms(net):
            negative = int((norm.weight < 0).sum())
            print(f"  BatchNorm {norm.num_features}: {negative} negative gammas")
        for path in export.export_all(net, name, args.out):
            print(f"  {path} {os.path.getsize(path)} bytes", flush=True)


if __name__ == "__main__":
    main()
