"""Reads column folders with NumPy alone, after docs/column-folders.md: not with what is tested."""

from __future__ import annotations

import json
from pathlib import Path

import numpy


def sum64(column):
    data = column.tobytes()
    words = numpy.frombuffer(data + bytes(-len(data) % 8), "<u8")
    return str(int(words.sum(dtype="u8")))


class Folder:
    """A folder whose every file and sum has been compared with its manifest."""

    def __init__(self, path):
        self.path = Path(path)
        self.manifest = json.loads((self.path / "manifest.json").read_text())
        assert self.manifest["format"] == "reco columns" and self.manifest["version"] == 1
        names = {"manifest.json", "items.csv", "users.csv"}
        for table in ("users", "items", "baskets", None):
            for part in self._parts(table):
                for column, total in part["sums"].items():
                    values = self._load(part, column)
                    assert sum64(values) == total
                    names.add(f"{part['name']}.{column}.npy")
                    rows = part["count"] + (column == "offsets")
                    assert column == "bytes" or len(values) == rows
        assert {file.name for file in self.path.iterdir()} <= names

    def _parts(self, table):
        if table is None:
            return self.manifest.get("parts", [])
        return self.manifest.get(table, {}).get("parts", [])

    def _load(self, part, column):
        return numpy.load(self.path / f"{part['name']}.{column}.npy", mmap_mode="r", allow_pickle=False)

    def column(self, name, table=None):
        return numpy.concatenate([self._load(part, name) for part in self._parts(table)])

    def ids(self, table):
        if self.manifest[table]["type"] == "integers":
            return self.column("ids", table).tolist()
        texts = []
        for part in self._parts(table):
            data, offsets = self._load(part, "bytes").tobytes(), self._load(part, "offsets").tolist()
            assert offsets[0] == 0 and offsets[-1] == len(data)
            texts += [data[begin:end].decode() for begin, end in zip(offsets, offsets[1:])]
        return texts

    def events(self):
        """(user, item, kind, weight, time[, basket]) of each event, by ids and names, in the order of the files."""
        users, items, kinds = self.ids("users"), self.ids("items"), self.manifest["kinds"]
        columns = [
            [users[row] for row in self.column("user")], [items[row] for row in self.column("item")],
            [kinds[row] for row in self.column("kind")], self.column("weight").tolist(),
            [None if time == -(2**63) else time for time in self.column("time").tolist()]]
        if "baskets" in self.manifest:
            baskets = self.ids("baskets")
            columns.append([None if row == 2**32 - 1 else baskets[row] for row in self.column("basket")])
        return list(zip(*columns))
