"""Trains a few vectors with gensim 4 and writes them as it does: Fixtures/word2vec/vectors.{txt,bin} and what is alike.

Usage: word2vec_reference.py        (needs gensim)
"""

import json
import pathlib

from gensim.models import Word2Vec

folder = pathlib.Path(__file__).parent / "word2vec"
colours = {"warm": ["red", "orange", "yellow", "rosé"], "cold": ["blue", "green", "türkis", "42"]}
sentences = [names[shift:] + names[:shift] for names in colours.values() for shift in range(4)] * 50
vectors = Word2Vec(sentences, vector_size=6, window=3, sg=1, min_count=1, epochs=20, seed=1, workers=1).wv
vectors.save_word2vec_format(str(folder / "vectors.txt"))
vectors.save_word2vec_format(str(folder / "vectors.bin"), binary=True)
alike = {name: [[other, float(cosine)] for other, cosine in vectors.most_similar(name, topn=7)] for name in ("red", "42")}
(folder / "alike.json").write_text(json.dumps(alike, ensure_ascii=False, indent=1) + "\n")
