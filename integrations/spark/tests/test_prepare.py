import datetime
import os

import pytest
import shop
from columns import Folder

import reco_spark.ids
from reco_spark import Events, RecoSparkError, Robots, prepare
from reco_spark.cleaning import seconds
from reco_spark.session import require_versions


def test_every_event_is_in_the_folder_once_and_the_summary_says_what_is_not(prepared):
    summary, out = prepared
    rows = shop.events()
    folder = Folder(out)
    assert sorted(folder.events(), key=repr) == sorted(
        [(user, item, kind, weight, time, basket) for user, item, kind, weight, time, basket in rows], key=repr)
    assert summary.rows == len(rows) + 52 and summary.events == len(rows)
    assert summary.dropped == {
        "null_users": 1, "null_items": 1, "bad_ids": 0, "bad_times": 0, "bad_weights": 0, "duplicates": 50, "robots": 0}
    assert summary.users == shop.USERS and summary.items == shop.ITEMS
    assert summary.kinds == {kind: sum(row[2] == kind for row in rows) for kind in ("purchase", "view")}
    assert (summary.first, summary.last) == (min(row[4] for row in rows), max(row[4] for row in rows))
    assert "50 duplicates" in str(summary)


def test_users_items_and_baskets_are_numbered_in_order_and_events_are_sorted_by_user_and_time(prepared):
    folder = Folder(prepared[1])
    assert folder.manifest["kind"] == "events" and folder.manifest["kinds"] == ["purchase", "view"]
    assert folder.manifest["users"]["type"] == "integers" and folder.manifest["items"]["type"] == "texts"
    for table in ("users", "items", "baskets"):
        ids = folder.ids(table)
        assert ids == sorted(set(ids))
    keys = list(zip(folder.column("user").tolist(), folder.column("time").tolist()))
    assert keys == sorted(keys)
    # A user is in one part only.
    ends = [(part["name"], folder._load(part, "user")) for part in folder.manifest["parts"]]
    assert len(ends) > 2
    assert all(one[-1] < other[0] for (_, one), (_, other) in zip(ends, ends[1:]))
    assert [str(column.dtype) for column in (folder.column(name) for name in ("user", "item", "kind", "weight", "time"))] == [
        "uint32", "uint32", "uint8", "float32", "int64"]


def test_the_output_is_all_that_is_left(prepared):
    _, out = prepared
    assert [path.name for path in out.parent.iterdir()] == ["log"]


def test_several_tables_with_other_names_and_times_become_one_log(spark, tmp_path):
    day = datetime.date(2024, 3, 1)
    noon = datetime.datetime(2024, 3, 1, 12, 0, 0)
    orders = spark.createDataFrame(
        [("7", 1, noon, "A"), ("8", 2, noon, ""), ("008", 2, noon, None)],
        "customer string, sku int, at timestamp_ntz, `order no.` string")
    clicks = spark.createDataFrame([("9", 3, "PageView", day), ("9", 3, None, None)], "user string, item int, event string, time date")
    numbers = spark.createDataFrame(
        [("a", 4, float(seconds) * unit, 2.5) for seconds, unit in
         [(1_709_294_400, 1), (1_709_294_400, 1000), (1_709_294_400, 1e6), (1_709_294_400, 1e9), (5e9, 1), (float("nan"), 1)]]
        + [("b", 5, None, float("nan")), ("", 5, None, 1.0), ("x\0y", 5, None, 1.0), ("x" * 1025, 5, None, 1.0)],
        "user string, item int, time double, weight double")
    out = tmp_path / "log"
    summary = prepare(
        spark,
        [Events(orders, user="customer", item="sku", time="at", basket="order no.", kind="purchase"), clicks, numbers],
        str(out), kinds={"PageView": "view", "view": "seen"}, overwrite=True)
    noon_utc, midnight = 1_709_294_400, 1_709_251_200
    assert sorted(Folder(out).events(), key=repr) == sorted([
        ("7", 1, "purchase", 1.0, noon_utc, "A"), ("8", 2, "purchase", 1.0, noon_utc, None),
        ("008", 2, "purchase", 1.0, noon_utc, None), ("9", 3, "view", 1.0, midnight, None),
        ("9", 3, "interaction", 1.0, None, None), ("a", 4, "interaction", 2.5, noon_utc, None)], key=repr)
    assert summary.dropped == {
        "null_users": 1, "null_items": 0, "bad_ids": 2, "bad_times": 2, "bad_weights": 1, "duplicates": 3, "robots": 0}


def test_robots_are_left_out_weights_fade_and_texts_that_are_all_numbers_become_numbers(spark, tmp_path):
    day = 86_400
    rows = [("1", "3", 1.0, shop.START + 30 * day), ("1", "4", 8.0, shop.START), ("2", "3", -1.0, shop.START), ("3", "3", 1.0, None)]
    rows += [("66", str(100 + number), 1.0, shop.START + number) for number in range(40)]  # on one day
    rows += [("77", str(100 + number), 1.0, shop.START + number * day // 2) for number in range(60)]  # in all
    frame = spark.createDataFrame(rows + rows[:1], "user string, item string, weight double, time long")
    attributes = spark.createDataFrame(
        [("3", "Tea, green", 4.5, ["a", "b"]), (None, "nothing", 1.0, None), ("4", None, None, None)],
        "item string, title string, price double, marks array<string>")
    summary = prepare(
        spark, frame, str(tmp_path / "log"), robots=Robots(events=50, per_day=30), half_life="15d", deduplicate=False,
        items=attributes, users=spark.createDataFrame([(1, True)], "user int, member boolean"))
    folder = Folder(tmp_path / "log")
    assert folder.ids("users") == [1, 2, 3] and folder.ids("items") == [3, 4]
    assert (summary.robots, summary.dropped["robots"], summary.dropped["duplicates"]) == (2, 100, 0)
    assert "100 robots (2 users)" in str(summary)
    expected = [(1, 4, (1 + 2.0794415) / 4), (1, 3, 1.0), (1, 3, 1.0), (2, 3, -0.25), (3, 3, 1.0)]
    assert [(user, item, pytest.approx(weight)) for user, item, weight in expected] == [
        (event[0], event[1], event[3]) for event in folder.events()]
    assert (tmp_path / "log" / "items.csv").read_text() == (
        'item,title,price:number,marks:tags\n3,"Tea, green",4.5,a|b\n4,,,\n')
    assert (tmp_path / "log" / "users.csv").read_text().split() == ["user,member", "1,true"]


def test_the_same_events_in_another_order_and_cut_into_other_parts_make_the_same_tables(
    spark, prepared, tmp_path, monkeypatch
):
    monkeypatch.setattr(reco_spark.ids, "IDS_PER_PART", 100)
    rows = shop.events()
    rows.reverse()
    frame = spark.createDataFrame(rows, shop.SCHEMA).repartition(5)
    prepare(spark, frame, str(tmp_path / "again"), events_per_part=400)
    one, other = Folder(prepared[1]), Folder(tmp_path / "again")
    assert len(one.manifest["users"]["parts"]) == 1 and len(other.manifest["users"]["parts"]) > 2
    for column in ("user", "item", "kind", "weight", "time", "basket"):
        assert one.column(column).tobytes() == other.column(column).tobytes()
    for table in ("users", "items", "baskets"):
        assert one.ids(table) == other.ids(table)


def test_this_package_goes_to_executors_that_do_not_have_it(spark, prepared):
    def where(batches):
        import pyarrow

        import reco_spark.parts

        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"path": [os.path.dirname(reco_spark.parts.__file__)]})

    row = spark.range(0, 1, 1, 1).mapInArrow(where, "path string").collect()[0]
    assert row["path"].endswith("reco_spark.zip/reco_spark")


@pytest.mark.parametrize(("text", "expected"), [("14d", 1_209_600), ("36h", 129_600), ("15m", 900), ("900s", 900), (60, 60)])
def test_time_spans(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "d", "0d", "-3d", "soon", float("nan"), float("inf")])
def test_what_is_no_time_span_is_refused(text):
    with pytest.raises(RecoSparkError, match="is no time span"):
        seconds(text)


@pytest.mark.parametrize(
    ("spark_version", "java", "words"),
    [("3.4.1", "17.0.2", "Spark 3.4.1 is too old"), ("2.4", "1.8.0_392", "too old"), ("4.0.0", "11.0.21", "Java 11.0.21 is too old"),
     ("3.5.1", "1.7.0", "Java 1.7.0 is too old"), ("next", "17", "is no version")])
def test_versions_that_are_too_old_are_refused(spark_version, java, words):
    with pytest.raises(RecoSparkError, match=words):
        require_versions(spark_version, java)


@pytest.mark.parametrize(("spark_version", "java"), [("3.5.0", "1.8.0_392"), ("3.5.9", "17.0.15"), ("4.0.1", "17"), ("4.1.0-preview", "21.0.1")])
def test_versions_that_will_do(spark_version, java):
    require_versions(spark_version, java)
