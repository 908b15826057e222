"""The model sasrec: training beside the same network in plain PyTorch, where that is installed, and what it finds on
MovieLens 1M beside what was published on the same split."""

import ctypes
import importlib.util
import os
import sys
import time

import pandas as pd

from search import Hit, Query
from workshop import DATA, LIBRARY, ROOT, median, reco, run, work

# Figures for the last film of each user, full ranking: HR@10, NDCG@10.
PUBLISHED = {"SASRec (Kang, McAuley 2018)": (0.239, 0.126), "gSASRec (Petrov, Macdonald 2023)": (0.300, 0.173)}
# Users of the part that training speed is measured on.
USERS = 1000
STEPS = 20
# Items of a stranger's visit; how many questions.
VISITS = (1, 10, 50, 200)
QUESTIONS = 300


def part():
    """The first users of MovieLens 1M, and how many of their films have one before them."""
    events = pd.read_csv(os.path.join(DATA, "ml-1m", "train.tsv.gz"), sep="\t")
    events = events[events["user"] <= USERS]
    path = work("data", f"ml-1m-{USERS}-users.tsv")
    events.to_csv(path, sep="\t", index=False)
    return path, len(events) - events["user"].nunique()


def ours(path, threads, seed):
    """Seconds of an epoch: two more epochs in three than in one, so that reading and the rest fall out."""
    def phase(epochs):
        report = reco(
            "train", "--events", path, "--model", "sasrec", "--set", f"sasrec.epochs={epochs}", "--set",
            "sasrec.patience=0", "--threads", threads, "--seed", seed, "--out", work("models", "sasrec-part.reco"),
            "--json")
        return report["phases"]["sasrec"]
    one, three = phase(1), phase(3)
    return {key: (three[key] - one[key]) / 2 for key in ("seconds", "processor_seconds")}


def speed(report, runs):
    path, places = part()
    report.say(f"{USERS} users, {places} places an epoch; defaults of sasrec, batches of 32 sequences")
    rows = [("", "reco", "PyTorch", "ratio", "reco, of CPU", "PyTorch, of CPU", "ratio")]
    for threads in (1, 2):
        reco_runs, peer_runs = [], []
        for seed in range(1, runs + 1):
            reco_runs.append(ours(path, threads, seed))
            peer_runs.append(run([
                sys.executable, os.path.join(ROOT, "Benchmarks", "sequences_peer.py"), path, "--threads", threads,
                "--steps", STEPS, "--seed", seed], threads))
        speeds = [
            (median([places / side[key] for side in reco_runs]), median([side["places"] / side[key] for side in peer_runs]))
            for key in ("seconds", "processor_seconds")]
        what = f"sasrec, places learned from a second, {threads} thread{'s' if threads > 1 else ''}"
        rows.append((what, *(text for own, other in speeds
                             for text in (f"{own:,.0f}", f"{other:,.0f}", f"{own / other:.2f}"))))
        own, other = speeds[0]
        report.keep(what, f"{own:,.0f}", f"PyTorch {other:,.0f}", f"{own / other:.2f}", ">= 1", own >= other)
    report.table(rows)


def quality(report):
    out = work("models", "ml-1m-sasrec.reco")
    trained = reco(
        "train", "--events", os.path.join(DATA, "ml-1m", "train.tsv.gz"), "--model", "sasrec", "--out", out, "--json")
    found = reco("evaluate", out, "--test", os.path.join(DATA, "ml-1m", "test.tsv.gz"), "--json")
    hit, ndcg = found["metrics"]["hit_rate@10"], found["metrics"]["ndcg@10"]
    rows = [("last film, full ranking", "HR@10", "NDCG@10", "seconds"),
            ("reco sasrec, defaults", f"{hit:.4f}", f"{ndcg:.4f}", f"{trained['phases']['sasrec']['seconds']:.0f}")]
    rows += [(name, f"{figures[0]:.3f}", f"{figures[1]:.3f}", "") for name, figures in PUBLISHED.items()]
    report.table(rows)
    for (name, figures), goal in zip(PUBLISHED.items(), ("to reach", "to beat some day")):
        for metric, value, other in zip(("HR@10", "NDCG@10"), (hit, ndcg), figures):
            report.keep(f"sasrec, ml-1m, {metric}", f"{value:.4f}", f"{name} {other}", f"{value / other:.2f}", goal, value >= other)
    serving(report, out)


def serving(report, path):
    """The median question by the C interface in this process, one thread: ten items for a visit or a stored user."""
    library, model = ctypes.CDLL(LIBRARY), ctypes.c_void_p()
    if library.reco_model_open(path.encode(), ctypes.c_size_t(len(path)), ctypes.byref(model), None):
        raise RuntimeError(f"cannot open {path}")
    events = pd.read_csv(os.path.join(DATA, "ml-1m", "train.tsv.gz"), sep="\t")
    films = {user: group.tolist() for user, group in events.groupby("user")["item"]}
    people = [user for user in films if len(films[user]) >= max(VISITS)][:QUESTIONS]

    def ask(field, text):
        buffer = ctypes.create_string_buffer(text)
        query = Query(struct_size=ctypes.sizeof(Query), limit=10,
                      **{field: ctypes.addressof(buffer), f"{field}_length": len(text)})
        hits, count = (Hit * 10)(), ctypes.c_uint32()
        start = time.perf_counter_ns()
        status = library.reco_model_query(
            model, ctypes.byref(query), ctypes.c_size_t(1), hits, ctypes.c_size_t(10), ctypes.byref(count),
            ctypes.c_size_t(1), None)
        took = (time.perf_counter_ns() - start) / 1e6
        if status or count.value != 10:
            raise RuntimeError(f"a question gave {status} and {count.value} hits")
        return took

    rows = [("one question, one thread", "p50, ms")]
    ask("user", str(people[0]).encode())
    rows.append(("a stored user", f"{median([ask('user', str(user).encode()) for user in people]):.3f}"))
    for length in VISITS:
        times = [ask("session", b"\0".join(str(item).encode() for item in films[user][-length:])) for user in people]
        rows.append((f"a stranger's visit of {length} items", f"{median(times):.3f}"))
    report.table(rows)


def measure(report, runs):
    report.title("Sequences: sasrec on MovieLens 1M")
    if not os.path.exists(os.path.join(DATA, "ml-1m", "train.tsv.gz")):
        report.say("../shared/data/ml-1m is not there: skipped")
        return
    if importlib.util.find_spec("torch"):
        speed(report, runs)
    else:
        report.say("PyTorch is not installed (pip install torch, the CPU build): its part is skipped")
    quality(report)
