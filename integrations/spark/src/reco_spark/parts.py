"""Executors write the parts of a table: one task, one part, streamed, under temporary names until it is whole."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import TaskContext
from pyspark.sql import DataFrame

from .columns import Array, ColumnWriter
from .errors import RecoSparkError, node, spark_job
from .folder import UnfinishedFolder
from .manifest import Part

Batches = Iterable[pa.RecordBatch]
Mapped = Iterator[pa.RecordBatch]
REPORT = "part long, count long, left_out long, sums string, tally array<long>"


@dataclass(frozen=True)
class Number:
    """A column of the frame that becomes numbers of a NumPy type: "<u4"."""

    column: str
    dtype: str


@dataclass(frozen=True)
class Text:
    """A column of texts, which becomes their `bytes` and `offsets`."""

    column: str


@dataclass(frozen=True)
class Vector:
    """A column of arrays of one length, which become rows of a matrix of float32."""

    column: str
    width: int


@dataclass(frozen=True)
class Written:
    """What became of a frame: its parts by the number of the partition, rows that were thinned out, and the tally."""

    parts: Dict[int, Part]
    left_out: int
    tally: List[int]  # (256)

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts.values())

    def in_order(self) -> List[Part]:
        return list(self.parts.values())


def write_parts(
    frame: DataFrame, folder: UnfinishedFolder, prefix: str, fields: Dict[str, Any], doing: str,
    thin: Optional[Callable[[Batches], Mapped]] = None, tally: Optional[str] = None
) -> Written:
    """Writes each partition of `frame` as a part.

    `fields` says from which column each file comes. Files have the names of `fields`; a Text stands under any name and
    makes two. Partitions without rows make none. `thin` may leave rows out; `tally` is a column of small numbers of which
    each is counted.
    """
    writer = _writer(folder.path, folder.token, prefix, list(fields.items()), thin, tally)
    with spark_job(doing):
        reports = frame.mapInArrow(writer, REPORT).collect()
    reports.sort(key=lambda report: int(report["part"]))
    parts = {
        report["part"]: Part(part_name(prefix, report["part"]), report["count"], json.loads(report["sums"]))
        for report in reports}
    total = np.sum([np.zeros(256, np.int64), *(np.array(report["tally"]) for report in reports)], axis=0)
    return Written(parts, sum(report["left_out"] for report in reports), total.tolist())


def part_name(prefix: str, number: int) -> str:
    return f"{prefix}-{number:05d}"


def _writer(
    folder: str, token: str, prefix: str, fields: Sequence[Any], thin: Optional[Callable[[Batches], Mapped]],
    tally: Optional[str]
) -> Callable[[Batches], Mapped]:
    def write(batches: Batches) -> Mapped:
        context = TaskContext.get()
        assert context is not None
        number = context.partitionId()
        part: Optional[_OpenPart] = None
        coming = _Counted(batches)
        try:
            for batch in thin(coming) if thin is not None else coming:
                if part is None and batch.num_rows:
                    check_visible(folder, token)
                    part = _OpenPart(
                        os.path.join(folder, part_name(prefix, number)), fields, tally, context.taskAttemptId())
                if part is not None:
                    part.append(batch)
            if part is not None:
                yield part.report(number, coming.rows)
        except OSError as failure:
            raise RecoSparkError(f"node {node()} cannot write to {folder}: {failure.strerror or failure}") from failure
        finally:
            if part is not None:
                part.abandon()

    return write


def check_visible(folder: str, token: str) -> None:
    """On an executor: is this the folder that the driver has made?"""
    if not os.path.exists(os.path.join(folder, token)):
        raise RecoSparkError(
            f"node {node()} cannot see the folder {folder} that the driver has made: "
            "the output has to lie on a file system that all nodes share under one path")


class _Counted:
    """Batches, and how many rows of them have come."""

    def __init__(self, batches: Batches) -> None:
        self._batches, self.rows = batches, 0

    def __iter__(self) -> Mapped:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


class _OpenPart:
    """The files of a part that is being written."""

    def __init__(self, path: str, fields: Sequence[Any], tally: Optional[str], attempt: int) -> None:
        self._fields, self._tallied = fields, tally
        self._columns: Dict[str, ColumnWriter] = {}
        self._count, self._tally = 0, np.zeros(256, np.int64)
        self._path, self._suffix = path, f"attempt-{attempt}"
        for name, field in fields:
            if isinstance(field, Text):
                self._open("bytes", "|u1")
                self._open("offsets", "<i8").append(np.zeros(1, np.int64))
            elif isinstance(field, Vector):
                self._open(name, "<f4", field.width)
            else:
                self._open(name, field.dtype)

    def _open(self, name: str, dtype: str, width: Optional[int] = None) -> ColumnWriter:
        self._columns[name] = ColumnWriter(f"{self._path}.{name}.npy", dtype, self._suffix, width)
        return self._columns[name]

    def append(self, batch: pa.RecordBatch) -> None:
        self._count += batch.num_rows
        for name, field in self._fields:
            values = batch.column(batch.schema.get_field_index(field.column))
            if isinstance(field, Text):
                self._append_texts(values)
            elif isinstance(field, Vector):
                self._columns[name].append(vectors(values, field.width))
            else:
                self._columns[name].append(values.to_numpy(zero_copy_only=False))
            if name == self._tallied:
                self._tally += np.bincount(values.to_numpy(zero_copy_only=False), minlength=256)

    def _append_texts(self, values: pa.Array) -> None:
        try:
            values.validate(full=True)
        except pa.ArrowInvalid as failure:
            raise RecoSparkError(f"a text of {os.path.basename(self._path)} is not UTF-8: {failure}") from failure
        data, offsets = text_buffers(values)
        texts = self._columns["bytes"]
        self._columns["offsets"].append(offsets[1:] + texts.count)
        texts.append(data)

    def report(self, number: int, rows: int) -> pa.RecordBatch:
        """Completes and names the files, which stay whatever happens afterwards, and says what is in them."""
        sums = {name: column.finish() for name, column in self._columns.items()}
        for column in self._columns.values():
            column.publish()
        self._columns = {}
        return pa.RecordBatch.from_pydict({
            "part": pa.array([number], pa.int64()), "count": pa.array([self._count], pa.int64()),
            "left_out": pa.array([rows - self._count], pa.int64()), "sums": pa.array([json.dumps(sums)], pa.string()),
            "tally": pa.array([self._tally.tolist()], pa.list_(pa.int64()))})

    def abandon(self) -> None:
        for column in self._columns.values():
            column.abandon()


def text_buffers(values: pa.Array) -> "tuple[Array, Array]":
    """The bytes of texts without nulls, and where each begins, from 0 on: (bytes), (texts + 1)."""
    lengths = pc.binary_length(values).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    joined = values.cast(pa.large_binary())
    begin = np.frombuffer(joined.buffers()[1], np.int64)[joined.offset] if len(values) else 0
    buffer = joined.buffers()[2]
    data = np.frombuffer(buffer, np.uint8) if buffer is not None else np.zeros(0, np.uint8)
    return data[begin : begin + offsets[-1]], offsets


def vectors(values: pa.Array, width: int) -> Array:
    """Arrays of `width` numbers each as a matrix: (rows, width)."""
    flat = values.flatten().to_numpy(zero_copy_only=False)
    if len(flat) != len(values) * width:
        raise RecoSparkError(f"there are vectors whose length is not {width}")
    matrix: Array = flat.astype(np.float32, copy=False).reshape(len(values), width)
    return matrix
