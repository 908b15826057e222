"""A plain PyTorch training of what rankers.py trains with reco, on the CPU: layers, batch and optimiser alike."""

import argparse
import json
import time

import numpy as np
import torch
from torch import nn


def layers(inputs, dropout):
    parts = []
    for width in (64, 32):
        parts += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(dropout)]
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, 1))


def mlp(folder, options):
    """Rows by themselves, with the logistic loss: no groups to gather."""
    x, y = (torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("x", "y"))
    model = layers(x.shape[1], options.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=1e-4)
    loss = nn.BCEWithLogitsLoss()
    start = time.perf_counter()
    for _ in range(options.epochs):
        order = torch.randperm(len(x))
        for first in range(0, len(x), options.batch):
            rows = order[first:first + options.batch]
            optimizer.zero_grad(set_to_none=True)
            loss(model(x[rows]).squeeze(1), y[rows]).backward()
            optimizer.step()
    return len(x) * options.epochs / (time.perf_counter() - start)


class WideAndDeep(nn.Module):
    def __init__(self, numbers, levels, weights, dropout, width=8):
        super().__init__()
        self.embeddings = nn.Embedding(levels, width, sparse=False)
        self.count = options.embedded
        self.deep = layers(numbers + self.count * width, dropout)
        self.wide = torch.zeros(weights)
        self.z, self.n = torch.zeros(weights), torch.zeros(weights)

    def forward(self, numbers, levels, crosses):
        deep = self.deep(torch.cat([numbers, self.embeddings(levels).flatten(1)], 1)).squeeze(1)
        return deep + self.wide[crosses].sum(1)

    @torch.no_grad()
    def ftrl(self, crosses, delta, alpha=0.01, beta=1, l1=1, l2=1):
        rows, place = torch.unique(crosses.flatten(), return_inverse=True)
        g = torch.zeros(len(rows)).index_add_(0, place, delta.repeat_interleave(crosses.shape[1]))
        n, w = self.n[rows], self.wide[rows]
        after = n + g * g
        z = self.z[rows] + g - (after.sqrt() - n.sqrt()) / alpha * w
        self.n[rows], self.z[rows] = after, z
        self.wide[rows] = torch.where(z.abs() <= l1, 0, -(z - z.sign() * l1) / ((beta + after.sqrt()) / alpha + l2))


def wide_deep(folder, options):
    numbers, levels, crosses, y = (
        torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("numbers", "levels", "crosses", "y"))
    options.embedded = levels.shape[1]
    model = WideAndDeep(numbers.shape[1], int(levels.max()) + 1, int(crosses.max()) + 1, options.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002, weight_decay=1e-5)
    loss = nn.BCEWithLogitsLoss()
    start = time.perf_counter()
    for _ in range(options.epochs):
        order = torch.randperm(len(y))
        for first in range(0, len(y), options.batch):
            rows = order[first:first + options.batch]
            optimizer.zero_grad(set_to_none=True)
            scores = model(numbers[rows], levels[rows], crosses[rows])
            loss(scores, y[rows]).backward()
            optimizer.step()
            model.ftrl(crosses[rows], torch.sigmoid(scores.detach()) - y[rows])
    return len(y) * options.epochs / (time.perf_counter() - start)


parser = argparse.ArgumentParser()
parser.add_argument("model", choices=["mlp-ranker", "wide-deep"])
parser.add_argument("folder")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--batch", type=int, default=512)
parser.add_argument("--dropout", type=float, default=0.1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)
speed = (mlp if options.model == "mlp-ranker" else wide_deep)(options.folder, options)
print(json.dumps({"rows_per_second": speed, "torch": torch.__version__}))
