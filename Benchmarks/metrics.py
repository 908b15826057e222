"""Ranking quality with numpy, written from the definitions and not from reco's code."""

import numpy as np


def evaluate(lists, relevant, item_count, cutoffs=(10, 20)):
    """`lists`: the rows of each user's items, best first, -1 where a list ends; `relevant`: a set of rows for each user.

    Relevant items that are in no list, because the model does not know them, count as missed.
    """
    hits = np.array([[row in wanted for row in ranked] for ranked, wanted in zip(lists.tolist(), relevant)], float)
    totals = np.array([len(wanted) for wanted in relevant], float)
    ranks = np.arange(1, lists.shape[1] + 1)
    discounts = 1 / np.log2(ranks + 1)
    ideal = np.concatenate([[0], np.cumsum(discounts)])
    metrics = {}
    for k in cutoffs:
        top = hits[:, :k]
        bound = np.minimum(totals, k).astype(int)
        metrics[f"recall@{k}"] = np.mean(top.sum(1) / totals)
        metrics[f"ndcg@{k}"] = np.mean(top @ discounts[:k] / ideal[bound])
        metrics[f"hit_rate@{k}"] = np.mean(top.any(1))
        precision = np.cumsum(top, axis=1) / ranks[:k]
        metrics[f"map@{k}"] = np.mean((precision * top).sum(1) / bound)
        metrics[f"coverage@{k}"] = len(set(lists[:, :k].ravel().tolist()) - {-1}) / item_count
    first = np.where(hits.any(1), hits.argmax(1) + 1, np.inf)
    metrics["mrr"] = np.mean(1 / first)
    return metrics
