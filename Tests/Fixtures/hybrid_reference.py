"""Recorded reference of the optimisers of hybrid factorisation: prints what FeatureVectorsTests.swift compares with.

A user made of three features (weights 1, 0.5, 0.8) takes steps along directions that follow from a formula. Needs numpy.
"""
import numpy as np

WEIGHTS = np.array([1, 0.5, 0.8], dtype=np.float64)
WIDTH, STEPS, PENALTY = 5, 40, 0.01


def directions():
    for step in range(STEPS):
        yield np.array([np.sin(1 + step * 3 + k * 2) for k in range(WIDTH)]), (-1) ** (step % 3)


def start():
    return np.array([[0.1 * (f + 1) - 0.05 * k for k in range(WIDTH)] for f in range(3)])


def adagrad(rate):
    x, squares = start(), np.ones((3, WIDTH))
    for direction, scale in directions():
        gradient = scale * WEIGHTS[:, None] * direction + PENALTY * x
        squares += gradient ** 2
        x -= rate * gradient / np.sqrt(squares)
    return x


def adadelta(decay, epsilon):
    x, squares, steps = start(), np.zeros((3, WIDTH)), np.zeros((3, WIDTH))
    for direction, scale in directions():
        gradient = scale * WEIGHTS[:, None] * direction + PENALTY * x
        squares = decay * squares + (1 - decay) * gradient ** 2
        change = gradient * np.sqrt((steps + epsilon) / (squares + epsilon))
        steps = decay * steps + (1 - decay) * change ** 2
        x -= change
    return x


if __name__ == "__main__":
    for name, x in (("adagrad 0.1", adagrad(0.1)), ("adadelta 0.9 1e-4", adadelta(0.9, 1e-4))):
        print(name, [[round(float(v), 6) for v in row] for row in x])
