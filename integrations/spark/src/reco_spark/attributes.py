"""Attributes of items and users: a table becomes the CSV that `reco train --items` and `--users` read."""

from __future__ import annotations

import csv
import os
from typing import Any, List

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from .errors import RecoSparkError, spark_job
from .tables import Source, Table, open_table


def write_attributes(spark: SparkSession, source: Source, path: str, id: str, name: str) -> int:
    """Writes the table, whose column `id` names the item or user, through the driver; returns the number of rows.

    Rows without an id are left out. Numbers are marked as such, arrays of texts become tags. O(rows), in constant memory.
    """
    table = open_table(spark, source, name, [id])
    table.type_of(id)
    others = [column for column in table.frame.columns if column != id]
    if len(others) > 256:
        raise RecoSparkError(f"table {name} has {len(others)} attributes, and a model holds 256: select fewer columns")
    frame = table.frame.where(_quoted(id).isNotNull()).select(
        _quoted(id).cast("string").alias(name.rstrip("s")), *(_text(table, column) for column in others))
    rows = 0
    with spark_job(f"writing the attributes of {name}"), open(f"{path}.tmp", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(frame.columns)
        for row in frame.toLocalIterator(prefetchPartitions=True):
            writer.writerow(["" if value is None else value for value in _values(row)])
            rows += 1
    os.replace(f"{path}.tmp", path)
    return rows


def _values(row: Any) -> List[Any]:
    return list(row)


def _quoted(column: str) -> Column:
    return F.col("`" + column.replace("`", "``") + "`")


def _text(table: Table, column: str) -> Column:
    """A column as the CSV has it, under its name and, where that tells more, its type."""
    type, value = table.type_of(column), _quoted(column)
    if isinstance(type, T.NumericType):
        return value.cast("string").alias(f"{column}:number")
    if isinstance(type, T.ArrayType) and isinstance(type.elementType, T.StringType):
        return F.concat_ws("|", value).alias(f"{column}:tags")
    if isinstance(type, (T.StringType, T.BooleanType, T.DateType, T.TimestampType, T.TimestampNTZType)):
        return value.cast("string").alias(column)
    raise RecoSparkError(
        f"table {table.name}: column {column} is {type.simpleString()}; an attribute is a text, a number or an array of texts")
