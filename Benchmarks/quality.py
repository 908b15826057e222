"""Recommendations beside the peers': reco's by its own evaluation, the peers' lists by numpy, and both kinds compared."""

import numpy as np

from datasets import DataSet
from metrics import evaluate
from training import ALS, BPR, ITEM_KNN, SVD
from workshop import peer, reco, work

METRICS = ("recall@10", "ndcg@10", "recall@20", "ndcg@20")
# An item stands among its own neighbours in implicit's lists, so 21 there are 20 others.
PEER_OPTIONS = {"als": [], "bpr": BPR.peer_options, "item-knn": ["--neighbors", 21], "svd": ["--iterations", 20]}
SETS = (("ml-1m", "none"), ("gowalla", "none"), ("online-retail", "none"), ("online-retail", "log"))


def of_reco(model, data, seed):
    out = model.train(data, 2, seed)[0].out
    metrics = reco("evaluate", out, "--test", data.test_path, "--k", "10,20", "--json")
    return metrics["metrics"]


def of_peer(model, data, seed):
    known = np.flatnonzero(data.test_users >= 0)
    users = work("data", f"{data.name}-users.npy")
    np.save(users, data.test_users[known])
    out = work("models", f"{data.name}-{model.name}-lists.npz")
    peer(model.name, data.matrix_path(), out, "--users", users, "--seed", seed, *PEER_OPTIONS[model.name], threads=2)
    lists = np.full((len(data.relevant), 20), -1)
    lists[known] = np.load(out)["lists"]
    return evaluate(lists, data.relevant, data.train.shape[1])


def compare(report, model, data, seeds):
    if model is ITEM_KNN:
        seeds = seeds[:1]  # chance has no part in it
    ours = [of_reco(model, data, seed) for seed in seeds]
    theirs = [of_peer(model, data, seed) for seed in seeds]
    label = f"{data.name}, weights {data.weight_scale}"
    rows = []
    for metric in METRICS:
        a, b = (np.array([metrics[metric] for metrics in side]) for side in (ours, theirs))
        ratio = a.mean() / b.mean()
        spread = lambda values: f"±{values.std(ddof=1):.4f}" if len(values) > 1 else ""  # noqa: E731
        rows.append((
            f"{model.name}, {label}", metric, f"{a.mean():.4f}", spread(a), f"{model.peer_name} {b.mean():.4f}", spread(b),
            f"{ratio:.3f}"))
        if metric.endswith("@20"):
            report.keep(
                f"{metric} of {model.name}, {label}", f"{a.mean():.4f}", f"{model.peer_name} {b.mean():.4f}",
                f"{ratio:.3f}", "within 1 %, or better", ratio >= 0.99)
    return rows


def measure(report, runs):
    report.title("Quality: full ranking, the same settings, mean over seeds ± their standard deviation")
    rows = [("", "metric", "reco", "", "beside", "", "ratio")]
    seeds = range(1, runs + 1)
    for name, weight_scale in SETS:
        if not DataSet.is_here(name):
            report.say(f"../shared/data/{name} is not there: skipped")
            continue
        data = DataSet(name, weight_scale)
        report.say(f"{data}, {len(data.relevant):,} test users")
        for model in (ALS, BPR, ITEM_KNN, SVD):
            rows += compare(report, model, data, seeds)
    if len(rows) > 1:
        report.say()
        report.table(rows)
