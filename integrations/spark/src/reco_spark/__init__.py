"""reco on Apache Spark: prepare events and train on a cluster, score everybody in bulk, serve from one model file.

See integrations/spark/README.md. Everything that goes wrong is a RecoSparkError of one sentence.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .als import LearnedFactors, train_als
    from .cleaning import Robots
    from .errors import RecoSparkError
    from .events import Events
    from .neighbors import LearnedNeighbors, train_bought_together, train_similarities
    from .preparation import Summary, prepare
    from .ranker import LearnedTrees, train_ranker
    from .scoring import recommend_for_all
    from .word2vec import LearnedVectors, train_word2vec

__all__ = [
    "Events", "LearnedFactors", "LearnedNeighbors", "LearnedTrees", "LearnedVectors", "RecoSparkError", "Robots", "Summary",
    "prepare", "recommend_for_all", "train_als", "train_bought_together", "train_ranker", "train_similarities",
    "train_word2vec",
]

# Executors' Python workers import this package to write parts; they need not wait for all of MLlib.
_MODULES = {
    "Events": "events", "LearnedFactors": "als", "LearnedNeighbors": "neighbors", "LearnedTrees": "ranker",
    "LearnedVectors": "word2vec", "RecoSparkError": "errors", "Robots": "cleaning", "Summary": "preparation",
    "prepare": "preparation", "recommend_for_all": "scoring", "train_als": "als", "train_bought_together": "neighbors",
    "train_ranker": "ranker", "train_similarities": "neighbors", "train_word2vec": "word2vec",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
