"""Beside a Python service: Flask, gunicorn, scikit-learn and XGBoost, asked by PHP over loopback, as shops set it up.

Both sides have the same shop, five sources with 64 factors, 500 candidates, 300 trees of 31 leaves, the same filter and 12
hits. Every process has one thread. Servers are this process's children and end with it.
"""

import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import numpy as np

import service_shop
from model_file import ModelFile
from workshop import DATA, LIBRARY, RECO, ROOT, Failed, free_port, median, reco, run, work

HERE = os.path.join(ROOT, "Benchmarks")
PHP = ["php", "-d", "opcache.enable_cli=1", "-d", "ffi.enable=true"]
MODELS = "als,item-knn,sparse-ease,trending,bought-together"
TREES, LEAVES, LIMIT, FACTORS = 300, 31, 12, 64
ROUND = 100  # users whom one side is asked for before the next has its turn
FEWEST_TIMES, LESS_MEMORY = 20, 50
DIVERSITY, PER_BRAND = 0.3, 2


class NoRanker(Exception):
    """The data give no ranker."""


def missing():
    """What is not installed; empty if everything is."""
    names = []
    for name in ("flask", "gunicorn", "sklearn", "xgboost", "pandas", "scipy", "joblib"):
        try:
            __import__(name)
        except ImportError:
            names.append(name)
    return names


def php(script, *arguments):
    process = subprocess.run([*PHP, os.path.join(HERE, script), *map(str, arguments)], capture_output=True, text=True)
    if process.returncode != 0:
        raise Failed(f"{script}: {process.stderr}{process.stdout}")
    return json.loads(process.stdout)


class Asker:
    """A PHP process that measures, for one list of users after the other."""

    def __init__(self, *arguments):
        command = [*PHP, os.path.join(HERE, "service_request.php"), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, command, users):
        self.process.stdin.write(f"{command} {','.join(map(str, users))}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.startswith("{"):
            raise Failed(f"PHP ended while it was asked: {line}{self.process.stdout.read()}")
        return json.loads(line)


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Gunicorn:
    """The peer's service on a free port of the loopback interface; stopped by its own process id."""

    def __init__(self, folder, workers, kind="sync", preload=False):
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.workers = workers
        environment = dict(
            os.environ, PEER_FOLDER=folder, PYTHONDONTWRITEBYTECODE="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        command = [
            sys.executable, "-m", "gunicorn", "--chdir", os.path.join(HERE, "service_peer"), "--bind", f"127.0.0.1:{port}",
            "--workers", str(workers), "--worker-class", kind, "--log-level", "warning", "--no-control-socket",
            *(["--threads", "4", "--keep-alive", "60"] if kind == "gthread" else []), *(["--preload"] if preload else []),
            "app:app"]
        self.log = open(work("service", "gunicorn.log"), "w+")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log, preexec_fn=end_with_parent)

    def __enter__(self):
        try:
            for _ in range(600):
                if self.process.poll() is not None:
                    break
                if len(self.children()) == self.workers and self.answers():
                    return self
                time.sleep(0.1)
            self.log.seek(0)
            raise Failed(f"gunicorn does not start: {self.log.read()}")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def answers(self):
        import urllib.error
        import urllib.request

        try:
            with urllib.request.urlopen(f"{self.address}/empty", timeout=30) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().split()

    def memory(self):
        """Private and proportional megabytes, of the workers' the middle one, and of the master."""
        def sizes(process):
            with open(f"/proc/{process}/smaps_rollup") as file:
                lines = [line.split() for line in file]
            private = sum(int(line[1]) for line in lines if line[0] in ("Private_Clean:", "Private_Dirty:"))
            return private / 1024, sum(int(line[1]) for line in lines if line[0] == "Pss:") / 1024

        workers = [sizes(child) for child in self.children()]
        return tuple(median([worker[place] for worker in workers]) for place in (0, 1)), sizes(self.process.pid)


class Case:
    """A set of data, trained by both sides."""

    def __init__(self, name, events, items, filter, max_price, can):
        self.name, self.events, self.items = name, events, items
        self.arguments = {"limit": LIMIT, **({"filter": filter} if filter else {})}
        self.query = f"limit={LIMIT}" + (f"&max_price={max_price}" if max_price else "")
        self.diversity = "no brands here, so no diversity"
        if filter:
            self.diversity = "recommend() has no diversity yet: neither side diversifies"
            if "diversity" in can["parameters"]:
                self.arguments["diversity"] = DIVERSITY
                self.query += f"&diversity={DIVERSITY}"
                self.diversity = f"diversity {DIVERSITY}"
                if "caps" in can["parameters"]:
                    self.arguments["caps"] = {"brand": PER_BRAND}
                    self.query += f"&per_brand={PER_BRAND}"
                    self.diversity += f", at most {PER_BRAND} of a brand"
        self.model, self.plain = work("service", f"{name}.reco"), work("service", f"{name}-plain.reco")
        self.peer = work("service", f"peer-{name}", "data.joblib").rsplit("/", 1)[0]

    def train(self, report):
        newest = os.path.getmtime(LIBRARY)
        items = ["--items", self.items] if self.items else []
        common = ["train", "--events", self.events, *items, "--set", f"als.factors={FACTORS}", "--json"]
        settings = [f"boosted-trees.{one}" for one in (f"trees={TREES}", f"leaves={LEAVES}", "early-stopping=0")]
        settings = [word for one in settings for word in ("--set", one)]
        for path, models, settings in ((self.plain, MODELS, []), (self.model, f"{MODELS},boosted-trees", settings)):
            if not os.path.exists(path) or os.path.getmtime(path) < newest:
                print(f"training {os.path.basename(path)}", file=sys.stderr)
                reco(*common, "--model", models, *settings, "--out", path)
        made = os.path.join(self.peer, "report.json")
        if not os.path.exists(made):
            print(f"training the peer of {self.name}", file=sys.stderr)
            command = [sys.executable, os.path.join(HERE, "service_peer", "train.py"), self.events, self.items or "", self.peer,
                       "--trees", TREES, "--leaves", LEAVES]
            trained = run(command)
            with open(made, "w") as file:
                json.dump(trained, file)
        with open(made) as file:
            self.trained = json.load(file)
        self.trees = ranker_of(self.model)
        report.say(
            f"\n{self.name}: reco's ranker has {self.trees['trees']} trees and {self.trees['features']} features, the peer's "
            f"{TREES} and {self.trained['features']}, over {self.trained['candidates']:.0f} different candidates on average; "
            f"{self.diversity}")


def ranker_of(path):
    """How many trees and features the ranker in a file has."""
    file = ModelFile(path)
    if "boosted-trees/sizes" not in file:
        raise NoRanker("trees would order no better than the best source alone, so reco left them out")
    names = bytes(file["boosted-trees/feature-names"]).split(b"\n")
    return {"trees": len(file["boosted-trees/sizes"]), "features": len(names)}


def users_of(path):
    import pandas

    users = pandas.read_csv(path, sep="\t" if ".tsv" in path else ",", usecols=["user"]).user.unique().tolist()
    random.Random(5).shuffle(users)
    return users


def latency(report, case, can, runs):
    """A dictionary from side to the medians over runs of p50, p95 and p99 in milliseconds."""
    users = users_of(case.events)
    per_run = min(1500, len(users)) if runs > 1 else 200
    with ExitStack() as stack:
        sides = {"ranker": stack.enter_context(Asker("reco", case.model, json.dumps(case.arguments))),
                 "plain": stack.enter_context(Asker("reco", case.plain, json.dumps(case.arguments)))}
        servers = [("sync", 2, False), ("sync", 4, False), ("gthread", 2, True)]
        labels = {}
        for kind, workers, keep in servers:
            if keep and not can["curl"]:
                report.say("PHP has no curl here: connections are not kept, and gthread is left out")
                continue
            server = stack.enter_context(Gunicorn(case.peer, workers, kind))
            key = f"{kind} {workers}"
            labels[key] = f"Flask, {workers} {kind} workers" + (", kept connection" if keep else "")
            sides[key] = stack.enter_context(Asker("http", f"{server.address}/recommend?user=%s&{case.query}", int(keep)))
            sides[f"{key} empty"] = stack.enter_context(Asker("http", f"{server.address}/empty", int(keep)))
            labels[f"{key} empty"] = "  of it an empty reply"
        agree(case, sides, users)
        for side in sides.values():  # warms up: every page of the models, every worker
            side.ask("measure", users[:300] if runs > 1 else users[:50])
        results = {}
        for turn in range(runs):
            chosen = random.Random(turn).sample(users, per_run)
            times = {}
            for first in range(0, per_run, ROUND):
                for name, side in sides.items():
                    for what, values in side.ask("measure", chosen[first : first + ROUND]).items():
                        times.setdefault((name, what), []).extend(values)
            for key, values in times.items():
                results.setdefault(key, []).append(np.percentile(np.asarray(values) / 1e6, (50, 95, 99)))
    middle = {key: [median([one[place] for one in all_]) for place in range(3)] for key, all_ in results.items()}
    ranges = {key: (min(one[0] for one in all_), max(one[0] for one in all_)) for key, all_ in results.items()}
    best = middle["ranker", "whole"]
    rows = [("", "p50 ms", "p95 ms", "p99 ms", "p50 of runs", "p50 / reco", "p99 / reco")]
    for key, label in [
        (("ranker", "whole"), "reco from PHP, with the ranker"), (("ranker", "bare"), "  of it the C call"),
        (("plain", "whole"), "reco from PHP, no ranker"), (("plain", "bare"), "  of it the C call"),
        *(((name, "whole"), label) for name, label in labels.items()),
    ]:
        values = middle[key]
        compared = key[0] in labels and "empty" not in key[0]
        rows.append((label, *(f"{value:.3f}" for value in values), "{:.3f}-{:.3f}".format(*ranges[key]),
                     f"{values[0] / best[0]:.1f}" if compared else "", f"{values[2] / best[2]:.1f}" if compared else ""))
    report.say(f"{runs} runs of {per_run} users, {ROUND} at a time in turns; load {os.getloadavg()[0]:.1f}"
               + (f"; curl {can['curl']}" if can["curl"] else "; without curl"))
    report.table(rows)
    return middle, [name for name in labels if "empty" not in name]


def agree(case, sides, users):
    """Both sides answer in full, with the ranker and by the filter."""
    prices = None
    if "filter" in case.arguments:
        import pandas

        prices = pandas.read_csv(case.items).set_index("item").price
    for user in users[:20]:
        for name, side in sides.items():
            if "empty" in name:
                continue
            answer = side.ask("check", [user])
            if len(answer["ids"]) != LIMIT or (prices is not None and prices[answer["ids"]].max() >= 500):
                raise Failed(f"{case.name}, user {user}: {name} answered {answer}")
            if name == "ranker" and answer["sources"][0] != "boosted-trees":
                raise Failed(f"{case.name}, user {user}: the ranker had no say: {answer}")


def memory(report, case):
    """Private megabytes of a worker: reco's in php-fpm, and the peer's that were loaded in each worker."""
    users = users_of(case.events)[:400]
    path = work("service", "users.txt")
    with open(path, "w") as file:
        file.write("\n".join(map(str, users)) + "\n")
    rows = [("memory of a worker, MB", "private", "proportional", "master, private")]
    try:
        ours = php("service_workers.php", case.model, path, json.dumps(case.arguments))
    except (Failed, json.JSONDecodeError) as failure:
        report.say(f"php-fpm does not run here, so memory is left out: {failure}")
        return None
    means = {name: [median(ours[name][kind]) / 1024 for kind in ("private", "proportional")] for name in ("with", "without")}
    rows.append(("php-fpm, 4 workers, a page without reco", *(f"{value:.2f}" for value in means["without"]), ""))
    rows.append(("php-fpm, 4 workers, a page with reco", *(f"{value:.2f}" for value in means["with"]), ""))
    added = [a - b for a, b in zip(means["with"], means["without"])]
    rows.append(("  what reco adds", *(f"{value:.2f}" for value in added), ""))
    theirs = {}
    for workers in (2, 4):
        for preload in (False, True):
            with Gunicorn(case.peer, workers, "sync", preload) as server:
                with Asker("http", f"{server.address}/recommend?user=%s&{case.query}", 0) as side:
                    side.ask("measure", users)
                worker, master = server.memory()
            theirs[workers, preload] = worker
            rows.append((f"gunicorn, {workers} sync workers, " + ("preloaded" if preload else "each loads"),
                         *(f"{value:.1f}" for value in worker), f"{master[0]:.1f}"))
    report.say(f"\n{len(users)} users asked; the model file has {ours['bytes'] / 1e6:.1f} MB, which all workers share")
    report.table(rows)
    return added, means, theirs


def compare(report, case, can, runs):
    case.train(report)
    middle, servers = latency(report, case, can, runs)
    # The peer's best set-up counts, for each of the two.
    for place, name in ((0, "p50"), (2, "p99")):
        mine = middle["ranker", "whole"][place]
        server = min(servers, key=lambda one: middle[one, "whole"][place])
        its = middle[server, "whole"][place]
        what = f"{case.name}, {LIMIT} hits from PHP, {name}"
        report.keep(what, f"{mine:.3f} ms", f"Flask, {server}: {its:.2f} ms", f"1/{its / mine:.1f}", f"<= 1/{FEWEST_TIMES}",
                    its >= FEWEST_TIMES * mine)
        if case.name == "shop":
            goal = {"p50": 2, "p99": 5}[name]
            report.keep(what, f"{mine:.3f} ms", goal=f"< {goal} ms", met=mine < goal)
    sizes = memory(report, case)
    if sizes:
        (added, _), means, theirs = sizes
        for preload, what in ((False, "each loads"), (True, "preloaded")):
            its = min(theirs[workers, preload][0] for workers in (2, 4))
            report.keep(f"{case.name}, private memory of a worker", f"{added:.2f} MB", f"Flask, {what}: {its:.0f} MB",
                        f"1/{its / max(added, 0.01):.0f}", f"<= 1/{LESS_MEMORY}" if not preload else "",
                        its >= LESS_MEMORY * added if not preload else None)


def measure(report, runs):
    report.title("Beside a Python service: Flask, gunicorn, scikit-learn and XGBoost, asked by PHP over loopback; 1 thread each")
    absent = missing()
    if absent:
        report.say(f"skipped: this Python has no {', '.join(absent)}")
        return
    can = php("service_request.php", "can")
    cases = [Case("shop", *service_shop.shop(), "price < 500", 500, can)]
    films = os.path.join(DATA, "ml-1m", "train.tsv.gz")
    if os.path.exists(films):
        cases.append(Case("ml-1m", films, None, None, None, can))
    else:
        report.say("ml-1m is not in ../shared/data: skipped")
    for case in cases:
        try:
            compare(report, case, can, runs)
        except NoRanker as reason:
            report.say(f"{case.name} is skipped: {reason}")
