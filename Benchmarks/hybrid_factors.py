"""Hybrid factorisation beside LightFM 1.17 on ml-100k: ratings of 4 and 5 are what users like.

Quality on the ua split, as LightFM's own functions measure it: precision at 10 and the area under the ROC curve over all items
but those that the user has in training. Cold items: a fifth of the items have no events in training, and users who like some
of them rank them alone. LightFM does not build on every Python: LIGHTFM_PYTHON names one that has it; without, only reco runs.
"""

import gzip
import json
import os
import subprocess

import numpy as np
from scipy import sparse

from workshop import DATA, ROOT, median, reco, run, work

LOSSES = {"warp": (0.142, 0.934), "bpr": (0.104, 0.863), "warp-kos": None, "logistic": None}
FACTORS = 30
# Chosen on a tenth of the training pairs, held out; LightFM's figures are with 30.
EPOCHS, PEER_EPOCHS = 20, 30
USERS, ITEMS = 943, 1682
LIGHTFM = os.environ.get("LIGHTFM_PYTHON")


def liked(name):
    with gzip.open(os.path.join(DATA, "ml-100k", f"{name}.gz"), "rt") as file:
        rows = np.loadtxt(file, dtype=int)
    rows = rows[rows[:, 2] >= 4]
    return sparse.csr_matrix((np.ones(len(rows)), (rows[:, 0] - 1, rows[:, 1] - 1)), shape=(USERS, ITEMS))


def films():
    """Genres of each film, (items, 19), and tables of items for reco: with genres alone, and with years beside."""
    genres = np.zeros((ITEMS, 19))
    with gzip.open(os.path.join(DATA, "ml-100k", "u.genre.gz"), "rt", encoding="latin-1") as file:
        names = [line.split("|")[0] for line in file if "|" in line]
    paths = work("data", "ml-100k-genres.tsv"), work("data", "ml-100k-genres-years.tsv")
    with gzip.open(os.path.join(DATA, "ml-100k", "u.item.gz"), "rt", encoding="latin-1") as source, open(
            paths[0], "w") as table, open(paths[1], "w") as longer:
        table.write("item\tgenres:tags\n")
        longer.write("item\tgenres:tags\tyear:number\n")
        for line in source:
            fields = line.rstrip("\n").split("|")
            flags = np.array(fields[5:24], float)
            genres[int(fields[0]) - 1] = flags
            own = "|".join(name for name, flag in zip(names, flags) if flag)
            table.write(f"{fields[0]}\t{own}\n")
            longer.write(f"{fields[0]}\t{own}\t{fields[2][-4:]}\n")
    return genres, paths


def events(matrix, name):
    path = work("data", f"ml-100k-{name}.tsv")
    pairs = matrix.tocoo()
    with open(path, "w") as file:
        file.write("user\titem\n")
        file.writelines(f"{user + 1}\t{item + 1}\n" for user, item in sorted(zip(pairs.row, pairs.col)))
    return path


def train(table, name, *options, threads=1, seed=1):
    """Trains and returns the file and the seconds of an epoch, by the clock and of all processors."""
    out = work("models", f"ml-100k-{name}.reco")
    report = reco(
        "train", "--events", table, "--model", "lightfm", "--set", f"lightfm.factors={FACTORS}", "--set",
        f"lightfm.epochs={EPOCHS}", *options, "--threads", threads, "--seed", seed, "--out", out, "--json")
    phase = report["phases"]["lightfm"]
    return out, phase["seconds"] / EPOCHS, phase["processor_seconds"] / EPOCHS


def ranked(model, *options):
    """The items of each user, the best first, as rows; what the model does not list comes last."""
    users = work("data", "ml-100k-users.txt")
    with open(users, "w") as file:
        file.writelines(f"{user + 1}\n" for user in range(USERS))
    command = [os.environ.get("RECO_COMMAND", os.path.join(ROOT, "dist", "bin", "reco")), "recommend", model, "--users", users,
               "-n", str(ITEMS), "--json", *options]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lists = {}
    for line in output.splitlines():
        answer = json.loads(line)
        lists[int(answer["user"]) - 1] = [int(item["id"]) - 1 for item in answer["items"]]
    return lists


def quality(lists, known, wanted):
    """Mean precision at 10 and mean area under the curve, over users with test items."""
    precisions, areas = [], []
    for user in range(USERS):
        relevant = set(wanted[user].indices)
        if not relevant:
            continue
        own = set(known[user].indices)
        order = [item for item in lists[user] if item not in own]
        listed = set(order)
        order += [item for item in range(ITEMS) if item not in listed and item not in own]
        hits = np.array([item in relevant for item in order])
        precisions.append(hits[:10].sum() / 10)
        others = np.cumsum(~hits)
        areas.append(1 - others[hits].mean() / others[-1])
    return np.mean(precisions), np.mean(areas)


def ndcg(lists, wanted, asked):
    values, isAsked = [], set(asked)
    for user in range(USERS):
        relevant = set(wanted[user].indices)
        if not relevant:
            continue
        top = [item for item in lists[user] if item in isAsked][:10]
        gain = sum(1 / np.log2(place + 2) for place, item in enumerate(top) if item in relevant)
        values.append(gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(relevant)))))
    return np.mean(values)


def of_lightfm(train_matrix, test_matrix, *options, threads=1):
    paths = [work("data", f"ml-100k-lightfm-{name}.npz") for name in ("train", "test")]
    for path, matrix in zip(paths, (train_matrix, test_matrix)):
        sparse.save_npz(path, matrix)
    script = os.path.join(ROOT, "Benchmarks", "hybrid_factors_peer.py")
    return run([LIGHTFM, script, *paths, "--factors", FACTORS, "--epochs", PEER_EPOCHS, "--threads", threads, *options],
               threads)


def splits(report, runs):
    known, wanted = liked("ua.base"), liked("ua.test")
    table = events(known, "ua-liked")
    rows = [("", "precision@10", "AUC", "LightFM", "AUC")]
    for loss, goals in LOSSES.items():
        found = [
            quality(ranked(train(table, loss, "--set", f"lightfm.loss={loss}", seed=seed)[0]), known, wanted)
            for seed in range(1, runs + 1)]
        precision, area = np.mean(found, axis=0)
        theirs = [of_lightfm(known, wanted, "--loss", loss, "--seed", seed) for seed in range(1, runs + 1)] if (
            LIGHTFM and goals) else []
        peer = [np.mean([result[name] for result in theirs]) for name in ("precision@10", "auc")] if theirs else None
        rows.append((loss, f"{precision:.4f}", f"{area:.4f}", *((f"{value:.4f}" for value in peer) if peer else ("", ""))))
        if goals:
            for name, value, goal, place in (("precision@10", precision, goals[0], 0), ("AUC", area, goals[1], 1)):
                report.keep(
                    f"{name} of lightfm {loss}, ml-100k ua", f"{value:.4f}", f"LightFM {peer[place]:.4f}" if peer else "", "",
                    f">= {goal}", value >= goal)
    report.table(rows)


def cold(report, runs):
    report.say()
    report.say("Cold items: NDCG@10 among the items that training has never seen, over users who like some of them")
    everything = liked("ua.base") + liked("ua.test")
    genres, tables = films()
    names = ("reco, genres", "reco, genres and years", "LightFM, genres", "popularity of genres", "popularity, all equal")
    found = {name: [] for name in names}
    for seed in range(1, runs + 1):
        generator = np.random.default_rng(seed)
        isCold = np.zeros(ITEMS, bool)
        isCold[generator.permutation(ITEMS)[: ITEMS // 5]] = True
        asked = np.flatnonzero(isCold)
        known = sparse.csr_matrix(everything.multiply(~isCold))
        wanted = sparse.csr_matrix(everything.multiply(isCold))
        known.eliminate_zeros(), wanted.eliminate_zeros()
        table = events(known, "cold")
        for name, items in zip(names, tables):
            found[name].append(ndcg(ranked(train(table, "cold", "--items", items, seed=seed)[0]), wanted, asked))
        # Films without events are all equally popular, so chance has to order them; or the popularity of films with the same
        # genres, by least squares.
        traits = np.hstack([genres, np.ones((ITEMS, 1))])
        events_of_item = np.asarray(known.sum(0)).ravel()
        warm = traits[~isCold]
        weights = np.linalg.solve(warm.T @ warm + np.eye(20), warm.T @ events_of_item[~isCold])
        for name, scores in ((names[3], traits[asked] @ weights), (names[4], generator.random(len(asked)))):
            order = asked[np.argsort(-scores, kind="stable")].tolist()
            found[name].append(ndcg([order] * USERS, wanted, asked))
        if LIGHTFM:
            features = sparse.hstack([sparse.identity(ITEMS), sparse.csr_matrix(genres)]).tocsr()
            features = sparse.csr_matrix(features.multiply(1 / features.sum(1)))
            paths = work("data", "ml-100k-features.npz"), work("data", "ml-100k-scores.npy")
            sparse.save_npz(paths[0], features)
            of_lightfm(known, wanted, "--seed", seed, "--features", paths[0], "--scores", paths[1])
            scores = np.load(paths[1])
            lists = [asked[np.argsort(-scores[user, asked], kind="stable")].tolist() for user in range(USERS)]
            found[names[2]].append(ndcg(lists, wanted, asked))
    means = {name: np.mean(values) for name, values in found.items() if values}
    report.table([("", "NDCG@10"), *((name, f"{value:.4f}") for name, value in means.items())])
    for name in names[3:]:
        ratio = means[names[0]] / means[name]
        report.keep(
            "NDCG@10 of lightfm with genres, cold items of ml-100k", f"{means[names[0]]:.4f}", f"{name} {means[name]:.4f}",
            f"{ratio:.2f}", ">= 1.3", ratio >= 1.3)


def speed(report, runs):
    report.say()
    known, wanted = liked("ua.base"), liked("ua.test")
    table = events(known, "ua-liked")
    if not LIGHTFM:
        report.say("LIGHTFM_PYTHON names no Python with LightFM: no times beside it")
    # LightFM's threads are without locks. Processor seconds are what all threads worked, waiting for each other included;
    # others on the machine change them less.
    rows = [("milliseconds of an epoch", "threads", "reco", "processors", "lock-free", "processors", "LightFM", "processors",
             "ratio", "processors")]
    for loss in ("warp", "bpr"):
        for threads in (1, 2):
            ours, free, theirs = [], [], []
            for seed in range(1, runs + 1):
                options = ["--set", f"lightfm.loss={loss}"]
                ours.append(train(table, "speed", *options, threads=threads, seed=seed)[1:])
                free.append(train(
                    table, "speed", *options, "--set", "lightfm.lock-free=yes", threads=threads, seed=seed)[1:])
                if LIGHTFM:
                    result = of_lightfm(known, wanted, "--loss", loss, "--seed", seed, threads=threads)
                    theirs.append((result["seconds"], result["processor_seconds"]))
            times = [1000 * median([pair[place] for pair in side]) for side in (ours, free, theirs) if side for place in (0, 1)]
            ratios = [times[2] / times[4], times[3] / times[5]] if theirs else []
            rows.append((loss, str(threads), *(f"{time:.1f}" for time in times), *[""] * (6 - len(times)),
                         *(f"{ratio:.2f}" for ratio in ratios), *[""] * (2 - len(ratios))))
            if ratios:
                report.keep(
                    f"processor time of an epoch, lightfm {loss}, lock-free, ml-100k, {threads} thread(s)",
                    f"{times[3]:.1f} ms", f"LightFM {times[5]:.1f} ms", f"{ratios[1]:.2f}", "<= 1", ratios[1] <= 1)
    report.table(rows)


def measure(report, runs):
    report.title(f"Hybrid factorisation: ml-100k, {FACTORS} factors, means over {runs} seeds")
    if not os.path.exists(os.path.join(DATA, "ml-100k", "ua.base.gz")):
        report.say("../shared/data/ml-100k is not there: skipped")
        return
    splits(report, runs)
    cold(report, runs)
    speed(report, runs)
