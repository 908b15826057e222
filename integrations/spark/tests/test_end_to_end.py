"""From Parquet through Spark to a model file to PHP, with the answers held against those of whoever learned them."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy
import pytest
import shop
from columns import Folder

from reco_spark import recommend_for_all, train_bought_together, train_similarities, train_word2vec

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def imported(reco, factors, tmp_path_factory):
    """MLlib's factors as a model file."""
    path = tmp_path_factory.mktemp("imported") / "als.reco"
    reco("import", "folder", factors[1].path, "--out", path)
    return path


@pytest.fixture(scope="module")
def lists(spark, imported, library):
    """Everybody's list from the executors: (item, score) by user."""
    users = spark.createDataFrame([(user,) for user in sorted({row[0] for row in shop.events()})], "user long")
    found = {}
    for row in sorted(recommend_for_all(str(imported), users, 10, library=library).collect(), key=lambda row: row["rank"]):
        found.setdefault(row["user"], []).append((row["item"], row["score"]))
    return found


def test_lists_of_the_imported_factors_are_those_of_sparks_own_recommendforallusers(factors, prepared, lists):
    log = Folder(prepared[1])
    users, items = log.ids("users"), log.ids("items")
    spark_lists = {
        users[row["user"]]: [(items[each["item"]], each["rating"]) for each in row["recommendations"]]
        for row in factors[0].model.recommendForAllUsers(10).collect()}
    assert len(lists) == len(spark_lists) == shop.USERS
    equal = sum([item for item, _ in lists[user]] == [item for item, _ in own] for user, own in spark_lists.items())
    assert equal >= 0.999 * len(spark_lists)
    for user, own in spark_lists.items():
        assert [score for _, score in lists[user]] == pytest.approx([score for _, score in own], abs=1e-5)


def test_php_gives_the_same_lists(imported, library, lists, tmp_path):
    php = shutil.which("php")
    if php is None:
        pytest.skip("there is no php")
    (tmp_path / "lists.php").write_text(f"""<?php
use Reco\\Reco;
require {json.dumps(str(ROOT / "php" / "RecoFFI.php"))};
Reco::useLibrary($argv[1]);
$shop = Reco::open($argv[2]);
foreach (array_slice($argv, 3) as $user) {{
    echo $user, ' ', implode(' ', $shop->recommend(user: (int) $user, limit: 10)->ids()), "\\n";
}}
""")
    users = sorted(lists)[::20]
    answer = subprocess.run(
        [php, "-d", "ffi.enable=1", tmp_path / "lists.php", library, imported, *map(str, users)], check=True, capture_output=True,
        text=True)
    assert answer.stdout == "".join(f"{user} {' '.join(item for item, _ in lists[user])}\n" for user in users)


def test_one_machine_trains_on_the_folder_as_on_a_table_of_the_same_events(reco, prepared, tmp_path):
    # In the order in which the folder has them, for rows are numbered by first appearance.
    with open(tmp_path / "events.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "event", "weight", "time", "basket"])
        writer.writerows(Folder(prepared[1]).events())
    users = sorted({row[0] for row in shop.events()})
    (tmp_path / "users.txt").write_text("".join(f"{user}\n" for user in users))
    answers = []
    for events in (prepared[1], tmp_path / "events.csv"):
        model = tmp_path / "model.reco"
        reco("train", "--events", events, "--model", "item-knn,bought-together", "--out", model, "--threads", "1")
        lines = reco("recommend", model, "--users", tmp_path / "users.txt", "-n", "10", "--json").splitlines()
        answers.append([
            [(item["id"], pytest.approx(item["score"], rel=1e-4)) for item in json.loads(line)["items"]] for line in lines])
    folder, table = answers
    assert len(folder) == len(users) and all(len(own) == 10 for own in folder)
    # Sums may be added up in another order: items of (nearly) one score may change places.
    same = sum([item for item, _ in one] == [item for item, _ in other] for one, other in zip(folder, table))
    assert same >= 0.99 * len(users)


def test_neighbors_and_vectors_of_spark_go_into_one_model_file_and_answer(reco, spark, prepared, tmp_path):
    log = str(prepared[1])
    train_similarities(spark, log, str(tmp_path / "knn"), 5)
    train_bought_together(spark, log, str(tmp_path / "pairs"), 5)
    train_word2vec(spark, log, str(tmp_path / "vectors"), 8, minimum_count=2, iterations=2)
    model = tmp_path / "model.reco"
    reco("import", "folder", tmp_path / "knn", tmp_path / "pairs", tmp_path / "vectors", "--out", model)
    reco("verify", model)
    for name, question in (("knn", []), ("pairs", ["--together"])):
        folder = Folder(tmp_path / name)
        items = folder.ids("items")
        row = int(folder.column("item")[0])
        others = folder.column("other")[folder.column("item") == row]
        answer = json.loads(reco("similar", model, "--item", items[row], *question, "-n", str(len(others)), "--json"))
        assert [item["id"] for item in answer["items"]] == [items[other] for other in others]
    model = tmp_path / "vectors.reco"
    reco("import", "folder", tmp_path / "vectors", "--out", model)
    vectors = Folder(tmp_path / "vectors")
    items, unit = vectors.ids("items"), vectors.column("vectors", "items")
    unit = unit / numpy.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ unit[0]
    cosines[0] = -2
    answer = json.loads(reco("similar", model, "--item", items[0], "-n", "5", "--json"))
    assert [item["id"] for item in answer["items"]] == [items[row] for row in numpy.argsort(-cosines)[:5]]
