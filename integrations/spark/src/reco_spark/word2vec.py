"""Item vectors by Spark's word2vec: a user's events, or a basket, are read as a sentence of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Union

from pyspark.ml.feature import Word2Vec
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .baskets import baskets_of
from .errors import RecoSparkError, spark_job
from .folder import UnfinishedFolder
from .manifest import Manifest
from .preparation import EventSource
from .session import prepare_session
from .values import Log, chosen_kinds, having, open_log, worth_something
from .vectors import checked, write_vectors

SEQUENCES = ("histories", "baskets")


@dataclass(frozen=True)
class LearnedVectors:
    """What `train_word2vec` has written."""

    folder: str
    items: int
    rank: int


def train_word2vec(
    spark: SparkSession,
    events: Union[EventSource, Sequence[EventSource]],
    out: str,
    rank: int = 64,
    *,
    sequences: str = "histories",
    window: int = 5,
    minimum_count: int = 5,
    iterations: int = 5,
    learning_rate: float = 0.025,
    partitions: int = 1,
    longest: int = 1000,
    kinds: Optional[Sequence[str]] = None,
    gap: float = 30.0,
    seed: int = 1,
    overwrite: bool = False,
) -> LearnedVectors:
    """Skip-gram with hierarchical softmax (Mikolov and others 2013, arXiv:1301.3781) over items: model "item2vec".

    `sequences` are the users' "histories", or "baskets" (what events name, or what lies no more than `gap` minutes apart).
    Items with fewer than `minimum_count` events have no vector; sentences longer than `longest` are cut. MLlib holds the
    vectors of all items in the driver, and with more `partitions` learns from each apart and averages, which needs more
    iterations. Events without times come in no order. `kinds` are those that count; by default all but dislikes for
    histories, and purchases and likes for baskets. `events` as in `train_als`.
    """
    prepare_session(spark)
    checked(
        rank, window=window, minimum_count=minimum_count, iterations=iterations, learning_rate=learning_rate,
        partitions=partitions, longest=longest, gap=gap)
    if sequences not in SEQUENCES:
        raise RecoSparkError(f"there are no sequences {sequences}; there are {' and '.join(SEQUENCES)}")
    with UnfinishedFolder(out, overwrite) as folder, open_log(spark, events, folder) as log:
        estimator = Word2Vec(
            vectorSize=rank, windowSize=window, minCount=minimum_count, maxIter=iterations, stepSize=learning_rate,
            numPartitions=partitions, maxSentenceLength=longest, seed=seed, inputCol="words", outputCol="unused")
        sentences = _sentences(log, sequences, kinds, gap)
        with spark_job("looking for items with enough events"):
            enough = log.frame.groupBy("item").count().where(F.col("count") >= minimum_count).limit(1).count()
        if not enough:
            raise RecoSparkError(f"word2vec has nothing to learn from: no item has {minimum_count} events")
        with spark_job("training word2vec"):
            model = estimator.fit(sentences)
            vectors = model.getVectors().select(
                F.col("word").cast("bigint").alias("row"), vector_to_array(F.col("vector"), "float32").alias("vector"))
        items = write_vectors(spark, log, "items", vectors, rank, folder)
        folder.publish(Manifest("vectors", {"items": items}, model="item2vec", rank=rank))
    return LearnedVectors(folder.out, items.count, rank)


def _sentences(log: Log, sequences: str, kinds: Optional[Sequence[str]], gap: float) -> DataFrame:
    """One row a sentence: words, the items' rows as text in the order of time."""
    if sequences == "baskets":
        frame, group = baskets_of(log, chosen_kinds(log, kinds, having(log.kinds)), gap), "basket"
    else:
        wanted = chosen_kinds(log, kinds, worth_something(log.kinds))
        frame, group = log.frame.where(F.col("kind").isin(wanted) & (F.col("weight") > 0)), "user"
    words = F.transform(F.sort_array(F.collect_list(F.struct("time", "item"))), lambda each: each["item"].cast("string"))
    return frame.groupBy(group).agg(words.alias("words")).where(F.size("words") > 1).select("words")
