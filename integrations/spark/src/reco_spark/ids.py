"""Ids become rows: distinct, sorted, and numbered from 0 through all parts, so that the same ids have the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from .errors import RecoSparkError, spark_job
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


def write_dictionary(ids: DataFrame, folder: UnfinishedFolder, name: str) -> Numbering:
    """Numbers the one column of `ids` and writes it as the dictionary `name` ("users")."""
    source = ids.columns[0]
    type = TEXTS if ids.schema.fields[0].dataType.simpleString() == "string" else INTEGERS
    distinct = ids.select(F.col(source).alias("id")).where("id is not null").distinct()
    numbered, parts = number(distinct, "id", f"numbering {name}")
    fields: Dict[str, object] = {"text": Text("id")} if type == TEXTS else {"ids": Number("id", "<i8")}
    written = write_parts(numbered, folder, name, fields, f"writing the ids of {name}")
    dictionary = Dictionary(type, written)
    if dictionary.count > MOST_ROWS:
        raise RecoSparkError(f"there are {dictionary.count:,} different {name}, and rows are numbers of 32 bits")
    frame = numbered.select("id", row_number(parts).alias("row"))
    return Numbering(dictionary, frame, numbered)


def number(frame: DataFrame, order: str, doing: str) -> "tuple[DataFrame, List[int]]":
    """Sorts `frame` by a column through all partitions and gives each row a `place` in its own: (partition << 33) + i.

    The result is kept, because partitions that were made a second time could be cut elsewhere. Also returns the number
    of rows in each partition, out of which `row_number` makes rows.
    """
    with spark_job(doing):
        count = frame.count()
        partitions = max(1, -(-count // IDS_PER_PART))
        numbered = (
            frame.repartitionByRange(partitions, order).sortWithinPartitions(order)
            .withColumn("place", F.monotonically_increasing_id()).persist(StorageLevel.MEMORY_AND_DISK))
        counts = {row["part"]: row["count"] for row in numbered.groupBy(_partition().alias("part")).count().collect()}
    return numbered, [counts.get(part, 0) for part in range(max(counts, default=0) + 1)]


def _partition() -> Column:
    return F.shiftright("place", 33)


def row_number(counts: List[int]) -> Column:
    """The row of a `place`: how many stand in partitions before, and in this one."""
    before, total = [], 0
    for count in counts:
        before.append(F.lit(total).cast("bigint"))
        total += count
    return F.element_at(F.array(*before), (_partition() + 1).cast("int")) + F.col("place").bitwiseAND(2**33 - 1)
