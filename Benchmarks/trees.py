"""Boosted trees beside LightGBM and XGBoost: the same rows, trees, leaves, learning rate and threads."""

import gzip
import os
import subprocess
import sys

import numpy as np

from workshop import DATA, RECO, ROOT, median, reco, run, work

TREES, LEAVES, RATE = 100, 31, 0.1
SETTINGS = [f"trees={TREES}", f"leaves={LEAVES}", f"learning-rate={RATE}"]
# For a machine that has less time: rows of the synthetic set.
ROWS = int(os.environ.get("RECO_BENCH_ROWS", "500000"))


def svmlight(path, first):
    """Features, labels and qids; `first`: the number of the first feature."""
    rows, labels, qids = [], [], []
    with gzip.open(path, "rt") as file:
        for line in file:
            words = line.split("#")[0].split()
            labels.append(float(words[0]))
            pairs = [word.split(":") for word in words[1:]]
            qids += [value for name, value in pairs if name == "qid"]
            rows.append([(int(name) - first, float(value)) for name, value in pairs if name != "qid"])
    X = np.zeros((len(rows), 1 + max(place for row in rows for place, _ in row)), np.float32)
    for row, pairs in enumerate(rows):
        for place, value in pairs:
            X[row, place] = value
    return X, np.array(labels, np.float32), qids


def sizes_of(path, qids):
    if qids:
        starts = [0] + [i for i in range(1, len(qids)) if qids[i] != qids[i - 1]] + [len(qids)]
        return np.diff(starts)
    with gzip.open(path[:-3] + ".query.gz", "rt") as file:
        return np.array([int(line) for line in file if line.strip()])


def ndcg(scores, labels, sizes, cutoff=10):
    """Of each group with something relevant; equal scores share their places."""
    values, start = [], 0
    for size in sizes:
        s, gain = scores[start:start + size], 2.0 ** labels[start:start + size] - 1
        start += size
        if gain.max() <= 0:
            continue
        _, group = np.unique(-s, return_inverse=True)
        mean = np.bincount(group, gain) / np.bincount(group)
        discount = 1 / np.log2(np.arange(2, size + 2))
        got = (np.sort(group).astype(int), discount)
        values.append((mean[got[0]] * discount)[:cutoff].sum() / (np.sort(gain)[::-1] * discount)[:cutoff].sum())
    return np.array(values)


class Set:
    """Training and test rows on disk in both sides' forms."""

    def __init__(self, name, objective, train, test, form, metric):
        self.name, self.objective, self.form, self.metric = name, objective, form, metric
        self.train, self.test = train, test  # files for reco
        self.folder = work("trees", name, "X.npy").rsplit("/", 1)[0]

    def save(self, **arrays):
        for name, array in arrays.items():
            if array is not None:
                np.save(os.path.join(self.folder, name.replace("_", "-") + ".npy"), array)

    def array(self, name):
        return np.load(os.path.join(self.folder, name + ".npy"))

    def quality(self, scores):
        if self.metric == "NDCG@10":
            return ndcg(scores, self.array("test-y"), self.array("test-sizes"))
        y = self.array("test-y")
        return np.logaddexp(0, np.where(y > 0, -scores, scores))

    def train_reco(self, threads):
        out = work("models", f"trees-{self.name}.reco")
        options = [word for setting in SETTINGS for word in ("--set", f"boosted-trees.{setting}")]
        report = reco(
            "train", "--model", "boosted-trees", f"--{self.form}", self.train, *options, "--threads", threads, "--out", out,
            "--json")
        binning, training = report["phases"]["binning features"], report["phases"]["boosted-trees"]
        scored = subprocess.run(
            [RECO, "rank", out, f"--{self.form}", self.test], capture_output=True, text=True, check=True).stdout
        scores = np.array([float(line) for line in scored.split()])
        if self.metric != "NDCG@10":
            p = np.clip(scores, 1e-15, 1 - 1e-15)
            scores = np.log(p / (1 - p))
        return {
            "binning": binning["seconds"], "training": training["seconds"], "binning_cpu": binning["processor_seconds"],
            "training_cpu": training["processor_seconds"], "peak_memory": report["peak_memory"], "scores": scores}

    def train_peer(self, library, threads):
        report = run([
            sys.executable, os.path.join(ROOT, "Benchmarks", "trees_peer.py"), library, self.folder, self.objective,
            "--threads", threads, "--trees", TREES, "--leaves", LEAVES, "--rate", RATE], threads)
        report["scores"] = np.array(report["scores"])
        return report


def ranking_set(name, folder, train, test, first):
    files = [os.path.join(DATA, folder, file) for file in (train, test)]
    if not all(map(os.path.exists, files)):
        return None
    made = Set(name, "lambdamart", *files, "ranking", "NDCG@10")
    (X, y, qids), (test_X, test_y, test_qids) = (svmlight(file, first) for file in files)
    width = max(X.shape[1], test_X.shape[1])
    X, test_X = (np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in (X, test_X))
    made.save(
        X=X, y=y, sizes=sizes_of(files[0], qids), test_X=test_X, test_y=test_y, test_sizes=sizes_of(files[1], test_qids))
    return made


def synthetic_set(rows=None, features=100):
    """Two classes: ten features add up, others come in curves and products, most say nothing."""
    rows = rows or ROWS
    made = Set(
        f"synthetic-{rows}x{features}", "logistic", work("trees", f"synthetic-{rows}.csv"),
        work("trees", f"synthetic-{rows}-test.csv"), "table", "log loss")
    random = np.random.default_rng(1)
    total = rows + rows // 10
    X = random.standard_normal((total, features), dtype=np.float32).round(3)
    z = X[:, :10] @ random.standard_normal(10).astype(np.float32) + 2 * np.sin(3 * X[:, 10]) + X[:, 11] * X[:, 12]
    y = (z + np.abs(X[:, 13]) + random.standard_normal(total) > 0.8).astype(np.float32)
    made.save(X=X[:rows], y=y[:rows], test_X=X[rows:], test_y=y[rows:])
    for path, part in ((made.train, slice(0, rows)), (made.test, slice(rows, total))):
        if not os.path.exists(path):
            write_csv(path, X[part], y[part])
    return made


def write_csv(path, X, y):
    import pyarrow
    from pyarrow import csv

    columns = {"label": y.astype(np.int8)} | {f"f{place}": X[:, place].astype(np.float64).round(3) for place in range(X.shape[1])}
    csv.write_csv(pyarrow.table(columns), path)


def compare(report, data, threads, runs):
    sides = {"reco": [], "lightgbm": [], "xgboost": []}
    for _ in range(runs):
        sides["reco"].append(data.train_reco(threads))
        for library in ("lightgbm", "xgboost"):
            sides[library].append(data.train_peer(library, threads))
    rows = []
    middle = {
        side: {key: median([one[key] for one in all_]) for key in all_[0] if key != "scores"}
        for side, all_ in sides.items()}
    quality = {side: data.quality(all_[-1]["scores"]) for side, all_ in sides.items()}
    for side, values in middle.items():
        error = 1.96 * quality[side].std() / len(quality[side]) ** 0.5
        rows.append([
            f"{data.name}, {threads} thread{'s' if threads > 1 else ''}", side, f"{values['binning']:.3f}",
            f"{values['training']:.3f}", f"{values['binning_cpu'] + values['training_cpu']:.3f}",
            f"{values['peak_memory'] / 1e6:.0f}", f"{quality[side].mean():.4f} ± {error:.4f}"])
    ours, theirs = (sum(middle[side][key] for key in ("binning", "training")) for side in ("reco", "lightgbm"))
    what = f"trees {data.name}, {threads} thread{'s' if threads > 1 else ''}"
    report.keep(what, f"{ours:.3f} s", f"lightgbm {theirs:.3f} s", f"{ours / theirs:.2f}", "<= 1", ours <= theirs)
    a, b = middle["reco"]["peak_memory"], middle["lightgbm"]["peak_memory"]
    report.keep(f"{what}: memory", f"{a / 1e6:.0f} MB", f"lightgbm {b / 1e6:.0f} MB", f"{a / b:.2f}", "<= 1", a <= b)
    if threads == 1:
        # The difference on the same groups, or rows, with its 95 % interval.
        sign = 1 if data.metric == "NDCG@10" else -1
        difference = sign * (quality["reco"] - quality["lightgbm"])
        error = 1.96 * difference.std() / len(difference) ** 0.5
        report.keep(
            f"{data.metric}, {data.name}", f"{quality['reco'].mean():.4f}", f"lightgbm {quality['lightgbm'].mean():.4f}",
            f"{sign * difference.mean():+.4f} ± {error:.4f}", "as good", difference.mean() + error >= 0)
    return rows


def measure(report, runs):
    report.title(
        f"Boosted trees: {TREES} trees of {LEAVES} leaves, learning rate {RATE}; seconds without reading, medians of runs in turns")
    sets = [
        *(ranking_set(f"mq2008-fold{fold}", f"ltr-mq2008/Fold{fold}", "train.txt.gz", "test.txt.gz", 1) for fold in (1, 2)),
        ranking_set("ltr-lightgbm", "ltr-lightgbm", "rank.train.gz", "rank.test.gz", 0), synthetic_set()]
    rows = [["", "", "binning", "training", "CPU", "MB", "quality on test"]]
    for data in sets:
        if data is None:
            report.say("a set is not in ../shared/data: skipped")
            continue
        for threads in (1, 2):
            rows += compare(report, data, threads, runs)
    report.table(rows)
    report.say(
        "Quality: NDCG@10 of queries with something relevant, or log loss, ± 1.96 standard errors. MB: the whole process;\n"
        "the peers are given arrays of float32 and run in Python, reco reads the files. CPU: binning and training, all threads.")
