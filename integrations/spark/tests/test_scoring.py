"""Lists in bulk are those that `reco recommend` gives one by one."""

import csv
import json
import os
import shutil
import socket

import pytest
import shop

from reco_spark import RecoSparkError, recommend_for_all


@pytest.fixture(scope="module")
def model(reco, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    with open(folder / "events.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "event", "weight", "time", "basket"])
        writer.writerows(shop.events())
    reco("train", "--events", folder / "events.csv", "--model", "als", "--out", folder / "shop.reco", "--threads", "1")
    return folder / "shop.reco"


def lists(frame):
    """(item, score) by user, in the order of rank."""
    found = {}
    for row in sorted(frame.collect(), key=lambda row: (row["user"], row["rank"])):
        own = found.setdefault(row["user"], [])
        own.append((row["item"], row["score"]))
        assert row["rank"] == len(own)
    return found


def test_lists_in_bulk_are_those_of_the_command(spark, reco, library, model, tmp_path):
    users = sorted({row[0] for row in shop.events()}) + [999_999]
    (tmp_path / "users.txt").write_text("".join(f"{user}\n" for user in users))
    answers = [json.loads(line) for line in reco(
        "recommend", model, "--users", tmp_path / "users.txt", "-n", "7", "--json").splitlines()]
    expected = {
        int(answer["user"]): [(item["id"], pytest.approx(item["score"], rel=1e-5)) for item in answer["items"]]
        for answer in answers}
    frame = recommend_for_all(
        str(model), spark.createDataFrame([(user,) for user in users], "customer long"), 7, library=library,
        user_column="customer")
    assert frame.dtypes == [("user", "bigint"), ("item", "string"), ("score", "float"), ("rank", "int")]
    assert lists(frame) == expected


def test_users_may_be_texts_and_strangers_get_nothing_if_so_asked(spark, library, model):
    users = spark.createDataFrame([("1",), ("nobody",), ("8",)], "user string")
    found = lists(recommend_for_all(str(model), users, 3, library=library, fallback=False, hide_seen=True))
    assert set(found) == {"1", "8"}
    seen = {(row[0], row[1]) for row in shop.events()}
    assert not any((int(user), item) in seen for user, own in found.items() for item, _ in own)


def test_a_model_and_a_library_that_are_sent_need_not_stay_where_they_were(spark, library, model, tmp_path):
    users = spark.createDataFrame([(1,), (8,)], "user long")
    expected = lists(recommend_for_all(str(model), users, 5, library=library))
    shutil.copy(model, tmp_path / "sent.reco")
    shutil.copy(library, tmp_path / "libsent.so")
    frame = recommend_for_all(
        str(tmp_path / "sent.reco"), users, 5, library=str(tmp_path / "libsent.so"), ship_model=True, ship_library=True)
    for path in tmp_path.iterdir():
        path.unlink()
    assert lists(frame) == expected


def test_users_who_are_to_be_forgotten_are_forgotten_on_executors_too(spark, reco, library, model, tmp_path):
    shutil.copy(model, tmp_path / "shop.reco")
    (tmp_path / "reco.yaml").write_text(f"events: {model.parent}/events.csv\nmodel: als\nout: shop.reco\n")
    reco("forget", "1", "--config", tmp_path / "reco.yaml")
    assert (tmp_path / "shop.reco.forgotten").exists()
    users = spark.createDataFrame([(1,), (8,), (999_999,)], "user long")
    found = lists(recommend_for_all(str(tmp_path / "shop.reco"), users, 5, library=library, ship_model=True))
    assert found[1] == found[999_999] != found[8]


def test_what_an_executor_cannot_see_names_the_node_and_the_path(spark, library, model, tmp_path, monkeypatch):
    users = spark.createDataFrame([(1,)], "user long")
    node = socket.gethostname()
    shutil.copy(model, tmp_path / "shop.reco")
    monkeypatch.chdir(tmp_path)  # which is not the folder of executors, so that what is below /proc/self is not the same
    with pytest.raises(RecoSparkError, match=f"^node {node} cannot see the model /proc/self/cwd/shop.reco: put it where"):
        recommend_for_all("/proc/self/cwd/shop.reco", users, library=library)
    shutil.copy(library, tmp_path / "libreco.so")
    with pytest.raises(RecoSparkError, match=f"^node {node} cannot see the library /proc/self/cwd/libreco.so$"):
        recommend_for_all(str(model), users, library="/proc/self/cwd/libreco.so")
    with pytest.raises(RecoSparkError, match=f"the driver on node {node} cannot see {tmp_path}/none.reco, which it is to send"):
        recommend_for_all(str(tmp_path / "none.reco"), users, library=library, ship_model=True)


def test_a_file_that_is_no_model_or_no_library_is_refused(spark, library, model, tmp_path):
    users = spark.createDataFrame([(1,)], "user long")
    cut = tmp_path / "cut.reco"
    cut.write_bytes(model.read_bytes()[:1000])
    with pytest.raises(RecoSparkError, match=r"^node \S+ cannot open \S+/cut.reco: "):
        recommend_for_all(str(cut), users, library=library)
    with pytest.raises(RecoSparkError, match=r"^node \S+ cannot load \S+/cut.reco: "):
        recommend_for_all(str(model), users, library=str(cut))
    monkey = {key: os.environ.pop(key) for key in ("RECO_LIBRARY",) if key in os.environ}
    try:
        with pytest.raises(RecoSparkError, match="ship_library needs library, or RECO_LIBRARY"):
            recommend_for_all(str(model), users, ship_library=True)
    finally:
        os.environ.update(monkey)


def test_questions_that_make_no_sense_are_refused(spark, library, model):
    users = spark.createDataFrame([(1,), (None,)], "user long")
    with pytest.raises(RecoSparkError, match="n is 0: it is between 1 and 100000"):
        recommend_for_all(str(model), users, 0, library=library)
    with pytest.raises(RecoSparkError, match="table users_df has no column customer"):
        recommend_for_all(str(model), users, library=library, user_column="customer")
    with pytest.raises(RecoSparkError, match="table users_df: column user is double"):
        recommend_for_all(str(model), users.selectExpr("cast(user as double) as user"), library=library)
    # These two are found out only where the frame is computed, which Spark reports in its own words around ours.
    with pytest.raises(Exception, match="RecoSparkError: table users_df: column user has nulls"):
        recommend_for_all(str(model), users, library=library).collect()
    with pytest.raises(Exception, match=r"RecoSparkError: node \S+ cannot ask \S+/shop.reco: filter, position 1"):
        recommend_for_all(str(model), users.dropna(), library=library, filter="prize < 3").collect()
