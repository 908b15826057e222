"""Networks: training beside PyTorch on the CPU with the same network, mini-batch and optimiser; scoring of candidates inside
a request; and the quality of NeuMF, one against 99."""

import ctypes
import importlib.util
import os
import subprocess
import sys
import time

import numpy as np

from datasets import DataSet
from search import Hit, Query
from workshop import DATA, LIBRARY, ROOT, median, reco, run, work

FACTORS, LAYERS, NEGATIVES, BATCH, RATE = 16, "64,32,16", 4, 4096, 0.005
# Found on a held-out last item of each user, never on the test; docs/measurements.md says how.
BEST = dict(factors=128, layers="32,16", epochs=16, negatives=8, patience=0, regularization=.007, pretraining="yes")


def settings(**values):
    return [argument for name, value in values.items() for argument in ("--set", f"ncf.{name}={value}")]


def rows_per_second(data, threads, seed):
    """Of one epoch; a training of two epochs less one of a single one, so that nothing else is in it."""
    seconds, worked = [], []
    for epochs in (1, 2):
        report = reco(
            "train", *data.train_arguments(), "--model", "ncf", "--threads", threads, "--seed", seed, "--json",
            "--out", work("models", "ncf.reco"),
            *settings(factors=FACTORS, layers=LAYERS, negatives=NEGATIVES, batch=BATCH, patience=0, epochs=epochs,
                      **{"learning-rate": RATE}))
        phase = report["phases"]["ncf"]
        seconds.append(phase["seconds"])
        worked.append(phase["processor_seconds"])
    rows = data.train.nnz * (1 + NEGATIVES)
    return rows / (seconds[1] - seconds[0]), rows / (worked[1] - worked[0])


def peer(data, threads, seed, *more):
    report = run(
        [sys.executable, os.path.join(ROOT, "Benchmarks", "neural_peer.py"), data.matrix_path(), "--threads", threads,
         "--factors", FACTORS, "--layers", LAYERS, "--negatives", NEGATIVES, "--batch", BATCH, "--rate", RATE, "--seed", seed,
         *more], threads)
    return report["samples_per_second"], report["samples_per_processor_second"]


def training(report, data, runs):
    report.title(f"Training of NeuMF ({FACTORS} factors, {LAYERS}), {data.name}: pairs and drawn items per second")
    rows = [("", "reco", "PyTorch", "ratio", "its dense Adam", "ratio", "reco CPU", "PyTorch CPU", "ratio")]
    for threads in (1, 2):
        ours, sparse, dense = [], [], []
        for seed in range(1, runs + 1):
            ours.append(rows_per_second(data, threads, seed))
            sparse.append(peer(data, threads, seed))
            dense.append(peer(data, threads, seed, "--dense"))
        (mine, lazy, full), (worked, its_work) = (
            [median([one[0] for one in side]) for side in (ours, sparse, dense)],
            [median([one[1] for one in side]) for side in (ours, sparse)])
        rows.append((
            f"{threads} thread{'s' if threads > 1 else ''}", f"{mine:,.0f}", f"{lazy:,.0f}", f"{mine / lazy:.2f}",
            f"{full:,.0f}", f"{mine / full:.2f}", f"{worked:,.0f}", f"{its_work:,.0f}", f"{worked / its_work:.2f}"))
        report.keep(f"training of NeuMF, {data.name}, {threads} thread{'s' if threads > 1 else ''}", f"{mine:,.0f} /s",
                    f"PyTorch: {max(lazy, full):,.0f} /s", f"{mine / max(lazy, full):.2f}", ">= 1", mine >= max(lazy, full))
    report.table(rows)
    report.say("PyTorch's items are drawn before its clock starts, reco's within. CPU: per second of processor time.")


class Model:
    def __init__(self, path):
        self.library = ctypes.CDLL(LIBRARY)
        self.model = ctypes.c_void_p()
        if self.library.reco_model_open(path.encode(), ctypes.c_size_t(len(path)), ctypes.byref(self.model), None):
            raise RuntimeError(f"cannot open {path}")

    def rank(self, user, items, limit):
        """The microseconds of a call; without items, of a recommendation."""
        user, candidates = str(user).encode(), b"\0".join(str(item).encode() for item in items)
        buffers = ctypes.create_string_buffer(user), ctypes.create_string_buffer(candidates)
        query = Query(struct_size=ctypes.sizeof(Query), limit=limit, user=ctypes.addressof(buffers[0]), user_length=len(user),
                      candidates=ctypes.addressof(buffers[1]) if items else None, candidates_length=len(candidates))
        hits, count = (Hit * limit)(), ctypes.c_uint32()
        arguments = (self.model, ctypes.byref(query), ctypes.c_size_t(1), hits, ctypes.c_size_t(limit), ctypes.byref(count),
                     ctypes.c_size_t(1), None)
        start = time.perf_counter_ns()
        status = self.library.reco_model_query(*arguments)
        took = (time.perf_counter_ns() - start) / 1e3
        assert status == 0 and count.value == limit, (status, count.value)
        return took


def scoring(report, data, runs):
    report.title(f"Scoring by NeuMF ({FACTORS} factors, {LAYERS}), {data.name}: microseconds of a whole query, 1 thread")
    path = work("models", "ncf-scoring.reco")
    reco("train", *data.train_arguments(), "--model", "ncf", "--json", "--out", path,
         *settings(factors=FACTORS, layers=LAYERS, patience=0, epochs=1))
    model, generator = Model(path), np.random.default_rng(1)
    times = {500: [], 0: []}
    for _ in range(runs):
        for user in generator.choice(data.users, 200, replace=False):
            items = generator.choice(data.items, 500, replace=False).tolist()
            times[500].append(model.rank(user, items, 500))
            times[0].append(model.rank(user, [], 10))
    table = [("", "p50", "p95")]
    for count, name in ((500, "500 candidates ranked"), (0, f"10 of all {len(data.items):,} items")):
        p50, p95 = np.percentile(times[count], (50, 95))
        table.append((name, f"{p50:,.0f}", f"{p95:,.0f}"))
        if count:
            report.keep("500 candidates through NeuMF, p50", f"{p50:,.0f} us", goal="< 300 us", met=p50 < 300)
    report.table(table)


def quality(report, data):
    source = os.path.join(DATA, data.name, "loo_test.tsv.gz")
    if not os.path.exists(source):
        return report.say(f"{source} is not there: quality is skipped")
    report.title(f"NeuMF, {data.name}: one test item against 99")
    folder, path = work("data", "loo", "x")[:-1], work("models", "ncf-best.reco")
    subprocess.run([sys.executable, os.path.join(ROOT, "Benchmarks", "leave_one_out.py"), source, folder], check=True,
                   capture_output=True)
    trained = reco("train", *data.train_arguments(), "--model", "ncf", "--json", "--out", path, *settings(**BEST))
    found = reco("evaluate", path, "--test", os.path.join(folder, "test.tsv"), "--candidates",
                 os.path.join(folder, "candidates.tsv"), "--json")["metrics"]
    rows = [("", "HR@10", "NDCG@10", "seconds")]
    rows.append(("reco ncf", f"{found['hit_rate@10']:.4f}", f"{found['ndcg@10']:.4f}", f"{trained['seconds']:.0f}"))
    rows.append(("NeuMF, published", ".709", ".435", ""))
    report.table(rows)
    for name, value, goal in (("hit_rate@10", found["hit_rate@10"], .70), ("ndcg@10", found["ndcg@10"], .43)):
        report.keep(f"NeuMF, 1 against 99, {data.name}, {name}", f"{value:.4f}", goal=f"{goal:.2f}", met=value >= goal)


def measure(report, runs):
    if not DataSet.is_here("ml-1m"):
        return report.say("../shared/data/ml-1m is not there: skipped")
    data = DataSet("ml-1m")
    # Not among the requirements: of the packages that pip finds, most bring gigabytes for graphics cards.
    if importlib.util.find_spec("torch"):
        training(report, data, runs)
    else:
        report.say("PyTorch is not installed; training beside it is skipped")
    scoring(report, data, runs)
    quality(report, data)
