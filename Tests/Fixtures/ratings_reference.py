"""Recorded references of the models of ratings and of NMF: prints what RatingModelTests.swift and NMFTests.swift compare
with. Needs numpy and scikit-learn.
"""
import numpy as np
from sklearn.decomposition import NMF

from factors_reference import shop

MASK = 2**64 - 1
PAIRS = (0, 0), (1, 0), (7, 20), (40, 35), (23, 9)


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


class Generator:
    """SeededGenerator.swift: xoshiro256** from SplitMix64."""

    def __init__(self, seed):
        self.state = []
        for step in range(1, 5):
            z = seed + step * 0x9E3779B97F4A7C15 & MASK
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
            z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
            self.state.append(z ^ z >> 31)

    def next_float(self):
        s = self.state
        scrambled, shifted = s[1] * 5 & MASK, s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = (s[3] << 45 | s[3] >> 19) & MASK
        return (((scrambled << 7 | scrambled >> 57) * 9 & MASK) >> 40) * 2.0**-24


def factorise(kind, factors=3, regularization=1.4, iterations=10, implicit_regularization=50, seed=1):
    """Predictions after as many iterations from the same start, in double precision and as plainly as can be."""
    table, users, items = ratings()
    known = np.zeros((users, items), bool)
    r = np.zeros((users, items))
    for (u, i), value in table.items():
        known[u, i], r[u, i] = True, value
    mean, spread = r[known].mean(), r[known].std()
    offsets = kind != "nmf"
    r = (r - (mean if offsets else 0)) / spread
    rank = factors + 2 * offsets
    generator = Generator(seed)
    w, h = (np.array([[generator.next_float() for _ in range(rank)] for _ in range(n)]) for n in (users, items))
    if offsets:
        w, h = w - 0.5, h - 0.5
        w[:, 0], w[:, 1], h[:, 0], h[:, 1] = 0, 1, 1, 0
    else:
        w, h = (2 * np.sqrt(mean / spread / factors) * side for side in (w, h))

    def solve(row, fixed_rows, values, prior, frozen, sweeps=1):
        stiffness = regularization * np.sqrt(len(values))
        for _ in range(sweeps):
            for k in range(rank):
                if offsets and k == frozen:
                    continue
                column = fixed_rows[:, k]
                rest = values - fixed_rows @ row + column * row[k]
                row[k] = (column @ rest + stiffness * prior[k]) / (column @ column + stiffness)
                if not offsets:
                    row[k] = max(0, row[k])

    counts = known.sum(1)
    a = known / np.sqrt(counts)[:, None]
    s = regularization * np.sqrt(counts)
    y = np.zeros((items, rank))
    base = np.zeros(rank)
    base[1:2] = offsets
    normal = a.T @ (s[:, None] * a) + implicit_regularization * np.eye(items)

    def solve_users(sweeps=1):
        priors = base + a @ y if kind == "svdpp" else np.tile(w.mean(0), (users, 1))
        for u in range(users):
            solve(w[u], h[known[u]], r[u, known[u]], priors[u], 1, sweeps)

    for _ in range(iterations):
        solve_users()
        prior = h.mean(0)
        for i in range(items):
            solve(h[i], w[known[:, i]], r[known[:, i], i], prior, 0)
        if kind != "svdpp":
            continue
        for column in range(rank):  # three steps of conjugate gradients
            residual = a.T @ (s * (w - base)[:, column]) - normal @ y[:, column]
            direction = residual.copy()
            for _ in range(3):
                before = residual @ residual
                if before == 0:
                    break
                step = before / (direction @ normal @ direction)
                y[:, column] += step * direction
                residual -= step * normal @ direction
                direction = residual + residual @ residual / before * direction
    solve_users(sweeps=5)
    return (mean if offsets else 0) + spread * (w @ h.T)


if __name__ == "__main__":
    table, _, _ = ratings()
    print("ratings", len(table), "mean", np.mean(list(table.values())), "spread", np.std(list(table.values())))
    for kind in ("rating-mf", "svdpp", "nmf"):
        predicted = factorise(kind)
        error = np.sqrt(np.mean([(predicted[pair] - value) ** 2 for pair, value in table.items()]))
        print(kind, "rmse", round(float(error), 5), [round(float(predicted[pair]), 4) for pair in PAIRS])
    m = shop(60, 40)
    for rank in (2, 3):
        for seed in range(3):
            model = NMF(rank, init="random", random_state=seed, tol=1e-9, max_iter=5000).fit(m)
            print("NMF loss, rank", rank, round(model.reconstruction_err_ ** 2, 4))
