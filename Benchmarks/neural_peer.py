"""Trains NeuMF in PyTorch on the CPU, in a process of its own, and prints samples per second.

The network, the mini-batch, the loss and the optimiser are those of `reco train --model ncf`: vectors that are multiplied,
a perceptron on two others, a logistic loss on a pair and items drawn beside it, Adam. Embeddings have sparse gradients and
Adam's lazy form, which is what reco does; `--dense` is Adam over the whole table. The items are drawn before the clock starts.
"""

import argparse
import json
import sys
import time

import numpy as np
import torch
from scipy import sparse

parser = argparse.ArgumentParser()
parser.add_argument("matrix")  # scipy's .npz
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--factors", type=int, default=64)
parser.add_argument("--layers", default="64,32,16")
parser.add_argument("--negatives", type=int, default=4)
parser.add_argument("--batch", type=int, default=4096)
parser.add_argument("--rate", type=float, default=0.005)
parser.add_argument("--samples", type=int, default=2_000_000)
parser.add_argument("--dense", action="store_true")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
generator = np.random.default_rng(options.seed)
pairs = sparse.load_npz(options.matrix).tocoo()
user_count, item_count = pairs.shape
widths = [int(width) for width in options.layers.split(",")]


class NeuMF(torch.nn.Module):
    def __init__(self):
        super().__init__()

        def table(rows, width):
            made = torch.nn.Embedding(rows, width, sparse=not options.dense)
            torch.nn.init.normal_(made.weight, std=0.1)
            return made

        half = widths[0] // 2
        self.user_factors, self.item_factors = table(user_count, options.factors), table(item_count, options.factors)
        self.user_inputs, self.item_inputs = table(user_count, half), table(item_count, half)
        layers, inputs = [], 2 * half
        for width in widths:
            layers += [torch.nn.Linear(inputs, width), torch.nn.ReLU()]
            inputs = width
        self.perceptron = torch.nn.Sequential(*layers)
        self.output = torch.nn.Linear(options.factors + inputs, 1)

    def forward(self, users, items):
        product = self.user_factors(users) * self.item_factors(items)
        hidden = self.perceptron(torch.cat([self.user_inputs(users), self.item_inputs(items)], 1))
        return self.output(torch.cat([product, hidden], 1)).squeeze(1)


model = NeuMF()
tables = [module.weight for module in model.modules() if isinstance(module, torch.nn.Embedding)]
others = [weight for weight in model.parameters() if not any(weight is table for table in tables)]
if options.dense:
    optimizers = [torch.optim.Adam(model.parameters(), lr=options.rate)]
else:
    optimizers = [torch.optim.SparseAdam(tables, lr=options.rate), torch.optim.Adam(others, lr=options.rate)]
loss_of = torch.nn.BCEWithLogitsLoss()

size = 1 + options.negatives
groups = max(1, options.batch // size)
steps = max(1, options.samples // (groups * size))
chosen = generator.integers(0, pairs.nnz, steps * groups)
users = torch.from_numpy(np.repeat(pairs.row[chosen].astype(np.int64), size))
items = generator.integers(0, item_count, steps * groups * size)
items[::size] = pairs.col[chosen]
items = torch.from_numpy(items)
labels = torch.zeros(groups * size)
labels[::size] = 1


def train(first, last):
    for step in range(first, last):
        rows = slice(step * groups * size, (step + 1) * groups * size)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = loss_of(model(users[rows], items[rows]), labels)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
    return float(loss)


warm = max(1, steps // 20)
train(0, warm)
start, worked = time.perf_counter(), time.process_time()
loss = train(warm, steps)
samples = (steps - warm) * groups * size
json.dump({
    "samples_per_second": samples / (time.perf_counter() - start),
    "samples_per_processor_second": samples / (time.process_time() - worked), "loss": loss}, sys.stdout)
