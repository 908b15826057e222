"""Executors that die while they write: Spark does their work again, or the job fails, and no folder is ever half there."""

import os

import pytest
import shop
from columns import Folder

import reco_spark.parts
from reco_spark import RecoSparkError, prepare


def interrupted(writer, interrupt):
    """A writer of parts that calls `interrupt` when it has written all events but not finished the part."""

    def build(folder, token, prefix, *arguments):
        write = writer(folder, token, prefix, *arguments)

        def batches_then(batches):
            yield from batches
            if prefix == "events":
                interrupt()

        return lambda batches: write(batches_then(batches))

    return build


def test_an_executor_that_is_killed_while_it_writes_changes_nothing(spark, prepared, tmp_path, monkeypatch):
    killed = str(tmp_path / "killed")

    def kill_once():
        import os
        import signal

        try:
            os.close(os.open(killed, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        with open(f"/proc/{os.getppid()}/stat") as file:
            executor = int(file.read().rpartition(")")[2].split()[1])
        os.kill(executor, signal.SIGKILL)
        os._exit(1)

    monkeypatch.setattr(reco_spark.parts, "_writer", interrupted(reco_spark.parts._writer, kill_once))
    frame = spark.createDataFrame(shop.events(), shop.SCHEMA)
    prepare(spark, frame, str(tmp_path / "log"), events_per_part=400)
    assert os.path.exists(killed)
    one, other = Folder(prepared[1]), Folder(tmp_path / "log")  # which has no file that is not in the manifest
    for column in ("user", "item", "kind", "weight", "time", "basket"):
        assert one.column(column).tobytes() == other.column(column).tobytes()


def test_a_job_that_dies_while_it_writes_leaves_no_folder(spark, tmp_path, monkeypatch):
    def fail():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reco_spark.parts, "_writer", interrupted(reco_spark.parts._writer, fail))
    frame = spark.createDataFrame(shop.events()[:50], shop.SCHEMA)
    with pytest.raises(RecoSparkError, match=r"node \S+ cannot write to .*log.partial-\w+: No space left on device"):
        prepare(spark, frame, str(tmp_path / "log"))
    assert os.listdir(tmp_path) == []


def test_a_part_that_is_lost_on_the_way_leaves_no_folder(spark, tmp_path, monkeypatch):
    def remove(reports):
        def write(batches):
            import glob
            import os

            for report in reports(batches):
                for path in glob.glob(str(tmp_path / "log.partial-*" / "users-*")):
                    os.remove(path)
                yield report

        return write

    writer = reco_spark.parts._writer
    monkeypatch.setattr(reco_spark.parts, "_writer", lambda *arguments: remove(writer(*arguments)))
    frame = spark.createDataFrame([(1, 1)], "user int, item int")
    with pytest.raises(RecoSparkError, match="users-00000.ids.npy is missing"):
        prepare(spark, frame, str(tmp_path / "log"))
    assert os.listdir(tmp_path) == []
