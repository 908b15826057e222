"""The peer's nightly job: `python train.py EVENTS ITEMS FOLDER [--trees 300] [--leaves 31]`; prints JSON.

The ranker learns as reco's does: sources are fitted to what happened before the last days, or without each user's last
item where there are no dates, and what came then says which candidates were right.
"""

import argparse
import json
import os
import time

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize
from xgboost import XGBRanker

from recommender import FEATURES, Recommender

DAY = 86_400
WEIGHTS = {"view": 1.0, "cart": 3.0, "purchase": 5.0, "interaction": 1.0}
HIDES = ["purchase", "interaction"]
NEIGHBOURS = 50


def neighbours(matrix):
    """Cosines of the columns, the best of each; block by block, so that memory stays small."""
    columns = normalize(matrix.T.tocsr())
    blocks = []
    for first in range(0, columns.shape[0], 1000):
        block = (columns[first : first + 1000] @ columns.T).tocsr()
        for row in range(block.shape[0]):
            start, end = block.indptr[row : row + 2]
            values = block.data[start:end]
            values[block.indices[start:end] == first + row] = 0
            if end - start > NEIGHBOURS:
                values[np.argpartition(values, -NEIGHBOURS)[:-NEIGHBOURS]] = 0
        block.eliminate_zeros()
        blocks.append(block)
    return sparse.vstack(blocks, "csr").astype(np.float32)


def fit(events, items, users):
    """Everything that serving needs but the ranker."""
    now = events.time.max()
    days = (now - events.time.to_numpy()) / DAY
    shape = (len(users), len(items))
    rows, columns = events.user_row.to_numpy(), events.item_row.to_numpy()
    bought = events.event.isin(HIDES).to_numpy()

    # One entry for each pair, with the weight, the last time, the number and whether it hides the item.
    weights = events.event.map(WEIGHTS).to_numpy()
    grouped = pd.DataFrame({"user": rows, "item": columns, "weight": weights, "days": days, "bought": bought})
    grouped = grouped.groupby(["user", "item"], sort=True).agg(
        weight=("weight", "sum"), days=("days", "min"), count=("weight", "size"), bought=("bought", "max")).reset_index()
    starts = np.searchsorted(grouped.user.to_numpy(), np.arange(len(users) + 1))
    weight = 1 + np.log(grouped.weight.to_numpy())
    entries = weight.astype(np.float32), grouped.item.to_numpy(np.int32), starts.astype(np.int32)
    history = sparse.csr_matrix(entries, shape=shape)

    svd = TruncatedSVD(64, random_state=1)
    user_factors = svd.fit_transform(history).astype(np.float32)

    # A visit ends after half an hour without an event; purchases of one visit are a basket.
    order = np.lexsort((events.time.to_numpy(), rows))
    gaps = (np.diff(events.time.to_numpy()[order]) > 1800) | (np.diff(rows[order]) != 0)
    visits = np.empty(len(events), np.int64)
    visits[order] = np.concatenate([[0], np.cumsum(gaps)])
    ones = np.ones(len(events), np.float32)

    def incidence(mask):
        matrix = sparse.csr_matrix((ones[mask], (visits[mask], columns[mask])), shape=(visits.max() + 1, len(items)))
        matrix.data[:] = 1
        return matrix

    def within(limit, mask=slice(None)):
        return np.bincount(columns[mask][days[mask] < limit], minlength=len(items)).astype(np.float32)

    total = within(np.inf)
    first = np.full(len(items), np.nan)
    last = np.full(len(items), np.nan)
    spans = pd.Series(days).groupby(columns).agg(["max", "min"])
    first[spans.index], last[spans.index] = spans["max"], spans["min"]
    facts = np.column_stack([
        np.log1p(within(1)), np.log1p(within(7)), np.log1p(within(30)), np.log1p(total),
        within(np.inf, bought) / np.maximum(total, 1), first, last, np.log1p(items.price)]).astype(np.float32)
    return {
        "user_ids": users, "item_ids": items.item.to_numpy(), "user_factors": user_factors,
        "item_factors": np.ascontiguousarray(svd.components_.T, np.float32), "history": history,
        "days": grouped.days.to_numpy(np.float32), "counts": grouped["count"].to_numpy(np.float32),
        "bought": grouped.bought.to_numpy(bool), "neighbours": neighbours(history), "visits": neighbours(incidence(slice(None))),
        "together": neighbours(incidence(bought)), "facts": facts, "price": items.price.to_numpy(np.float32),
        "trending": np.bincount(columns, 0.5 ** (days / 7) * bought, len(items)).astype(np.float32),
        "category": items.category.factorize(use_na_sentinel=False)[0], "brand": items.brand.factorize(use_na_sentinel=False)[0]}


def lists(recommender, after, most):
    """Features, labels and sizes of the lists of users who then bought something that was proposed."""
    matrices, labels, sizes = [], [], []
    relevant = after[after.event.isin(HIDES)].groupby("user_row").item_row.agg(set)
    for user, right in relevant.sample(frac=1, random_state=1).items():
        pool, scores, own = recommender.candidates(user)
        label = np.isin(pool, list(right))
        if label.any() and own.stop > own.start:
            matrices.append(recommender.features(pool, scores, own))
            labels.append(label)
            sizes.append(len(pool))
            if len(sizes) == most:
                break
    return np.concatenate(matrices), np.concatenate(labels).astype(np.int8), np.asarray(sizes)


def ndcg(scores, labels, sizes):
    values, start = [], 0
    discount = 1 / np.log2(np.arange(2, 12))
    for size in sizes:
        label = labels[start : start + size][np.argsort(-scores[start : start + size])][:10]
        values.append(label @ discount[: len(label)] / discount[: min(10, labels[start : start + size].sum())].sum())
        start += size
    return float(np.mean(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events")
    parser.add_argument("items")
    parser.add_argument("folder")
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--leaves", type=int, default=31)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--lists", type=int, default=4000)
    options = parser.parse_args()
    began = time.perf_counter()
    os.makedirs(options.folder, exist_ok=True)
    items = pd.read_csv(options.items) if options.items else pd.DataFrame({"item": []}, dtype=int)
    for column in ("price", "category", "brand"):
        if column not in items:
            items[column] = 0.0
    events = pd.read_csv(options.events, sep="\t" if ".tsv" in options.events else ",")
    if "event" not in events:
        events["event"] = "interaction"
    rows, users = pd.factorize(events.user)
    events["user_row"] = rows
    # What has events but is not in the list of products counts as well.
    unknown = np.setdiff1d(events.item.unique(), items.item)
    items = pd.concat([items, pd.DataFrame({"item": unknown})], ignore_index=True).fillna({"price": 0})
    events["item_row"] = pd.Index(items.item).get_indexer(events.item)
    dates = events.time.max() - events.time.min() > 7 * DAY
    if dates:
        late = events.time > events.time.max() - 7 * DAY
    else:
        late = events.groupby("user").time.rank(method="first", ascending=False) == 1
    X, y, sizes = lists(Recommender(fit(events[~late], items, np.asarray(users))), events[late], options.lists)
    held = len(sizes) // 5
    cut = int(sizes[:held].sum())
    # 31 leaves grown where most is gained, as reco's and LightGBM's; XGBoost's own default of depth 6 has up to 64.
    ranker = XGBRanker(
        n_estimators=options.trees, objective="rank:ndcg", learning_rate=options.rate, tree_method="hist",
        grow_policy="lossguide", max_leaves=options.leaves, max_depth=0, n_jobs=2)
    ranker.fit(X[cut:], y[cut:], group=sizes[held:])
    joblib.dump(fit(events, items, np.asarray(users)), os.path.join(options.folder, "data.joblib"))
    ranker.save_model(os.path.join(options.folder, "ranker.ubj"))
    print(json.dumps({
        "seconds": time.perf_counter() - began, "lists": len(sizes), "features": len(FEATURES),
        "candidates": float(sizes.mean()), "ndcg@10": ndcg(ranker.predict(X[:cut]), y[:cut], sizes[:held]),
        "svd ndcg@10": ndcg(np.nan_to_num(X[:cut, 0], nan=-1), y[:cut], sizes[:held])}))


if __name__ == "__main__":
    main()
