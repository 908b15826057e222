"""The numbers in TextReference.swift: TF-IDF vectors by scikit-learn, BM25 by bm25s, BM25F by the formula.

    python3 Tests/Fixtures/text_reference.py

Needs scikit-learn and bm25s. BM25F is that of Robertson and Zaragoza 2009 (doi:10.1561/1500000019), written down plainly:
field lengths count words, means are over all documents, and so is idf, where a document counts that has the term in any
field.
"""

import math
import re

import bm25s
from sklearn.feature_extraction.text import TfidfVectorizer

TITLES = [
    "red cotton t-shirt for men", "blue cotton t-shirt for women", "red wool scarf", "the red red umbrella",
    "café crème cups, set of 6", "cups and saucers in red and blue", "usb-c cable 2.5 m usb", "",
]
DESCRIPTIONS = [
    "soft shirt made of cotton, in red", "", "warm scarf of merino wool for cold days in winter and autumn",
    "umbrella", "six cups for coffee", "cups", "charge and sync with this cable", "nothing red here",
]
QUERIES = ["red cotton", "red red cups", "scarf for winter", "usb cable"]
FIELDS = [(TITLES, 3.0, 0.75), (DESCRIPTIONS, 0.5, 0.4)]
K1 = 1.2


def words(text):
    return re.findall(r"(?u)\b\w\w+\b", text.lower())


def bm25f(query):
    documents = list(zip(*[[words(text) for text in texts] for texts, _, _ in FIELDS]))
    count = len(documents)
    means = []
    for field in range(len(FIELDS)):
        lengths = [len(document[field]) for document in documents]
        means.append(sum(lengths) / len(lengths))
    scores = [0.0] * count
    for term in words(query):
        df = sum(any(term in field for field in document) for document in documents)
        idf = math.log(1 + (count - df + 0.5) / (df + 0.5))
        for number, document in enumerate(documents):
            w = 0.0
            for field, (_, weight, b) in enumerate(FIELDS):
                tf = document[field].count(term)
                w += weight * tf / (1 - b + b * len(document[field]) / means[field])
            scores[number] += idf * w / (K1 + w)
    return scores


def show_vectors(name, matrix, terms):
    """A line for each document: its terms and their weights."""
    print(f"    static let {name} = [")
    for row in matrix:
        parts = [f"{term} {weight:.6f}" for term, weight in zip(terms, row) if weight]
        lines = [" ".join(parts[i : i + 5]) for i in range(0, len(parts), 5)] or [""]
        print("        " + "\n            + ".join(f'"{line} "' for line in lines) + ",")
    print("    ]")


def show(name, rows):
    print(f"    static let {name}: [[Float]] = [")
    for row in rows:
        print("        [" + ", ".join(f"{value:.6f}" for value in row) + "],")
    print("    ]")


for sublinear in (False, True):
    vectorizer = TfidfVectorizer(sublinear_tf=sublinear)
    matrix = vectorizer.fit_transform(TITLES).toarray()
    show_vectors("sublinearVectors" if sublinear else "vectors", matrix, vectorizer.get_feature_names_out())
    show("sublinearCosines" if sublinear else "cosines", vectorizer.transform(QUERIES).toarray() @ matrix.T)
index = bm25s.BM25(method="lucene", k1=K1, b=0.75)
# bm25s takes its mean length over all documents, the empty one too: it is left out here.
index.index([words(title) for title in TITLES[:-1]], show_progress=False)
show("bm25", [index.get_scores(words(query)) for query in QUERIES])
show("bm25f", [bm25f(query) for query in QUERIES])
