"""What a column folder says about itself: manifest.json, as docs/column-folders.md has it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from .columns import Array, read_column, sum64
from .errors import RecoSparkError

MANIFEST = "manifest.json"
INTEGERS, TEXTS = "integers", "texts"


@dataclass(frozen=True)
class Part:
    """Some rows of a table: the files `name`.COLUMN.npy for each column in `sums`."""

    name: str
    count: int
    sums: Mapping[str, str]

    def to_json(self) -> Dict[str, Any]:
        return {"name": self.name, "count": self.count, "sums": dict(self.sums)}


@dataclass(frozen=True)
class Dictionary:
    """Ids by row: `type` is "integers" or "texts"."""

    type: str
    parts: List[Part]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    def to_json(self) -> Dict[str, Any]:
        return {"type": self.type, "parts": [part.to_json() for part in self.parts]}


@dataclass
class Manifest:
    """A folder's `kind`, its dictionaries by name ("users", "items", "baskets"), and its rows."""

    kind: str
    dictionaries: Dict[str, Dictionary]
    parts: List[Part] = field(default_factory=list)
    kinds: Optional[List[str]] = None
    model: Optional[str] = None
    rank: Optional[int] = None
    objective: Optional[Dict[str, Any]] = None

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    def all_parts(self) -> List[Part]:
        return [part for each in self.dictionaries.values() for part in each.parts] + self.parts

    def to_json(self) -> Dict[str, Any]:
        fields: Dict[str, Any] = {"format": "reco columns", "version": 1, "kind": self.kind}
        for name in ("model", "rank", "objective", "kinds"):
            if getattr(self, name) is not None:
                fields[name] = getattr(self, name)
        fields.update({name: each.to_json() for name, each in self.dictionaries.items()})
        if self.parts:
            fields["parts"] = [part.to_json() for part in self.parts]
        return fields

    def write(self, folder: str) -> None:
        """Last of all, and by a rename, so that a folder with a manifest is a whole one."""
        path = os.path.join(folder, MANIFEST)
        with open(f"{path}.tmp", "w", encoding="utf-8") as file:
            json.dump(self.to_json(), file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{path}.tmp", path)

    @staticmethod
    def read(folder: str, kind: str) -> "Manifest":
        """The manifest of a folder of that kind, whose files are all there."""
        path = os.path.join(folder, MANIFEST)
        try:
            with open(path, encoding="utf-8") as file:
                fields = json.load(file)
        except FileNotFoundError:
            what = "is not finished, or no column folder" if os.path.isdir(folder) else "is not there"
            raise RecoSparkError(f"the folder {folder} {what}: it has no {MANIFEST}") from None
        except (OSError, ValueError) as failure:
            raise RecoSparkError(f"{path} cannot be read: {failure}") from failure
        try:
            manifest = Manifest._parse(fields, kind, folder)
        except (KeyError, TypeError, ValueError, AttributeError) as failure:
            raise RecoSparkError(f"{path} makes no sense: {failure!r}") from failure
        for part in manifest.all_parts():
            check_part(folder, part)
        return manifest

    @staticmethod
    def _parse(fields: Mapping[str, Any], kind: str, folder: str) -> "Manifest":
        if fields["format"] != "reco columns" or fields["version"] != 1:
            raise RecoSparkError(f"{folder} is of a format that this version does not read: {fields['version']}")
        if fields["kind"] != kind:
            raise RecoSparkError(f"{folder} is a folder of {fields['kind']}, and {kind} are wanted")
        dictionaries = {
            name: Dictionary(str(fields[name]["type"]), [_part(each) for each in fields[name]["parts"]])
            for name in ("users", "items", "baskets") if name in fields
        }
        return Manifest(
            kind, dictionaries, [_part(each) for each in fields.get("parts", [])], fields.get("kinds"),
            fields.get("model"), fields.get("rank"), fields.get("objective"))


def _part(fields: Mapping[str, Any]) -> Part:
    sums = {str(name): str(value) for name, value in fields["sums"].items()}
    return Part(str(fields["name"]), int(fields["count"]), sums)


def column_path(folder: str, part: Part, column: str) -> str:
    return os.path.join(folder, f"{part.name}.{column}.npy")


def rows_of(part: Part, column: str) -> int:
    """How many rows the file of a column has; offsets of texts have one more, their bytes any number: -1."""
    return -1 if column == "bytes" else part.count + 1 if column == "offsets" else part.count


def check_part(folder: str, part: Part) -> None:
    """Every file is there and as long as its header says. O(columns)."""
    for column in part.sums:
        load_column(folder, part, column)


def load_column(folder: str, part: Part, column: str, verify: bool = False) -> Array:
    """A column of a part, mapped; with `verify` its sum is compared, which reads it."""
    path = column_path(folder, part, column)
    try:
        values = read_column(path)
    except FileNotFoundError:
        raise RecoSparkError(f"{path} is missing, and {MANIFEST} names it") from None
    except (OSError, ValueError) as failure:
        raise RecoSparkError(f"{path} is cut or damaged: {failure}") from failure
    rows = rows_of(part, column)
    if rows not in (-1, len(values)):
        raise RecoSparkError(f"{path} has {len(values)} rows where {MANIFEST} has {rows}")
    if verify and sum64(values) != part.sums[column]:
        raise RecoSparkError(f"{path} is damaged: its sum is not the one in {MANIFEST}")
    return values
