"""Column folders back into Spark: executors map the parts and hand on what they hold."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, List

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from .errors import RecoSparkError, node
from .manifest import INTEGERS, MANIFEST, Dictionary, Manifest, Part, load_column

BATCH = 65_536  # rows
NO_TIME = -(2**63)
NO_BASKET = 2**32 - 1

Load = Callable[[Part, str], Any]
Read = Callable[[Load, Part, int], Iterator[pa.RecordBatch]]


def read_dictionary(spark: SparkSession, folder: str, dictionary: Dictionary) -> DataFrame:
    """The ids of a dictionary by row: row, id (a bigint or a string)."""
    integers = dictionary.type == INTEGERS

    def read(load: Load, part: Part, first: int) -> Iterator[pa.RecordBatch]:
        if integers:
            ids = load(part, "ids")
        else:
            data, offsets = load(part, "bytes"), load(part, "offsets")
        for begin in range(0, part.count, BATCH):
            end = min(begin + BATCH, part.count)
            if integers:
                values = pa.array(np.asarray(ids[begin:end]), pa.int64())
            else:
                cut = np.asarray(offsets[begin : end + 1])
                bytes = pa.py_buffer(np.ascontiguousarray(data[cut[0] : cut[-1]]))
                starts = pa.py_buffer((cut - cut[0]).astype(np.int32))
                values = pa.StringArray.from_buffers(end - begin, starts, bytes)
            rows = pa.array(np.arange(first + begin, first + end, dtype=np.int64))
            yield pa.RecordBatch.from_arrays([rows, values], ["row", "id"])

    return _read(spark, folder, dictionary.parts, "row long, id " + ("long" if integers else "string"), read)


def read_events(spark: SparkSession, folder: str, manifest: Manifest) -> DataFrame:
    """The events of a folder by rows: user, item, kind (by name), weight, time (null for none), basket (null for none)."""
    kinds = manifest.kinds or []
    baskets = "baskets" in manifest.dictionaries

    def read(load: Load, part: Part, first: int) -> Iterator[pa.RecordBatch]:
        columns = {name: load(part, name) for name in part.sums}
        names = pa.array(kinds, pa.string())
        for begin in range(0, part.count, BATCH):
            cut = {name: np.asarray(column[begin : begin + BATCH]) for name, column in columns.items()}
            times = cut["time"]
            arrays = [
                pa.array(cut["user"].astype(np.int64)), pa.array(cut["item"].astype(np.int64)),
                names.take(pa.array(cut["kind"].astype(np.int32))), pa.array(cut["weight"]),
                pa.array(times, mask=times == NO_TIME),
            ]
            if baskets:
                arrays.append(pa.array(cut["basket"].astype(np.int64), mask=cut["basket"] == NO_BASKET))
            yield pa.RecordBatch.from_arrays(arrays, ["user", "item", "kind", "weight", "time", "basket"][: len(arrays)])

    schema = "user long, item long, kind string, weight float, time long" + (", basket long" if baskets else "")
    return _read(spark, folder, manifest.parts, schema, read)


def _read(spark: SparkSession, folder: str, parts: List[Part], schema: str, read: Read) -> DataFrame:
    """A frame with a partition for each part."""
    first, firsts = 0, []
    for part in parts:
        firsts.append(first)
        first += part.count

    def load(part: Part, column: str) -> Any:
        try:
            return load_column(folder, part, column, verify=True)
        except RecoSparkError as failure:
            raise RecoSparkError(f"node {node()} cannot read {folder}: {failure}") from None

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from read(load, parts[number], firsts[number])

    count = len(parts)
    return spark.range(0, count, 1, count).mapInArrow(run, schema)


def open_events(folder: str) -> Manifest:
    """The manifest of a folder of events, with everything in it that its kind has."""
    manifest = Manifest.read(folder, "events")
    if not manifest.kinds or not manifest.parts or not {"users", "items"} <= set(manifest.dictionaries):
        raise RecoSparkError(f"{folder}: {MANIFEST} has no kinds, parts, users or items")
    return manifest


def load_all(folder: str, parts: List[Part], column: str) -> "np.ndarray[Any, np.dtype[Any]]":
    """A column of all parts, in the driver's memory: for what is known to be small."""
    return np.concatenate([load_column(folder, part, column) for part in parts])


def ids_in_memory(folder: str, dictionary: Dictionary) -> List[Any]:
    """All ids of a dictionary by row, in the driver's memory."""
    if dictionary.type == INTEGERS:
        integers: List[Any] = load_all(folder, dictionary.parts, "ids").tolist()
        return integers
    texts: List[Any] = []
    for part in dictionary.parts:
        data, offsets = load_column(folder, part, "bytes").tobytes(), load_column(folder, part, "offsets").tolist()
        texts += [data[begin:end].decode() for begin, end in zip(offsets, offsets[1:])]
    return texts
