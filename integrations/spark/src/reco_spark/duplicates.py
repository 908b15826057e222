"""Events that came twice, left out of a sorted stream: what is the same then stands side by side."""

from __future__ import annotations

from typing import Iterable, Iterator, Optional, Sequence

import numpy as np
import pyarrow as pa

from .columns import Array


class WithoutDuplicates:
    """Passes on the last of each run of rows that agree in `keys`; rows whose `unless` has the value `never` all pass.

    Runs go on from batch to batch, so the last row of each is held back until the next is there. O(rows).
    """

    def __init__(self, keys: Sequence[str], unless: str, never: int) -> None:
        self._keys, self._unless, self._never = list(keys), unless, never

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held: Optional[pa.RecordBatch] = None
        for batch in batches:
            if batch.num_rows == 0:
                continue
            joined = batch if held is None else _joined(held, batch)
            rows = joined.slice(0, joined.num_rows - 1)
            yield rows.filter(pa.array(~self._same_as_next(joined)))
            held = joined.slice(joined.num_rows - 1)
        if held is not None:
            yield held

    def _same_as_next(self, batch: pa.RecordBatch) -> Array:
        """For each row but the last."""
        same: Array = _numbers(batch, self._unless)[:-1] != self._never
        for key in self._keys:
            values = _numbers(batch, key)
            same &= values[:-1] == values[1:]
        return same


def _numbers(batch: pa.RecordBatch, column: str) -> Array:
    values: Array = batch.column(batch.schema.get_field_index(column)).to_numpy(zero_copy_only=False)
    return values


def _joined(one: pa.RecordBatch, other: pa.RecordBatch) -> pa.RecordBatch:
    columns = [pa.concat_arrays([one.column(index), other.column(index)]) for index in range(one.num_columns)]
    return pa.RecordBatch.from_arrays(columns, schema=one.schema)
