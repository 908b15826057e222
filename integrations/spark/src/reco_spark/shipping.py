"""Files for executors, sent once to each node by Spark, under a name that tells one version from the next."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import zipfile
from typing import Dict, Optional, Set, Tuple

from pyspark import SparkContext, SparkFiles

from .errors import RecoSparkError, node, spark_job

FORGOTTEN = ".forgotten"  # users whom a model must not know any more: a list beside it

_sent: Dict[Tuple[str, str], str] = {}
_have_package: Set[str] = set()  # applications


def ship(context: SparkContext, path: str) -> str:
    """Sends the file, and the list of forgotten users beside it; returns the name that `received` takes on executors."""
    path = os.path.abspath(path)
    version = hashlib.sha256(f"{_identity(path)} {_identity(path + FORGOTTEN, missing='')}".encode()).hexdigest()[:16]
    stem, dot, ending = os.path.basename(path).rpartition(".")
    name = f"{stem or ending}-{version}{dot}{ending if stem else ''}"
    key = (str(context.applicationId), name)
    if key not in _sent:
        # Spark sends a file under its own name, never the same name twice, and only when it is asked for: hence this.
        folder = _temporary_folder()
        with spark_job(f"sending {path}"):
            for suffix in ("", FORGOTTEN):
                if os.path.exists(path + suffix):
                    link = os.path.join(folder, name + suffix)
                    _link(path + suffix, link)
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


def ship_package(context: SparkContext) -> None:
    """Executors need NumPy, pandas and PyArrow of their own; this package is small enough to be sent to them."""
    application, folder = str(context.applicationId), os.path.dirname(os.path.abspath(__file__))
    here = str(context.master) == "local" or str(context.master).startswith("local[")
    if here or application in _have_package or not os.path.isdir(folder):  # no folder: it was sent as a zip itself
        return
    path = os.path.join(_temporary_folder(), "reco_spark.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(os.listdir(folder)):
            if name.endswith((".py", ".typed")):
                archive.write(os.path.join(folder, name), os.path.join("reco_spark", name))
    context.addPyFile(path)
    _have_package.add(application)


def _temporary_folder() -> str:
    """A folder that lasts as long as the driver."""
    folder = tempfile.mkdtemp(prefix="reco_spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _link(path: str, link: str) -> None:
    try:
        os.link(os.path.realpath(path), link)
    except OSError:  # another file system
        shutil.copyfile(path, link)
