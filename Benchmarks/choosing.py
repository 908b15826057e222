"""Every model on every data set, at its defaults and at settings that were chosen on held-out training data: the tables of
docs/choosing-a-model.md. Only reco runs here; what others reach on the same files stands in docs/measurements.md."""

import json
import os
import subprocess

import pandas as pd

from workshop import DATA, RECO, Failed, reco, work

# What a model is given beside its defaults, by data set and model. Chosen on a part held out of train, never on test.
FADING = ["half-life.interaction=60d", "weight-scale=none"]
CHOSEN = {
    ("gowalla", "slim"): [
        "slim.neighbors=200", "slim.l2=5", "slim.popularity-penalty=15", "slim.user-discount=0.3"],
    ("gowalla", "als"): ["als.factors=256"],
    ("gowalla", "item-knn"): ["item-knn.neighbors=100", "item-knn.asymmetry=0.65", "item-knn.user-damping=0.5"],
    ("gowalla", "rp3beta"): ["rp3beta.neighbors=4000"],
    ("gowalla", "gf-cf"): ["gf-cf.neighbors=1000", "gf-cf.factors=512"],
    ("ml-1m", "ease"): ["ease.regularization=1000"],
    ("ml-1m", "als"): [
        "als.factors=192", "als.unobserved=0.3", "als.regularization=0.008", "als.frequency-scaling=1"],
    ("online-retail", "sparse-ease"): FADING,
    ("online-retail", "ease"): FADING,
    ("online-retail", "als"): FADING,
    ("online-retail", "item-knn"): FADING,
}

# Models for ratings: see ratings.py.
NOT_HERE = {"rating-mf", "svdpp"}


class Shop:
    """A data set: what to train on, and how to ask what was learnt."""

    def __init__(self, name, title, train, tests):
        self.name = name
        self.title = title
        self.train = train
        self.tests = tests  # [(test file, options of evaluate, metrics)]

    def head(self):
        names = []
        for _, options, metrics in self.tests:
            how = " 1:99" if "--candidates" in options else ""
            names += [metric + how for metric in metrics]
        return names


def at(name, file):
    return os.path.join(DATA, name, file)


def plain(name, title, metrics):
    return Shop(name, title, [at(name, "train.tsv.gz")], [(at(name, "test.tsv.gz"), [], metrics)])


def movies():
    """MovieLens 1M: the last item of each user, in the whole catalogue and among 99 fixed others."""
    lists = pd.read_csv(at("ml-1m", "loo_test.tsv.gz"), sep="\t", dtype=str)
    test, others = work("choosing", "ml-1m-test.tsv"), work("choosing", "ml-1m-others.tsv")
    lists[["user_id", "test_item"]].to_csv(test, sep="\t", index=False, header=["user", "item"])
    lists.assign(item=lists.neg99.str.split()).explode("item")[["user_id", "item"]].to_csv(
        others, sep="\t", index=False, header=["user", "item"])
    metrics = ["hit_rate@10", "ndcg@10"]
    return Shop(
        "ml-1m", "MovieLens 1M: the last film of each user", [at("ml-1m", "train.tsv.gz")],
        [(at("ml-1m", "test.tsv.gz"), [], metrics), (test, ["--candidates", others], metrics)])


def invoices():
    """Online Retail from its invoice lines: what customers bought in the month after, bought before or not."""
    lines = pd.read_csv(at("online-retail", "online_retail.tsv.gz"), sep="\t", dtype=str)
    lines["quantity"] = lines.Quantity.astype(float)
    lines = lines[
        lines.CustomerID.notna() & (lines.quantity > 0) & ~lines.InvoiceNo.str.startswith("C")
        & lines.StockCode.str.match(r"^\d{5}")]
    when = pd.to_datetime(lines.InvoiceDate)
    table = pd.DataFrame({
        "user": lines.CustomerID.str.replace(".0", "", regex=False), "item": lines.StockCode, "event": "purchase",
        "weight": lines.quantity, "time": (when - pd.Timestamp("1970-01-01")) // pd.Timedelta("1s"),
        "basket": lines.InvoiceNo})
    before = when < pd.Timestamp("2011-11-09")
    train, test = table[before], table[~before]
    train_path, test_path = work("choosing", "invoices-train.tsv"), work("choosing", "invoices-test.tsv")
    train.to_csv(train_path, sep="\t", index=False)
    test = test[test.user.isin(set(train.user))].drop_duplicates(["user", "item"])
    test[["user", "item"]].to_csv(test_path, sep="\t", index=False)
    return Shop(
        "invoices", "Online Retail, invoice lines: all that customers bought in the month after (--repeats)", [train_path],
        [(test_path, ["--repeats"], ["ndcg@10", "recall@20"])])


SHOPS = {
    "gowalla": lambda: plain("gowalla", "Gowalla: check-ins", ["recall@20", "ndcg@20"]),
    "ml-1m": movies,
    "retailrocket": lambda: plain("retailrocket", "Retailrocket: the last purchase of each user", ["hit_rate@10", "ndcg@10"]),
    "online-retail": lambda: plain("online-retail", "Online Retail: new items of the month after", ["recall@20", "ndcg@10"]),
    "invoices": invoices,
}


def one(model, shop, settings):
    """A row of the table: trains, evaluates, and removes the model."""
    label = [model, " ".join(settings) or "defaults"]
    out = work("choosing", f"{shop.name}-{model}.reco")
    arguments = [argument for setting in settings for argument in ("--set", f"{setting}")]
    try:
        told = reco("train", "--events", *shop.train, "--model", model, *arguments, "--threads", 2, "--out", out, "--json")
    except Failed as problem:
        reason = str(problem).strip().splitlines()[-1].removeprefix("reco: ")
        return [*label, *[""] * len(shop.head()), "", "", "", reason]
    figures = []
    for test, options, wanted in shop.tests:
        metrics = reco("evaluate", out, "--test", test, "--k", "10,20", "--json", *options)["metrics"]
        figures += [f"{metrics[name]:.4f}" for name in wanted]
    size = os.path.getsize(out)
    os.remove(out)
    return [
        *label, *figures, f"{told['seconds']:.1f}", f"{told['peak_memory'] / 2**20:.0f}", f"{size / 2**20:.1f}", ""]


def models():
    listed = subprocess.run([RECO, "models", "--json"], capture_output=True, text=True, check=True)
    return [model["name"] for model in json.loads(listed.stdout)["models"] if model["name"] not in NOT_HERE]


def measure(report, runs):
    """`CHOOSING` narrows it down: "gowalla", "gowalla:als,bpr"."""
    wanted = dict(part.partition(":")[::2] for part in os.environ.get("CHOOSING", "").split())
    for name, make in SHOPS.items():
        if wanted and name not in wanted:
            continue
        if not os.path.exists(at("online-retail" if name == "invoices" else name, "train.tsv.gz")):
            report.say(f"the data of {name} are not in ../shared/data: skipped")
            continue
        shop = make()
        report.title(shop.title)
        rows = [["model", "settings", *shop.head(), "seconds", "peak MiB", "file MiB", ""]]
        for model in wanted.get(name, "").split(",") if wanted.get(name) else models():
            settings = [[]] + ([CHOSEN[name, model]] if (name, model) in CHOSEN else [])
            rows += [one(model, shop, each) for each in settings]
        report.table(rows)
