"""Each thing that can be wrong with the input is one sentence that names the table, column, file or node, and leaves nothing."""

import os
import socket
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from reco_spark import Events, RecoSparkError, Robots, prepare, train_als
from reco_spark.tables import check_same_schemas, parse_schema


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out" / "log"


def refused(spark, events, out, words, **options):
    """`prepare` says `words` and leaves no folder, finished or not."""
    out.parent.mkdir(exist_ok=True)
    before = sorted(os.listdir(out.parent))
    with pytest.raises(RecoSparkError, match=words) as failure:
        prepare(spark, events, str(out), **options)
    assert "\n" not in str(failure.value)
    assert sorted(os.listdir(out.parent)) == before


def frame(spark, schema, *rows):
    return spark.createDataFrame(list(rows), schema)


@pytest.mark.parametrize(
    ("schema", "row", "words"),
    [
        ("user double, item int", (1.5, 1), "table events: column user is double; an id is a whole number"),
        ("user int, item boolean", (1, True), "column item is boolean"),
        ("user int, item int, time string", (1, 1, "x"), "column time is string; a time is a timestamp"),
        ("user int, item int, weight string", (1, 1, "2"), "column weight is string; a weight is a number"),
        ("user int, item int, event int", (1, 1, 2), "column event is int; the kind of an event is a text"),
        ("user int, item int, basket double", (1, 1, 2.0), "column basket is double"),
        ("users int, item int", (1, 1), r"table events has no column user \(did you mean users\?\); it has users, item"),
    ],
)
def test_a_column_of_the_wrong_type_is_named_before_anything_is_read(spark, out, schema, row, words):
    refused(spark, frame(spark, schema, row), out, words)


def test_a_column_that_is_named_has_to_be_there(spark, out):
    table = frame(spark, "user int, item int", (1, 1))
    refused(spark, Events(table, time="when"), out, "has no column when")


def test_ids_that_mix_numbers_and_text_name_both_columns(spark, out):
    orders, clicks = frame(spark, "customer long, item int", (1, 1)), frame(spark, "user string, item int", ("a", 1))
    refused(
        spark, [Events(orders, user="customer"), clicks], out,
        r"user ids mix numbers and text: column customer of table events\[0\] is bigint, column user of table events\[1\] is string")


def test_a_table_without_a_usable_row_is_counted_out(spark, out):
    table = frame(spark, "user int, item int", (None, 1), (None, 2), (1, None))
    refused(spark, table, out, "there are no events left of 3 rows: 2 null users, 1 null items")


def test_a_table_of_robots_only_is_refused(spark, out):
    table = frame(spark, "user int, item int", *[(1, number) for number in range(9)])
    refused(spark, table, out, "there are no events left: all 1 users are over the limits", robots=Robots(events=5))


def test_parts_of_a_table_with_other_types_name_the_column_and_the_files(spark, tmp_path, out):
    lake = tmp_path / "lake"
    lake.mkdir()
    pyarrow.parquet.write_table(pyarrow.table({"user": pyarrow.array([1], "int64"), "item": ["a"]}), lake / "part-0.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"user": ["u"], "item": ["a"]}), lake / "part-1.parquet")
    refused(
        spark, str(lake), out,
        r"table .*/lake: column user is int64 in part-0.parquet and binary \(STRING\) in part-1.parquet; write it with one type")
    pyarrow.parquet.write_table(pyarrow.table({"item": ["a"]}), lake / "part-1.parquet")
    refused(spark, str(lake), out, "column user is in part-0.parquet and not in part-1.parquet")
    whole = (lake / "part-0.parquet").read_bytes()
    (lake / "part-1.parquet").write_bytes(whole[: len(whole) // 2])
    refused(spark, str(lake), out, r"part-1.parquet")


def test_the_schema_of_a_parquet_file_is_understood():
    text = (
        "message spark_schema {\n  optional int64 user (TIMESTAMP(MICROS,true));\n  required binary item (STRING) = 3;\n"
        "  optional group tags (LIST) {\n    repeated group list {\n      optional binary element (STRING);\n    }\n  }\n}\n")
    assert parse_schema(text) == {"user": "int64 (TIMESTAMP(MICROS,true))", "item": "binary (STRING)", "tags": "group (LIST)"}
    check_same_schemas("t", {"a": {"user": "int64"}, "b": {"user": "int64"}}, ["user", "weight"])


def test_what_is_not_there_is_named(spark, out, tmp_path):
    refused(spark, "no_such_table", out, "there is no table no_such_table")
    refused(spark, str(tmp_path / "nothing"), out, "nothing")
    refused(spark, [], out, "there is no table of events")
    refused(spark, 17, out, "has to be a DataFrame, a path or the name of a table")


def test_what_is_there_already_stays(spark, out):
    out.mkdir(parents=True)
    (out / "mine").write_text("x")
    table = frame(spark, "user int, item int", (1, 1))
    refused(spark, table, out, "is there already: remove it, or say overwrite=True")
    refused(spark, table, out, "is there and no column folder: it is not overwritten", overwrite=True)
    assert (out / "mine").read_text() == "x"


def test_an_output_that_is_no_path_is_refused(spark):
    with pytest.raises(RecoSparkError, match="s3a://lake/log is no path of a file system"):
        prepare(spark, frame(spark, "user int, item int", (1, 1)), "s3a://lake/log")


def test_an_id_that_is_no_text_is_named(spark, out):
    bytes = frame(spark, "user int, item binary", (1, b"a\xff"))
    refused(spark, bytes, out, "column item is binary")
    refused(spark, bytes.selectExpr("user", "cast(item as string) as item"), out, "a text of items-00000 is not UTF-8")


def test_an_output_that_executors_do_not_see_names_the_node_and_the_path(spark, tmp_path, monkeypatch):
    # What /proc/self is differs from process to process: so this is a folder that only the driver has.
    monkeypatch.chdir(tmp_path)
    table = frame(spark, "user int, item int", (1, 1), (2, 1))
    with pytest.raises(RecoSparkError) as failure:
        prepare(spark, table, "/proc/self/cwd/log")
    assert str(failure.value).startswith(
        f"node {socket.gethostname()} cannot see the folder /proc/self/cwd/log.partial-")
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_dies_half_way_leaves_nothing_and_names_what_was_going_on(spark, out):
    from pyspark.sql import functions as F

    @F.udf("int")
    def failing(item):
        if item == 3:
            raise ValueError(f"item {item} is broken")
        return item

    table = frame(spark, "user int, item int", *[(user, user % 5) for user in range(20)])
    # Spark 4 no longer says where somebody else's Python has failed.
    place = r" on node \S+, executor \d+" if spark.version.startswith("3") else ""
    refused(
        spark, table.withColumn("item", failing("item")), out,
        f"^the Spark job that was looking through the events failed{place}: ValueError: item 3 is broken$")


def test_training_on_a_folder_that_is_not_whole_names_the_file(spark, tmp_path, prepared_copy):
    name = next(path for path in sorted(prepared_copy.iterdir()) if path.name.startswith("events-") and "item" in path.name)
    damaged = bytearray(name.read_bytes())
    damaged[-2] ^= 1
    name.write_bytes(bytes(damaged))
    with pytest.raises(RecoSparkError, match=f"cannot read .*{name.name} is damaged: its sum is not the one in manifest.json"):
        train_als(spark, str(prepared_copy), str(tmp_path / "als"), rank=2, iterations=1)
    name.unlink()
    with pytest.raises(RecoSparkError, match=f"{name.name} is missing"):
        train_als(spark, str(prepared_copy), str(tmp_path / "als"))
    (prepared_copy / "manifest.json").unlink()
    with pytest.raises(RecoSparkError, match="is not finished, or no column folder"):
        train_als(spark, str(prepared_copy), str(tmp_path / "als"))
    assert not [path for path in Path(tmp_path).iterdir() if path.name.startswith("als")]
