"""Files for executors, sent once to each node by Spark, under a name that tells one version from the next."""

from __future__ import annotations

import hashlib
import os
import tempfile
from typing import Dict, Optional, Tuple

from pyspark import SparkContext, SparkFiles

from .errors import RecoSparkError, node, spark_job

FORGOTTEN = ".forgotten"  # users whom a model must not know any more: a list beside it

_sent: Dict[Tuple[str, str], str] = {}


def ship(context: SparkContext, path: str) -> str:
    """Sends the file, and the list of forgotten users beside it; returns the name that `received` takes on executors."""
    path = os.path.abspath(path)
    version = hashlib.sha256(f"{_identity(path)} {_identity(path + FORGOTTEN, missing='')}".encode()).hexdigest()[:16]
    stem, dot, ending = os.path.basename(path).rpartition(".")
    name = f"{stem or ending}-{version}{dot}{ending if stem else ''}"
    key = (str(context.applicationId), name)
    if key not in _sent:
        # Spark sends a file under its own name, and never the same name twice: hence links.
        folder = tempfile.mkdtemp(prefix="reco_spark-")
        with spark_job(f"sending {path}"):
            for suffix in ("", FORGOTTEN):
                if os.path.exists(path + suffix):
                    link = os.path.join(folder, name + suffix)
                    os.symlink(path + suffix, link)
                    context.addFile(link)
        _sent[key] = name
    return name


def received(name: str) -> str:
    """On an executor: where the file is now."""
    return str(SparkFiles.get(name))


def _identity(path: str, missing: Optional[str] = None) -> str:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if missing is not None:
            return missing
        raise RecoSparkError(f"the driver on node {node()} cannot see {path}, which it is to send") from None
    return f"{path} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
