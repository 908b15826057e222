"""Spark on this machine's processors: from Parquet to lists, and bulk scoring beside MLlib's own over the same factors.

Both sides score in the same session, in turns, the same users for the same number of items; lists are compared one by one.
"""

import os
import shutil
import subprocess
import sys
import time

import numpy as np

from workshop import LIBRARY, RECO, ROOT, median, reco, work

THREADS = 2
RANK, ITERATIONS, N = 64, 5, 10
EVENTS, USERS, ITEMS = 20_000_000, 200_000, 100_000
# MLlib would score all synthetic users for an hour.
SAMPLE = 20_000
PHP = """require $argv[1]; Reco\\Reco::useLibrary($argv[2]); $shop = Reco\\Reco::open($argv[3]);
foreach (array_slice($argv, 4) as $user) { echo implode(' ', $shop->recommend(user: $user, limit: 10)->ids()), "\\n"; }"""


def session():
    """Spark in this process, with Java's vector instructions, which MLlib's products are several times slower without."""
    import pyspark
    from pyspark.sql import SparkSession

    package = os.path.join(ROOT, "integrations", "spark", "src")
    sys.path.insert(0, package)
    os.environ.update({
        "PYTHONPATH": package, "PYSPARK_PYTHON": sys.executable, "SPARK_HOME": os.path.dirname(pyspark.__file__),
        "SPARK_LOCAL_IP": "127.0.0.1"})
    settings = {
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "8g",
        "spark.driver.extraJavaOptions": "--add-modules=jdk.incubator.vector", "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "8",
        "spark.local.dir": work("spark", "local"), "spark.sql.warehouse.dir": work("spark", "warehouse")}
    builder = SparkSession.builder.master(f"local[{THREADS}]").appName("Benchmarks/spark")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def complete_journey():
    """A grocer's 1.47 million purchase lines as Parquet."""
    import pyarrow.csv
    import pyarrow.parquet

    path = work("spark", "completejourney.parquet")
    if not os.path.exists(path):
        folder = subprocess.run(
            [os.path.join(ROOT, "scripts", "demo-data.sh"), "real"], check=True, capture_output=True, text=True).stdout.strip()
        table = pyarrow.csv.read_csv(os.path.join(ROOT, folder, "events.csv.gz"))
        pyarrow.parquet.write_table(table, f"{path}.new", row_group_size=200_000)
        os.rename(f"{path}.new", path)
    return path


def synthetic(count):
    """Made-up events as Parquet: users buy by a Zipf law, half of it within a taste that a part of them share."""
    import pyarrow as pa
    import pyarrow.parquet

    path = work("spark", f"synthetic-{count}.parquet")
    if os.path.exists(path):
        return path
    generator = np.random.default_rng(1)
    groups = 1000
    zipf = np.cumsum(1.0 / np.arange(1, ITEMS + 1))
    within = np.cumsum(1.0 / np.arange(1, ITEMS // groups + 1))
    order, places = generator.permutation(ITEMS), generator.permutation(ITEMS)
    taste = generator.integers(groups, size=USERS)
    kinds = pa.array(["view", "cart", "purchase"])
    schema = pa.schema([
        ("user", pa.int64()), ("item", pa.int64()), ("event", pa.string()), ("weight", pa.float32()), ("time", pa.int64())])
    os.makedirs(f"{path}.new", exist_ok=True)
    for number, first in enumerate(range(0, count, 2_500_000)):
        size = min(2_500_000, count - first)
        users = (USERS * generator.random(size) ** 1.5).astype(np.int64)
        items = order[np.searchsorted(zipf, generator.random(size) * zipf[-1])]
        own = places[taste[users] * (ITEMS // groups) + np.searchsorted(within, generator.random(size) * within[-1])]
        items = np.where(generator.random(size) < 0.5, own, items)
        kind = pa.array(generator.choice(3, size, p=[0.8, 0.1, 0.1]).astype(np.int8))
        columns = [
            pa.array(users), pa.array(items), pa.DictionaryArray.from_arrays(kind, kinds).cast(pa.string()),
            pa.array(generator.geometric(0.7, size).astype(np.float32)),
            pa.array(1_700_000_000 + generator.integers(31_536_000, size=size))]
        pyarrow.parquet.write_table(
            pa.Table.from_arrays(columns, schema=schema), os.path.join(f"{path}.new", f"part-{number:03d}.parquet"),
            row_group_size=500_000)
    os.rename(f"{path}.new", path)
    return path


def seconds(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def computed(frame):
    """Every row of it, which goes nowhere."""
    frame.write.format("noop").mode("overwrite").save()


def end_to_end(report, spark, name, path):
    """Parquet -> events folder -> ALS -> model file; returns the log, MLlib's model and the file."""
    from reco_spark import prepare, train_als

    log, factors = work("spark", f"{name}-log"), work("spark", f"{name}-als")
    model = work("spark", f"{name}.reco")
    prepared, summary = seconds(lambda: prepare(spark, path, log, robots=None, overwrite=os.path.exists(log)))
    report.say(str(summary))
    learned_in, learned = seconds(lambda: train_als(
        spark, log, factors, RANK, iterations=ITERATIONS, overwrite=os.path.exists(factors)))
    imported, _ = seconds(lambda: subprocess.run(
        [RECO, "import", "folder", factors, "--out", model], check=True, capture_output=True))
    reading = reco(
        "train", "--events", log, "--model", "popularity", "--threads", 1, "--out", work("spark", "unused.reco"), "--json")
    read = reading["phases"]["reading events"]["seconds"]
    size = sum(entry.stat().st_size for entry in os.scandir(log))
    report.table([
        (f"{name}, Spark local[{THREADS}]", "seconds", "events/s"),
        ("Parquet to an events folder (prepare)", f"{prepared:.1f}", f"{summary.rows / prepared:,.0f}"),
        (f"ALS, rank {RANK}, {ITERATIONS} iterations, to a vectors folder", f"{learned_in:.1f}", ""),
        (f"reco import folder ({os.path.getsize(model) / 1e6:.0f} MB)", f"{imported:.2f}", ""),
        (f"reco train reading the events folder ({size / summary.events:.0f} bytes an event), 1 thread", f"{read:.2f}",
         f"{summary.events / read:,.0f}")])
    return log, learned.model, model


def score(report, spark, name, log, model, path, sample, runs):
    """Users per second of both, and how many lists are equal."""
    from reco_spark import recommend_for_all
    from reco_spark.manifest import Manifest
    from reco_spark.reading import ids_in_memory

    manifest = Manifest.read(log, "events")
    users, items = (ids_in_memory(log, manifest.dictionaries[side]) for side in ("users", "items"))
    rows = np.sort(np.random.default_rng(2).permutation(len(users))[:sample]).tolist()
    asked = spark.createDataFrame([(users[row],) for row in rows], "user long").repartition(THREADS).cache()
    subset = spark.createDataFrame([(row,) for row in rows], "user int").cache()
    asked.count(), subset.count()

    def ours():
        return recommend_for_all(path, asked, N, library=LIBRARY)

    def theirs():
        return model.recommendForUserSubset(subset, N) if len(rows) < len(users) else model.recommendForAllUsers(N)

    lists = {}
    for row in ours().collect():
        lists.setdefault(row["user"], {})[row["rank"]] = str(row["item"])
    equal = sum(
        [lists[users[row["user"]]].get(rank) for rank in range(1, N + 1)] == [str(items[each["item"]]) for each in row["recommendations"]]
        for row in theirs().collect())
    assert len(lists) == len(rows)
    times = [[], []]
    for _ in range(runs):  # after one of each, which has warmed Java up
        for side, frame in zip(times, (ours, theirs)):
            side.append(seconds(lambda: computed(frame()))[0])
    (our_rate, rate), (our_span, span) = (
        [len(rows) / median(side) for side in times], [f"{min(side):.2f}-{max(side):.2f} s" for side in times])
    report.table([
        (f"{name}: {len(rows):,} users x {len(items):,} items x {RANK}, n = {N}, {THREADS} threads", "users/s", "span"),
        ("reco_spark.recommend_for_all", f"{our_rate:,.0f}", our_span),
        ("MLlib's recommendForAllUsers", f"{rate:,.0f}", span)])
    report.say(f"{equal:,} of {len(rows):,} lists are equal ({equal / len(rows):.2%})")
    report.keep(
        f"bulk scoring in Spark, {name}, {len(items):,} items, {THREADS} threads", f"{our_rate:,.0f} users/s",
        f"MLlib {rate:,.0f} users/s", f"{our_rate / rate:.1f}", ">= 20, lists equal", our_rate >= 20 * rate and equal >= 0.999 * len(rows))
    if shutil.which("php"):
        chosen = list(lists)[:20]
        answer = subprocess.run(
            ["php", "-d", "ffi.enable=1", "-r", PHP, os.path.join(ROOT, "php", "RecoFFI.php"), LIBRARY, path, *map(str, chosen)],
            check=True, capture_output=True, text=True).stdout.splitlines()
        same = sum(line == " ".join(lists[user][rank] for rank in sorted(lists[user])) for line, user in zip(answer, chosen))
        report.say(f"PHP gives {same} of {len(chosen)} users the same list from the same file")
    asked.unpersist(), subset.unpersist()


def measure(report, runs):
    report.title("Spark: from Parquet to everybody's list")
    if shutil.which("java") is None:
        report.say("there is no java, so Spark is left out")
        return
    spark = session()
    try:
        small = runs == 1
        for name, path, sample in (
            ("completejourney", complete_journey(), None),
            ("synthetic", synthetic(1_000_000 if small else EVENTS), 4_000 if small else SAMPLE),
        ):
            log, model, file = end_to_end(report, spark, name, path)
            score(report, spark, name, log, model, file, sample, runs)
    finally:
        spark.stop()
