"""Search by words beside scikit-learn and bm25s: building an index, asking it, its size, and whether both compute the same.

The titles are 200,000 walks over the words of the ESCI sample's real titles: each word follows one that it follows there,
as many as a real title has, and one word in fifty is a made-up code. Vocabulary and frequencies are so those of a shop.
"""

import csv
import ctypes
import gzip
import math
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict

import numpy as np

from model_file import ModelFile
from workshop import DATA, LIBRARY, median, reco, run, work

PRODUCTS = os.path.join(DATA, "esci-sample", "products.tsv.gz")
COUNT = 200_000
QUERIES = 400
CUT = 10
PREFIX = 64

# In a process of its own: it has no threads, and what is timed is neither the start nor reading the file.
TFIDF = """
import json, sys, time
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
titles = [line.rstrip("\\n").split("\\t")[1] for line in open(sys.argv[1], encoding="utf-8")][1:]
start = time.perf_counter()
normalize(TfidfVectorizer().fit_transform(titles))
print(json.dumps({"seconds": time.perf_counter() - start}))
"""


def products():
    with gzip.open(PRODUCTS, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def write_titles():
    """The titles and the table with them; kept in .bench/."""
    path = work("data", "titles.tsv")
    if not os.path.exists(path):
        generator = random.Random(1)
        real = [words for product in products() if (words := product["title"].replace('"', "\u2033").split())]
        follows = defaultdict(list)
        for words in real:
            for word, next_word in zip(words, words[1:]):
                follows[word].append(next_word)
        with open(path, "w", encoding="utf-8") as file:
            file.write("item\ttitle\n")
            for item in range(COUNT):
                length = len(generator.choice(real))
                title = [generator.choice(real)[0]]
                while len(title) < length:
                    after = follows.get(title[-1])
                    title.append(generator.choice(after) if after else generator.choice(real)[0])
                    if generator.random() < 0.02:
                        code = generator.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=generator.randint(5, 10))
                        title.insert(-1, "".join(code))
                file.write(f"{item}\t{' '.join(title)}\n")
    with open(path, encoding="utf-8") as file:
        return path, [line.rstrip("\n").split("\t")[1] for line in file][1:]


class Query(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("limit", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        *[(f"{name}{part}", kind) for name in ("user", "session", "session_kinds", "session_ages", "similar_to",
                                               "candidates", "allow", "deny")
          for part, kind in (("", ctypes.c_void_p), ("_length", ctypes.c_size_t))],
        ("text", ctypes.c_char_p), ("text_length", ctypes.c_size_t)]


class Hit(ctypes.Structure):
    _fields_ = [("row", ctypes.c_uint32), ("score", ctypes.c_float), ("source", ctypes.c_uint16),
                ("rung", ctypes.c_uint16), ("position", ctypes.c_uint32)]


class Library:
    """A model, asked in this process."""

    def __init__(self, path):
        self.library = ctypes.CDLL(LIBRARY)
        self.model = ctypes.c_void_p()
        path = path.encode()
        if self.library.reco_model_open(path, ctypes.c_size_t(len(path)), ctypes.byref(self.model), None):
            raise RuntimeError(f"cannot open {path.decode()}")
        self.count = ctypes.c_uint32()

    def search(self, text, limit=CUT, flags=0):
        """Rows and scores, and the seconds that the call took."""
        text = text.encode()
        query = Query(struct_size=ctypes.sizeof(Query), flags=flags, limit=limit, text=text, text_length=len(text))
        hits = (Hit * limit)()
        arguments = (self.model, ctypes.byref(query), ctypes.c_size_t(1), hits, ctypes.c_size_t(limit),
                     ctypes.byref(self.count), ctypes.c_size_t(1), None)
        start = time.perf_counter()
        status = self.library.reco_model_query(*arguments)
        seconds = time.perf_counter() - start
        if status:
            raise RuntimeError(f"{text} gave {status}")
        return [(hit.row, hit.score) for hit in hits[: self.count.value]], seconds


def training_seconds(path, model, threads, *settings):
    out = work("models", f"titles-{model}.reco")
    options = [argument for setting in settings for argument in ("--set", f"{model}.{setting}")]
    phases = reco(
        "train", "--items", path, "--model", model, *options, "--threads", threads, "--out", out, "--json")["phases"]
    return sum(phase["seconds"] for name, phase in phases.items() if name in ("reading text", "packing the index")), out


def building(report, path, runs):
    report.title(f"Building an index of {COUNT:,} titles, in seconds")
    rows = [("", "reco", "TfidfVectorizer + normalize, 1 thread", "ratio")]
    kinds = [("tfidf", 1, ("analysis=plain",)), ("tfidf", 1, ()), ("bm25", 1, ()), ("bm25", os.cpu_count(), ())]
    for model, threads, settings in kinds:
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(training_seconds(path, model, threads, *settings)[0])
            theirs.append(run([sys.executable, "-c", TFIDF, path], threads=1)["seconds"])
        time, its_time = median(ours), median(theirs)
        what = f"{model}{', plain words' if settings else ''}, {threads} thread{'s' if threads > 1 else ''}"
        rows.append((what, f"{time:.3f}", f"{its_time:.3f}", f"{time / its_time:.3f}"))
        report.keep(
            f"index of {COUNT:,} titles: {what}", f"{time:.3f} s", f"TfidfVectorizer {its_time:.3f} s",
            f"{time / its_time:.3f}", "<= 0.2", time / its_time <= 0.2)
    report.table(rows)


def size(report, path, titles, model):
    file = ModelFile(model)
    compressed = len(gzip.compress("\n".join(titles).encode()))
    index = sum(length for name, (_, length, _) in file.sections.items() if name.startswith("bm25/"))
    report.title("Size of the index, all sections of bm25")
    report.table([("", "bytes"), ("index", f"{index:,}"), ("titles, gzip", f"{compressed:,}")])
    report.keep(
        f"size of the index of {COUNT:,} titles", f"{index / 1e6:.2f} MB", f"gzip {compressed / 1e6:.2f} MB",
        f"{index / compressed:.2f}", "<= 1.2", index <= 1.2 * compressed)


def three_words(titles, count, seed):
    generator = random.Random(seed)
    queries = []
    while len(queries) < count:
        words = re.findall(r"[a-z]{3,}", generator.choice(titles).lower())
        if len(words) >= 3:
            queries.append(" ".join(generator.sample(words, 3)))
    return queries


def asking(report, titles, model, runs):
    from sklearn.feature_extraction.text import TfidfVectorizer

    import bm25s

    report.title(f"The best {CUT} of {COUNT:,} titles for three words, 1 thread, in microseconds")
    ours = Library(model)
    vectorizer = TfidfVectorizer()
    transposed = vectorizer.fit_transform(titles).T.tocsr()
    index = bm25s.BM25()
    index.index(bm25s.tokenize(titles, stopwords="en", show_progress=False), show_progress=False)

    def sklearn(query):
        start = time.perf_counter()
        scores = (vectorizer.transform([query]) @ transposed).toarray()[0]
        best = np.argpartition(-scores, CUT)[:CUT]
        best[np.argsort(-scores[best])]
        return time.perf_counter() - start

    def peer(query):
        start = time.perf_counter()
        index.retrieve(
            bm25s.tokenize([query], stopwords="en", show_progress=False), k=CUT, show_progress=False, n_threads=1)
        return time.perf_counter() - start

    times = {"reco": [], "scikit-learn": [], "bm25s": []}
    for turn in range(runs):
        queries = three_words(titles, QUERIES // runs, turn)
        times["reco"] += [ours.search(query)[1] for query in queries]
        times["scikit-learn"] += [sklearn(query) for query in queries]
        times["bm25s"] += [peer(query) for query in queries]
    rows = [("", "p50", "p95", "p99")]
    for name, seconds in times.items():
        rows.append((name, *[f"{np.quantile(seconds, q) * 1e6:.0f}" for q in (0.5, 0.95, 0.99)]))
    report.table(rows)
    p50 = {name: median(seconds) * 1e6 for name, seconds in times.items()}
    for name, goal in (("scikit-learn", 0.1), ("bm25s", 0.01)):
        ratio = p50["reco"] / p50[name]
        report.keep(
            f"search for three words in {COUNT:,} titles, p50", f"{p50['reco']:.0f} µs", f"{name} {p50[name]:.0f} µs",
            f"{ratio:.3f}", f"<= {goal}", ratio <= goal)

    def keystrokes(query):
        start = query.rindex(" ") + 1
        return [query[:end] for end in range(start + 1, len(query) + 1)]

    def mistyped(query, generator):
        words = query.split()
        place = max(range(3), key=lambda i: len(words[i]))
        word = list(words[place])
        at = generator.randrange(len(word) - 1)
        word[at], word[at + 1] = word[at + 1], word[at]
        words[place] = "".join(word)
        return " ".join(words)

    report.title("Typing: the last of three words letter by letter; a mistake in the longest word; in microseconds")
    generator = random.Random(3)
    typing = {name: [] for name in ("first letter", "two letters", "three or more", "a mistake")}
    for turn in range(runs):
        for query in three_words(titles, QUERIES // runs, 100 + turn):
            for letters, text in enumerate(keystrokes(query), 1):
                name = ("first letter", "two letters", "three or more")[min(letters, 3) - 1]
                typing[name].append(ours.search(text, flags=PREFIX)[1])
            typing["a mistake"].append(ours.search(mistyped(query, generator))[1])
        for letter in "abcdefghijklmnopqrstuvwxyz":  # the whole question is one letter
            typing["first letter"].append(ours.search(letter, flags=PREFIX)[1])
    rows = [("", "p50", "p95", "p99")]
    for name, seconds in typing.items():
        rows.append((name, *[f"{np.quantile(seconds, q) * 1e6:.0f}" for q in (0.5, 0.95, 0.99)]))
    report.table(rows)
    worst = max(np.quantile(seconds, 0.95) for name, seconds in typing.items() if name != "a mistake") * 1e6
    report.keep(
        "search as you type, p95 of the slowest letter", f"{worst:.0f} µs", "", "", "< 1000 µs", worst < 1000)


# ---- whether both compute the same ------------------------------------------------------------------------------


def unpack(data, count, width, start):
    bits = np.unpackbits(data[start : start + (count * width + 7) // 8], bitorder="little")
    return bits[: count * width].reshape(count, width) @ (1 << np.arange(width)) if width else np.zeros(count, int)


def varint(data, at):
    value = shift = 0
    while True:
        byte = int(data[at])
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def postings(file, model):
    """Terms with rows and frequency codes, after docs/model-file-format.md."""
    terms, lists = file[f"{model}/terms"], file[f"{model}/postings"]
    at = start = 0
    term = b""
    for _ in range(len(file[f"{model}/term-masks"])):
        shared, more = int(terms[at]), int(terms[at + 1])
        term = term[:shared] + terms[at + 2 : at + 2 + more].tobytes()
        count, at = varint(terms, at + 2 + more)
        length, at = varint(terms, at)
        blocks = -(-count // 128)
        place = start + 1 + (7 * blocks if blocks > 1 else 0)
        rows, codes, before = [], [], -1
        for block in range(blocks):
            here = min(128, count - 128 * block)
            widths = int(lists[place]), int(lists[place + 1])
            gaps = unpack(lists, here, widths[0], place + 2)
            codes_at = place + 2 + (here * widths[0] + 7) // 8
            rows.append(before + np.cumsum(gaps + 1))
            codes.append(unpack(lists, here, widths[1], codes_at))
            before = rows[-1][-1]
            place = codes_at + (here * widths[1] + 7) // 8
        start += length
        yield term.decode(), np.concatenate(rows), np.concatenate(codes)


def same_vectors(report, items):
    """The weights in the file, term by term, against TfidfVectorizer's on the same texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    for sublinear in (False, True):
        out = work("models", "esci-tfidf-plain.reco")
        reco(
            "train", "--items", PRODUCTS, "--model", "tfidf", "--set", "tfidf.fields=title=1,features=1,description=1",
            "--set", "tfidf.analysis=plain", "--set", f"tfidf.sublinear={'yes' if sublinear else 'no'}", "--out", out,
            "--json")
        texts = [" ".join(item[name] or "" for name in ("title", "bullet_points", "description")) for item in items]
        vectorizer = TfidfVectorizer(sublinear_tf=sublinear)
        expected = vectorizer.fit_transform(texts)
        file = ModelFile(out)
        row_of = {id: row for row, id in enumerate(file.ids("items"))}
        order = np.array([row_of[item["asin"]] for item in items])
        columns = expected.tocsc()
        norms, weights = file["tfidf/norms"], file["tfidf/term-weights"]
        largest, seen = 0.0, 0
        for term, rows, codes in postings(file, "tfidf"):
            idf = math.log((1 + len(items)) / (1 + len(rows))) + 1
            ours = np.zeros(len(items))
            ours[rows] = weights[codes] * norms[rows] * idf
            theirs = np.zeros(len(items))
            number = vectorizer.vocabulary_.get(term)
            if number is not None:
                column = columns[:, number]
                theirs[order[column.indices]] = column.data
            largest = max(largest, np.abs(ours - theirs).max())
            seen += len(rows)
        report.say(
            f"tfidf{', sublinear' if sublinear else ''}: {seen:,} weights of {len(items):,} products beside"
            f" {expected.nnz:,} of TfidfVectorizer; largest difference {largest:.1e}")
        report.keep(
            f"TF-IDF vectors of the ESCI products{', sublinear' if sublinear else ''}", f"{largest:.1e} off",
            "scikit-learn", "", "<= 1e-5", largest <= 1e-5 and seen == expected.nnz)


def same_scores(report, items):
    """Every score of a question, one field against bm25s and four against the formula written down plainly."""
    import bm25s

    with open(os.path.join(DATA, "esci-sample", "queries.tsv"), encoding="utf-8") as file:
        queries = [row["query"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]

    def words(text):
        return re.findall(r"(?u)\b\w\w+\b", (text or "").lower())

    fields = [("title", 5, 0.7), ("brand", 3, 0.3), ("bullet_points", 1, 0.5), ("description", 1, 0.8)]
    lengths, counts, means = {}, {}, {}
    for name, _, _ in fields:
        counts[name] = [Counter(words(item[name])) for item in items]
        lengths[name] = np.array([sum(count.values()) for count in counts[name]])
        means[name] = lengths[name].mean()
    places = defaultdict(lambda: defaultdict(list))
    for name, _, _ in fields:
        for row, count in enumerate(counts[name]):
            for word, times in count.items():
                places[word][row].append((name, times))
    weights = {name: (weight, b) for name, weight, b in fields}

    def formula(query):
        scores = np.zeros(len(items))
        for word in words(query):
            idf = math.log(1 + (len(items) - len(places[word]) + 0.5) / (len(places[word]) + 0.5))
            for row, found in places[word].items():
                w = sum(
                    weights[name][0] * times
                    / (1 - weights[name][1] + weights[name][1] * lengths[name][row] / means[name])
                    for name, times in found)
                scores[row] += idf * w / (1.2 + w)
        return scores

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index([words(item["title"]) for item in items], show_progress=False)
    cases = [
        ("one field", "bm25s", "title=1:0.75", lambda query: index.get_scores(words(query))),
        ("four fields", "the formula", ",".join(f"{name}={weight}:{b}" for name, weight, b in fields), formula)]
    for what, peer, setting, scored in cases:
        out = work("models", "esci-bm25-plain.reco")
        reco(
            "train", "--items", PRODUCTS, "--model", "bm25", "--set", f"bm25.fields={setting}", "--set",
            "bm25.analysis=plain", "--set", "bm25.k1=1.2", "--out", out, "--json")
        model, file = Library(out), ModelFile(out)
        row_of = {id: row for row, id in enumerate(file.ids("items"))}
        order = np.array([row_of[item["asin"]] for item in items])
        known = {term for term, _, _ in postings(file, "bm25")}
        largest = compared = 0
        for query in queries:
            # Words that no product has would be corrected.
            if not words(query) or not set(words(query)) <= known:
                continue
            theirs = np.zeros(len(items))
            theirs[order] = scored(query)
            ours = np.zeros(len(items))
            for row, score in model.search(query, limit=len(items))[0]:
                ours[row] = score
            largest = max(largest, (np.abs(ours - theirs) / np.maximum(theirs, 1)).max())
            compared += 1
        report.say(f"bm25, {what}: {compared} queries, all scores beside {peer}; largest difference {largest:.1e}")
        report.keep(
            f"BM25 of the ESCI products, {what}", f"{largest:.1e} off", peer, "", "<= 1e-5", largest <= 1e-5)


def measure(report, runs):
    if not os.path.exists(PRODUCTS):
        report.title("Search beside scikit-learn and bm25s")
        report.say("../shared/data/esci-sample is not there: skipped")
        return
    path, titles = write_titles()
    building(report, path, runs)
    _, model = training_seconds(path, "bm25", 1)
    size(report, path, titles, model)
    asking(report, titles, model, runs)
    report.title("The same numbers on the ESCI sample")
    items = products()
    same_vectors(report, items)
    same_scores(report, items)
