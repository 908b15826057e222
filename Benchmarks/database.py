"""Reading events from MariaDB: everything, beside its own client that writes the same rows to a file, and only what is new."""

import getpass
import gzip
import os
import resource
import shutil
import subprocess
import tempfile
import time

from workshop import ROOT, Bounded, median, reco

ROWS = 1_469_307  # as many lines as the retailer of the demo has in a year
NEW = ROWS // 100
TOOLS = ("mariadbd", "mariadb", "mariadb-install-db")

SHOP = f"""
CREATE DATABASE shop;
USE shop;
CREATE TABLE shop.lines (household INT, product INT, basket INT, quantity SMALLINT, at DATETIME, KEY (at)) ENGINE=InnoDB;
INSERT INTO shop.lines
SELECT FLOOR(2469 * POW(RAND(1), 1.5)), FLOOR(92331 * POW(RAND(2), 3)), seq DIV 9, 1 + FLOOR(3 * RAND(3)),
       '2017-01-01' + INTERVAL seq * 21 SECOND
FROM seq_1_to_{ROWS};
CREATE USER reader@localhost IDENTIFIED BY 'secret';
GRANT SELECT ON shop.* TO reader@localhost;
"""
COLUMNS = "household AS user, product AS item, quantity AS weight, at AS time, basket"


class Server:
    """A server of its own: data, socket and all in a folder that is gone afterwards."""

    def __enter__(self):
        # Short, because the path of a socket has at most 107 bytes.
        self.folder = tempfile.mkdtemp(prefix="reco-db-", dir="/tmp")
        data, user = os.path.join(self.folder, "data"), getpass.getuser()
        self.socket = os.path.join(self.folder, "s")
        log = open(os.path.join(self.folder, "log"), "w")
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={user}", "--skip-test-db",
             "--auth-root-authentication-method=normal"], check=True, stdout=log, stderr=log)
        self.process = subprocess.Popen(
            [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}",
             f"--socket={self.socket}", f"--user={user}", "--skip-networking", "--innodb-buffer-pool-size=512M"],
            stdout=log, stderr=log)
        for _ in range(300):
            if os.path.exists(self.socket):
                return self
            time.sleep(0.1)
        raise RuntimeError("MariaDB does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)

    def client(self, sql, out=subprocess.DEVNULL):
        subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "--quick", f"--execute={sql}"],
            check=True, stdout=out)


def write_to_file(server, path):
    """Seconds and seconds of CPU that the server's own client takes."""
    with open(path, "w") as file:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        server.client(f"SELECT {COLUMNS} FROM shop.lines", file)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def train(server, query, name, *more):
    config = os.path.join(server.folder, f"{name}.yaml")
    with open(config, "w") as file:
        file.write(f"database: {{socket: {server.socket}, name: shop, user: reader, password-file: password}}\n"
                   f"events:\n  purchases: {query}\nmodel: popularity\nout: {name}.reco\npublish: {{keep: 0}}\n")
    with open(os.path.join(server.folder, "password"), "w") as file:
        file.write("secret\n")
    return reco("train", "--config", config, "--json", *more)


def reading(result):
    phase = result["phases"]["reading events"]
    return phase["seconds"], phase["processor_seconds"]


def first_run(report, server):
    """The first whole run of the default pipeline on a grocer's year, in a group that may hold 2 GB, pages of files included."""
    folder = subprocess.run([os.path.join(ROOT, "scripts", "demo-data.sh"), "real"], capture_output=True, text=True).stdout.strip()
    events = os.path.join(ROOT, folder, "events.csv.gz")
    if not folder or not os.path.exists(events):
        report.say("the first whole run: skipped, the grocer's data cannot be had")
        return
    plain = os.path.join(server.folder, "purchases.csv")
    with gzip.open(events, "rb") as packed, open(plain, "wb") as file:
        shutil.copyfileobj(packed, file)
    server.client(
        "CREATE TABLE shop.purchases (household INT, product INT, event VARCHAR(16), quantity FLOAT, at BIGINT, basket BIGINT); "
        f"LOAD DATA LOCAL INFILE '{plain}' INTO TABLE shop.purchases FIELDS TERMINATED BY ',' IGNORE 1 LINES")
    config = os.path.join(server.folder, "grocer.yaml")
    with open(config, "w") as file:
        file.write(f"database: {{socket: {server.socket}, name: shop, user: reader, password-file: password}}\n"
                   "events:\n  purchases: SELECT household AS user, product AS item, quantity AS weight, at AS time, basket, "
                   f"event FROM purchases\nitems: {{file: {os.path.join(ROOT, folder, 'items.csv.gz')}}}\n"
                   "out: grocer.reco\npublish: {keep: 0}\n")
    group = Bounded("2G")
    result = group.reco("train", "--config", config, "--json")
    peak = result.get("group_peak", result["peak_memory"]) / 1e9
    enforced = "enforced" if "group_peak" in result else "not enforced here"
    report.say(f"the first whole run ({result['events']:,} events, the hybrid): "
               f"{result['seconds']:.0f} s, at most {peak:.2f} GB; the limit of 2 GB was {enforced}")
    report.keep("first whole run from MariaDB", f"{result['seconds']:.0f} s, {peak:.2f} GB", goal="180 s, 2 GB",
                met=result["seconds"] < 180 and peak <= 2)


def measure(report, runs):
    report.title("Reading events from MariaDB")
    if not all(shutil.which(tool) or os.path.exists(f"/usr/sbin/{tool}") for tool in TOOLS):
        report.say("skipped: MariaDB's server and client are not installed")
        return
    with Server() as server:
        server.client(SHOP)
        path = os.path.join(server.folder, "lines.tsv")
        write_to_file(server, path)  # into the buffer pool
        ours, its = [], []
        for _ in range(runs):
            ours.append(reading(train(server, f"SELECT {COLUMNS} FROM `lines`", "full")))
            its.append(write_to_file(server, path))
        rows = [("", "rows/s", "seconds", "CPU s")]
        for what, times in (("reco: read, check, number the ids", ours), ("mariadb --quick, to a file", its)):
            seconds, work = (median(side) for side in zip(*times))
            rows.append((what, f"{ROWS / seconds:,.0f}", f"{seconds:.2f}", f"{work:.2f}"))
        seconds, beside = median(each[0] for each in ours), median(each[0] for each in its)
        report.keep(
            f"reading {ROWS:,} rows from MariaDB", f"{ROWS / seconds:,.0f} rows/s", f"mariadb --quick {ROWS / beside:,.0f}",
            f"{seconds / beside:.2f}", "< 1.5, > 500,000 rows/s", seconds < 1.5 * beside and ROWS / seconds > 500_000)

        query = f"SELECT {COLUMNS} FROM `lines` WHERE at >= :since"
        nightly = []
        first = reading(train(server, query, "nightly"))
        for run in range(runs):
            server.client(
                f"USE shop; INSERT INTO `lines` SELECT seq MOD 2469, seq MOD 92331, seq DIV 9, 1, '2018-01-01' + INTERVAL {run * 4} "
                f"DAY + INTERVAL seq * 21 SECOND FROM seq_1_to_{NEW}")
            nightly.append(reading(train(server, query, "nightly")))
        seconds, work = (median(side) for side in zip(*nightly))
        rows.append(("reco: all, kept for the next run", f"{ROWS / first[0]:,.0f}", f"{first[0]:.2f}", f"{first[1]:.2f}"))
        rows.append((f"reco: {NEW:,} new rows, the rest kept", "", f"{seconds:.3f}", f"{work:.3f}"))
        report.say(f"{ROWS:,} rows of 5 columns through a socket, median of {runs} in turns:")
        report.table(rows)
        first_run(report, server)
        report.keep(
            "reading 1 % new rows, of reading all", f"{seconds:.3f} s", f"{first[0]:.2f} s", f"{seconds / first[0]:.2f}")
