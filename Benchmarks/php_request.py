"""A recommendation inside a PHP request, beside faiss and implicit over the same factors; one thread each, in turns.

    python Benchmarks/php_request.py [--rounds 12] [--without-large]

Needs `make`, PHP with FFI, numpy, and faiss-cpu and implicit for the peers. Models are kept in .bench/.
"""

import argparse
import json
import os
import random
import re
import struct
import subprocess
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402  after the number of threads has been set

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = os.path.join(ROOT, ".bench")
LIBRARY = os.environ.get("RECO_LIBRARY", os.path.join(ROOT, "dist", "lib", "libreco.so"))
SCRIPT = os.path.join(ROOT, "Benchmarks", "php_request.php")
PHP = ["php", "-d", "opcache.enable_cli=1", "-d", "ffi.enable=true", SCRIPT]
USERS = 2000


def php(*arguments):
    return json.loads(subprocess.run([*PHP, *map(str, arguments)], check=True, capture_output=True, text=True).stdout)


def model(items, users):
    path = os.path.join(MODELS, f"php-{items}x64-{users}.reco")
    if not os.path.exists(path):
        print(f"training a model of {items:,} items and {users:,} users", file=sys.stderr)
        php("train", path, items, users)
    return path


def section(path, name, width):
    """A float section of a model file as a matrix; docs/model-file-format.md describes the table that is read here."""
    with open(path, "rb") as file:
        header = file.read(64)
        table, count = struct.unpack_from("<QI", header, 24)
        file.seek(table)
        for _ in range(count):
            entry = file.read(64)
            if entry[:32].rstrip(b"\0").decode() == name:
                offset, length = struct.unpack_from("<QQ", entry, 32)
                return np.fromfile(path, np.float32, length // 4, offset=offset).reshape(-1, width)
    raise KeyError(name)


def p(times, share):
    return float(np.percentile(np.asarray(times) / 1e3, share))


def timed(times, call):
    start = time.perf_counter_ns()
    result = call()
    times.append(time.perf_counter_ns() - start)
    return result


def requests(items, rounds):
    path = model(items, USERS)
    item_factors = np.ascontiguousarray(section(path, "als/item-factors", 64))
    user_factors = np.ascontiguousarray(section(path, "als/user-factors", 64))
    # Rows are numbered by first appearance, and the events name users and items in ascending order.
    assert item_factors.shape == (items, 64) and user_factors.shape == (USERS, 64)
    try:
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.IndexFlatIP(64)
        index.add(item_factors)
    except ImportError:
        index = None
    try:
        import implicit
        from scipy.sparse import csr_matrix

        peer = implicit.als.AlternatingLeastSquares(factors=64, num_threads=1)
        peer.item_factors, peer.user_factors = item_factors, user_factors
        rng = np.random.default_rng(1)
        bought = csr_matrix(
            (np.ones(USERS * 30, np.float32), (np.repeat(np.arange(USERS), 30), rng.integers(0, items, USERS * 30))),
            shape=(USERS, items),
        )
    except ImportError:
        peer = None

    times = {"whole": [], "bare": [], "faiss": [], "implicit": []}
    server = subprocess.Popen([*PHP, "serve", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(line):
        server.stdin.write(line + "\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    generator = random.Random(1)
    agreement = []
    for turn in range(rounds + 1):
        users = [generator.randrange(USERS) for _ in range(200)]
        answer = ask("measure " + ",".join(map(str, users)))
        mine = {"faiss": [], "implicit": []}
        if index is not None:
            for user in users:
                timed(mine["faiss"], lambda: index.search(user_factors[user : user + 1], 10))
            found = index.search(user_factors[users[:1]], 10)[1][0]
            agreement.append(len(set(found.tolist()) & set(ask(f"ids {users[0]}"))) / 10)
        if peer is not None:
            for user in users:
                timed(mine["implicit"], lambda: peer.recommend(user, bought[user], N=10))
        if turn > 0:  # the first one warms up
            for name, values in {**answer, **mine}.items():
                times[name] += values
    server.stdin.close()
    server.wait()

    size = f"{items:,} items x 64"
    print(f"\n{size}, 10 hits, 1 thread each, {rounds} rounds of 200 users in turns")
    base = p(times["faiss"], 50) if times["faiss"] else None
    rows = [
        ("reco from PHP: recommend(user, limit: 10)", "whole"),
        ("reco_model_query alone, called from PHP", "bare"),
        ("faiss IndexFlatIP.search", "faiss"),
        ("implicit recommend", "implicit"),
    ]
    print(f"  {'':44}{'p50 µs':>10}{'p95 µs':>10}{'p50 / faiss':>13}")
    for label, name in rows:
        if not times[name]:
            print(f"  {label:44}{'not installed':>20}")
            continue
        ratio = f"{p(times[name], 50) / base:.2f}" if base else "-"
        print(f"  {label:44}{p(times[name], 50):10.1f}{p(times[name], 95):10.1f}{ratio:>13}")
    share = p(np.asarray(times["whole"]) - np.asarray(times["bare"]), 50)
    print(f"  of it PHP, FFI and turning rows into ids: {share:.1f} µs")
    if agreement:
        print(f"  same ten items as faiss: {100 * np.mean(agreement):.0f} %")


def overhead():
    """recommend() where there is next to nothing to compute: what PHP and FFI cost by themselves."""
    path = model(200, 100)
    server = subprocess.Popen([*PHP, "serve", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    answers = []
    for _ in range(10):
        server.stdin.write("measure " + ",".join(["3"] * 500) + "\n")
        server.stdin.flush()
        answers.append(json.loads(server.stdout.readline()))
    server.stdin.close()
    server.wait()
    whole = [value for answer in answers[1:] for value in answer["whole"]]
    bare = [value for answer in answers[1:] for value in answer["bare"]]
    print("\na model of 200 items, where PHP and FFI are nearly everything")
    print(f"  recommend(): p50 {p(whole, 50):.1f} µs, p95 {p(whole, 95):.1f} µs")
    print(f"  reco_model_query alone, called from PHP: p50 {p(bare, 50):.1f} µs")


def loading():
    runs = [php("load") for _ in range(21)]
    middle = sorted(run["ms"] for run in runs)[10]
    resident = sorted(run["kB"] for run in runs)[10]
    threads = sorted({tuple(run["threads"]) for run in runs})
    listing = subprocess.run(["ldd", LIBRARY], check=True, capture_output=True, text=True).stdout
    names = re.findall(r"^\s*(\S+)", listing, re.M)
    size = os.path.getsize(LIBRARY) / 1e6
    print(f"\nlibreco.so {runs[0]['version']}, {size:.1f} MB, loaded by a fresh PHP (median of {len(runs)})")
    print(f"  FFI::cdef: {middle:.2f} ms, {resident / 1024:.1f} MB resident; threads before and after: {threads}")
    print(f"  ldd: {' '.join(names)}")


def large():
    path = model(20_000, 4_000_000)
    with open(path, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    runs = [php("open", path) for _ in range(11)]
    first = sorted(run["first"] for run in runs)[5]
    again = sorted(run["again"] for run in runs)[5]
    private = max(php("memory", path)["kB"]) / 1024
    print(f"\na model of {runs[0]['bytes'] / 1e9:.2f} GB, in the page cache (median of 11 processes)")
    print(f"  Reco::open: {first:.0f} µs the first time in a process, {again:.1f} µs again")
    print(f"  private memory that opening and 50 answers add to each of 4 workers: {private:.2f} MB at most")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--without-large", action="store_true", help="leave out the model of 1 GB")
    arguments = parser.parse_args()
    if not os.path.exists(LIBRARY):
        sys.exit("dist/lib/libreco.so is not there: run make first")
    os.makedirs(MODELS, exist_ok=True)
    loading()
    overhead()
    for items in (10_000, 50_000):
        requests(items, arguments.rounds)
    if not arguments.without_large:
        large()


if __name__ == "__main__":
    main()
