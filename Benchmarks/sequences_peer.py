"""A plain PyTorch form of the model sasrec: the same network, loss, optimiser, windows and mini-batches, padded on the left to
the longest of the batch. Trains some steps on a file of events and prints what they took as JSON. Runs by itself, for its number of threads.
"""

import argparse
import json
import random
import resource
import time

import pandas as pd
import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
        self.projection = nn.Linear(width, 3 * width)
        self.attended, self.inner, self.outer = (nn.Linear(width, width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        rows, length, width = x.shape
        projected = self.projection(self.norms[0](x)).view(rows, length, 3, self.heads, width // self.heads)
        found = functional.scaled_dot_product_attention(*projected.permute(2, 0, 3, 1, 4), attn_mask=mask)
        x = x + self.dropout(self.attended(found.transpose(1, 2).reshape(rows, length, width)))
        return x + self.dropout(self.outer(self.dropout(functional.relu(self.inner(self.norms[1](x))))))


class Network(nn.Module):
    def __init__(self, items, length, width, blocks, heads, dropout):
        super().__init__()
        self.width = width
        self.items = nn.Embedding(items + 1, width, padding_idx=0)
        self.positions = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        for table in (self.items, self.positions):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, items):
        length = items.shape[1]
        x = self.dropout(self.items(items) * self.width**0.5 + self.positions.weight[:length])
        # A place that fills up sees itself, for a softmax needs something.
        places = torch.ones(length, length, dtype=torch.bool).tril() & (items != 0)[:, None, :]
        mask = (places | torch.eye(length, dtype=torch.bool))[:, None]
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x)


def windows(sequences, length):
    """As the model sasrec cuts them: from the end, the first piece of a long sequence of any length."""
    parts = []
    for sequence in sequences:
        last = len(sequence) - 1
        most = random.randint(1, length) if last > length else length
        while last > 0:
            count = min(most, last)
            parts.append(sequence[last - count : last + 1])
            last -= count
            most = length
    random.shuffle(parts)
    return parts


def padded(parts):
    longest = max(map(len, parts))
    return torch.tensor([[0] * (longest - len(part)) + part for part in parts])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("events")
    for name, value in (("threads", 1), ("steps", 10), ("length", 200), ("factors", 64), ("blocks", 2), ("heads", 1),
                        ("batch", 32), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--dropout", type=float, default=0.2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    events = pd.read_csv(options.events, sep="\t")
    events["number"] = pd.factorize(events["item"])[0] + 1
    sequences = [group.tolist() for _, group in events.groupby("user", sort=False)["number"]]
    network = Network(
        events["number"].max(), options.length, options.factors, options.blocks, options.heads, options.dropout)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)

    def step(batch):
        items, told = padded([part[:-1] for part in batch]), padded([part[1:] for part in batch])
        states = network(items)[told != 0]
        loss = functional.cross_entropy(states @ network.items.weight[1:].T, told[told != 0] - 1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return len(states)

    parts = windows(sequences, options.length)
    batches = [parts[start : start + options.batch] for start in range(0, len(parts), options.batch)]
    step(batches[-1])  # what is made at the first use is no part of a step
    places, start, worked = 0, time.perf_counter(), time.process_time()
    for batch in batches[: options.steps]:
        places += step(batch)
    print(json.dumps({
        "places": places, "seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - worked,
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
