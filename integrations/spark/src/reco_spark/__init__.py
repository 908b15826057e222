"""reco on Apache Spark: prepare events and train on a cluster, score everybody in bulk, serve from one model file.

See integrations/spark/README.md. Everything that goes wrong is a RecoSparkError of one sentence.
"""

from .als import LearnedFactors, train_als
from .cleaning import Robots
from .errors import RecoSparkError
from .events import Events
from .neighbors import LearnedNeighbors, train_bought_together, train_similarities
from .prepare import Summary, prepare
from .ranker import LearnedTrees, train_ranker
from .scoring import recommend_for_all
from .word2vec import LearnedVectors, train_word2vec

__all__ = [
    "Events", "LearnedFactors", "LearnedNeighbors", "LearnedTrees", "LearnedVectors", "RecoSparkError", "Robots", "Summary",
    "prepare", "recommend_for_all", "train_als", "train_bought_together", "train_ranker", "train_similarities",
    "train_word2vec",
]
