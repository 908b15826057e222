"""One real Spark for all tests: a master, two workers and an executor in each, processes of their own on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest
import shop
from columns import Folder

from reco_spark import prepare, train_als

HERE = Path(__file__).resolve().parent
DIST = HERE.parents[2] / "dist"

SPARK_HOME = Path(pyspark.__file__).parent
os.environ["SPARK_HOME"] = str(SPARK_HOME)
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
for name in ("RECO_SPARK_TEST", "SPARK_CONF_DIR"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    scratch = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.local.dir": str(scratch),
        "spark.task.maxFailures": "2",
        "spark.driver.memory": "1g",
        # Tables are tiny here: compiling for them would take longer than all the work.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("reco_spark")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    application = session.sparkContext.applicationId
    session.stop()
    shutil.rmtree(SPARK_HOME / "work" / application, ignore_errors=True)


@pytest.fixture(scope="session")
def reco():
    """Runs the reco command; a test that needs it is skipped where it has not been built."""
    command = os.environ.get("RECO_COMMAND", str(DIST / "bin" / "reco"))
    if not os.path.exists(command):
        pytest.skip(f"there is no {command}: build it, or set RECO_COMMAND")

    def run(*arguments, **options):
        process = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, **options)
        assert process.returncode == 0, process.stderr
        return process.stdout

    return run


@pytest.fixture(scope="session")
def library():
    """The path of libreco.so; a test that needs it is skipped where it has not been built."""
    path = os.environ.get("RECO_LIBRARY", str(DIST / "lib" / "libreco.so"))
    if not os.path.exists(path):
        pytest.skip(f"there is no {path}: build it, or set RECO_LIBRARY")
    return path


@pytest.fixture(scope="session")
def lake(spark, tmp_path_factory):
    """Parquet files with the shop's events, some of them twice, and rows that say nothing."""
    rows = shop.events()
    rows += rows[:50] + [(None, "i01", "view", 1.0, shop.START, None), (5, None, "view", 1.0, shop.START, None)]
    path = str(tmp_path_factory.mktemp("lake") / "events")
    spark.createDataFrame(rows, shop.SCHEMA).repartition(3).write.parquet(path)
    return path


@pytest.fixture(scope="session")
def prepared(spark, lake, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared") / "log"
    summary = prepare(spark, lake, str(out), events_per_part=400)
    return summary, out


@pytest.fixture
def prepared_copy(prepared, tmp_path):
    """A folder of events to spoil."""
    return Path(shutil.copytree(prepared[1], tmp_path / "copy"))


@pytest.fixture(scope="session")
def factors(spark, prepared, tmp_path_factory):
    """What MLlib's ALS has learned, and the folder of it."""
    out = tmp_path_factory.mktemp("als") / "factors"
    learned = train_als(spark, str(prepared[1]), str(out), 6, regularization=0.05, alpha=2.0, iterations=3, blocks=2)
    return learned, Folder(out)
