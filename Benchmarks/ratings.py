"""Predicted ratings: RMSE over the five folds of ml-100k as published, default settings."""

import gzip
import os

from workshop import DATA, reco, work

FOLDS = range(1, 6)
# What Surprise has with its defaults, by its own documentation and on other folds, random ones; and our goal.
MODELS = (
    ("rating-mf", [], "SVD .934", 0.925),
    ("svdpp", [], "SVD++ .919", 0.915),
    ("nmf", ["--set", "nmf.observed=only"], "NMF .963", 0.955),
)


def with_head(name):
    """The published files name no columns; reco wants them named."""
    path = work("data", f"ml-100k-{name}.tsv")
    with gzip.open(os.path.join(DATA, "ml-100k", f"{name}.gz"), "rt") as source, open(path, "w") as target:
        target.write("user\titem\trating\ttime\n" + source.read())
    return path


def fold(model, options, number, seed):
    out = work("models", f"ml-100k-{model}.reco")
    trained = reco(
        "train", "--events", with_head(f"u{number}.base"), "--model", model, *options, "--threads", 1, "--seed", seed,
        "--out", out, "--json")
    seconds = sum(phase["seconds"] for name, phase in trained["phases"].items() if name == model)
    metrics = reco("evaluate", out, "--test", with_head(f"u{number}.test"), "--json")["metrics"]
    return metrics["rmse"], metrics["mae"], seconds


def measure(report, runs):
    report.title("Ratings: ml-100k, RMSE of each fold, mean RMSE and MAE, seconds of training on one thread")
    if not os.path.exists(os.path.join(DATA, "ml-100k", "u1.base.gz")):
        report.say("../shared/data/ml-100k is not there: skipped")
        return
    rows = [("", *(f"u{number}" for number in FOLDS), "RMSE", "MAE", "seconds", "Surprise")]
    for model, options, other, goal in MODELS:
        results = [fold(model, options, number, seed=1) for number in FOLDS]
        rmse, mae, seconds = (sum(values) / len(results) for values in zip(*results))
        rows.append((
            " ".join([model, *options[1:]]), *(f"{result[0]:.4f}" for result in results), f"{rmse:.4f}", f"{mae:.4f}",
            f"{seconds:.2f}", other))
        report.keep(f"RMSE of {model}, ml-100k, 5 folds", f"{rmse:.4f}", f"Surprise {other}", "", f"<= {goal}", rmse <= goal)
    report.say()
    report.table(rows)
