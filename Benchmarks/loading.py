"""Reading events: how fast, beside pandas and Arrow over the same file, and how much memory fifty million of them take."""

import os
import subprocess
import sys

import numpy as np

from workshop import median, reco, run, work

EVENTS = 50_000_000
SMALL = 5_000_000
USERS = 2_000_000
ITEMS = 200_000
COLUMNS = ("user", "item", "event", "weight", "time")

# Timed inside their own process: not the start of Python, not the imports.
PANDAS = """
import json, sys, time, pandas
start, work = time.perf_counter(), time.process_time()
table = pandas.read_csv(sys.argv[1]); parsed, parse_work = time.perf_counter(), time.process_time()
pandas.factorize(table.user); pandas.factorize(table.item); end, end_work = time.perf_counter(), time.process_time()
print(json.dumps({"parse": [parsed - start, parse_work - work], "all": [end - start, end_work - work]}))
"""
ARROW = """
import json, sys, time, pyarrow, pyarrow.csv
pyarrow.set_cpu_count(1); pyarrow.set_io_thread_count(1)
start, work = time.perf_counter(), time.process_time()
table = pyarrow.csv.read_csv(sys.argv[1], pyarrow.csv.ReadOptions(use_threads=False))
parsed, parse_work = time.perf_counter(), time.process_time()
table["user"].combine_chunks().dictionary_encode(); table["item"].combine_chunks().dictionary_encode()
end, end_work = time.perf_counter(), time.process_time()
print(json.dumps({"parse": [parsed - start, parse_work - work], "all": [end - start, end_work - work]}))
"""


def synthetic(count):
    """Some buy much and most little, some items sell much and most little; kept in .bench/."""
    import pyarrow as pa
    import pyarrow.csv

    path = work("data", f"events-{count}.csv")
    if os.path.exists(path):
        return path
    print(f"writing {count:,} events", file=sys.stderr)
    generator = np.random.default_rng(1)
    schema = pa.schema(zip(COLUMNS, (pa.int32(), pa.int32(), pa.string(), pa.int8(), pa.int64())))
    kinds = pa.array(["view", "cart", "purchase"])
    options = pyarrow.csv.WriteOptions(quoting_style="none")
    with pyarrow.csv.CSVWriter(f"{path}.new", schema, write_options=options) as writer:
        for first in range(0, count, 1_000_000):
            size = min(1_000_000, count - first)
            users = (USERS * generator.random(size) ** 1.5).astype(np.int32)
            items = (ITEMS * generator.random(size) ** 3).astype(np.int32)
            kind = pa.array(generator.choice(3, size, p=[0.8, 0.1, 0.1]).astype(np.int8))
            weights = generator.geometric(0.7, size).astype(np.int8)
            times = 1_700_000_000 + np.arange(first, first + size)
            columns = [users, items, pa.DictionaryArray.from_arrays(kind, kinds).cast(pa.string()), weights, times]
            writer.write_table(pa.table([pa.array(column) for column in columns], schema=schema))
    os.rename(f"{path}.new", path)
    return path


def beside_others(report, runs):
    path = synthetic(SMALL)
    out = work("models", "loading.reco")
    subprocess.run(["cat", path], check=True, stdout=subprocess.DEVNULL)  # into the page cache
    ours, others = [], {"pandas": [], "pyarrow": []}
    for _ in range(runs):
        ours.append(reco("train", "--events", path, "--model", "popularity", "--threads", 1, "--out", out, "--json"))
        for name, code in (("pandas", PANDAS), ("pyarrow", ARROW)):
            others[name].append(run([sys.executable, "-c", code, path], 1))
    report.say(f"{SMALL:,} events, {os.path.getsize(path) / SMALL:.0f} bytes each, 1 thread, median of {runs} in turns:")
    rows = [("", "events/s", "time / reco", "CPU s", "CPU / reco")]

    def add(what, times, base):
        seconds, work = (median(side) for side in zip(*times))
        base = base or (seconds, work)
        rows.append((
            what, f"{SMALL / seconds:,.0f}", f"{seconds / base[0]:.2f}", f"{work:.2f}", f"{work / base[1]:.2f}"))
        return seconds, work

    phases = [each["phases"]["reading events"] for each in ours]
    base = add("reco: read, check, number the ids", [(each["seconds"], each["processor_seconds"]) for each in phases], None)
    for name, function in (("pandas", "read_csv"), ("pyarrow", "csv.read_csv")):
        add(f"{name}.{function}", [each["parse"] for each in others[name]], base)
        its = add(f"{name}.{function}, then number the ids", [each["all"] for each in others[name]], base)
        report.keep(
            "reading 5 million events, 1 thread", f"{SMALL / base[0] / 1e6:.1f} million/s",
            f"{name} {SMALL / its[0] / 1e6:.1f} million/s", f"{base[0] / its[0]:.2f}")
    report.table(rows)


def measure(report, runs):
    report.title("Loading events from CSV")
    beside_others(report, runs)
    path = synthetic(SMALL if runs == 1 else EVENTS)
    out = work("models", "loading.reco")
    # The same file read into a process that trains next to nothing, then item-knn on all of it.
    for model in ("popularity", "item-knn"):
        result = reco("train", "--events", path, "--model", model, "--out", out, "--json")
        events = result["events"]
        each = result["read_memory"] / events
        phase = result["phases"]["reading events"]
        report.say(
            f"\n{events:,} events of {result['users']:,} users with {result['items']:,} items, --model {model}: read in"
            f" {phase['seconds']:.1f} s ({phase['processor_seconds']:.1f} s of CPU),\n{events / phase['seconds']:,.0f} events/s,"
            f" {each:.1f} bytes of resident memory an event, the ids' tables included; in all {result['seconds']:.0f} s and"
            f" {result['peak_memory'] / 2**30:.1f} GiB at most")
        report.keep(
            f"{events:,} events, {model}", f"{each:.1f} bytes an event", goal="< 24", met=each < 24)
        report.keep(
            f"{events:,} events, {model}: peak memory", f"{result['peak_memory'] / 2**30:.1f} GiB", goal="< 24",
            met=result["peak_memory"] < 24 * 2**30)
    os.remove(out)
