"""What belongs together: events that name a basket, and a user's other events cut where time passes between two."""

from __future__ import annotations

from typing import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from .values import Log


def baskets_of(log: Log, kinds: Sequence[str], gap: float) -> DataFrame:
    """Events of some kinds with the basket that each is in: basket (of any type), user, item, time.

    Baskets are a user's own: two users who name the same have one each. A user's events without times are one basket;
    `gap` is in minutes.
    """
    frame = log.frame.where(F.col("kind").isin(list(kinds)) & (F.col("weight") > 0))
    if "basket" not in frame.columns:
        frame = frame.withColumn("basket", F.lit(None).cast("bigint"))
    order = Window.partitionBy("user", F.col("basket").isNull()).orderBy("time")
    pause = F.col("time") - F.lag("time").over(order)
    begins = F.coalesce(pause > gap * 60, F.lit(False)).cast("int")
    visit = F.sum(F.col("begins")).over(order.rowsBetween(Window.unboundedPreceding, Window.currentRow))
    visits = frame.withColumn("begins", begins).withColumn("visit", visit)
    return visits.select(
        F.struct("user", "basket", F.when(F.col("basket").isNull(), F.col("visit")).alias("visit")).alias("basket"),
        "user", "item", "time")
