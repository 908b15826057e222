"""Columns as files: NumPy's .npy format, written batch by batch and summed up on the way.

docs/column-folders.md describes the files. Nothing here knows of Spark.
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Optional, Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Room for the header, whatever the number of rows turns out to be: the header says it, and it is written last.
HEADER_LENGTH = 128
MAGIC = b"\x93NUMPY\x01\x00"


class Sum64:
    """The sum modulo 2^64 of bytes that come in pieces, taken as little-endian 64-bit words."""

    def __init__(self) -> None:
        self._sum = 0
        self._rest = b""  # fewer than 8 bytes, the beginning of the next word

    def add(self, values: Array) -> None:
        data = values.reshape(-1).view(np.uint8).data
        if self._rest:
            missing = 8 - len(self._rest)
            self._rest += bytes(data[:missing])
            data = data[missing:]
            if len(self._rest) < 8:
                return
            self._sum += int.from_bytes(self._rest, "little")
        whole = len(data) // 8 * 8
        if whole:
            self._sum += int(np.frombuffer(data[:whole], "<u8").sum(dtype=np.uint64))
        self._rest = bytes(data[whole:])

    def __str__(self) -> str:
        return str((self._sum + int.from_bytes(self._rest, "little")) % 2**64)


class ColumnWriter:
    """Writes one column; the file has its name only when `publish` has run."""

    def __init__(self, path: str, dtype: str, temporary: str, width: Optional[int] = None) -> None:
        """`temporary` is the suffix of the name until then; `width` is the length of each row where it is a vector."""
        self.path, self.count = path, 0
        self._dtype, self._width = np.dtype(dtype), width
        self._sum = Sum64()
        self._temporary = f"{path}.{temporary}"
        self._file: BinaryIO = open(self._temporary, "wb")
        self._file.write(bytes(HEADER_LENGTH))

    def append(self, values: Array) -> None:
        """Adds `values`, (rows) or (rows, width), converted to the column's type."""
        values = np.ascontiguousarray(values, self._dtype)
        self.count += len(values)
        if values.size:
            self._sum.add(values)
            self._file.write(values.data)

    def finish(self) -> str:
        """Completes the temporary file and returns the column's sum."""
        shape = (self.count,) if self._width is None else (self.count, self._width)
        self._file.seek(0)
        self._file.write(header(self._dtype, shape))
        self._file.close()
        return str(self._sum)

    def publish(self) -> None:
        os.replace(self._temporary, self.path)

    def abandon(self) -> None:
        self._file.close()
        if os.path.exists(self._temporary):
            os.remove(self._temporary)


def header(dtype: "np.dtype[Any]", shape: Tuple[int, ...]) -> bytes:
    """The first 128 bytes of a file of format 1.0."""
    text = repr({"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
    room = HEADER_LENGTH - len(MAGIC) - 2
    return MAGIC + room.to_bytes(2, "little") + text.encode().ljust(room - 1) + b"\n"


def sum64(column: Array) -> str:
    """The sum of a whole column."""
    total = Sum64()
    if column.size:
        total.add(np.ascontiguousarray(column))
    return str(total)


def read_column(path: str) -> Array:
    """A column, mapped. Raises ValueError or OSError where the file is none."""
    column: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    return column
