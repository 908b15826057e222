"""reco on Apache Spark: prepare events and train on a cluster, score everybody in bulk, serve from one model file.

See integrations/spark/README.md. Everything that goes wrong is a RecoSparkError of one sentence.
"""

from .cleaning import Robots
from .errors import RecoSparkError
from .events import Events
from .prepare import Summary, prepare

__all__ = ["Events", "RecoSparkError", "Robots", "Summary", "prepare"]
