"""item2vec beside gensim: words per second at equal settings and threads, runs in turns, medians; and what it recommends."""

import os
import sys

import pandas as pd

from datasets import DataSet
from workshop import ROOT, median, reco, run, work

FACTORS, EPOCHS = (64, 128), 5
# What was chosen on a part held out of train; ml-1m has the defaults. Gowalla's times are made up: they say no order.
CHOSEN = {
    "gowalla": ["window=0", "recency=0", "factors=128", "epochs=20", "learning-rate=0.1", "popularity=0.25"],
    "ml-1m": [],
}
GOALS = {"gowalla": ("recall@20", 0.1326), "ml-1m": ("hit_rate@20", 0.204)}


def sentences(data):
    """Each user's items in order of time, a line each, as gensim reads them."""
    path = work("data", f"{data.name}-sentences.txt")
    events = pd.read_csv(data.train_path, sep="\t", dtype={"user": str, "item": str})
    events = events.sort_values("time", kind="stable")
    with open(path, "w") as file:
        for _, items in events.groupby("user", sort=False).item:
            file.write(" ".join(items) + "\n")
    return path


def ours(data, method, factors, threads, seed):
    settings = [f"method={method}", f"factors={factors}", f"epochs={EPOCHS}", "window=5", "negatives=5", "sample=0.001",
                "sequences=histories"]
    report = reco(
        "train", *data.train_arguments(), "--model", "item2vec", "--threads", threads, "--seed", seed, "--json", "--out",
        work("models", f"{data.name}-item2vec.reco"), *(x for s in settings for x in ("--set", f"item2vec.{s}")))
    phase = report["phases"]["item2vec"]
    words = data.train.nnz * EPOCHS
    return words / phase["seconds"], words / phase["processor_seconds"]


def gensim(path, method, factors, threads, seed, *options):
    options = [*options, *(["--cbow"] if method == "cbow" else [])]
    report = run(
        [sys.executable, os.path.join(ROOT, "Benchmarks", "word2vec_peer.py"), path, "--factors", factors, "--epochs", EPOCHS,
         "--threads", threads, "--seed", seed, *options], threads=1)  # the threads are its workers, BLAS has one in each
    return report["words"] / report["seconds"], report["words"] / report["processor_seconds"]


def speed(report, data, runs):
    rows = [("", "reco", "gensim", "ratio", "gensim, own file", "ratio", "reco / CPU s", "gensim's best / CPU s")]
    path = sentences(data)
    for method, factors in [("skip-gram", FACTORS[0]), ("skip-gram", FACTORS[1]), ("cbow", FACTORS[0])]:
        for threads in (1, 2):
            sides = {"reco": [], "list": [], "file": []}
            for seed in range(1, runs + 1):
                sides["reco"].append(ours(data, method, factors, threads, seed))
                sides["list"].append(gensim(path, method, factors, threads, seed))
                sides["file"].append(gensim(path, method, factors, threads, seed, "--corpus-file"))
            wall, work_done = ({side: median([pair[k] for pair in found]) for side, found in sides.items()} for k in (0, 1))
            best = max("list", "file", key=wall.get)
            what = f"{method}, {factors} numbers, {data.name}, {threads} thread{'s' if threads > 1 else ''}"
            rows.append((
                what, f"{wall['reco']:,.0f}", f"{wall['list']:,.0f}", f"{wall['reco'] / wall['list']:.2f}",
                f"{wall['file']:,.0f}", f"{wall['reco'] / wall['file']:.2f}", f"{work_done['reco']:,.0f}",
                f"{work_done[best]:,.0f}"))
            report.keep(
                f"words/s, {what}", f"{wall['reco']:,.0f}", f"gensim {wall[best]:,.0f}", f"{wall['reco'] / wall[best]:.2f}",
                ">= 1", wall["reco"] >= wall[best])
    report.table(rows)


def quality(report, data, runs):
    metric, goal = GOALS[data.name]
    out = work("models", f"{data.name}-item2vec.reco")
    found = []
    for seed in range(1, min(runs, 3) + 1):
        reco("train", *data.train_arguments(), "--model", "item2vec", "--threads", 2, "--seed", seed, "--json", "--out", out,
             *(x for s in CHOSEN[data.name] for x in ("--set", f"item2vec.{s}")))
        answer = reco("evaluate", out, "--test", data.test_path, "--k", "10,20", "--json")
        found.append(answer["metrics"])
    settings = " ".join(CHOSEN[data.name]) or "defaults"
    values = ", ".join(f"{name} {median([one[name] for one in found]):.4f}" for name in (metric, "ndcg@10", "ndcg@20"))
    report.say(f"{data.name}, {settings}: {values} (median of {len(found)} seeds)")
    value = median([one[metric] for one in found])
    report.keep(f"{metric} of item2vec, {data.name}", f"{value:.4f}", "", "", f">= {goal}", value >= goal)


def measure(report, runs):
    report.title("Embeddings: words per second of training alone, median of runs in turns; window 5, 5 negatives")
    for name in GOALS:
        if not DataSet.is_here(name):
            report.say(f"../shared/data/{name} is not there: skipped")
            continue
        data = DataSet(name)
        report.say(str(data))
        try:
            import gensim as peer
        except ImportError:
            report.say("gensim is not installed: its speed is not compared")
        else:
            report.say(f"gensim {peer.__version__}")
            if name == "ml-1m":
                speed(report, data, runs)
        quality(report, data, runs)
