"""Runs the parts of the benchmark and prints their tables, the last one with everything that has a peer or a goal."""

import argparse
import importlib
import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version

# Before anything imports numpy: what is measured in this process has one thread; others are told how many they have.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.dont_write_bytecode = True

from workshop import ROOT, Report  # noqa: E402

PARTS = {"training": "training", "quality": "quality", "ratings": "ratings", "agreement": "agreement", "loading": "loading",
         "embeddings": "embeddings",
         "php": "php_request", "choosing": "choosing", "search-quality": "search_quality",
         "search": "search", "filters": "filters", "encoder": "encoder", "trees": "trees",
         "tree-scoring": "tree_scoring", "service": "service", "lightfm": "hybrid_factors",
         "sequences": "sequences", "neural": "neural", "rankers": "rankers", "shop": "shop", "database": "database",
         "scaling": "scaling", "spark": "spark"}
# Hours: only when it is named.
NOT_USUAL = {"choosing"}


def first_match(pattern, path, otherwise):
    try:
        with open(path) as file:
            found = re.search(pattern, file.read(), re.M)
    except OSError:
        found = None
    return found.group(1) if found else otherwise


def conditions(report):
    cpu = first_match(r"^model name\s*:\s*(.+)$", "/proc/cpuinfo", platform.machine())
    memory = int(first_match(r"^MemTotal:\s*(\d+)", "/proc/meminfo", "0")) / 2**20
    system = first_match(r'^PRETTY_NAME="(.+)"', "/etc/os-release", platform.system())
    report.say(f"{os.cpu_count()} processors {cpu}, {memory:.0f} GiB, {system}; load {os.getloadavg()[0]:.1f}")
    names = ["implicit", "scikit-learn", "faiss-cpu", "numpy", "scipy", "pandas", "pyarrow", "onnxruntime",
             "lightgbm", "xgboost", "xgboost-cpu", "treelite", "tl2cgen", "lleaves", "gensim", "flask", "gunicorn",
             "torch", "pyspark"]
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"no {name}")
    reco = first_match(r'recoVersion.*= "(.+)"', os.path.join(ROOT, "Sources/RecoKit/Support/Version.swift"), "?")
    report.say(f"reco {reco}; Python {platform.python_version()}, {', '.join(versions)}")


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=" ".join(PARTS))
    parser.add_argument("--runs", type=int, default=5, help="how often everything is measured; 1 is to see that it works")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part}; there are {' '.join(PARTS)}")
    report = Report()
    conditions(report)
    for part in options.parts or [part for part in PARTS if part not in NOT_USUAL]:
        importlib.import_module(PARTS[part]).measure(report, options.runs)
    report.summary()


if __name__ == "__main__":
    main()
