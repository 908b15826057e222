"""Ranking metrics computed with numpy, independently of RecoKit; made the numbers in EvaluationTests.swift.

Lists and relevant sets come from the same little generator as in the test (a 64-bit linear congruential one), so that
nothing but the expected numbers has to be stored. Usage: python evaluation_reference.py
"""
import numpy as np

USERS, ITEMS, LENGTH, CUTOFFS = 250, 120, 50, (1, 5, 10, 20, 100)


class Generator:
    def __init__(self, state):
        self.state = state

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def users():
    """Yields (ranked list, relevant set, unknown) for each user; items with low numbers are hits more often."""
    g = Generator(2024)
    for _ in range(USERS):
        length = g.below(LENGTH + 1)
        ranked = []
        while len(ranked) < length:
            item = g.below(ITEMS) * g.below(ITEMS) // ITEMS
            if item not in ranked:
                ranked.append(item)
        relevant = {g.below(ITEMS) * g.below(ITEMS) // ITEMS for _ in range(g.below(12))}
        yield ranked, relevant, g.below(3)


def main():
    rows = []
    shown = {k: set() for k in CUTOFFS}
    for ranked, relevant, unknown in users():
        n = len(relevant) + unknown
        if n == 0:
            continue
        hit = np.isin(ranked, list(relevant)).astype(float)
        discount = 1 / np.log2(np.arange(2, 1002))
        row = {}
        for k in CUTOFFS:
            h = hit[:k]
            row[f"recall@{k}"] = h.sum() / n
            row[f"ndcg@{k}"] = (h * discount[: len(h)]).sum() / discount[: min(k, n)].sum()
            row[f"hit_rate@{k}"] = float(h.any())
            row[f"map@{k}"] = (h * np.cumsum(h) / np.arange(1, len(h) + 1)).sum() / min(k, n)
            shown[k].update(ranked[:k])
        row["mrr"] = 1 / (1 + hit.argmax()) if hit.any() else 0.0
        rows.append(row)
    print(f"users {len(rows)}")
    for kind in ("recall", "ndcg", "hit_rate", "map"):
        for k in CUTOFFS:
            print(f'"{kind}@{k}": {np.mean([r[f"{kind}@{k}"] for r in rows]):.9f},')
    print(f'"mrr": {np.mean([r["mrr"] for r in rows]):.9f},')
    for k in CUTOFFS:
        print(f'"coverage@{k}": {len(shown[k]) / ITEMS:.9f},')


if __name__ == "__main__":
    main()
