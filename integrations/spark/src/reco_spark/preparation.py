"""From a data lake's tables to a folder of events that one machine trains on: `reco train --events FOLDER`."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union, cast

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from .attributes import write_attributes
from .cleaning import MOST_KINDS, Robots, busy_users, decayed, find_robots, good_rows, marked, seconds, survey
from .duplicates import WithoutDuplicates
from .errors import RecoSparkError, spark_job
from .events import Events, union
from .folder import UnfinishedFolder
from .ids import Numbering, write_dictionary
from .manifest import Manifest
from .parts import Number, Written, write_parts
from .reading import NO_BASKET, NO_TIME
from .session import prepare_session
from .tables import Source

EventSource = Union[Source, Events]


@dataclass
class Summary:
    """What `prepare` has read, left out and written: `events` + all of `dropped` are the `rows`."""

    folder: str
    rows: int  # read
    events: int = 0  # written
    users: int = 0
    items: int = 0
    baskets: int = 0
    kinds: Dict[str, int] = field(default_factory=dict)  # events written of each
    dropped: Dict[str, int] = field(default_factory=dict)  # rows by reason: "null_users", "duplicates", "robots" ...
    robots: int = 0  # users
    first: Optional[int] = None  # seconds since 1970
    last: Optional[int] = None

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {name}" for name, count in self.kinds.items())
        left_out = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.dropped.items() if count)
        robots = f" ({self.robots:,} users)" if self.robots else ""
        return (
            f"{self.folder}: {self.events:,} events ({kinds}) of {self.users:,} users with {self.items:,} items; "
            f"of {self.rows:,} rows left out: {left_out or 'none'}{robots}")


def prepare(
    spark: SparkSession,
    events: Union[EventSource, Sequence[EventSource]],
    out: str,
    *,
    items: Optional[Source] = None,
    users: Optional[Source] = None,
    kinds: Optional[Mapping[str, str]] = None,
    deduplicate: bool = True,
    robots: Optional[Robots] = Robots(),
    half_life: Union[float, int, str, None] = None,
    overwrite: bool = False,
    events_per_part: int = 4_000_000,
) -> Summary:
    """Writes the column folder `out`, on a file system that the driver and all executors share, and says what is in it.

        prepare(spark, Events("s3a://lake/orders", user="customer", time="ordered_at", kind="purchase"), "/shared/log")

    `events` is a DataFrame, a path of Parquet, a table's name, an `Events` with other names of columns, or several of
    these. `kinds` renames kinds of events ({"pageview": "view"}). `items` and `users` are tables of attributes, with a
    column `item` and `user`; they become items.csv and users.csv in the folder. What else there is in a row is dropped.

    With `deduplicate`, events of the same user, item, kind, time and basket count once. `robots` (None: nobody) are left
    out. With a `half_life` (seconds, or "90d") weights are written as what they are worth on the day of the latest event:
    train with `--set weight-scale=linear` then. Without, `reco train` does that itself.

    Raises RecoSparkError; `out` is there only when all of it is. Cost: two sorts of the events, O(events log events).
    """
    prepare_session(spark)
    if events_per_part < 1:
        raise RecoSparkError("events_per_part has to be at least 1")
    span = None if half_life is None else seconds(half_life)
    frame, types = union([
        source.frame(spark, name, kinds or {}) for name, source in _named(events)])
    with UnfinishedFolder(out, overwrite) as folder, contextlib.ExitStack() as stored:
        # Kept, so that whatever has made the table is asked once and all that follows sees the same rows.
        frame = _store(marked(frame, types), stored)
        found = survey(frame, types)
        summary = Summary(folder.out, found.rows, dropped={**found.dropped, "duplicates": 0, "robots": 0})
        frame = good_rows(frame, types, found)
        if robots is not None:
            frame = _without_robots(frame, robots, deduplicate, summary, stored)
        about = _look_over(frame, summary)
        if span is not None:
            frame = decayed(frame, span, about.last)
        numberings = _number(frame, about.sizes, folder, summary, stored)
        written = _write_events(frame, folder, numberings, about.kinds, -(-about.events // events_per_part), deduplicate)
        if written.count + written.left_out != about.events:
            raise RecoSparkError(
                f"{written.count + written.left_out:,} events came to be written where there were {about.events:,} before: "
                "has Spark lost some?")
        summary.events, summary.dropped["duplicates"] = written.count, written.left_out
        summary.kinds = dict(zip(about.kinds, written.tally))
        if items is not None:
            write_attributes(spark, items, os.path.join(folder.path, "items.csv"), "item", "items")
        if users is not None:
            write_attributes(spark, users, os.path.join(folder.path, "users.csv"), "user", "users")
        dictionaries = {name: numbering.dictionary for name, numbering in numberings.items()}
        folder.publish(Manifest("events", dictionaries, written.in_order(), kinds=about.kinds))
    return summary


def _named(events: Union[EventSource, Sequence[EventSource]]) -> List[Tuple[str, Events]]:
    """All tables of events, and what errors call one that has no name of its own."""
    if isinstance(events, (list, tuple)):
        sources: List[EventSource] = list(events)
    else:
        sources = [cast(EventSource, events)]
    if not sources:
        raise RecoSparkError("there is no table of events")
    return [
        ("events" if len(sources) == 1 else f"events[{number}]", each if isinstance(each, Events) else Events(each))
        for number, each in enumerate(sources)]


def _without_robots(
    frame: DataFrame, robots: Robots, deduplicate: bool, summary: Summary, stored: contextlib.ExitStack
) -> DataFrame:
    busy = _store(busy_users(frame, robots), stored)
    with spark_job("looking for robots"):
        if busy.count() == 0:  # which also tells Spark how few they are, so that it sends them to where the events are
            return frame
        found = _store(find_robots(frame, busy, robots, deduplicate), stored)
        row = found.agg(F.count(F.lit(1)), F.sum("events")).collect()[0]
    if not row[0]:
        return frame
    summary.robots, summary.dropped["robots"] = int(row[0]), int(row[1])
    if sum(summary.dropped.values()) == summary.rows:
        raise RecoSparkError(f"there are no events left: all {summary.robots:,} users are over the limits of {robots}")
    return frame.join(found.select("user"), "user", "left_anti")


def _store(frame: DataFrame, stored: contextlib.ExitStack) -> DataFrame:
    frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
    stored.callback(frame.unpersist)
    return frame


@dataclass(frozen=True)
class _Overview:
    """What has to be known of the events before they are written; `sizes` is about how many ids there are, by column."""

    events: int
    kinds: List[str]
    last: Optional[int]
    sizes: Dict[str, int]


def _look_over(frame: DataFrame, summary: Summary) -> _Overview:
    ids = [column for column in ("user", "item", "basket") if column in frame.columns]
    with spark_job("counting the events"):
        rows = frame.groupBy("kind").agg(
            F.count(F.lit(1)).alias("count"), F.min("time").alias("first"), F.max("time").alias("last"),
            *(F.approx_count_distinct(column).alias(column) for column in ids)
        ).limit(MOST_KINDS + 1).collect()
    if len(rows) > MOST_KINDS:
        raise RecoSparkError(
            f"there are more than {MOST_KINDS} kinds of events, such as {rows[0]['kind']}: is that column the right one?")
    summary.first = min((row["first"] for row in rows if row["first"] is not None), default=None)
    summary.last = max((row["last"] for row in rows if row["last"] is not None), default=None)
    return _Overview(
        sum(row["count"] for row in rows), sorted(str(row["kind"]) for row in rows), summary.last,
        {column: sum(row[column] for row in rows) for column in ids})


def _number(
    frame: DataFrame, sizes: Mapping[str, int], folder: UnfinishedFolder, summary: Summary, stored: contextlib.ExitStack
) -> Dict[str, Numbering]:
    """Writes the dictionaries; that of baskets only if an event names one."""
    numberings: Dict[str, Numbering] = {}
    for name, column in (("users", "user"), ("items", "item"), ("baskets", "basket")):
        if sizes.get(column, 0):
            numberings[name] = write_dictionary(frame.select(column), sizes[column], folder, name)
            stored.callback(numberings[name].release)
            setattr(summary, name, numberings[name].dictionary.count)
    return numberings


def _write_events(
    frame: DataFrame, folder: UnfinishedFolder, numberings: Mapping[str, Numbering], kinds: List[str], parts: int,
    deduplicate: bool
) -> Written:
    """Puts rows in the place of ids and writes the events, sorted by user and time."""
    columns = {"user": "users", "item": "items", "basket": "baskets"}
    for column, name in columns.items():
        if name in numberings:
            rows = numberings[name].frame.select(F.col("id").alias(column), F.col("row").alias(f"{column} row"))
            frame = frame.join(rows, column, "left" if column == "basket" else "inner")
    codes = F.create_map(*(F.lit(each) for code, name in enumerate(kinds) for each in (name, code)))
    selected = [
        F.col("user row").alias("user"), F.col("item row").alias("item"), codes[F.col("kind")].alias("kind"),
        F.col("weight").cast("float").alias("weight"), F.coalesce(F.col("time"), F.lit(NO_TIME)).alias("time")]
    fields = {
        "user": Number("user", "<u4"), "item": Number("item", "<u4"), "kind": Number("kind", "|u1"),
        "weight": Number("weight", "<f4"), "time": Number("time", "<i8")}
    keys = ["user", "time", "item", "kind"]
    if "baskets" in numberings:
        selected.append(F.coalesce(F.col("basket row"), F.lit(NO_BASKET)).alias("basket"))
        fields["basket"] = Number("basket", "<u4")
        keys.append("basket")
    # The weight last, so that the greatest is the last of those that are the same.
    ordered = frame.select(*selected).repartitionByRange(parts, "user").sortWithinPartitions(*keys, "weight")
    thin = WithoutDuplicates(keys, unless="time", never=NO_TIME) if deduplicate else None
    return write_parts(ordered, folder, "events", fields, "writing the events", thin, tally="kind")
