"""Folders of vectors: a dictionary with a row of numbers beside each id."""

from __future__ import annotations

from typing import Dict, Tuple

from pyspark.sql import DataFrame, SparkSession

from .errors import RecoSparkError, spark_job
from .folder import UnfinishedFolder
from .ids import IDS_PER_PART
from .manifest import TEXTS, Dictionary
from .parts import Number, Text, Vector, write_parts
from .reading import read_dictionary
from .values import Log


def write_vectors(
    spark: SparkSession, log: Log, name: str, vectors: DataFrame, rank: int, folder: UnfinishedFolder
) -> Dictionary:
    """Writes `vectors` (row, vector) of the log's users or items (`name`) under their ids, in the order of their rows."""
    ids = log.manifest.dictionaries[name]
    with spark_job(f"counting the vectors of {name}"):
        count = vectors.count()
    if count == 0:
        raise RecoSparkError(f"there is nothing to learn from: no {name} have a vector")
    found = read_dictionary(spark, log.folder, ids).join(vectors, "row")
    ordered = found.repartitionByRange(-(-count // IDS_PER_PART), "row").sortWithinPartitions("row")
    fields: Dict[str, object] = {"text": Text("id")} if ids.type == TEXTS else {"ids": Number("id", "<i8")}
    fields["vectors"] = Vector("vector", rank)
    written = write_parts(ordered.select("id", "vector"), folder, name, fields, f"writing the vectors of {name}")
    if written.count != count:
        raise RecoSparkError(f"{written.count:,} vectors of {name} were written where {count:,} had been learned")
    return Dictionary(ids.type, written.in_order())


def checked(rank: int, **positive: float) -> None:
    """What all factor models ask of their settings."""
    if not 1 <= rank <= 4096:
        raise RecoSparkError(f"rank is {rank}: the length of a vector is between 1 and 4096")
    for name, value in positive.items():
        if not value > 0:
            raise RecoSparkError(f"{name} is {value}: it has to be above 0")
