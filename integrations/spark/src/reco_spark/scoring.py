"""Everybody's list, in bulk: libreco.so inside the executors, over one model file that is mapped and shared."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from .errors import RecoSparkError, node, spark_job
from .folder import local_path
from .model import Model, Question
from .parts import Batches, Mapped
from .session import prepare_session
from .shipping import received, ship
from .tables import Table

USERS_PER_CALL = 1024
HITS_PER_CALL = 4_000_000  # of 16 bytes


@dataclass(frozen=True)
class Place:
    """Where an executor finds a file: at a path that all nodes share, or among the files that Spark has sent."""

    path: Optional[str]
    sent: bool = False

    def here(self) -> Optional[str]:
        return received(self.path) if self.sent and self.path is not None else self.path


def recommend_for_all(
    model_path: str,
    users_df: DataFrame,
    n: int = 10,
    *,
    library: Optional[str] = None,
    user_column: str = "user",
    filter: Optional[str] = None,
    boost: Optional[str] = None,
    show_bought: bool = False,
    hide_seen: bool = False,
    fallback: bool = True,
    diversity: float = 0.0,
    ship_model: bool = False,
    ship_library: bool = False,
) -> DataFrame:
    """The best `n` items for each row of `users_df`, as the model answers them: user, item, score, rank (from 1).

        recommend_for_all("/shared/shop.reco", spark.table("customers"), 20, user_column="customer_id")

    `model_path` is a path that every executor sees; with `ship_model` one of the driver's, which Spark copies to each node
    once. `library` is the path of libreco.so on the nodes (else RECO_LIBRARY, ldconfig, /usr/local/lib), with
    `ship_library` one of the driver's. Items are bigints if all of the model's are, else texts. A user whom the model does
    not know gets what everybody gets, unless `fallback` is False. `filter`, `boost` and the others are those of reco.h.

    Nothing is computed before the frame is used. Every Python worker maps the file, so that a node holds it once. Cost: as
    many questions, `USERS_PER_CALL` in a call, on as many processors as `users_df` has partitions running; to begin a
    task takes Spark and Python some tenths of a second, so a partition should have thousands of users.
    """
    if not isinstance(users_df, DataFrame):
        raise RecoSparkError(f"users_df has to be a DataFrame, not {type(users_df).__name__}")
    if not 1 <= n <= 100_000:
        raise RecoSparkError(f"n is {n}: it is between 1 and 100000")
    spark = users_df.sparkSession
    prepare_session(spark)
    kind = _user_type(users_df, user_column)
    named = library or os.environ.get("RECO_LIBRARY")
    if ship_library and named is None:
        raise RecoSparkError("ship_library needs library, or RECO_LIBRARY, to name the file")
    context = spark.sparkContext
    model = Place(ship(context, local_path(model_path)), True) if ship_model else Place(os.path.abspath(local_path(model_path)))
    code = Place(ship(context, named), True) if ship_library and named else Place(named)
    question = Question(n, filter, boost, show_bought, hide_seen, fallback, diversity)

    with spark_job(f"opening {model_path}"):
        answer = spark.range(0, 1, 1, 1).mapInArrow(_describe(model, code), "integers boolean").collect()
    integers = bool(answer[0]["integers"])
    schema = f"user {kind}, item {'bigint' if integers else 'string'}, score float, rank int"
    column = "`" + user_column.replace("`", "``") + "`"
    users = users_df.select(F.col(column).cast(kind).alias("user"))
    return users.mapInArrow(_answer(model, code, question, integers, user_column), schema)


def _user_type(frame: DataFrame, column: str) -> str:
    type = Table("users_df", frame).type_of(column)
    if isinstance(type, T.StringType):
        return "string"
    if isinstance(type, T.IntegralType):
        return "bigint"
    raise RecoSparkError(
        f"table users_df: column {column} is {type.simpleString()}; an id is a whole number of up to 64 bits or a text: cast it")


def _open(model: Place, library: Place) -> Model:
    path = model.here()
    if path is None or not os.path.exists(path):
        raise RecoSparkError(
            f"node {node()} cannot see the model {path}: put it where all nodes have it, or say ship_model=True")
    return Model(path, library.here())


def _describe(model: Place, library: Place) -> Callable[[Batches], Mapped]:
    def describe(batches: Batches) -> Mapped:
        for _ in batches:
            with _open(model, library) as opened:
                yield pa.RecordBatch.from_arrays([pa.array([opened.has_integer_items])], ["integers"])

    return describe


def _answer(
    model: Place, library: Place, question: Question, integers: bool, column: str
) -> Callable[[Batches], Mapped]:
    size = max(1, min(USERS_PER_CALL, HITS_PER_CALL // question.limit))

    def answer(batches: Batches) -> Mapped:
        opened: Optional[Model] = None
        try:
            for batch in batches:
                opened = opened or _open(model, library)
                for begin in range(0, batch.num_rows, size):
                    yield _lists(opened, batch.column(0).slice(begin, size), question, integers, column)
        finally:
            if opened is not None:
                opened.__exit__(None, None, None)

    return answer


def _lists(model: Model, users: pa.Array, question: Question, integers: bool, column: str) -> pa.RecordBatch:
    """The lists of some users, one below the other."""
    if users.null_count:
        raise RecoSparkError(f"table users_df: column {column} has nulls, and nobody can be recommended anything for them")
    hits, counts = model.recommend(users.cast(pa.string()), question)
    filled = np.arange(question.limit, dtype=np.uint32)[None, :] < counts[:, None]  # (users, limit)
    chosen = hits[filled]
    items = model.item_ids(chosen)
    owners = pa.array(np.repeat(np.arange(len(counts)), counts))
    ranks = np.broadcast_to(np.arange(1, question.limit + 1, dtype=np.int32), hits.shape)[filled]
    return pa.RecordBatch.from_arrays(
        [pc.take(users, owners), items.cast(pa.int64() if integers else pa.string()),
         pa.array(np.ascontiguousarray(chosen["score"])), pa.array(ranks)],
        ["user", "item", "score", "rank"])
