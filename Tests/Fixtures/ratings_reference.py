"""Recorded references of the models of ratings and of NMF: prints what RatingModelTests.swift and NMFTests.swift compare
with. Needs numpy and scikit-learn. Plain normal equations in double precision, from several starts, until nothing moves.
"""
import numpy as np
from sklearn.decomposition import NMF

from factors_reference import shop


def ratings(users=48, items=36):
    """Ratings of 1 to 5 by formula: offsets, two tastes, noise; None where there is none."""
    table = {}
    for u in range(users):
        for i in range(items):
            number = u * 31 + i * 17 + u * i * 7 + u * u * 5 + i * i * 3
            if number % 7 < 4:
                value = 6 + u * 7 % 5 - 2 + i * 11 % 7 - 3 + (3 if u % 2 == i % 2 else -3) + number % 3
                table[u, i] = min(5, max(1, value / 2))
    return table, users, items


def factorise(kind, factors, regularization, iterations=500, implicit_regularization=50, seed=0):
    table, users, items = ratings()
    known = np.zeros((users, items), bool)
    r = np.zeros((users, items))
    for (u, i), value in table.items():
        known[u, i], r[u, i] = True, value
    mean, spread = r[known].mean(), r[known].std()
    offsets = kind != "nmf"
    r = (r - (mean if offsets else 0)) / spread
    rank = factors + 2 * offsets
    random = np.random.default_rng(seed)
    w, h = (random.random((n, rank)) * (1 if offsets else 2 * np.sqrt(mean / spread / factors)) for n in (users, items))
    if offsets:
        w, h = w - 0.5, h - 0.5
        w[:, 0], w[:, 1], h[:, 0], h[:, 1] = 0, 1, 1, 0

    def solve(row, fixed_rows, values, prior, frozen):
        """The ridge solution, by elements where they must not be negative."""
        stiffness = regularization * np.sqrt(len(values))
        free = [k for k in range(rank) if k != frozen]
        if offsets:
            a = fixed_rows[:, free]
            target = values - fixed_rows[:, frozen] * row[frozen] - a @ prior[free]
            row[free] = prior[free] + np.linalg.solve(a.T @ a + stiffness * np.eye(len(free)), a.T @ target)
            return
        for _ in range(3):
            for k in free:
                rest = values - fixed_rows @ row + fixed_rows[:, k] * row[k]
                row[k] = max(0, (fixed_rows[:, k] @ rest + stiffness * prior[k]) / (fixed_rows[:, k] @ fixed_rows[:, k] + stiffness))

    counts = known.sum(1)
    a = known / np.sqrt(counts)[:, None]
    s = regularization * np.sqrt(counts)
    y = np.zeros((items, rank))
    base = np.zeros(rank)
    base[1:2] = offsets
    for _ in range(iterations):
        before = w @ h.T
        priors = base + a @ y if kind == "svdpp" else np.tile(w.mean(0), (users, 1))
        for u in range(users):
            solve(w[u], h[known[u]], r[u, known[u]], priors[u], 1 if offsets else None)
        prior = h.mean(0)
        for i in range(items):
            solve(h[i], w[known[:, i]], r[known[:, i], i], prior, 0 if offsets else None)
        if kind == "svdpp":
            y = np.linalg.solve(a.T @ (s[:, None] * a) + implicit_regularization * np.eye(items), a.T @ (s[:, None] * (w - base)))
        if np.abs(w @ h.T - before).max() < 1e-6:
            break
    return (mean if offsets else 0) + spread * (w @ h.T), np.sqrt(np.mean((spread * (w @ h.T - r)[known]) ** 2))


if __name__ == "__main__":
    table, _, _ = ratings()
    print("ratings", len(table), "mean", np.mean(list(table.values())), "spread", np.std(list(table.values())))
    for kind in ("rating-mf", "svdpp", "nmf"):
        for seed in range(3):
            predicted, error = factorise(kind, 3, 1.4, seed=seed)
            print(kind, "rmse", round(float(error), 4), [round(float(predicted[u, i]), 3) for u, i in ((0, 0), (1, 0), (7, 20), (40, 35), (23, 9))])
    m = shop(60, 40)
    for seed in range(4):
        for rank in (2, 3):
            model = NMF(rank, init="random", random_state=seed, tol=1e-12, max_iter=20000)
            model.fit(m)
            print("NMF loss, rank", rank, round(model.reconstruction_err_ ** 2, 4))
