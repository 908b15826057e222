"""A column folder while it is being made: under another name, which executors see too, and then renamed whole."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from types import TracebackType
from typing import Optional, Type

from .errors import RecoSparkError, node
from .manifest import MANIFEST, Manifest, check_part, column_path

# The file by which an executor knows that its folder is the driver's, and not one of the same name on its own disk.
TOKEN = ".reco-token-"


class UnfinishedFolder:
    """Where parts are written. `publish` gives it its name; leaving without that removes everything."""

    def __init__(self, out: str, overwrite: bool = False) -> None:
        self.out = os.path.abspath(local_path(out))
        self._overwrite = overwrite
        token = secrets.token_hex(8)
        self.path = f"{self.out}.partial-{token}"
        self.token = TOKEN + token

    def __enter__(self) -> "UnfinishedFolder":
        if os.path.lexists(self.out):
            if not self._overwrite:
                raise RecoSparkError(f"{self.out} is there already: remove it, or say overwrite=True")
            if not is_column_folder(self.out):
                raise RecoSparkError(f"{self.out} is there and no column folder: it is not overwritten")
        try:
            os.makedirs(self.path)
            with open(os.path.join(self.path, self.token), "w", encoding="ascii"):
                pass
        except OSError as failure:
            raise RecoSparkError(f"the driver on node {node()} cannot write to {self.path}: {failure.strerror}") from failure
        return self

    def publish(self, manifest: Manifest) -> None:
        """Checks that every part has arrived, removes what failed attempts left, and renames."""
        os.listdir(self.path)  # what a network file system remembered about names that were not there yet
        for part in manifest.all_parts():
            check_part(self.path, part)
        # What the driver writes itself (items.csv) has no dot in front; what executors write ends in .npy.
        wanted = {
            os.path.basename(column_path("", part, column)) for part in manifest.all_parts() for column in part.sums}
        for name in os.listdir(self.path):
            if name.startswith(".") or (".npy" in name and name not in wanted):
                os.remove(os.path.join(self.path, name))
        manifest.write(self.path)
        try:
            self._rename()
        except OSError as failure:
            raise RecoSparkError(f"{self.path} cannot be renamed to {self.out}: {failure.strerror}") from failure

    def _rename(self) -> None:
        if not os.path.lexists(self.out):
            os.rename(self.path, self.out)
            return
        if not self._overwrite:
            raise RecoSparkError(f"{self.out} has appeared meanwhile: remove it, or say overwrite=True")
        old = self.path.replace(".partial-", ".old-")
        os.rename(self.out, old)
        try:
            os.rename(self.path, self.out)
        except OSError:
            os.rename(old, self.out)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def is_column_folder(path: str) -> bool:
    """Whether a folder is one of columns and holds nothing else, so that it may be replaced."""
    try:
        with open(os.path.join(path, MANIFEST), encoding="utf-8") as file:
            manifest = json.load(file)
        names = os.listdir(path)
    except (OSError, ValueError):
        return False
    known = {MANIFEST, "items.csv", "users.csv"}
    return (
        isinstance(manifest, dict) and manifest.get("format") == "reco columns"
        and all(name in known or name.endswith(".npy") for name in names))


def local_path(path: str) -> str:
    """A path that a process can open. Columns and models are mapped, so they lie on a file system, not in an object store."""
    if path.startswith("file:"):
        return path[len("file:") :].replace("//", "/", 1) if path.startswith("file://") else path[len("file:") :]
    scheme, separator, _ = path.partition("://")
    if separator and scheme.isalnum():
        raise RecoSparkError(
            f"{path} is no path of a file system: it has to lie on one that all nodes share, because it is mapped")
    return path
