"""Recorded references of the sentence encoder: prints what SentenceEncoderTests.swift compares with. Needs numpy. Every
weight of these small BERTs follows from a formula, so both sides make the same; here all is computed in double
precision, one sum after the other as the papers write it.
"""
import math

import numpy as np


class Maker:
    """Numbers between -0.5 and 0.5, another sequence for every array."""

    def __init__(self):
        self.array = 0

    def __call__(self, rows, columns, scale, base=0.0):
        self.array += 1
        i, j = np.arange(rows)[:, None], np.arange(columns)[None, :]
        mixed = (i * 131 + j * 71 + (i * j) % 53 * 29 + self.array * 89 + (i * i + j * j) % 31 * 7) % 101
        # The Swift side makes float32 of this.
        return (base + scale * (mixed / 101 - 0.5)).astype(np.float32).astype(np.float64)


def norm(x, gamma, beta):
    mean = x.mean(1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(1, keepdims=True) + 1e-12) * gamma + beta


ACTIVATIONS = {
    "gelu": lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "geluTanh": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: np.maximum(x, 0),
}


def encode(tokens, hidden, layers, heads, inner, activation, pooling, words=40, positions=24):
    make = Maker()
    table, places = make(words, hidden, 2), make(positions, hidden, 1)
    x = norm(table[tokens] + places[: len(tokens)], make(1, hidden, 0.4, 1), make(1, hidden, 0.2))
    width = hidden // heads
    for _ in range(layers):
        def dense(outputs, inputs):
            w, b = make(outputs, inputs, 4 / math.sqrt(inputs)), make(1, outputs, 0.4)
            return lambda y: y @ w.T + b
        query, key, value = (dense(hidden, hidden)(x) for _ in range(3))
        found = np.zeros_like(x)
        for h in range(heads):
            part = slice(h * width, (h + 1) * width)
            scores = query[:, part] @ key[:, part].T / math.sqrt(width)
            weights = np.exp(scores - scores.max(1, keepdims=True))
            found[:, part] = weights / weights.sum(1, keepdims=True) @ value[:, part]
        x = norm(x + dense(hidden, hidden)(found), make(1, hidden, 0.4, 1), make(1, hidden, 0.2))
        between = ACTIVATIONS[activation](dense(inner, hidden)(x))
        x = norm(x + dense(hidden, inner)(between), make(1, hidden, 0.4, 1), make(1, hidden, 0.2))
    vector = x.mean(0) if pooling == "mean" else x[0]
    return vector / np.linalg.norm(vector)


if __name__ == "__main__":
    for shape in [(32, 2, 2, 64, "gelu", "mean"), (20, 2, 5, 36, "geluTanh", "first"), (48, 1, 3, 16, "relu", "mean")]:
        for tokens in [[2, 7, 3], [2, 11, 30, 9, 9, 21, 5, 38, 3], [2] + [(7 * k) % 35 + 4 for k in range(19)] + [3]]:
            print(shape, tokens, [round(float(v), 6) for v in encode(tokens, *shape)[:8]])
