"""Training beside implicit and scikit-learn: the same pairs, settings and threads, runs in turns, medians."""

import os
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import svds

from datasets import DataSet
from model_file import ModelFile
from workshop import median, peer, reco, work

REGULARIZATION = 0.01
RANK = 64


def loss(users, items, matrix, alpha):
    """What ALS minimises, over all pairs: an unknown one has confidence 1 and preference 0."""
    users, items = users.astype(np.float64), items.astype(np.float64)
    pairs = matrix.tocoo()
    scores = np.einsum("ij,ij->i", users[pairs.row], items[pairs.col])
    known = np.sum(alpha * pairs.data * (1 - scores) ** 2 - scores**2)
    everything = np.sum((users.T @ users) * (items.T @ items))
    return everything + known + REGULARIZATION * (np.sum(users**2) + np.sum(items**2))


@dataclass
class Run:
    """One training. `processor_seconds` is what all its threads worked, which others on the machine hardly change."""

    seconds: float
    processor_seconds: float
    peak_memory: int
    out: str


class Model:
    """One model on both sides: how each is asked, and what must come out equal."""

    def __init__(self, name, peer_name, settings, peer_options=(), label=None, alpha=None):
        self.name, self.peer_name, self.label = name, peer_name, label or name
        self.settings, self.peer_options, self.alpha = settings, peer_options, alpha

    def train(self, data, threads, seed):
        out = work("models", f"{data.name}-{self.name}.reco")
        settings = list(self.settings)
        if self.alpha is not None:  # reco's is the confidence of the mean value, the peer's that of a value of 1
            settings.append(f"alpha={self.alpha * float(data.train.data.mean(dtype=np.float64))!r}")
        options = [argument for setting in settings for argument in ("--set", f"{self.name}.{setting}")]
        report = reco(
            "train", *data.train_arguments(), "--model", self.name, *options, "--threads", threads, "--seed", seed,
            "--out", out, "--json")
        phases = report["phases"]
        del phases["reading events"]
        summing = phases.pop("summing up events")["seconds"]
        seconds = {key: sum(phase[key] for phase in phases.values()) for key in ("seconds", "processor_seconds")}
        return Run(**seconds, peak_memory=report["peak_memory"], out=out), summing

    def train_peer(self, data, matrix, threads, seed):
        out = work("models", f"{data.name}-{self.name}-peer.npz")
        report = peer(self.name, matrix, out, "--seed", seed, *self.peer_options, threads=threads)
        return Run(**report, out=out)


def als(alpha, label):
    settings = [
        f"factors={RANK}", "iterations=15", f"regularization={REGULARIZATION}", "frequency-scaling=0", "unobserved=1"]
    return Model("als", "implicit", settings, ["--alpha", alpha], label, alpha)


ALS = als(1, "als")
# Where all confidences are 1, as with weights of 1 and an alpha of 1, reco leaves out work that implicit does.
WEIGHTED_ALS = als(40, "als, alpha 40")
ITEM_KNN = Model(
    "item-knn", "implicit",
    ["neighbors=20", "similarity=cosine", "shrinkage=0", "asymmetry=0.5", "user-damping=0", "normalize=no"])
SVD = Model("svd", "scikit-learn", [f"factors={RANK}"])
BPR_SETTINGS = {"factors": RANK, "epochs": 60, "learning-rate": 0.1, "regularization": 0.01}
BPR = Model(
    "bpr", "implicit", [f"{name}={value}" for name, value in BPR_SETTINGS.items()],
    [argument for name, value in BPR_SETTINGS.items() for argument in (f"--{name}", value)])
# Both end after 200 iterations or when the violation has fallen to 0.0001 of the first.
NMF_RANDOM, NMF_NNDSVDA = (
    Model("nmf", "scikit-learn", [f"factors={RANK}"], ["--factors", RANK, "--init", init], f"nmf (its init: {init})")
    for init in ("random", "nndsvda"))


def compare(report, model, data, threads, runs, check):
    matrix = data.matrix_path()
    ours, theirs, sums = [], [], []
    for seed in range(1, runs + 1):
        run, summing = model.train(data, threads, seed)
        ours.append(run)
        sums.append(summing)
        theirs.append(model.train_peer(data, matrix, threads, seed))
    note = check(report, model, data, ours[-1].out, theirs[-1].out)
    what = f"{model.label}, {data.name}, {threads} thread{'s' if threads > 1 else ''}"
    (time, its_time), (work, its_work) = (
        [median([getattr(run, key) for run in side]) for side in (ours, theirs)]
        for key in ("seconds", "processor_seconds"))
    report.keep(
        f"training {what}", f"{time:.3f} s", f"{model.peer_name} {its_time:.3f} s", f"{time / its_time:.2f}", "<= 1",
        time <= its_time)
    return [
        what, f"{time:.3f}", span(ours), model.peer_name, f"{its_time:.3f}", span(theirs), f"{time / its_time:.2f}",
        f"{work:.3f}", f"{its_work:.3f}", f"{work / its_work:.2f}", f"{median(sums):.3f}",
        f"{ours[-1].peak_memory / 1e6:.0f}", f"{theirs[-1].peak_memory / 1e6:.0f}", note]


def span(runs):
    return f"{min(run.seconds for run in runs):.3f}-{max(run.seconds for run in runs):.3f}"


def same_loss(report, model, data, out, peer_out):
    file = ModelFile(out)
    users, items = file.factors("als")
    # reco's rows are numbered by first appearance, as the matrix's are; the ids say so.
    assert file.ids("users") == list(data.users) and file.ids("items") == list(data.items)
    theirs = np.load(peer_out)
    alpha = float(file["als/alpha"][0])
    ours = loss(users, items, data.train, alpha)
    other = loss(theirs["users"], theirs["items"], data.train, alpha)
    difference = ours / other - 1
    report.keep(
        f"loss of {model.label}, {data.name}", f"{ours:.0f}", f"implicit {other:.0f}", f"{1 + difference:.4f}", "within 1 %",
        abs(difference) <= 0.01)
    return f"loss {ours:.0f} / {other:.0f}: {100 * difference:+.2f} %"


def exact_singular_values(data):
    """By ARPACK in double precision, kept, for it takes a while."""
    path = work("data", f"{data.name}-{data.weight_scale}-singular-values.npy")
    if not os.path.exists(path):
        np.save(path, np.sort(svds(data.train.astype(np.float64), RANK, return_singular_vectors=False, tol=1e-10))[::-1])
    return np.load(path)


def same_singular_values(report, model, data, out, peer_out):
    exact = exact_singular_values(data)
    ours = np.abs(ModelFile(out)["svd/singular-values"] / exact - 1).max()
    other = np.abs(np.load(peer_out)["singular_values"] / exact - 1).max()
    report.keep(
        f"singular values, {data.name}", f"off by {100 * ours:.4f} % at most", f"scikit-learn {100 * other:.2f} %", "",
        "within 0.1 %", ours <= 0.001)
    return f"singular values off by {100 * ours:.4f} % / {100 * other:.2f} % at most"


def same_approximation(report, model, data, out, peer_out):
    """Σ (v - w.h)² over all pairs."""

    def squares(users, items):
        users, items = users.astype(np.float64), items.astype(np.float64)
        pairs = data.train.tocoo()
        scores = np.einsum("ij,ij->i", users[pairs.row], items[pairs.col])
        return np.sum(pairs.data**2.0 - 2 * pairs.data * scores) + np.sum((users.T @ users) * (items.T @ items))

    users, items = ModelFile(out).factors("nmf")
    assert users.min() >= 0 and items.min() >= 0
    theirs = np.load(peer_out)
    ours, other = squares(users, items), squares(theirs["users"], theirs["items"])
    report.keep(
        f"loss of {model.label}, {data.name}", f"{ours:.0f}", f"scikit-learn {other:.0f}", f"{ours / other:.4f}",
        "within 1 %", ours <= 1.01 * other)
    return f"loss {ours:.0f} / {other:.0f}: {100 * (ours / other - 1):+.2f} %"


def nothing(*_):
    return ""


def measure(report, runs):
    report.title("Training: seconds of training alone, median of runs in turns; peak memory of the whole process in MB")
    rows = [(
        "", "reco", "range", "beside", "its", "range", "ratio", "reco CPU", "its CPU", "ratio", "summing", "reco MB",
        "its MB", "result, reco / beside")]
    checks = {ALS: same_loss, WEIGHTED_ALS: same_loss, ITEM_KNN: nothing, SVD: same_singular_values, BPR: nothing,
        NMF_RANDOM: same_approximation, NMF_NNDSVDA: same_approximation}
    for name in ("ml-1m", "gowalla"):
        if not DataSet.is_here(name):
            report.say(f"../shared/data/{name} is not there: skipped")
            continue
        data = DataSet(name)
        report.say(str(data))
        for model, check in checks.items():
            for threads in (1, 2):
                rows.append(compare(report, model, data, threads, runs, check))
    if len(rows) > 1:
        report.say()
        report.table(rows)
        report.say(
            "Neither side's reading of files is in it. CPU: the work of all threads. summing: reco's sorting and adding up of events, which the peers\n"
            "have behind them when they get their matrix. Peers run in Python, whose own memory is in their column.")
