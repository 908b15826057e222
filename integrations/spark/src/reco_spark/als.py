"""Implicit ALS by Spark's MLlib, as a folder of vectors that `reco import folder` reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from pyspark.ml.recommendation import ALS, ALSModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .errors import RecoSparkError, spark_job
from .folder import UnfinishedFolder
from .manifest import Manifest
from .preparation import EventSource
from .session import prepare_session
from .values import Log, open_log, pair_values
from .vectors import checked, write_vectors

MOST_ROWS = 2**31 - 1  # MLlib's ids are integers of 32 bits with a sign


@dataclass(frozen=True)
class LearnedFactors:
    """What `train_als` has written, and MLlib's own model over the rows of the dictionaries."""

    folder: str
    users: int
    items: int
    rank: int
    model: ALSModel


def train_als(
    spark: SparkSession,
    events: Union[EventSource, Sequence[EventSource]],
    out: str,
    rank: int = 64,
    regularization: float = 0.1,
    alpha: float = 1.0,
    iterations: int = 15,
    *,
    kind_weights: Optional[Mapping[str, float]] = None,
    weight_scale: str = "log",
    blocks: int = 10,
    seed: int = 1,
    overwrite: bool = False,
) -> LearnedFactors:
    """Factorises what users did with items and writes the folder `out`, on a file system that all nodes share.

    `events` is a folder of `prepare`, or whatever that takes. The value r of a pair is the sum over its events of the
    kind's weight (`kind_weights`; purchase 5, cart 3 ... as in docs/training.md) x the scaled weight.

    MLlib minimises  sum c (p - x.y)^2 + regularization (sum n_u |x_u|^2 + sum n_i |y_i|^2)  over all pairs; p is 1 where
    r > 0 and else 0; c is 1 + alpha |r|; n is the number of the row's pairs with r > 0 (Hu, Koren and Volinsky 2008,
    doi:10.1109/ICDM.2008.22; weighted lambda as in Zhou and others 2008, doi:10.1007/978-3-540-68880-8_32). The manifest
    says so as `objective`: confidence-offset 1, frequency-scaling 1 over observed pairs only, unobserved 1. Users and items
    without a positive pair have no vector.

    Cost: iterations x (pairs x rank^2 + (users + items) x rank^3), spread over `blocks` of each side. With many
    iterations call `spark.sparkContext.setCheckpointDir` first, so that Spark does not remember them all.
    """
    prepare_session(spark)
    checked(rank, regularization=regularization, alpha=alpha, iterations=iterations, blocks=blocks)
    with UnfinishedFolder(out, overwrite) as folder, open_log(spark, events, folder) as log:
        for name in ("users", "items"):
            if log.manifest.dictionaries[name].count > MOST_ROWS:
                raise RecoSparkError(f"MLlib's ALS takes at most {MOST_ROWS:,} {name}")
        ratings = _ratings(log, kind_weights, weight_scale)
        estimator = ALS(
            rank=rank, maxIter=iterations, regParam=regularization, alpha=alpha, implicitPrefs=True, userCol="user",
            itemCol="item", ratingCol="value", numUserBlocks=blocks, numItemBlocks=blocks, seed=seed)
        with spark_job("training ALS"):
            model = estimator.fit(ratings)
        users = write_vectors(spark, log, "users", _factors(model.userFactors), rank, folder)
        items = write_vectors(spark, log, "items", _factors(model.itemFactors), rank, folder)
        objective: "dict[str, Any]" = {
            "alpha": alpha, "regularization": regularization, "frequency-scaling": 1, "unobserved": 1,
            "confidence-offset": 1, "frequency": "observed"}
        folder.publish(Manifest(
            "vectors", {"users": users, "items": items}, model="als", rank=rank, objective=objective))
    return LearnedFactors(folder.out, users.count, items.count, rank, model)


def _ratings(log: Log, kind_weights: Optional[Mapping[str, float]], weight_scale: str) -> DataFrame:
    """Pairs with a value; those of users or items that have no positive one would get vectors of zeros, and stay out."""
    values = pair_values(log, kind_weights, weight_scale).where("value != 0").select(
        F.col("user").cast("int"), F.col("item").cast("int"), F.col("value").cast("float"))
    positive = values.where("value > 0")
    with spark_job("looking for values below zero"):
        if values.where("value < 0").limit(1).count() == 0:
            return values
    return values.join(positive.select("user").distinct(), "user", "left_semi").join(
        positive.select("item").distinct(), "item", "left_semi").select("user", "item", "value")


def _factors(frame: DataFrame) -> DataFrame:
    return frame.select(F.col("id").cast("bigint").alias("row"), F.col("features").alias("vector"))
