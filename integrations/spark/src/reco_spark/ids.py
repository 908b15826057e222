"""Ids become rows: distinct, sorted, and numbered from 0 through all parts, so that the same ids have the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from .errors import RecoSparkError
from .folder import UnfinishedFolder
from .manifest import INTEGERS, TEXTS, Dictionary
from .parts import Number, Text, write_parts

IDS_PER_PART = 1_000_000
MOST_ROWS = 2**32 - 2  # 2^32 - 1 stands for no row


@dataclass
class Numbering:
    """A dictionary that has been written, and its frame: id, row. Give it back with `release`."""

    dictionary: Dictionary
    frame: DataFrame
    _numbered: DataFrame

    def release(self) -> None:
        self._numbered.unpersist()


def write_dictionary(ids: DataFrame, size: int, folder: UnfinishedFolder, name: str) -> Numbering:
    """Numbers the one column of `ids`, of which about `size` are different, and writes it as the dictionary `name` ("users").

    Spark numbers rows within a partition; the parts that have been written say how many rows come before each. The
    numbered ids are kept meanwhile, because partitions that were made a second time could be cut elsewhere.
    """
    type = TEXTS if ids.schema.fields[0].dataType.simpleString() == "string" else INTEGERS
    distinct = ids.select(F.col(ids.columns[0]).alias("id")).where("id is not null").distinct()
    ordered = distinct.repartitionByRange(max(1, -(-size // IDS_PER_PART)), "id").sortWithinPartitions("id")
    # (partition << 33) + the place in it
    numbered = ordered.withColumn("place", F.monotonically_increasing_id()).persist(StorageLevel.MEMORY_AND_DISK)
    fields: Dict[str, object] = {"text": Text("id")} if type == TEXTS else {"ids": Number("id", "<i8")}
    try:
        written = write_parts(numbered, folder, name, fields, f"writing the ids of {name}")
        dictionary = Dictionary(type, written.in_order())
        if dictionary.count > MOST_ROWS:
            raise RecoSparkError(f"there are {dictionary.count:,} different {name}, and rows are numbers of 32 bits")
    except BaseException:
        numbered.unpersist()
        raise
    before: List[int] = [0]
    for partition in range(max(written.parts)):
        before.append(before[-1] + (written.parts[partition].count if partition in written.parts else 0))
    first = F.element_at(F.array(*(F.lit(row).cast("bigint") for row in before)), (F.shiftright("place", 33) + 1).cast("int"))
    frame = numbered.select("id", (first + F.col("place").bitwiseAND(2**33 - 1)).alias("row"))
    return Numbering(dictionary, frame, numbered)
