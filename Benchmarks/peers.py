"""One peer trains, or answers, in a process of its own: `python peers.py als MATRIX OUT --threads 1`; prints JSON.

Only fit() is timed: not the imports, not the reading of the matrix.
"""

import argparse
import json
import time
import warnings

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

LIST = 20


def timed(call):
    start, work = time.perf_counter(), time.process_time()
    result = call()
    return result, {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - work}


def peak_memory():
    with open("/proc/self/status") as file:
        return 1024 * next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def als(matrix, options):
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=64, iterations=15, alpha=options.alpha, num_threads=options.threads, random_state=options.seed)
    # Its own advice: its threads call BLAS, which should not have threads of its own as well.
    with threadpool_limits(1, "blas"):
        _, seconds = timed(lambda: model.fit(matrix, show_progress=False))
        lists = model.recommend(options.users, matrix[options.users], N=LIST)[0] if options.users is not None else None
    return seconds, {"users": model.user_factors, "items": model.item_factors}, lists


def bpr(matrix, options):
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=options.factors, iterations=options.epochs, learning_rate=options.learning_rate,
        regularization=options.regularization, num_threads=options.threads, random_state=options.seed)
    with threadpool_limits(1, "blas"):
        _, seconds = timed(lambda: model.fit(matrix, show_progress=False))
        lists = model.recommend(options.users, matrix[options.users], N=LIST)[0] if options.users is not None else None
    return seconds, {}, lists


def item_knn(matrix, options):
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(K=options.neighbors, num_threads=options.threads)
    with threadpool_limits(1, "blas"):
        _, seconds = timed(lambda: model.fit(matrix, show_progress=False))
    lists = None
    if options.users is not None:
        lists = np.full((len(options.users), LIST), -1)
        for place, user in enumerate(options.users):
            found = model.recommend(user, matrix[user], N=LIST)[0]
            lists[place, : len(found)] = found
    return seconds, {}, lists


def svd(matrix, options):
    from sklearn.decomposition import TruncatedSVD

    model = TruncatedSVD(64, algorithm="randomized", n_iter=options.iterations, random_state=options.seed)
    users, seconds = timed(lambda: model.fit_transform(matrix))
    lists = None
    if options.users is not None:
        lists = np.empty((len(options.users), LIST), int)
        for first in range(0, len(options.users), 1000):
            rows = options.users[first : first + 1000]
            scores = users[rows] @ model.components_
            scores[matrix[rows].nonzero()] = -np.inf
            best = np.argpartition(-scores, LIST, axis=1)[:, :LIST]
            order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
            lists[first : first + 1000] = np.take_along_axis(best, order, axis=1)
    return seconds, {"singular_values": model.singular_values_}, lists


def nmf(matrix, options):
    from sklearn.decomposition import NMF

    model = NMF(options.factors, init=options.init, random_state=options.seed)
    users, seconds = timed(lambda: model.fit_transform(matrix))
    return seconds, {"users": users, "items": model.components_.T, "iterations": model.n_iter_}, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=["als", "bpr", "item-knn", "svd", "nmf"])
    parser.add_argument("matrix")
    parser.add_argument("out")
    parser.add_argument("--users", help="a .npy of user rows to make lists for")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alpha", type=float, default=1)
    parser.add_argument("--epochs", type=int, default=60, help="of bpr, like the next two")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--regularization", type=float, default=0.01)
    parser.add_argument("--neighbors", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=5, help="scikit-learn's n_iter")
    parser.add_argument("--factors", type=int, default=64, help="of bpr and nmf")
    parser.add_argument("--init", default="random", help="where scikit-learn's NMF starts")
    options = parser.parse_args()
    options.users = np.load(options.users) if options.users else None
    warnings.simplefilter("ignore")
    matrix = sparse.load_npz(options.matrix)
    run = {"als": als, "bpr": bpr, "item-knn": item_knn, "svd": svd, "nmf": nmf}[options.model]
    seconds, arrays, lists = run(matrix, options)
    report = {**seconds, "peak_memory": peak_memory()}
    if lists is not None:
        arrays["lists"] = lists
    np.savez(options.out, **arrays)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
