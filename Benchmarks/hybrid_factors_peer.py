"""LightFM in a process of its own: `python hybrid_factors_peer.py TRAIN.npz TEST.npz --loss warp ...`; prints JSON.

Its own functions say how good it is. Only fit_partial() is timed, epoch by epoch. With --features, what items are made of;
then TEST holds what is asked for among the items of --asked alone, and the scores go to --scores.
"""

import argparse
import json
import statistics
import time
import warnings

import numpy as np
from scipy import sparse

warnings.filterwarnings("ignore")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--loss", default="warp")
    parser.add_argument("--factors", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features")
    parser.add_argument("--scores")
    options = parser.parse_args()
    from lightfm import LightFM
    from lightfm.evaluation import auc_score, precision_at_k

    train, test = (sparse.load_npz(path).astype(np.float32) for path in (options.train, options.test))
    features = sparse.load_npz(options.features).astype(np.float32).tocsr() if options.features else None
    model = LightFM(no_components=options.factors, loss=options.loss, random_state=options.seed)
    seconds, work = [], []
    for _ in range(options.epochs):
        start, used = time.perf_counter(), time.process_time()
        model.fit_partial(train, item_features=features, epochs=1, num_threads=options.threads)
        seconds.append(time.perf_counter() - start)
        work.append(time.process_time() - used)
    result = {"seconds": statistics.median(seconds), "processor_seconds": statistics.median(work)}
    if options.scores:
        users, items = model.get_user_representations(), model.get_item_representations(features)
        np.save(options.scores, users[1] @ items[1].T + items[0])
    else:
        result["precision@10"] = float(precision_at_k(model, test, train, k=10).mean())
        result["auc"] = float(auc_score(model, test, train).mean())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
