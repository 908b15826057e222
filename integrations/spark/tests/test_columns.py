import io

import numpy
import pyarrow
import pytest
from columns import sum64 as documented_sum

from reco_spark.columns import HEADER_LENGTH, ColumnWriter, header, read_column, sum64
from reco_spark.duplicates import WithoutDuplicates
from reco_spark.errors import RecoSparkError, reason, spark_job
from reco_spark.manifest import Dictionary, Manifest, Part


@pytest.mark.parametrize("dtype", ["<u4", "<i8", "<f4", "|u1"])
def test_a_column_written_in_pieces_is_what_numpy_reads_and_its_sum_is_the_documented_one(tmp_path, dtype):
    rng = numpy.random.default_rng(1)
    values = rng.integers(0, 200, 1001).astype(dtype)
    writer = ColumnWriter(str(tmp_path / "a.npy"), dtype, "attempt")
    begin = 0
    for length in (1, 0, 7, 8, 9, 500, 476):
        writer.append(values[begin : begin + length])
        begin += length
    total = writer.finish()
    assert not (tmp_path / "a.npy").exists()
    writer.publish()
    assert begin == 1001
    assert numpy.array_equal(numpy.load(tmp_path / "a.npy"), values)
    assert total == documented_sum(values) == sum64(values)
    assert read_column(str(tmp_path / "a.npy")).dtype == numpy.dtype(dtype)


def test_a_matrix_is_written_in_c_order(tmp_path):
    rows = numpy.arange(15, dtype=numpy.float32).reshape(5, 3)
    writer = ColumnWriter(str(tmp_path / "m.npy"), "<f4", "attempt", width=3)
    writer.append(rows[:2])
    writer.append(numpy.asfortranarray(rows[2:]))
    total = writer.finish()
    writer.publish()
    assert numpy.array_equal(numpy.load(tmp_path / "m.npy"), rows) and total == documented_sum(rows)


def test_an_abandoned_column_leaves_nothing(tmp_path):
    writer = ColumnWriter(str(tmp_path / "a.npy"), "<u4", "attempt")
    writer.append(numpy.arange(3))
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_header_is_128_bytes_whatever_the_shape():
    for shape in ((0,), (2**40,), (2**40, 4096)):
        text = header(numpy.dtype("<f4"), shape)
        assert len(text) == HEADER_LENGTH
        assert numpy.lib.format.read_magic(io.BytesIO(text)) == (1, 0)
        file = io.BytesIO(text)
        file.seek(8)
        assert numpy.lib.format.read_array_header_1_0(file) == (shape, False, numpy.dtype("<f4"))


@pytest.fixture
def folder(tmp_path):
    writer = ColumnWriter(str(tmp_path / "items-00000.ids.npy"), "<i8", "attempt")
    writer.append(numpy.arange(4))
    part = Part("items-00000", 4, {"ids": writer.finish()})
    writer.publish()
    Manifest("events", {"items": Dictionary("integers", [part])}, kinds=["view"]).write(str(tmp_path))
    return tmp_path


def test_a_manifest_is_read_back_as_it_was(folder):
    manifest = Manifest.read(str(folder), "events")
    assert manifest.kinds == ["view"] and manifest.dictionaries["items"].count == 4


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "not finished, or no column folder"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "manifest.json makes no sense"),
        (lambda folder: (folder / "items-00000.ids.npy").unlink(), "items-00000.ids.npy is missing"),
        (lambda folder: (folder / "items-00000.ids.npy").write_bytes(b"\x93NUMPY"), "cut or damaged"),
        (lambda folder: _cut(folder / "items-00000.ids.npy"), "items-00000.ids.npy is cut or damaged"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_with_the_name_of_the_file(folder, spoil, words):
    spoil(folder)
    with pytest.raises(RecoSparkError, match=words):
        Manifest.read(str(folder), "events")


def _cut(path):
    path.write_bytes(path.read_bytes()[:-3])


def test_a_folder_of_another_kind_is_refused(folder):
    with pytest.raises(RecoSparkError, match="is a folder of events, and vectors are wanted"):
        Manifest.read(str(folder), "vectors")


def test_what_an_executor_says_comes_through_and_other_failures_name_the_node():
    said = 'Traceback\n  File "x"\nreco_spark.errors.RecoSparkError: node a cannot see /x\n\tat java'
    with pytest.raises(RecoSparkError, match="^node a cannot see /x$"):
        with spark_job("writing"):
            raise ValueError(said)
    lost = (
        "An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: Job aborted due to stage failure: "
        "Task 0 in stage 3.0 failed 4 times, most recent failure: Lost task 0.3 in stage 3.0 (TID 9) (10.0.0.7 executor 4): "
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nZeroDivisionError: division by zero\n")
    assert reason(Exception(lost), "writing the events") == (
        "the Spark job that was writing the events failed on node 10.0.0.7, executor 4: ZeroDivisionError: division by zero")
    with pytest.raises(RecoSparkError, match="that was working failed: boom"):
        with spark_job("working"):
            raise ValueError("boom")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_what_is_the_same_is_left_out_across_batches_too_and_what_has_no_time_stays(size):
    rows = [(1, -1, 5), (1, -1, 5), (1, 3, 4), (1, 3, 5), (1, 3, 9), (1, 4, 5), (2, 4, 1), (2, 4, 2), (3, 9, 1)]
    table = pyarrow.Table.from_arrays(
        [pyarrow.array(column) for column in zip(*rows)], ["user", "time", "weight"])
    thin = WithoutDuplicates(["user", "time"], unless="time", never=-1)
    left = pyarrow.Table.from_batches(thin(table.to_batches(max_chunksize=size)), table.schema)
    assert list(zip(*(column.to_pylist() for column in left.columns))) == [
        (1, -1, 5), (1, -1, 5), (1, 3, 9), (1, 4, 5), (2, 4, 2), (3, 9, 1)]
