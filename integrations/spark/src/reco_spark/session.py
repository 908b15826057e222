"""What is asked of a Spark session before work begins, and what its executors are given."""

from __future__ import annotations

import re
from typing import Any, Tuple

from pyspark.sql import SparkSession

from .errors import RecoSparkError
from .shipping import ship_package

SPARK = (3, 5)


def prepare_session(spark: SparkSession) -> None:
    """Refuses what is too old, and sends this package to executors that may not have it."""
    if not isinstance(spark, SparkSession) or getattr(spark, "_jvm", None) is None:
        raise RecoSparkError(
            f"a session of Spark is needed, with its own JVM (not Spark Connect); this is a {type(spark).__name__}")
    require_versions(spark.version, str(jvm(spark).java.lang.System.getProperty("java.version")))
    ship_package(spark.sparkContext)


def jvm(spark: SparkSession) -> Any:
    """The driver's Java."""
    return spark._jvm


def require_versions(spark: str, java: str) -> None:
    """Spark 3.5 or newer; Java 8 or newer for Spark 3, and 17 for Spark 4."""
    version = _numbers(spark)
    if version[:2] < SPARK:
        raise RecoSparkError(f"Spark {spark} is too old: reco_spark needs 3.5 or newer")
    least = 17 if version[0] >= 4 else 8
    numbers = _numbers(java)
    major = numbers[1] if numbers[0] == 1 else numbers[0]  # Java 8 calls itself 1.8
    if major < least:
        raise RecoSparkError(f"Java {java} is too old: Spark {spark} needs {least} or newer")


def _numbers(version: str) -> Tuple[int, int]:
    found = re.match(r"(\d+)(?:\.(\d+))?", version)
    if not found:
        raise RecoSparkError(f"{version!r} is no version that reco_spark understands")
    return int(found.group(1)), int(found.group(2) or 0)
