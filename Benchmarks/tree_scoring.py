"""Scoring a page of candidates with boosted trees beside LightGBM, XGBoost, lleaves (LLVM) and tl2cgen (C): the same
trees, one thread, each timed inside its own process or call, in turns. Scores are compared first: a fast wrong one is
none."""

import ctypes
import json
import os
import subprocess
import time

import numpy as np

from workshop import RECO, Failed, median, work

CANDIDATES, TREES, LEAVES, FEATURES, DEPTH = 500, 500, 31, 136, 6
CALLS = 30
SINGLE_CALLS = 1000


def milliseconds(call, calls):
    seconds = []
    for number in range(calls):
        start = time.perf_counter()
        call(number)
        seconds.append(time.perf_counter() - start)
    return median(seconds) * 1e3


def table_of_features():
    """Rows like those of a search engine's logs: counts, shares, a few levels, scores."""
    random = np.random.default_rng(7)
    rows = random.standard_normal((20000, FEATURES)).astype("f4")
    rows[:, ::3] = np.round(np.exp(rows[:, ::3]), 1)
    rows[:, ::5] = np.round(rows[:, ::5] * 3)
    weights = random.standard_normal(FEATURES) * (random.random(FEATURES) < 0.4)
    relevance = rows @ weights / 4 + random.standard_normal(len(rows))
    return rows, np.clip(np.round(relevance), 0, 4)


def train(rows, labels):
    import lightgbm
    import xgboost

    groups = [100] * (len(rows) // 100)
    text, ubj = work("tree-scoring", "lightgbm.txt"), work("tree-scoring", "xgboost.ubj")
    if not os.path.exists(text):
        lightgbm.train({"objective": "lambdarank", "num_leaves": LEAVES, "learning_rate": 0.05, "num_threads": 1, "verbose": -1},
                       lightgbm.Dataset(rows, labels, group=groups), TREES).save_model(text)
    if not os.path.exists(ubj):
        data = xgboost.DMatrix(rows, label=labels)
        xgboost.train({"objective": "reg:squarederror", "max_depth": DEPTH, "eta": 0.05, "nthread": 1, "tree_method": "hist"},
                      data, TREES).save_model(ubj)
    for kind, path in (("lightgbm", text), ("xgboost", ubj)):
        subprocess.run([RECO, "import", kind, path, "--out", work("tree-scoring", f"{kind}.reco")], check=True,
                       stderr=subprocess.DEVNULL)
    return lightgbm.Booster(model_file=text), xgboost.Booster({"nthread": 1}, model_file=ubj), text


def reco_score(kind, rows, *options):
    lines = "\n".join(",".join(repr(float(value)) for value in row) for row in rows)
    process = subprocess.run([RECO, "score", work("tree-scoring", f"{kind}.reco"), *map(str, options)], input=lines,
                             capture_output=True, text=True)
    if process.returncode != 0:
        raise Failed(process.stderr)
    return process.stdout


def reco_milliseconds(kind, rows, calls, at_once):
    return median(json.loads(reco_score(kind, rows, "--time", calls, "--at-once", at_once))["seconds"]) * 1e3


class SingleRow:
    """LightGBM's call for one row, prepared beforehand, without what Python would add around it."""

    def __init__(self, booster, rows):
        import lightgbm

        self.rows = rows.astype("f8")
        self.call = lightgbm.basic._LIB.LGBM_BoosterPredictForMatSingleRowFast
        self.config, self.out, self.length = ctypes.c_void_p(), np.zeros(1), ctypes.c_int64()
        failed = lightgbm.basic._LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
            booster._handle, ctypes.c_int(1), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(1), ctypes.c_int32(FEATURES),
            ctypes.c_char_p(b"num_threads=1"), ctypes.byref(self.config))
        if failed:
            raise Failed("LightGBM's fast single row")
        self.pointers = [ctypes.c_void_p(row.ctypes.data) for row in self.rows]
        self.arguments = (ctypes.c_void_p(self.out.ctypes.data), ctypes.byref(self.length))

    def __call__(self, number):
        self.call(self.config, self.pointers[number % len(self.pointers)], self.arguments[1], self.arguments[0])


def lleaves_peer(text, rows):
    import lleaves

    model = lleaves.Model(model_file=text)
    start = time.perf_counter()
    model.compile()
    return (lambda _: model.predict(rows, n_jobs=1)), time.perf_counter() - start


def tl2cgen_peer(text, rows):
    import tl2cgen
    import treelite

    model = treelite.frontend.load_lightgbm_model(text)
    library = work("tree-scoring", "tl2cgen.so")
    start = time.perf_counter()
    tl2cgen.export_lib(model, toolchain="gcc", libpath=library, params={"parallel_comp": 8})
    seconds = time.perf_counter() - start
    predictor = tl2cgen.Predictor(library, nthread=1)
    data = tl2cgen.DMatrix(rows, dtype="float64")
    return (lambda _: predictor.predict(data, pred_margin=True)), seconds


def largest_difference(ours, theirs):
    return float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-30)))


def agreement(report, boosters, rows):
    table = [("scores against their own library's", "largest relative difference", "rows")]
    for kind, predict in boosters.items():
        ours = np.array([float(line) for line in reco_score(kind, rows).split()])
        difference = largest_difference(ours, predict(rows))
        table.append((kind, f"{difference:.1e}", str(len(rows))))
        report.keep(f"scores of {kind}'s trees, relative difference", f"{difference:.0e}", goal="1e-6", met=difference <= 1e-6)
    report.table(table)


def measure(report, runs):
    report.title("Boosted trees: scoring")
    try:
        import lightgbm  # noqa: F401
        import xgboost  # noqa: F401
    except ImportError as error:
        return report.say(f"{error}; skipped")
    rows, labels = table_of_features()
    booster, xgb, text = train(rows, labels)
    rows = np.ascontiguousarray(rows[:CANDIDATES])
    agreement(report, {"lightgbm": lambda rows: booster.predict(rows, num_threads=1), "xgboost": xgb.inplace_predict}, rows)

    # All but XGBoost work in float64, and are spared the conversion.
    wide = rows.astype("f8")
    peers = {"LightGBM predict": (lambda _: booster.predict(wide, num_threads=1), 0, 8)}
    for name, make, goal in (("tl2cgen (gcc)", tl2cgen_peer, 8), ("lleaves", lleaves_peer, 2)):
        try:
            call, seconds = make(text, wide)
            difference = largest_difference(np.ravel(call(0)), booster.predict(wide, num_threads=1))
            report.say(f"{name} against LightGBM: {difference:.1e}")
            peers[name] = (call, seconds, goal)
        except Exception as error:  # a peer that is not there, or does not build here, is no reason to stop
            report.say(f"{name}: {type(error).__name__}: {error}; skipped")
    page = f"{CANDIDATES} candidates, {TREES} trees of {LEAVES} leaves"
    compare(report, page, "lightgbm", rows, peers, runs, CALLS, CANDIDATES)
    compare(report, f"{CANDIDATES} candidates, {TREES} trees of depth {DEPTH}", "xgboost", rows,
            {"XGBoost inplace_predict": (lambda _: xgb.inplace_predict(rows), 0, 4)}, runs, CALLS, CANDIDATES)
    compare(report, f"one row, {TREES} trees of {LEAVES} leaves", "lightgbm", rows,
            {"LightGBM single-row fast": (SingleRow(booster, rows), 0, 1)}, runs, SINGLE_CALLS, 1)


def compare(report, what, kind, rows, peers, runs, calls, at_once):
    ours, theirs = [], {name: [] for name in peers}
    for call, _, _ in peers.values():
        call(0)  # warm
    for _ in range(runs):
        ours.append(reco_milliseconds(kind, rows, calls, at_once))
        for name, (call, _, _) in peers.items():
            theirs[name].append(milliseconds(call, calls))
    mine = median(ours)
    scale, unit = (1e3, "us") if at_once == 1 else (1, "ms")
    report.say(f"\n{what}, 1 thread: median of {calls} calls, {runs} times in turns")
    table = [("", unit, "times as fast", "compiled in"), ("reco", f"{mine * scale:.3g}", "", "")]
    for name, (_, seconds, goal) in peers.items():
        # Each run has its own ratio, so that what disturbs the machine disturbs both sides of it.
        ratio = median([b / a for a, b in zip(ours, theirs[name])])
        peer = median(theirs[name])
        table.append((name, f"{peer * scale:.3g}", f"{ratio:.1f}", f"{seconds:.0f} s" if seconds else ""))
        report.keep(what, f"{mine * scale:.3g} {unit}", f"{name}: {peer * scale:.3g} {unit}", f"{ratio:.1f}",
                    goal=f"{goal}", met=ratio >= goal)
    report.table(table)
