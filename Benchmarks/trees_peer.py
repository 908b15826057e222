"""Trains LightGBM or XGBoost on arrays in a process of its own, and prints seconds, processor time, memory and scores."""

import argparse
import json
import os
import resource
import sys
import time

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("library", choices=["lightgbm", "xgboost"])
parser.add_argument("folder")  # X.npy y.npy [sizes.npy], and the same with test- before
parser.add_argument("objective")
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--trees", type=int, default=100)
parser.add_argument("--leaves", type=int, default=31)
parser.add_argument("--rate", type=float, default=0.1)
parser.add_argument("--truncation", type=int, default=30)
options = parser.parse_args()


def load(name):
    path = os.path.join(options.folder, name + ".npy")
    return np.load(path) if os.path.exists(path) else None


def clocks():
    return time.perf_counter(), time.process_time()


X, y, sizes = load("X"), load("y"), load("sizes")
if options.library == "lightgbm":
    import lightgbm

    names = {"lambdamart": "lambdarank", "logistic": "binary", "squared-error": "regression"}
    settings = {
        "objective": names[options.objective], "num_leaves": options.leaves, "learning_rate": options.rate,
        "num_threads": options.threads, "verbosity": -1, "lambdarank_truncation_level": options.truncation}
    start = clocks()
    data = lightgbm.Dataset(X, y, group=sizes, params=settings).construct()
    binned = clocks()
    model = lightgbm.train(settings, data, options.trees)
    end = clocks()
    predict = lambda X: model.predict(X, raw_score=True)  # noqa: E731
else:
    import xgboost

    names = {"lambdamart": "rank:ndcg", "logistic": "binary:logistic", "squared-error": "reg:squarederror"}
    settings = {
        "objective": names[options.objective], "max_leaves": options.leaves, "max_depth": 0, "grow_policy": "lossguide",
        "eta": options.rate, "nthread": options.threads, "tree_method": "hist", "max_bin": 255}
    start = clocks()
    data = xgboost.QuantileDMatrix(X, y, max_bin=255, nthread=options.threads)
    if sizes is not None:
        data.set_group(sizes)
    binned = clocks()
    model = xgboost.train(settings, data, options.trees)
    end = clocks()
    predict = lambda X: model.predict(xgboost.DMatrix(X), output_margin=True)  # noqa: E731
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
scores = predict(load("test-X"))
json.dump({
    "binning": binned[0] - start[0], "training": end[0] - binned[0], "binning_cpu": binned[1] - start[1],
    "training_cpu": end[1] - binned[1], "peak_memory": peak, "scores": scores.tolist()}, sys.stdout)
