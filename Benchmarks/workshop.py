"""Where things are, how both sides are run, and what is kept of it."""

import json
import os
import shutil
import socket
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "..", "shared", "data")
RECO = os.environ.get("RECO_COMMAND", os.path.join(ROOT, "dist", "bin", "reco"))
LIBRARY = os.environ.get("RECO_LIBRARY", os.path.join(ROOT, "dist", "lib", "libreco.so"))


def work(*parts):
    """A path below .bench/, whose folder is there."""
    path = os.path.join(ROOT, ".bench", *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


class Failed(Exception):
    """A process under measurement ended with an error."""


def run(command, threads=None):
    """Runs a process that prints one JSON object, and returns that. With `threads`, the thread pools of OpenMP and of
    numpy's BLAS get that number."""
    environment = dict(os.environ)
    if threads is not None:
        environment.update({name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
    process = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\n{process.stderr}")
    return json.loads(process.stdout)


def reco(*arguments):
    return run([RECO, *arguments])


def peer(*arguments, threads):
    """Runs a model of peers.py."""
    return run([sys.executable, os.path.join(ROOT, "Benchmarks", "peers.py"), *arguments, "--threads", threads], threads)


def free_port():
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


class Bounded:
    """Runs the command where the system lets a process have no more than so much memory, files' pages included: in a
    cgroup, where one can be made."""

    def __init__(self, size):
        self.bytes = int(float(size[:-1]) * {"G": 1e9, "M": 1e6}[size[-1]])
        self.folder = None
        for root, limit, peak in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
                                  ("/sys/fs/cgroup", "memory.max", "memory.peak")):
            folder = os.path.join(root, f"reco-benchmark-{os.getpid()}")
            try:
                os.mkdir(folder)
                with open(os.path.join(folder, limit), "w") as file:
                    file.write(str(self.bytes))
                self.folder, self.peak = folder, peak
                return
            except OSError:
                try:
                    os.rmdir(folder)
                except OSError:
                    pass

    def reco(self, *arguments):
        """What the command printed, and the most memory that the group held."""
        def enter():
            if self.folder:
                with open(os.path.join(self.folder, "cgroup.procs"), "w") as file:
                    file.write(str(os.getpid()))

        process = subprocess.run([RECO, *map(str, arguments)], capture_output=True, text=True, preexec_fn=enter)
        if process.returncode != 0:
            raise Failed(f"{arguments}: {process.returncode}\n{process.stderr[-2000:]}")
        result = json.loads(process.stdout)
        if self.folder:
            with open(os.path.join(self.folder, self.peak)) as file:
                result["group_peak"] = int(file.read())
            os.rmdir(self.folder)
        return result


class Report:
    """Prints tables as they come, and keeps the figures that have a peer or a goal for the table at the end."""

    def __init__(self):
        self.rows = []

    def title(self, text):
        print(f"\n{text}\n{'-' * min(len(text), shutil.get_terminal_size().columns)}", flush=True)

    def say(self, text=""):
        print(text, flush=True)

    def table(self, rows):
        """The first row is the head; all but the first column are set flush right."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            cells = [cell.rjust(width) for cell, width in zip(row, widths)]
            print("  ".join([row[0].ljust(widths[0]), *cells[1:]]).rstrip(), flush=True)

    def keep(self, what, ours, peer="", ratio="", goal="", met=None):
        row = (what, ours, peer, ratio, goal, "" if met is None else "yes" if met else "NO")
        if row not in self.rows:  # what does not depend on the number of threads comes once for each
            self.rows.append(row)

    def summary(self):
        self.title("Everything in one table")
        self.table([("", "reco", "beside it", "ratio", "goal", "met"), *self.rows])
