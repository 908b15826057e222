"""Networks over labelled rows: the MLP ranker beside boosted trees, Wide & Deep on adult, both beside plain PyTorch."""

import csv
import gzip
import importlib.util
import os
import sys

import numpy as np

from trees import svmlight
from workshop import DATA, ROOT, median, reco, run, work

NAMES = ("age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain "
         "capital-loss hours-per-week native-country").split()
NUMBERS = ("age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week")


def adult(part):
    """Rows as a file with a header, the label first; its path, or None without the data."""
    source = os.path.join(DATA, "adult", {"train": "adult.data.gz", "test": "adult.test.gz"}[part])
    if not os.path.exists(source):
        return None
    path = work("adult", f"{part}.csv")
    with gzip.open(source, "rt") as file, open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["label", *NAMES])
        for line in file:
            words = [word.strip() for word in line.strip().rstrip(".").split(",")]
            if len(words) == 15:
                writer.writerow([int(words[14] == ">50K"), *words[:14]])
    return path


def arrays(path):
    """What a network gets of the rows, for the peer: numbers on one scale, categories and all pairs as row numbers."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([row[name] for row in rows]) for name in NAMES}
    numbers = np.stack([columns[name].astype(np.float32) for name in NUMBERS], 1)
    scaled = ((numbers - numbers.mean(0)) / numbers.std(0)).astype(np.float32)
    codes = {name: np.unique(columns[name], return_inverse=True)[1] for name in NAMES if name not in NUMBERS}
    starts = np.cumsum([0] + [code.max() + 1 for code in codes.values()])
    levels = np.stack([code + start for code, start in zip(codes.values(), starts)], 1).astype(np.int64)
    for name, values in zip(NUMBERS, numbers.T):
        codes[name] = np.searchsorted(np.unique(np.quantile(values, np.arange(1, 16) / 16)), values)
    crosses, start = [], 0
    for place, first in enumerate(codes):
        pairs = [codes[first]] + [
            codes[first] * (codes[second].max() + 1) + codes[second] for second in list(codes)[place + 1:]]
        for pair in pairs:
            crosses.append(pair + start)
            start += pair.max() + 1
    one_hot = np.concatenate([np.eye(code.max() + 1, dtype=np.float32)[code] for code in list(codes.values())[:8]], 1)
    return {
        "x": np.concatenate([scaled, one_hot], 1), "numbers": scaled, "levels": levels,
        "crosses": np.stack(crosses, 1).astype(np.int64),
        "y": np.array([float(row["label"]) for row in rows], np.float32)}


def ranking(report):
    report.title("MLP ranker beside boosted trees: NDCG@10 of queries with something relevant, learning stopped by vali.txt")
    rows = [["", "boosted-trees", "mlp-ranker", "95 % interval", "float16", "int8"]]
    for fold in (1, 2):
        folder = os.path.join(DATA, "ltr-mq2008", f"Fold{fold}")
        if not os.path.exists(folder):
            report.say("ltr-mq2008 is not in ../shared/data: skipped")
            return
        train, vali, test = (os.path.join(folder, f"{part}.txt.gz") for part in ("train", "vali", "test"))
        found = {}
        for name, options in {
                "boosted-trees": [], "float32": [], "float16": ["--set", "mlp-ranker.precision=float16"],
                "int8": ["--set", "mlp-ranker.precision=int8"]}.items():
            model = "boosted-trees" if name == "boosted-trees" else "mlp-ranker"
            out = work("models", f"mq2008-{fold}-{name}.reco")
            reco("train", "--model", model, "--ranking", train, "--validation", vali, *options, "--out", out, "--json")
            found[name] = reco("evaluate", out, "--ranking", test, "--json")
        value = {name: one["metrics"]["ndcg@10"] for name, one in found.items()}
        low, high = found["float32"]["intervals"]["ndcg@10"]
        rows.append([
            f"mq2008 fold {fold}", f"{value['boosted-trees']:.4f}", f"{value['float32']:.4f}", f"{low:.4f} to {high:.4f}",
            f"{value['float16']:.4f}", f"{value['int8']:.4f}"])
        ratio = value["float32"] / value["boosted-trees"]
        report.keep(
            f"NDCG@10 mq2008 fold {fold}, mlp-ranker", f"{value['float32']:.4f}", f"trees {value['boosted-trees']:.4f}",
            f"{ratio:.3f}", ">= .98", ratio >= 0.98)
    report.table(rows)


def classification(report, train, test):
    report.title("adult: 32,561 rows to learn from, 16,281 to measure on")
    rows = [["", "auc", "95 % interval", "accuracy", "log loss", "train s"]]
    for model in ("wide-deep", "mlp-ranker", "boosted-trees"):
        out = work("models", f"adult-{model}.reco")
        trained = reco("train", "--model", model, "--table", train, "--threads", 1, "--out", out, "--json")
        measured = reco("evaluate", out, "--table", test, "--json")
        values = measured["metrics"]
        low, high = measured["intervals"]["auc"]
        rows.append([
            model, f"{values['auc']:.4f}", f"{low:.4f} to {high:.4f}", f"{values['accuracy']:.4f}",
            f"{values['logloss']:.4f}", f"{trained['seconds']:.1f}"])
        if model == "wide-deep":
            report.keep("AUC adult, wide-deep", f"{values['auc']:.4f}", goal=">= .91", met=values["auc"] >= 0.91)
            report.keep("accuracy adult, wide-deep", f"{values['accuracy']:.4f}", goal=">= .85", met=values["accuracy"] >= 0.85)
    report.table(rows)


def throughput(report, train, runs):
    if importlib.util.find_spec("torch") is None:
        report.say("there is no torch: training beside it is skipped")
        return
    report.title("Training on adult: thousand rows a second, all epochs alike, medians of runs in turns; 512 rows a step")
    folder = os.path.dirname(train)
    for name, array in arrays(train).items():
        np.save(os.path.join(folder, f"{name}.npy"), array)
    epochs = 3
    rows = [["", "reco", "PyTorch", "ratio"]]
    for model in ("mlp-ranker", "wide-deep"):
        count = len(np.load(os.path.join(folder, "y.npy")))
        for threads in (1, 2):
            ours, theirs = [], []
            for _ in range(runs):
                report_ = reco(
                    "train", "--model", model, "--table", train, "--threads", threads, "--out", work("models", "speed.reco"),
                    "--json", *(word for setting in (
                        f"epochs={epochs}", "early-stopping=0", "batch=512", "normalization=no", "dropout=0.1")
                        for word in ("--set", f"{model}.{setting}")))
                ours.append(count * epochs / report_["phases"][model]["seconds"])
                theirs.append(run([
                    sys.executable, os.path.join(ROOT, "Benchmarks", "rankers_peer.py"), model, folder, "--threads", threads,
                    "--epochs", epochs], threads)["rows_per_second"])
            a, b = median(ours), median(theirs)
            what = f"{model}, {threads} thread{'s' if threads > 1 else ''}"
            rows.append([what, f"{a / 1e3:.0f}", f"{b / 1e3:.0f}", f"{a / b:.1f}"])
            report.keep(f"training {what}", f"{a / 1e3:.0f} k rows/s", f"torch {b / 1e3:.0f} k", f"{a / b:.1f}", ">= 1", a >= b)
    report.table(rows)


def measure(report, runs):
    ranking(report)
    train, test = adult("train"), adult("test")
    if train is None or test is None:
        report.say("adult is not in ../shared/data: skipped")
        return
    classification(report, train, test)
    throughput(report, train, runs)
