"""Recorded references of the factor models: prints what ALSTests.swift, SVDTests.swift and RandomizedSVDTests.swift
compare with. Needs numpy. The data is a small shop whose every value follows from a formula, so both sides make the same.
"""
import numpy as np


def shop(users, items):
    """Value of user u and item i: two tastes, some noise, weights 1 to 3; 0 where there is no event."""
    m = np.zeros((users, items))
    for u in range(users):
        for i in range(items):
            same_taste = u % 2 == i % 2
            if (u * 31 + i * 17 + u * i * 7 + u * u * 5 + i * i * 3) % 23 < (12 if same_taste else 1):
                m[u, i] = 1 + (u + i) % 3
    return m


def als_loss(m, rank, regularization, seed, iterations=2000):
    """The loss that exact alternating least squares ends with; confidence = value, 1 where there is none."""
    p, c = (m > 0).astype(float), np.where(m > 0, m, 1.0)
    r = np.random.default_rng(seed)
    x, y = r.random((m.shape[0], rank)) * 0.01, r.random((m.shape[1], rank)) * 0.01
    eye = regularization * np.eye(rank)

    def solve(fixed, c, p):
        return np.array([np.linalg.solve(fixed.T @ (cu[:, None] * fixed) + eye, fixed.T @ (cu * pu))
                         for cu, pu in zip(c, p)])

    for _ in range(iterations):
        x = solve(y, c, p)
        y = solve(x, c.T, p.T)
    return (c * (p - x @ y.T) ** 2).sum() + regularization * ((x ** 2).sum() + (y ** 2).sum())


if __name__ == "__main__":
    m = shop(60, 40)
    print("events", int((m > 0).sum()), "sum", m.sum())
    print("singular values", [round(float(s), 5) for s in np.linalg.svd(m, compute_uv=False)[:8]])
    print("ALS loss, 4 factors, regularization 0.1, by seed:", [round(als_loss(m, 4, 0.1, s), 4) for s in range(4)])
