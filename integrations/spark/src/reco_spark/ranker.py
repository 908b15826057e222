"""Boosted trees by XGBoost's Spark estimators, saved as the JSON that `reco import xgboost` reads."""

from __future__ import annotations

import importlib
import json
import os
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from .errors import RecoSparkError, spark_job
from .session import prepare_session
from .tables import Source, Table, open_table


@dataclass(frozen=True)
class LearnedTrees:
    """What `train_ranker` has written; `features` are in the order in which a row's numbers go in."""

    path: str
    objective: str
    features: List[str]
    trees: int


def train_ranker(
    spark: SparkSession,
    rows: Source,
    out: str,
    features: Sequence[str],
    *,
    label: str = "label",
    group: Optional[str] = None,
    weight: Optional[str] = None,
    objective: Optional[str] = None,
    trees: int = 200,
    workers: int = 1,
    overwrite: bool = False,
    **settings: Any,
) -> LearnedTrees:
    """Learns from labelled rows and writes XGBoost's JSON to `out`, a path on the driver's node: `reco import xgboost`.

        train_ranker(spark, "lake.judged", "ranker.json", ["als_score", "price"], group="query", max_depth=6)

    With `group`, the column of a query's id, rows of one query are put in order (`objective` "rank:ndcg"); labels are
    grades from 0 on. Without, labels of 0 and 1 are classified ("binary:logistic"), other numbers estimated
    ("reg:squarederror"). NaN and null are missing. `workers` are as many tasks, which run at the same time; `settings` are
    XGBoost's. Needs xgboost (2 or newer) and scikit-learn on the driver and on every node. `rows` is a DataFrame, a path
    of Parquet or a table. Cost: XGBoost's; every row goes to a worker's memory once.
    """
    prepare_session(spark)
    if os.path.lexists(out) and not overwrite:
        raise RecoSparkError(f"{out} is there already: remove it, or say overwrite=True")
    for name, value in (("trees", trees), ("workers", workers)):
        if value < 1:
            raise RecoSparkError(f"{name} is {value}: it has to be at least 1")
    estimators = _estimators()
    columns = [*features, label, *(column for column in (group, weight) if column is not None)]
    table = open_table(spark, rows, "rows", columns)
    _check(table, features, label, group, weight)
    missing = F.lit(float("nan"))
    numbers = [F.coalesce(F.col(_quoted(column)).cast("float"), missing).cast("float").alias(column) for column in features]
    others = [F.col(_quoted(column)) for column in columns[len(features) :]]
    frame = table.frame.where(F.col(_quoted(label)).isNotNull()).select(*numbers, *others)
    objective = objective or _objective(table, label, group)
    # Workers run all at once, and Spark refuses that for what has been coalesced: hence an exchange in any case.
    settings.setdefault("force_repartition", True)
    arguments = dict(
        features_col=list(features), label_col=label, weight_col=weight, objective=objective, n_estimators=trees,
        num_workers=workers, **settings)
    if group is not None:
        arguments["qid_col"] = group
        estimator = estimators.SparkXGBRanker(**arguments)
    elif objective == "binary:logistic":  # the classifier's own, which it does not let anybody name
        estimator = estimators.SparkXGBClassifier(**{k: v for k, v in arguments.items() if k != "objective"})
    else:
        estimator = estimators.SparkXGBRegressor(**arguments)
    with spark_job("training boosted trees"):
        booster = estimator.fit(frame).get_booster()
    booster.feature_names = list(features)
    _save(booster, out)
    return LearnedTrees(out, _saved_objective(out), list(features), int(booster.num_boosted_rounds()))


def _estimators() -> Any:
    try:
        return importlib.import_module("xgboost.spark")
    except ImportError as failure:
        raise RecoSparkError(
            f"train_ranker needs xgboost (2 or newer) and scikit-learn on the driver and on every node: {failure}") from failure


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _check(
    table: Table, features: Sequence[str], label: str, group: Optional[str], weight: Optional[str]
) -> None:
    if not features:
        raise RecoSparkError("train_ranker needs the names of features")
    for column in [*features, label, *([weight] if weight is not None else [])]:
        type = table.type_of(column)
        if not isinstance(type, (T.NumericType, T.BooleanType)):
            raise RecoSparkError(
                f"table {table.name}: column {column} is {type.simpleString()}, and trees learn from numbers: cast it")
    if group is not None:
        table.type_of(group)


def _objective(table: Table, label: str, group: Optional[str]) -> str:
    if group is not None:
        return "rank:ndcg"
    value = F.col(_quoted(label)).cast("double")
    with spark_job("looking at the labels"):
        other = table.frame.where(value.isNotNull() & ~value.isin(0.0, 1.0)).limit(1).count()
    return "reg:squarederror" if other else "binary:logistic"


def _save(booster: Any, out: str) -> None:
    temporary = f"{out}.partial.json"  # XGBoost takes the format from the name
    try:
        booster.save_model(temporary)
        os.replace(temporary, out)
    except Exception as failure:
        raise RecoSparkError(f"{out} cannot be written: {failure}") from failure
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def _saved_objective(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return str(json.load(file)["learner"]["objective"]["name"])
