"""Large training on one machine: reading a folder of columns beside CSV, ALS from a million to a hundred million events
within a bound of memory, and a model of ten million items."""

import json
import math
import os
import shutil
import subprocess
import sys
import time

import numpy as np

from workshop import RECO, Bounded, median, reco, work

SIZES = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
RANK = 64
ITERATIONS = 2
BOUND = "6G"
TIGHT = "700M"
READ = 10_000_000


def sum64(column):
    data = np.ascontiguousarray(column).view(np.uint8).ravel()
    words = data[: len(data) // 8 * 8].view("<u8")
    rest = data[len(data) // 8 * 8 :].tobytes()
    return str((int(words.sum(dtype="u8")) + int.from_bytes(rest, "little")) % 2**64)


def save(folder, part, name, column):
    np.save(os.path.join(folder, f"{part['name']}.{name}.npy"), column)
    part["sums"][name] = sum64(column)


def synthetic(events):
    """Events as columns, by user: twenty for each, popular items more often, half of them from a taste of the user's own."""
    folder = work("data", f"log-{events}")
    if os.path.exists(os.path.join(folder, "manifest.json")):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    users, items = max(1000, events // 20), max(1000, min(500_000, events // 200))
    generator = np.random.default_rng(1)
    manifest = {"format": "reco columns", "version": 1, "kind": "events", "kinds": ["interaction"], "parts": []}
    for name, count in (("users", users), ("items", items)):
        part = {"name": f"{name}-00000", "count": count, "sums": {}}
        save(folder, part, "ids", np.arange(count, dtype="<i8") * 7 + 1)
        manifest[name] = {"type": "integers", "parts": [part]}
    for number, first in enumerate(range(0, events, 10_000_000)):
        count = min(10_000_000, events - first)
        part = {"name": f"events-{number:05}", "count": count, "sums": {}}
        user = ((first + np.arange(count)) // 20 % users).astype("<u4")
        popular = (items * generator.random(count, dtype=np.float32) ** 3).astype(np.int64)
        near = (user.astype(np.int64) * 7919 % 500 * (items // 500) + items // 500 * generator.random(count, dtype=np.float32) ** 2).astype(np.int64)
        item = np.where(generator.random(count, dtype=np.float32) < 0.5, popular, near)
        save(folder, part, "user", user)
        save(folder, part, "item", np.minimum(item, items - 1).astype("<u4"))
        save(folder, part, "kind", np.zeros(count, dtype="u1"))
        save(folder, part, "weight", np.ones(count, dtype="<f4"))
        save(folder, part, "time", 1_700_000_000 + np.arange(first, first + count, dtype="<i8") % 10_000_000)
        manifest["parts"].append(part)
    with open(os.path.join(folder, "manifest.json"), "w") as file:
        json.dump(manifest, file)
    return folder


def reading(report, runs):
    """The same events as CSV and as columns, one thread."""
    from loading import synthetic as csv_events

    path = csv_events(READ)
    folder = work("data", f"columns-{READ}")
    if not os.path.exists(folder):
        subprocess.run([RECO, "import", "events", path, "--out", folder], check=True, stderr=subprocess.DEVNULL)
    out = work("models", "scaling.reco")
    seconds = {path: [], folder: []}
    for _ in range(runs):
        for source in seconds:
            result = reco("train", "--events", source, "--model", "popularity", "--threads", 1, "--out", out, "--json")
            seconds[source].append(result["phases"]["reading events"]["seconds"])
    csv, columns = (median(seconds[source]) for source in (path, folder))
    ratios = [a / b for a, b in zip(seconds[path], seconds[folder])]
    report.say(f"{READ:,} events: CSV {READ / csv / 1e6:.1f} million/s, a folder of columns {READ / columns / 1e6:.1f} million/s")
    report.keep("events per second, columns beside CSV", f"{READ / columns / 1e6:.1f} million/s",
                f"CSV {READ / csv / 1e6:.1f} million/s", f"{median(ratios):.1f}", "10", median(ratios) >= 10)


def growth(report, sizes):
    rows = [("events", "users", "items", "read, s", "sum up, s", "als, s", "s an iteration", "in all, s", "memory, GB")]
    times = []
    for events in sizes:
        bounded = Bounded(BOUND)
        result = bounded.reco(
            "train", "--events", synthetic(events), "--model", "als", "--set", f"als.factors={RANK}", "--set",
            f"als.iterations={ITERATIONS}", "--memory", BOUND, "--out", work("models", f"scaling-{events}.reco"), "--json")
        phases = {name: each["seconds"] for name, each in result["phases"].items()}
        als = phases["als"]
        iteration = als / (ITERATIONS + 1)  # the last step, in which users are solved exactly, takes about as long as one
        peak = result.get("group_peak", result["peak_memory"]) / 1e9
        times.append((events, als))
        rows.append((f"{events:,}", f"{result['users']:,}", f"{result['items']:,}", f"{phases['reading events']:.2f}",
                     f"{phases['summing up events']:.1f}", f"{als:.1f}", f"{iteration:.2f}", f"{result['seconds']:.1f}",
                     f"{peak:.2f}"))
        if events == sizes[-1]:
            report.keep(f"als ({RANK}) of {events:,} events within {BOUND}", f"{iteration:.0f} s an iteration",
                        goal=f"{BOUND}", met=peak <= bounded.bytes / 1e9)
    report.table(rows)
    if len(times) > 1:
        (first, a), (last, b) = times[0], times[-1]
        report.say(f"time grows with the power {math.log(b / a) / math.log(last / first):.2f} of the events")


def equality(report, events):
    """The same bytes with and without a bound that is too small for the matrices."""
    folder = synthetic(events)
    files = []
    seconds = []
    for bound in (None, TIGHT if events >= 30_000_000 else "100M"):
        out = work("models", f"scaling-{bound}.reco")
        arguments = ["train", "--events", folder, "--model", "als", "--set", f"als.factors={RANK // 4}", "--set", "als.iterations=1",
                     "--out", out, "--json"]
        result = Bounded("20G").reco(*arguments, *(["--memory", bound] if bound else []))
        seconds.append(result["seconds"])
        files.append(out)
    same = open(files[0], "rb").read() == open(files[1], "rb").read()
    report.say(f"{events:,} events without a bound {seconds[0]:.1f} s, within {bound} {seconds[1]:.1f} s; same bytes: {same}")
    report.keep("same model with and without a bound", "yes" if same else "NO", goal="yes", met=same)
    for file in files:
        os.remove(file)


def many_items(report, runs, items=10_000_000, users=1000):
    """A model of ten million items, from factors as NumPy has them: opening, and one user's ten best, exact."""
    from filters import Model

    out = work("models", f"items-{items}.reco")
    folder = work("data", "factors", "items.npy")
    if not os.path.exists(out):
        generator = np.random.default_rng(3)
        scale = 1 / np.sqrt(1 + np.arange(RANK, dtype=np.float32))
        table = np.lib.format.open_memmap(folder, mode="w+", dtype="<f4", shape=(items, RANK))
        for first in range(0, items, 500_000):
            count = min(500_000, items - first)
            table[first : first + count] = generator.standard_normal((count, RANK), dtype=np.float32) * scale
        table.flush()
        np.save(work("data", "factors", "users.npy"), generator.standard_normal((users, RANK), dtype=np.float32) * scale)
        subprocess.run([RECO, "import", "factors", "--item-factors", folder, "--user-factors",
                        work("data", "factors", "users.npy"), "--out", out], check=True, stderr=subprocess.DEVNULL)
    openings = []
    for _ in range(max(3, runs)):
        script = ("import sys, time; sys.path.insert(0, sys.argv[1]); import filters; filters.ctypes.CDLL(filters.LIBRARY); "
                  "start = time.perf_counter(); filters.Model(sys.argv[2]); print(time.perf_counter() - start)")
        printed = subprocess.run([sys.executable, "-c", script, os.path.dirname(__file__), out], check=True,
                                 capture_output=True, text=True).stdout
        openings.append(float(printed) * 1e3)
    model = Model(out)
    asked = np.random.default_rng(4).choice(users, 40, replace=False)
    for user in asked:  # the file comes into memory
        model.ask(user)
    times = sorted(model.ask(user)[1] / 1e3 for _ in range(runs) for user in asked)
    table, tastes = np.load(folder, mmap_mode="r"), np.load(work("data", "factors", "users.npy"))
    equal, numpy_times = 0, []
    for user in asked[:5]:
        start = time.perf_counter()
        scores = table @ tastes[user]
        best = np.argpartition(-scores, 10)[:10]
        numpy_times.append((time.perf_counter() - start) * 1e3)
        equal += set(best.tolist()) == set(model.ask(user)[0])
    p50, p99 = median(times), times[min(len(times) - 1, int(0.99 * len(times)))]
    report.say(f"{items:,} items x {RANK}: opened in {median(openings):.2f} ms; ten best of a user p50 {p50:.0f} ms, p99 {p99:.0f} ms, "
               f"numpy {median(numpy_times):.0f} ms; {equal} of 5 lists as numpy's; 1 thread")
    report.keep(f"opening {items:,} items", f"{median(openings):.2f} ms", goal="1 ms", met=median(openings) < 1)
    report.keep(f"ten best of {items:,} items, p50", f"{p50:.0f} ms", f"numpy {median(numpy_times):.0f} ms",
                f"{p50 / median(numpy_times):.2f}", "100 ms", p50 < 100 and equal == 5)


def measure(report, runs):
    report.title("Large on one machine")
    reading(report, runs)
    sizes = SIZES if runs > 1 else SIZES[:2]
    growth(report, sizes)
    equality(report, 30_000_000 if runs > 1 else 1_000_000)
    many_items(report, runs, 10_000_000 if runs > 1 else 200_000)
