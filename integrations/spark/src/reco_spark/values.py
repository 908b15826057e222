"""What an event is worth, and what all events of a user with an item are worth together: as docs/training.md has it."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import Iterator, List, Mapping, Optional, Sequence, Union

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .cleaning import scaled
from .errors import RecoSparkError
from .events import INTERACTION
from .folder import UnfinishedFolder
from .manifest import MANIFEST, Manifest
from .preparation import EventSource, prepare
from .reading import open_events, read_events

KIND_WEIGHTS: Mapping[str, float] = {
    INTERACTION: 1, "view": 1, "cart": 3, "purchase": 5, "like": 4, "dislike": -4}
SYNONYMS: Mapping[str, str] = {
    "pageview": "view", "click": "view", "detail": "view",
    "addtocart": "cart", "add_to_cart": "cart", "add-to-cart": "cart", "basket": "cart",
    "buy": "purchase", "order": "purchase", "transaction": "purchase", "sale": "purchase",
    "favorite": "like", "favourite": "like", "wishlist": "like",
}
# Kinds after which the user has the item.
HAVING = (INTERACTION, "purchase", "like")


@dataclass(frozen=True)
class Log:
    """Events by rows, read from a folder: what all training starts from."""

    folder: str
    manifest: Manifest
    frame: DataFrame  # user, item, kind, weight, time[, basket]

    @property
    def kinds(self) -> List[str]:
        return self.manifest.kinds or []


@contextlib.contextmanager
def open_log(
    spark: SparkSession, events: Union[EventSource, Sequence[EventSource]], beside: UnfinishedFolder
) -> Iterator[Log]:
    """The events of a folder that `prepare` has made, or of anything that it takes, which is then prepared for the time being."""
    if isinstance(events, str) and os.path.isdir(events) and _is_column_folder(events):
        manifest = open_events(os.path.abspath(events))
        yield Log(os.path.abspath(events), manifest, read_events(spark, os.path.abspath(events), manifest))
        return
    passing = f"{beside.path}.events"
    try:
        prepare(spark, events, passing)
        manifest = open_events(passing)
        yield Log(passing, manifest, read_events(spark, passing, manifest))
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _is_column_folder(path: str) -> bool:
    names = os.listdir(path)
    return MANIFEST in names or any(name.endswith(".npy") for name in names)


def kind_weights(kinds: Sequence[str], given: Optional[Mapping[str, float]]) -> List[float]:
    """The weight of each kind: the given one, or reco's own."""
    weights = []
    for kind in kinds:
        name = kind.lower()
        if given is not None and kind in given:
            weights.append(float(given[kind]))
        elif SYNONYMS.get(name, name) in KIND_WEIGHTS:
            weights.append(float(KIND_WEIGHTS[SYNONYMS.get(name, name)]))
        else:
            raise RecoSparkError(f'events of the kind {kind} have no weight: say kind_weights={{"{kind}": 2}}')
    return weights


def pair_values(log: Log, given: Optional[Mapping[str, float]], weight_scale: str) -> DataFrame:
    """The value of each pair, the sum over its events of kind weight x scaled weight: user, item, value, time (the latest)."""
    weights = kind_weights(log.kinds, given)
    by_kind = F.create_map(*(F.lit(each) for pair in zip(log.kinds, weights) for each in pair))
    value = by_kind[F.col("kind")] * scaled(F.col("weight").cast("double"), weight_scale)
    return log.frame.select("user", "item", value.alias("value"), "time").groupBy("user", "item").agg(
        F.sum("value").alias("value"), F.max("time").alias("time"))


def having(kinds: Sequence[str]) -> List[str]:
    """The kinds after which the user has the item, if there are any; else all."""
    names = [kind for kind in kinds if SYNONYMS.get(kind.lower(), kind.lower()) in HAVING]
    return names or list(kinds)


def worth_something(kinds: Sequence[str]) -> List[str]:
    """All kinds but those that speak against the item."""
    return [kind for kind in kinds if KIND_WEIGHTS.get(SYNONYMS.get(kind.lower(), kind.lower()), 1) > 0]


def chosen_kinds(log: Log, given: Optional[Sequence[str]], otherwise: List[str]) -> List[str]:
    """The given kinds, which have to be there."""
    if given is None:
        return otherwise
    for kind in given:
        if kind not in log.kinds:
            raise RecoSparkError(f"there are no events of the kind {kind}; there are {', '.join(log.kinds)}")
    return list(given)
