"""A recommendation inside a PHP request, beside faiss and implicit over the same factors; one thread each, in turns.

The models are synthetic and kept in .bench/.
"""

import json
import os
import random
import re
import subprocess
import sys
import time

import numpy as np

from model_file import ModelFile
from workshop import LIBRARY, ROOT, median, work

SCRIPT = os.path.join(ROOT, "Benchmarks", "php_request.php")
PHP = ["php", "-d", "opcache.enable_cli=1", "-d", "ffi.enable=true", SCRIPT]
USERS = 2000
PLAIN_LIBRARIES = {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"}


def php(*arguments):
    return json.loads(subprocess.run([*PHP, *map(str, arguments)], check=True, capture_output=True, text=True).stdout)


def model(items, users):
    path = work(f"php-{items}x64-{users}.reco")
    if not os.path.exists(path):
        print(f"training a model of {items:,} items and {users:,} users", file=sys.stderr)
        php("train", path, items, users)
    return path


def p(times, share):
    return float(np.percentile(np.asarray(times) / 1e3, share))


def timed(times, call):
    start = time.perf_counter_ns()
    result = call()
    times.append(time.perf_counter_ns() - start)
    return result


class Server:
    """A PHP process that answers one question after the other."""

    def __init__(self, path):
        self.process = subprocess.Popen([*PHP, "serve", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def measure(self, users):
        return self.ask("measure " + ",".join(map(str, users)))


def faiss_index(item_factors):
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(item_factors.shape[1])
    index.add(item_factors)
    return index


def implicit_model(user_factors, item_factors):
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    peer = AlternatingLeastSquares(factors=64, num_threads=1)
    peer.item_factors, peer.user_factors = item_factors, user_factors
    items = np.random.default_rng(1).integers(0, len(item_factors), USERS * 30)
    pairs = (np.ones(USERS * 30, np.float32), (np.repeat(np.arange(USERS), 30), items))
    return peer, csr_matrix(pairs, shape=(USERS, len(item_factors)))


def requests(report, items, rounds):
    path = model(items, USERS)
    # Rows are numbered by first appearance, and the events name users and items in ascending order.
    user_factors, item_factors = (np.ascontiguousarray(side) for side in ModelFile(path).factors("als"))
    assert item_factors.shape == (items, 64) and user_factors.shape == (USERS, 64)
    index = faiss_index(item_factors)
    peer, bought = implicit_model(user_factors, item_factors)
    times = {"whole": [], "bare": [], "faiss": [], "implicit": []}
    generator = random.Random(1)
    agreement = []
    with Server(path) as server:
        for turn in range(rounds + 1):
            users = [generator.randrange(USERS) for _ in range(200)]
            answer = server.measure(users)
            mine = {"faiss": [], "implicit": []}
            for user in users:
                timed(mine["faiss"], lambda: index.search(user_factors[user : user + 1], 10))
            for user in users:
                timed(mine["implicit"], lambda: peer.recommend(user, bought[user], N=10))
            found = index.search(user_factors[users[:1]], 10)[1][0]
            agreement.append(len(set(found.tolist()) & set(server.ask(f"ids {users[0]}"))) / 10)
            if turn > 0:  # the first one warms up
                for name, values in {**answer, **mine}.items():
                    times[name] += values

    size = f"{items:,} items x 64"
    report.say(f"\n{size}, 10 hits, 1 thread each, {rounds} rounds of 200 users in turns")
    base = p(times["faiss"], 50)
    rows = [("", "p50 µs", "p95 µs", "p50 / faiss")]
    for label, name in (
        ("reco from PHP: recommend(user, limit: 10)", "whole"),
        ("reco_model_query alone, called from PHP", "bare"),
        ("faiss IndexFlatIP.search", "faiss"),
        ("implicit recommend", "implicit"),
    ):
        rows.append((label, f"{p(times[name], 50):.1f}", f"{p(times[name], 95):.1f}", f"{p(times[name], 50) / base:.2f}"))
    report.table(rows)
    whole = p(times["whole"], 50)
    share = p(np.asarray(times["whole"]) - np.asarray(times["bare"]), 50)
    report.say(f"of it PHP, FFI and turning rows into ids: {share:.1f} µs")
    report.say(f"same ten items as faiss: {100 * np.mean(agreement):.0f} %")
    report.keep(f"PHP recommend(user, limit: 10), {size}, p50", f"{whole:.0f} µs", f"faiss {base:.0f} µs",
                f"{whole / base:.2f}", "<= 1" if items >= 50_000 else "", whole <= base if items >= 50_000 else None)
    report.keep("", "", f"implicit {p(times['implicit'], 50):.0f} µs", f"{whole / p(times['implicit'], 50):.2f}")
    if items < 50_000:
        report.keep(f"the same, {size}", f"{whole:.0f} µs", goal="< 100 µs", met=whole < 100)
    else:
        report.keep("PHP and FFI's part of it", f"{share:.1f} µs", goal="< 15 µs", met=share < 15)


def overhead(report):
    """recommend() where there is next to nothing to compute: what PHP and FFI cost by themselves."""
    with Server(model(200, 100)) as server:
        answers = [server.measure([3] * 500) for _ in range(10)][1:]
    whole = [value for answer in answers for value in answer["whole"]]
    bare = [value for answer in answers for value in answer["bare"]]
    report.say("\na model of 200 items, where PHP and FFI are nearly everything")
    report.say(f"recommend(): p50 {p(whole, 50):.1f} µs, p95 {p(whole, 95):.1f} µs")
    report.say(f"reco_model_query alone, called from PHP: p50 {p(bare, 50):.1f} µs")


def loading(report):
    runs = [php("load") for _ in range(21)]
    milliseconds = median([run["ms"] for run in runs])
    resident = median([run["kB"] for run in runs]) / 1024
    threads = sorted({tuple(run["threads"]) for run in runs})
    listing = subprocess.run(["ldd", LIBRARY], check=True, capture_output=True, text=True).stdout
    names = re.findall(r"^\s*(\S+)", listing, re.M)
    size = os.path.getsize(LIBRARY) / 1e6
    report.say(f"\nlibreco.so {runs[0]['version']}, {size:.1f} MB, loaded by a fresh PHP (median of {len(runs)})")
    report.say(f"FFI::cdef: {milliseconds:.2f} ms, {resident:.1f} MB resident; threads before and after: {threads}")
    report.say(f"ldd: {' '.join(names)}")
    report.keep("loading libreco.so from PHP", f"{milliseconds:.2f} ms", goal="< 2 ms", met=milliseconds < 2)
    report.keep("memory of the library once loaded", f"{resident:.1f} MB", goal="< 5 MB", met=resident < 5)
    counts = ", ".join(f"{before} and {after}" for before, after in threads)
    report.keep("threads before and after loading", counts, goal="1 and 1", met=threads == [(1, 1)])
    plain = all(name in PLAIN_LIBRARIES or "/ld-linux" in name for name in names)
    report.keep("libraries it needs, by ldd", f"{len(names)}", goal="libc and its like", met=plain)


def large(report):
    path = model(20_000, 4_000_000)
    with open(path, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    runs = [php("open", path) for _ in range(11)]
    first = median([run["first"] for run in runs])
    again = median([run["again"] for run in runs])
    private = max(php("memory", path)["kB"]) / 1024
    size = f"a model of {runs[0]['bytes'] / 1e9:.2f} GB"
    report.say(f"\n{size}, in the page cache (median of {len(runs)} processes)")
    report.say(f"Reco::open: {first:.0f} µs the first time in a process, {again:.1f} µs again")
    report.say(f"private memory that opening and 50 answers add to each of 4 workers: {private:.2f} MB at most")
    report.keep(f"opening {size} from PHP, first in a process", f"{first:.0f} µs", goal="< 1 ms", met=first < 1000)
    report.keep("opening it again", f"{again:.1f} µs", goal="< 10 µs", met=again < 10)
    report.keep("private memory of a worker with it", f"{private:.2f} MB", goal="< 2 MB", met=private < 2)


def measure(report, runs):
    report.title("A recommendation inside a PHP request")
    loading(report)
    overhead(report)
    for items in (10_000, 50_000):
        requests(report, items, 2 if runs == 1 else 12)
    if runs > 1:
        large(report)
