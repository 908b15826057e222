"""What is left out of a log, and counted: rows that say nothing, events that came twice, users who are no people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from .errors import RecoSparkError, spark_job

# What can be wrong with a row; of several things the first counts.
FAULTS = ("null_users", "null_items", "bad_ids", "bad_times", "bad_weights")

# A 64-bit integer in its shortest decimal form, or something a little longer.
INTEGER = "^(0|-?[1-9][0-9]{0,18})$"

# Of kinds of events there are few; more means that another column was named.
MOST_KINDS = 255

WEIGHT_SCALES = ("log", "linear", "none")


@dataclass(frozen=True)
class Robots:
    """Who is no person: a user with more `events` in all, or more of them on one day (UTC).

    One event a second for a working day is 28,800; one every half a minute, for eight hours, is 960.
    """

    events: int = 100_000
    per_day: int = 1_000


@dataclass(frozen=True)
class Survey:
    """What one pass over the table has found; `integers` are the ids of type string that are all 64-bit integers."""

    rows: int
    dropped: Dict[str, int]
    integers: List[str]


def marked(frame: DataFrame, types: Mapping[str, str]) -> DataFrame:
    """`frame` with a column `fault`: the place in FAULTS, or -1."""
    bad_id = F.lit(False)
    for role in (role for role, type in types.items() if type == "string"):
        too_long = F.octet_length(role) > 1024
        bad_id = bad_id | F.coalesce(too_long | F.col(role).contains("\0"), F.lit(False))
    weight = F.col("weight")
    conditions = [
        _missing("user", types), _missing("item", types), bad_id, F.col("untimely"),
        F.isnan(weight) | (F.abs(weight) > 3.4e38),
    ]
    fault = F.when(conditions[0], 0)
    for number, condition in enumerate(conditions[1:], 1):
        fault = fault.when(condition, number)
    return frame.withColumn("fault", fault.otherwise(-1))


def _missing(role: str, types: Mapping[str, str]) -> Column:
    missing = F.col(role).isNull()
    return missing | (F.length(role) == 0) if types[role] == "string" else missing


def survey(frame: DataFrame, types: Mapping[str, str]) -> Survey:
    """Counts what is wrong in a marked frame, in one pass."""
    good = F.col("fault") == -1
    texts = [role for role, type in types.items() if type == "string"]
    sums = [F.sum(F.when(F.col("fault") == number, 1).otherwise(0)).alias(name) for number, name in enumerate(FAULTS)]
    integer = [
        F.min(F.when(good & F.col(role).isNotNull(), F.col(role).rlike(INTEGER) & F.expr(
            f"try_cast({role} as bigint) is not null"))).alias(f"{role} integer") for role in texts]
    with spark_job("looking through the events"):
        row: Row = frame.agg(F.count(F.lit(1)).alias("rows"), *sums, *integer).collect()[0]
    dropped = {name: int(row[name] or 0) for name in FAULTS}
    integers = [role for role in texts if row[f"{role} integer"]]
    if row["rows"] == sum(dropped.values()):
        rows = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in dropped.items() if count)
        raise RecoSparkError(f"there are no events left of {row['rows']} rows" + (f": {rows}" if rows else ""))
    return Survey(int(row["rows"]), dropped, integers)


def good_rows(frame: DataFrame, types: Mapping[str, str], found: Survey) -> DataFrame:
    """The rows without fault, with ids as numbers where all are, and with what does not name a basket in none."""
    columns = [F.col(role).cast("bigint") if role in found.integers else F.col(role) for role in ("user", "item")]
    columns = [column.alias(role) for column, role in zip(columns, ("user", "item"))] + [
        F.col("kind"), F.col("weight"), F.col("time")]
    if "basket" in types:
        basket = F.col("basket").cast("bigint") if "basket" in found.integers else F.col("basket")
        named = basket if types["basket"] != "string" or "basket" in found.integers else F.when(F.length(basket) > 0, basket)
        columns.append(named.alias("basket"))
    return frame.where(F.col("fault") == -1).select(*columns)


def without_duplicates(frame: DataFrame) -> DataFrame:
    """One event where user, item, kind, time and basket are the same; events without a time need not be the same."""
    keys = [column for column in frame.columns if column != "weight"]
    timed = frame.where(F.col("time").isNotNull()).dropDuplicates(keys)
    return timed.unionByName(frame.where(F.col("time").isNull()))


def busy_users(frame: DataFrame, robots: Robots) -> DataFrame:
    """Those who have enough rows to be over a limit at all, nearly nobody: user, events (rows)."""
    if robots.events < 1 or robots.per_day < 1:
        raise RecoSparkError("the limits of Robots are at least 1")
    rows = frame.groupBy("user").agg(F.count(F.lit(1)).alias("events"))
    return rows.where(F.col("events") > min(robots.events, robots.per_day))


def find_robots(frame: DataFrame, busy: DataFrame, robots: Robots, deduplicate: bool) -> DataFrame:
    """Of the `busy` users those who are over a limit. With `deduplicate` what came twice counts once."""
    theirs = frame.join(busy.select("user"), "user", "left_semi")
    if deduplicate:
        theirs = without_duplicates(theirs)
    days = theirs.groupBy("user", F.floor(F.col("time") / 86400).alias("day")).count()
    most = F.max(F.when(F.col("day").isNotNull(), F.col("count")))
    over = days.groupBy("user").agg(F.sum("count").alias("all"), most.alias("most")).where(
        (F.col("all") > robots.events) | (F.col("most") > robots.per_day))
    return busy.join(over.select("user"), "user")


def scaled(weight: Column, scale: str) -> Column:
    """What a weight counts by `weight-scale`, as docs/training.md has it: "log", "linear" or "none"."""
    if scale not in WEIGHT_SCALES:
        raise RecoSparkError(f"there is no weight_scale {scale}; there are {', '.join(WEIGHT_SCALES)}")
    if scale == "linear":
        return weight
    if scale == "none":
        return F.lit(1.0)
    return F.when(weight >= 1, 1 + F.log(weight)).when(weight <= -1, -1 - F.log(-weight)).otherwise(weight)


def decayed(frame: DataFrame, half_life: float, now: Optional[int]) -> DataFrame:
    """Weights as reco scales them (1 + ln w from 1 on), times 0.5^(age / half-life), with ages in seconds before `now`."""
    age = F.lit(now).cast("double") - F.col("time")
    fading = F.pow(F.lit(0.5), age / F.lit(half_life))
    return frame.withColumn("weight", scaled(F.col("weight"), "log") * F.coalesce(fading, F.lit(1.0)))


def seconds(span: "float | int | str") -> float:
    """A time span in seconds: a number, or "14d", "36h", "15m", "900s"."""
    units = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
    text = str(span).strip()
    try:
        value = float(text[:-1]) * units[text[-1]] if text[-1:] in units else float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise RecoSparkError(f"{span!r} is no time span: say seconds, or 14d, 36h, 15m, 900s")
    return value
