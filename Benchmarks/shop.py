"""The demo shop under load: wrk asks nginx, php-fpm and MariaDB for product pages, with recommendations and without.

examples/shop is started with the grocer's purchases in .bench/shop and stopped again. Everything shares this machine: wrk,
nginx, 8 workers of php-fpm, MariaDB. Runs alternate; medians count. Processor time is summed up over all of a server's
processes, which says more on a busy machine than requests a second do.
"""

import json
import os
import random
import re
import shutil
import subprocess
import threading
import time

from workshop import ROOT, RECO, Failed, free_port, median, work

WORKERS, SECONDS, TURNS, PAGES, REPLACEMENTS = 8, 2, 3, 2000, 1000
FOLDER = os.path.join(ROOT, ".bench", "shop")
SERVERS = ("nginx", "php-fpm", "mariadb")
TICKS = os.sysconf("SC_CLK_TCK")
SWITCHES = {
    "with recommendations": "",
    "the same page, strips of bestsellers by SQL": "?recommendations=bestsellers",
    "no strips at all": "?recommendations=no",
}


class Shop:
    def __init__(self):
        self.port = free_port()
        environment = dict(os.environ, SHOP_FOLDER=FOLDER, SHOP_PORT=str(self.port), SHOP_WORKERS=str(WORKERS))
        self.command("start", environment=environment)
        self.pages = work("shop-pages.txt")
        with open(self.pages, "w") as file:
            file.writelines(self.visits())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command("stop", FOLDER)

    @staticmethod
    def command(name, *arguments, environment=None):
        process = subprocess.run([os.path.join(ROOT, "examples", "shop", name), *arguments], capture_output=True, text=True,
                                 env=environment)
        if process.returncode != 0:
            raise Failed(process.stderr or process.stdout)
        return process.stdout

    def visits(self):
        """Lines "customer product viewed-before": pairs from orders that there were."""
        with open(os.path.join(FOLDER, "training.password")) as file:
            password = file.read()
        rows = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={FOLDER}/run/mariadb.sock", "--user=training", "--batch",
             "--skip-column-names", "shop", "--execute", "SELECT customer_id, product_id, order_id FROM orders "
             "JOIN order_items ON order_id = orders.id WHERE orders.id % 7 = 0 ORDER BY order_id, product_id"],
            capture_output=True, text=True, check=True, env=dict(os.environ, MYSQL_PWD=password)).stdout.splitlines()
        rows = [row.split("\t") for row in rows]
        pairs = [f"{a[0]} {a[1]} {b[1]}\n" for a, b in zip(rows, rows[1:]) if a[2] == b[2]]
        return random.Random(3).sample(pairs, min(PAGES, len(pairs)))

    def pids(self, server):
        """The master process of a server and its children."""
        with open(os.path.join(FOLDER, "run", f"{server}.pid")) as file:
            master = int(file.read())
        found = [master]
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat") as file:
                        if int(file.read().rsplit(")", 1)[1].split()[1]) == master:
                            found.append(int(name))
                except OSError:
                    pass
        return found

    def processor_time(self):
        times = {}
        for server in SERVERS:
            times[server] = 0
            for pid in self.pids(server):
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                times[server] += int(fields[11]) + int(fields[12])
        return times

    def load(self, switch, connections=WORKERS, seconds=SECONDS, pause=0):
        """Requests, failures and microseconds of processor time a request; each connection pauses for about `pause`
        milliseconds between pages."""
        before = self.processor_time()
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", os.path.join(ROOT, "Benchmarks", "shop_pages.lua"),
             f"http://127.0.0.1:{self.port}", "--", self.pages, switch, str(pause)], capture_output=True, text=True, check=True).stdout
        result = json.loads(output.splitlines()[-1])
        after = self.processor_time()
        result["rate"] = result["requests"] / (result["microseconds"] / 1e6)
        result["cost"] = {name: (after[name] - before[name]) / TICKS * 1e6 / result["requests"] for name in SERVERS}
        result["cost"]["all"] = sum(result["cost"].values())
        return result

    def log(self):
        """How long the log is now, once nginx has written everything."""
        time.sleep(1.5)
        return os.path.getsize(os.path.join(FOLDER, "log", "access.log"))

    def timings(self, since):
        """(milliseconds, questions) of the recommendation part of each page, and how many were refused or broke; 499 is wrk hanging up at its end."""
        with open(os.path.join(FOLDER, "log", "access.log")) as file:
            file.seek(since)
            lines = file.readlines()
        parts = [re.search(r'reco;dur=([\d.]+);desc=(\d+)-questions', line) for line in lines]
        return ([(float(part[1]), int(part[2])) for part in parts if part],
                sum(not line.startswith(("200 ", "499 ")) for line in lines))

    def memory(self):
        """Megabytes of all processes of php-fpm together, pages that they share counted once; of that, the model's."""
        whole = model = 0
        for pid in self.pids("php-fpm"):
            with open(f"/proc/{pid}/smaps_rollup") as file:
                whole += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M)[1])
            with open(f"/proc/{pid}/smaps") as file:
                inside = False
                for line in file:
                    if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                        inside = ".reco" in line
                    elif inside and line.startswith("Pss:"):
                        model += int(line.split()[1])
        return whole / 1024, model / 1024


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def throughput(report, shop, runs):
    shop.load("", seconds=2)
    results = {name: [] for name in SWITCHES}
    times = []
    for turn in range(TURNS * runs):
        first = turn % len(SWITCHES)
        for name, switch in list(SWITCHES.items())[first:] + list(SWITCHES.items())[:first]:
            since = shop.log()
            results[name].append(shop.load(switch))
            if switch == "":
                shop.log()
                times += [milliseconds for milliseconds, _ in shop.timings(since)[0]]
    rates = {name: median([one["rate"] for one in all_]) for name, all_ in results.items()}
    costs = {name: {part: median([one["cost"][part] for one in all_]) for part in (*SERVERS, "all")}
             for name, all_ in results.items()}
    rows = [("", "requests/s", "of runs", "CPU µs", "nginx", "php-fpm", "mariadb", "p50 ms", "p99 ms", "failed")]
    for name, all_ in results.items():
        rows.append((name, f"{rates[name]:.0f}", "{:.0f}-{:.0f}".format(min(one["rate"] for one in all_), max(one["rate"] for one in all_)),
                     f"{costs[name]['all']:.0f}", *(f"{costs[name][part]:.0f}" for part in SERVERS),
                     f"{median([one['p50'] for one in all_]) / 1e3:.1f}", f"{median([one['p99'] for one in all_]) / 1e3:.1f}",
                     str(sum(one["bad"] for one in all_))))
    report.say(f"{TURNS * runs} runs of {SECONDS} s each, in turns; {WORKERS} connections, {WORKERS} workers; load {os.getloadavg()[0]:.1f}")
    report.table(rows)
    names = list(SWITCHES)
    ratios = [median([a["rate"] / b["rate"] for a, b in zip(results[names[0]], results[name])]) for name in names[1:]]
    report.keep("shop, product pages a second", f"{rates[names[0]]:.0f}", f"bestsellers by SQL: {rates[names[1]]:.0f}", f"{ratios[0]:.2f}",
                ">= 0.90", ratios[0] >= 0.9)
    report.keep("shop, product pages a second", f"{rates[names[0]]:.0f}", f"no strips: {rates[names[2]]:.0f}", f"{ratios[1]:.2f}")
    cost = median([a["cost"]["all"] / b["cost"]["all"] for a, b in zip(results[names[0]], results[names[1]])])
    report.keep("shop, processor time of a product page", f"{costs[names[0]]['all']:.0f} µs", f"bestsellers by SQL: {costs[names[1]]['all']:.0f} µs",
                f"{cost:.2f}")
    return times


def latency(report, shop, saturated):
    rows = [("the recommendation part of a product page", "p50 ms", "p90 ms", "p99 ms", "pages")]
    cases = [(f"{WORKERS} connections, processors full", saturated)]
    for name, connections, pause in ((f"{WORKERS} connections, 20 ms between pages", WORKERS, 20), ("1 connection", 1, 0)):
        since = shop.log()
        shop.load("", connections=connections, pause=pause, seconds=5 * SECONDS)
        shop.log()
        cases.append((name, [one for one, _ in shop.timings(since)[0]]))
    for name, values in cases:
        rows.append((name, *(f"{percentile(values, share):.2f}" for share in (0.5, 0.9, 0.99)), f"{len(values):,}"))
    report.table(rows)
    for name, values in cases[:2]:
        worst = percentile(values, 0.99)
        report.keep(f"shop, recommendations of a page, p99, {name}", f"{worst:.2f} ms", goal="< 3 ms", met=worst < 3)


def memory(report, shop):
    shop.command("stop", FOLDER)
    shop.__init__()
    shop.load("?recommendations=no", seconds=5)
    before = shop.memory()
    shop.load("", seconds=10)
    after = shop.memory()
    file = os.path.getsize(os.path.join(FOLDER, "shop.reco")) / 2**20
    rows = [(f"memory of {WORKERS} workers and their master, shared pages once, MB", "all", "of it the model"),
            ("after pages without recommendations", *(f"{value:.1f}" for value in before)),
            (f"after 10 s of pages with them; the file has {file:.1f} MB", *(f"{value:.1f}" for value in after))]
    report.table(rows)
    report.keep(f"shop, what recommendations add to the memory of {WORKERS} workers", f"{after[0] - before[0]:.1f} MB",
                f"the model's file: {file:.1f} MB")


def replacements(report, shop):
    """Two models take turns under the name that pages read, while wrk asks."""
    live = os.path.join(FOLDER, "shop.reco")
    models = [os.path.join(FOLDER, f"{name}.reco") for name in "ab"]
    for path in models:
        if os.path.exists(path):
            os.unlink(path)
        shutil.copyfile(live, path)
        os.chmod(path, 0o644)
    since, done = shop.log(), threading.Event()
    totals = {"requests": 0, "bad": 0}

    def ask():
        while not done.is_set():
            result = shop.load("", seconds=3)
            for name in totals:
                totals[name] += result[name]

    asking = threading.Thread(target=ask)
    asking.start()
    begin = time.monotonic()
    for number in range(REPLACEMENTS):
        os.link(models[number % 2], os.path.join(FOLDER, "next.reco"))
        os.rename(os.path.join(FOLDER, "next.reco"), live)
        time.sleep(0.02)
    seconds = time.monotonic() - begin
    done.set()
    asking.join()
    shop.log()
    timings, refused = shop.timings(since)
    without = sum(questions != 3 for _, questions in timings)
    for path in models:
        os.unlink(path)
    report.say(f"{REPLACEMENTS:,} models in {seconds:.0f} s under load: {totals['requests']:,} requests, {totals['bad']} failed, "
               f"{refused} refused, {without} without recommendations")
    report.keep(f"shop, failed requests while the model was replaced {REPLACEMENTS:,} times", f"{totals['bad'] + refused + without} "
                f"of {totals['requests']:,}", goal="0", met=totals["bad"] + refused + without == 0)


def measure(report, runs):
    report.title(f"The demo shop under load: wrk, nginx, {WORKERS} workers of php-fpm, MariaDB, all on this machine")
    absent = [tool for tool in ("wrk", "mariadbd", "nginx") if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin") is None]
    if absent or not os.path.exists(RECO):
        report.say(f"skipped: there is no {', '.join(absent) or RECO}")
        return
    try:
        with Shop() as shop:
            times = throughput(report, shop, runs)
            latency(report, shop, times)
            memory(report, shop)
            replacements(report, shop)
    except Failed as failure:
        report.say(f"skipped, for the shop does not start: {failure}")
