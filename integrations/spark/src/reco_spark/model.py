"""A model file open in this process, which answers many users in one call. Nothing here knows of Spark."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Optional, Type

import numpy as np
import pyarrow as pa

from .columns import Array
from .errors import RecoSparkError, node
from .library import (
    BUFFER_TOO_SMALL, HIDE_SEEN, INTEGER_ITEM_IDS, NO_FALLBACK, OK, SHOW_BOUGHT, Error, Hit, ModelInfo, Query,
    load_library)
from .parts import text_buffers

QUERY, HIT = np.dtype(Query), np.dtype(Hit)


@dataclass(frozen=True)
class Question:
    """What is asked about every user: see reco_query in reco.h."""

    limit: int
    filter: Optional[str] = None
    boost: Optional[str] = None
    show_bought: bool = False
    hide_seen: bool = False
    fallback: bool = True
    diversity: float = 0.0

    @property
    def flags(self) -> int:
        return SHOW_BOUGHT * self.show_bought | HIDE_SEEN * self.hide_seen | NO_FALLBACK * (not self.fallback)


class Model:
    """An open model; a context manager. The library keeps the file mapped, so that opening it again takes microseconds."""

    def __init__(self, path: str, library: Optional[str] = None) -> None:
        self.path = path
        self._library = load_library(library)
        self._error = Error()
        self._handle = ctypes.c_void_p()
        name = path.encode()
        status = self._library.reco_model_open(name, len(name), ctypes.byref(self._handle), ctypes.byref(self._error))
        self._check(status, "open")

    def __enter__(self) -> "Model":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._library.reco_model_close(self._handle)

    def _check(self, status: int, doing: str) -> None:
        if status != OK:
            raise RecoSparkError(f"node {node()} cannot {doing} {self.path}: {self._error.message.decode(errors='replace')}")

    @property
    def has_integer_items(self) -> bool:
        """Whether all ids of items are 64-bit integers."""
        info = ModelInfo(struct_size=ctypes.sizeof(ModelInfo))
        self._check(self._library.reco_model_describe(self._handle, ctypes.byref(info), ctypes.byref(self._error)), "describe")
        return bool(info.integer_ids & INTEGER_ITEM_IDS)

    def recommend(self, users: pa.Array, question: Question) -> "tuple[Array, Array]":
        """Answers all `users` (texts, no nulls) in one call: hits (users, limit) and how many each has (users)."""
        count = len(users)
        hits = np.zeros((count, question.limit), HIT)
        counts = np.zeros(count, np.uint32)
        if count == 0:
            return hits, counts
        ids, offsets = text_buffers(users)
        ids = np.ascontiguousarray(ids) if len(ids) else np.zeros(1, np.uint8)
        queries = np.zeros(count, QUERY)
        queries["struct_size"], queries["limit"], queries["flags"] = QUERY.itemsize, question.limit, question.flags
        queries["user"] = ids.ctypes.data + offsets[:-1]
        queries["user_length"] = np.diff(offsets)
        queries["diversity"] = question.diversity
        texts = [_text(queries, name, getattr(question, name)) for name in ("filter", "boost")]
        status = self._library.reco_model_query(
            self._handle, queries.ctypes.data, count, hits.ctypes.data, hits.size, counts.ctypes.data, count,
            ctypes.byref(self._error))
        del texts  # the library has borrowed them until here, as it has `ids`
        self._check(status, "ask")
        return hits, counts

    def item_ids(self, hits: Array) -> pa.Array:
        """The ids of hits (hits), as texts."""
        hits = np.ascontiguousarray(hits)
        length = ctypes.c_size_t(32 * len(hits) + 1)
        while True:
            buffer = np.zeros(length.value, np.uint8)
            status = self._library.reco_model_item_ids(
                self._handle, hits.ctypes.data, len(hits), HIT.itemsize, buffer.ctypes.data, len(buffer),
                ctypes.byref(length), ctypes.byref(self._error))
            if status != BUFFER_TOO_SMALL:
                break
        self._check(status, "take ids from")
        return unpacked(buffer[: length.value], len(hits))


def _text(queries: Array, name: str, text: Optional[str]) -> Any:
    """Points every query at one text, which has to live until they are asked."""
    if text is None:
        return None
    data = np.frombuffer(text.encode() + b"\0", np.uint8)
    queries[name], queries[f"{name}_length"] = data.ctypes.data, len(data) - 1
    return data


def unpacked(packed: Array, count: int) -> pa.Array:
    """Texts that are each ended by a NUL, as an Arrow array."""
    ends = np.flatnonzero(packed == 0)
    if len(ends) == count - 1:  # the last NUL may be missing
        ends = np.append(ends, len(packed))
    offsets = np.zeros(count + 1, np.int64)
    offsets[1:] = ends[:count] - np.arange(count)
    data = np.ascontiguousarray(packed[packed != 0])
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
