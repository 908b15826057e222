"""What the peer's nightly job and its web service share: sources, candidates, features, ranking.

As a shop sets it up with numpy, scikit-learn and XGBoost: factors of a TruncatedSVD, three sparse matrices of neighbours,
what sells now; 100 candidates of each; a matrix of features; an XGBoost ranker. No loop over items where numpy has a call.
"""

import os

import joblib
import numpy as np

SHARE = 100  # of 500 candidates, for each of five sources
SOURCES = ["svd", "neighbours", "visits", "together", "trending"]
FEATURES = [f"{source}.{what}" for source in SOURCES for what in ("score", "rank")] + [
    "agreement", "events.day", "events.week", "events.month", "events", "conversion", "age", "idle", "price",
    "own.weight", "own.days", "own.events", "category.share", "brand.share", "price.difference", "user.items", "user.recent"]


def best(scores, count):
    """The places of the highest scores that are above zero, in any order. The threshold by partition and one comparison:
    several times faster than argpartition."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count] if len(scores) > count else 0
    return np.flatnonzero(scores >= least if least > 0 else scores > 0)[:count]


class Recommender:
    def __init__(self, data, ranker=None):
        self.data = data
        self.ranker = ranker
        self.users = {user: row for row, user in enumerate(data["user_ids"].tolist())}
        self.user_factors, self.item_factors = data["user_factors"], data["item_factors"]
        self.norms = np.linalg.norm(self.item_factors, axis=1) + 1e-9
        self.history = data["history"]  # CSR of weights, users x items; its `days` and `counts` lie beside it
        self.matrices = [data[name] for name in ("neighbours", "visits", "together")]
        self.trending = data["trending"]
        self.popular = np.argsort(-self.trending)[:2000]  # whoever filters leaves a hundred of them, or has few to show
        self.facts, self.price = data["facts"], data["price"]  # (items, 8), the last of them the price as the features have it
        self.log_price = np.ascontiguousarray(self.facts[:, 7])
        self.category, self.brand = data["category"], data["brand"]

    @classmethod
    def load(cls, folder):
        from xgboost import XGBRanker

        ranker = XGBRanker()
        ranker.load_model(os.path.join(folder, "ranker.ubj"))
        booster = ranker.get_booster()
        booster.set_param({"nthread": 1})
        return cls(joblib.load(os.path.join(folder, "data.joblib")), booster)

    def candidates(self, user, max_price=None):
        """Rows, what each source gives them (sources, rows), and where the user's own items are in the history."""
        start, end = self.history.indptr[user : user + 2]
        items, weights = self.history.indices[start:end], self.history.data[start:end]
        allowed = np.ones(len(self.price), bool) if max_price is None else self.price < max_price
        allowed[items[self.data["bought"][start:end]]] = False
        taste = self.item_factors @ self.user_factors[user]
        found = [best(np.where(allowed, taste, 0), SHARE)]
        dense = [taste]
        for matrix in self.matrices:
            # Few are neighbours of what the user has: the best of those alone, not of the whole catalogue.
            sums = matrix[items].T @ weights
            near = np.flatnonzero((sums > 0) & allowed)
            found.append(near[best(sums[near], SHARE)])
            dense.append(sums)
        now = self.popular[allowed[self.popular]]
        found.append(now[:SHARE])
        pool = np.unique(np.concatenate(found))
        scores = np.stack([sums[pool] for sums in dense] + [self.trending[pool]])
        return pool, scores, slice(start, end)

    def features(self, pool, scores, own):
        rows = np.empty((len(pool), len(FEATURES)), np.float32)
        known = scores > 0
        order = np.argsort(-scores, axis=1)
        ranks = np.empty_like(scores)
        np.put_along_axis(ranks, order, np.arange(1, len(pool) + 1, dtype=np.float32)[None, :], axis=1)
        top = scores.max(axis=1, keepdims=True)
        rows[:, 0:10:2] = np.where(known, scores / np.where(top > 0, top, 1), np.nan).T
        rows[:, 1:10:2] = np.where(known, ranks, np.nan).T
        rows[:, 10] = np.where(known, 1 / (60 + ranks), 0).sum(axis=0)
        rows[:, 11:19] = self.facts[pool]
        items, weights = self.history.indices[own], self.history.data[own]
        rows[:, 19:22] = np.nan
        if len(items):
            place = np.minimum(np.searchsorted(items, pool), len(items) - 1)
            mine = items[place] == pool
            place = place[mine] + own.start
            rows[mine, 19] = self.history.data[place]
            rows[mine, 20] = self.data["days"][place]
            rows[mine, 21] = self.data["counts"][place]
        total = weights.sum() or 1
        for column, codes in ((22, self.category), (23, self.brand)):
            rows[:, column] = (np.bincount(codes[items], weights, minlength=codes.max() + 1) / total)[codes[pool]]
        rows[:, 24] = self.log_price[pool] - (self.log_price[items] @ weights / total)
        rows[:, 25] = len(items)
        rows[:, 26] = np.count_nonzero(self.data["days"][own] < 1)
        return rows

    def recommend(self, user_id, limit, max_price=None, diversity=0.0, per_brand=0):
        """Ids and scores, the best first."""
        user = self.users.get(user_id)
        if user is None:
            order = np.argsort(-self.trending)[:limit]
            return self.data["item_ids"][order], self.trending[order]
        pool, scores, own = self.candidates(user, max_price)
        values = self.ranker.inplace_predict(self.features(pool, scores, own))
        if diversity or per_brand:
            chosen = self.diversified(pool, values, limit, diversity, per_brand)
        else:
            chosen = np.argpartition(-values, min(limit, len(values) - 1))[:limit]
            chosen = chosen[np.argsort(-values[chosen])]
        return self.data["item_ids"][pool[chosen]], values[chosen]

    def diversified(self, pool, values, limit, weight, per_brand):
        """Maximal marginal relevance over the fifty best, at most so many of a brand."""
        order = np.argsort(-values)[: max(50, 4 * limit)]
        rows = pool[order]
        factors = self.item_factors[rows] / self.norms[rows, None]
        category, brand = self.category[rows], self.brand[rows]
        alike = np.maximum(factors @ factors.T, (category[:, None] == category) / 2 + (brand[:, None] == brand) / 2)
        relevance = (1 - weight) * (1 - np.arange(len(rows)) / len(rows))
        similar, free, count = np.zeros(len(rows)), np.ones(len(rows), bool), {}
        chosen = []
        while len(chosen) < limit and free.any():
            place = int(np.argmax(np.where(free, relevance - weight * similar, -np.inf)))
            chosen.append(place)
            free[place] = False
            similar = np.maximum(similar, alike[place])
            count[brand[place]] = count.get(brand[place], 0) + 1
            if per_brand and count[brand[place]] >= per_brand:
                free &= brand != brand[place]
        return order[chosen]
