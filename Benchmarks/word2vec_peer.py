"""gensim trains skip-gram or CBOW in a process of its own: `python word2vec_peer.py SENTENCES --threads 1`; prints JSON.

SENTENCES has a line for each user, items divided by spaces. Only train() is timed: not the imports, not the counting of
words. With --corpus-file, gensim reads the file itself and keeps Python out of the way of its threads.
"""

import argparse
import json
import time

from gensim.models import word2vec

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("sentences")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--factors", type=int, default=64)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--cbow", action="store_true")
parser.add_argument("--corpus-file", action="store_true")
options = parser.parse_args()
assert word2vec.CORPUSFILE_VERSION >= 0, "gensim runs without its compiled part"

model = word2vec.Word2Vec(
    vector_size=options.factors, window=5, negative=5, sample=1e-3, sg=0 if options.cbow else 1, min_count=1,
    workers=options.threads, seed=options.seed)
if options.corpus_file:
    source = {"corpus_file": options.sentences}
else:
    with open(options.sentences) as file:
        source = {"corpus_iterable": [line.split() for line in file]}
model.build_vocab(**source)
start, work = time.perf_counter(), time.process_time()
model.train(
    **source, total_examples=model.corpus_count, total_words=model.corpus_total_words, epochs=options.epochs)
print(json.dumps({
    "seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - work,
    "words": model.corpus_total_words * options.epochs}))
