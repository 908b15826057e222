"""Item-item models as Spark joins: folders of neighbors, with the dictionary of items of the events."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Mapping, Optional, Sequence, Union

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from .baskets import baskets_of
from .errors import RecoSparkError, spark_job
from .folder import UnfinishedFolder
from .manifest import Manifest, column_path
from .parts import Number, write_parts
from .preparation import EventSource
from .session import prepare_session
from .values import Log, chosen_kinds, having, open_log, pair_values

ROWS_PER_PART = 8_000_000
MOST_NEIGHBORS = 4000  # of an item, in a model file


@dataclass(frozen=True)
class LearnedNeighbors:
    """What has been written: `items` with neighbours, and `pairs` of item and neighbour."""

    folder: str
    model: str
    items: int
    pairs: int


def train_similarities(
    spark: SparkSession,
    events: Union[EventSource, Sequence[EventSource]],
    out: str,
    neighbors: int = 50,
    *,
    items_per_user: int = 500,
    support: int = 1,
    kind_weights: Optional[Mapping[str, float]] = None,
    weight_scale: str = "log",
    overwrite: bool = False,
) -> LearnedNeighbors:
    """Similar items by the cosine of who had both, weighted by what the pairs are worth: model "item-knn".

    cos(i, j) = sum_u v_ui v_uj / (|v_i| |v_j|) over positive values v (Sarwar, Karypis, Konstan and Riedl 2001,
    doi:10.1145/371920.372071), which are those of `train_als`. Of a user the latest `items_per_user` items count, in norms
    too, so that few with long histories do not decide what all of it costs: sum over users of min(items, cap)^2. Pairs that
    fewer than `support` users have are left out; each item keeps its `neighbors` best. `events` as in `train_als`.
    """
    prepare_session(spark)
    _check(neighbors, items_per_user=items_per_user, support=support)
    with UnfinishedFolder(out, overwrite) as folder, open_log(spark, events, folder) as log:
        values = pair_values(log, kind_weights, weight_scale).where("value > 0")
        latest = Window.partitionBy("user").orderBy(F.col("time").desc_nulls_last(), "item")
        values = values.withColumn("place", F.row_number().over(latest)).where(F.col("place") <= items_per_user).select(
            "user", "item", "value").persist(StorageLevel.MEMORY_AND_DISK)
        try:
            norms = values.groupBy("item").agg(F.sqrt(F.sum(F.col("value") * F.col("value"))).alias("norm"))
            shares = values.join(norms, "item").select("user", "item", (F.col("value") / F.col("norm")).alias("share"))
            pairs = _together(shares, "user", F.sum(F.col("share") * F.col("other share")).alias("score"))
            pairs = pairs.where(F.col("count") >= support)
            return _write(log, folder, "item-knn", _both_ways(pairs.select("item", "other", "score")), neighbors)
        finally:
            values.unpersist()


def train_bought_together(
    spark: SparkSession,
    events: Union[EventSource, Sequence[EventSource]],
    out: str,
    neighbors: int = 50,
    *,
    items_per_basket: int = 100,
    support: int = 2,
    shrinkage: float = 5.0,
    lift_discount: float = 0.2,
    gap: float = 30.0,
    kinds: Optional[Sequence[str]] = None,
    overwrite: bool = False,
) -> LearnedNeighbors:
    """What is bought together, by counting baskets: model "bought-together", with the formula of reco's own.

    Of n(i) baskets with item i, n(i,j) have j as well; p(j) is the share of baskets with j. Item i says about j
    (n(i,j) + s p(j)) / (n(i) + s) x p(j)^-d with s = `shrinkage` and d = `lift_discount`: the confidence of Agrawal,
    Imielinski and Swami 1993, doi:10.1145/170035.170072, drawn to chance, popular items held back. Pairs in fewer than
    `support` baskets, or no more than chance has, are left out. Baskets with more than `items_per_basket` different items
    are a dealer's or a mistake; they are left out. A basket is what events name, or a user's events with no more than `gap`
    minutes between two. `kinds` are those that count; by default purchases and likes, or all where there are none.
    """
    prepare_session(spark)
    _check(neighbors, items_per_basket=items_per_basket, support=support, gap=gap)
    if not 0 <= lift_discount <= 1 or not shrinkage >= 0:
        raise RecoSparkError("lift_discount is between 0 and 1, and shrinkage at least 0")
    with UnfinishedFolder(out, overwrite) as folder, open_log(spark, events, folder) as log:
        baskets = baskets_of(log, chosen_kinds(log, kinds, having(log.kinds)), gap).select("basket", "item").distinct()
        size = Window.partitionBy("basket")
        baskets = baskets.withColumn("size", F.count(F.lit(1)).over(size)).where(
            F.col("size") <= items_per_basket).select("basket", "item").persist(StorageLevel.MEMORY_AND_DISK)
        try:
            with spark_job("counting baskets"):
                total = baskets.select("basket").distinct().count()
            counts = baskets.groupBy("item").agg(F.count(F.lit(1)).cast("double").alias("n"))
            pairs = _both_ways(_together(baskets, "basket").where(F.col("count") >= support))
            scored = _confidences(pairs, counts, float(max(total, 1)), shrinkage, lift_discount)
            return _write(log, folder, "bought-together", scored, neighbors)
        finally:
            baskets.unpersist()


def _check(neighbors: int, **positive: float) -> None:
    if not 1 <= neighbors <= MOST_NEIGHBORS:
        raise RecoSparkError(f"neighbors is {neighbors}: it is between 1 and {MOST_NEIGHBORS}")
    for name, value in positive.items():
        if not value > 0:
            raise RecoSparkError(f"{name} is {value}: it has to be above 0")


def _together(frame: DataFrame, group: str, *sums: Column) -> DataFrame:
    """Pairs of items in one group, item < other, with their `count` and `sums` over columns and "other ..." columns."""
    others = frame.select(*(
        F.col(column).alias(column if column == group else "other" if column == "item" else f"other {column}")
        for column in frame.columns))
    pairs = frame.join(others, group).where(F.col("item") < F.col("other"))
    return pairs.groupBy("item", "other").agg(F.count(F.lit(1)).alias("count"), *sums)


def _both_ways(pairs: DataFrame) -> DataFrame:
    turned = pairs.select(
        F.col("other").alias("item"), F.col("item").alias("other"),
        *(column for column in pairs.columns if column not in ("item", "other")))
    return pairs.unionByName(turned)


def _confidences(
    pairs: DataFrame, counts: DataFrame, total: float, shrinkage: float, lift_discount: float
) -> DataFrame:
    others = counts.select(F.col("item").alias("other"), (F.col("n") / F.lit(total)).alias("chance"))
    joined = pairs.join(counts, "item").join(others, "other").where(F.col("count") > F.col("n") * F.col("chance"))
    confidence = (F.col("count") + shrinkage * F.col("chance")) / (F.col("n") + shrinkage)
    return joined.select("item", "other", (confidence * F.pow("chance", F.lit(-lift_discount))).alias("score"))


def _write(
    log: Log, folder: UnfinishedFolder, model: str, scored: DataFrame, neighbors: int
) -> LearnedNeighbors:
    """Keeps the best of each item (item, other, score) and writes them in the order of items, the best first."""
    best = Window.partitionBy("item").orderBy(F.col("score").desc(), "other")
    kept = scored.withColumn("score", F.col("score").cast("float")).withColumn("place", F.row_number().over(best)).where(
        F.col("place") <= neighbors).persist(StorageLevel.MEMORY_AND_DISK)
    try:
        with spark_job(f"learning {model}"):
            row = kept.agg(F.count(F.lit(1)), F.count_distinct("item")).collect()[0]
        if not row[0]:
            raise RecoSparkError(f"{model} has nothing to learn from: no two items were with the same user or in one basket")
        ordered = kept.repartitionByRange(-(-int(row[0]) // ROWS_PER_PART), "item").sortWithinPartitions("item", "place")
        fields = {"item": Number("item", "<u4"), "other": Number("other", "<u4"), "score": Number("score", "<f4")}
        written = write_parts(ordered.select("item", "other", "score"), folder, "neighbors", fields, f"writing {model}")
    finally:
        kept.unpersist()
    items = log.manifest.dictionaries["items"]
    for part in items.parts:
        for column in part.sums:
            shutil.copyfile(column_path(log.folder, part, column), column_path(folder.path, part, column))
    folder.publish(Manifest("neighbors", {"items": items}, written.in_order(), model=model))
    return LearnedNeighbors(folder.out, model, int(row[1]), int(row[0]))
