import math
from collections import defaultdict

import numpy
import pytest
import shop
from columns import Folder

from reco_spark import (
    Events, RecoSparkError, train_als, train_bought_together, train_ranker, train_similarities, train_word2vec)

KIND_WEIGHTS = {"view": 1, "purchase": 5}

def values():
    """The worth of each (user, item), and when it was last."""
    worth, latest = defaultdict(float), defaultdict(int)
    for user, item, kind, weight, time, _ in shop.events():
        worth[user, item] += KIND_WEIGHTS[kind] * (1 + math.log(weight))
        latest[user, item] = max(latest[user, item], time)
    return worth, latest


def test_factors_are_mllibs_under_the_ids_of_the_shop(prepared, factors):
    learned, folder = factors
    log = Folder(prepared[1])
    assert folder.manifest["kind"] == "vectors" and folder.manifest["model"] == "als" and folder.manifest["rank"] == 6
    for table, frame in (("users", learned.model.userFactors), ("items", learned.model.itemFactors)):
        ids = log.ids(table)
        vectors = folder.column("vectors", table)
        assert vectors.shape == (len(ids), 6) and vectors.dtype == numpy.float32
        ours = dict(zip(folder.ids(table), vectors.tolist()))
        assert ours == {ids[row["id"]]: list(row["features"]) for row in frame.collect()}


def test_the_objective_in_the_manifest_is_what_mllib_minimises(factors):
    folder = factors[1]
    objective = folder.manifest["objective"]
    assert (objective["frequency"], objective["frequency-scaling"]) == ("observed", 1)
    users, items = folder.ids("users"), folder.ids("items")
    x, y = folder.column("vectors", "users").astype(float), folder.column("vectors", "items").astype(float)
    of_user = defaultdict(dict)
    for (user, item), value in values()[0].items():
        of_user[user][items.index(item)] = value
    for row in range(0, len(users), 17):
        confidence, preference = numpy.full(len(items), float(objective["unobserved"])), numpy.zeros(len(items))
        for item, value in of_user[users[row]].items():
            confidence[item] = objective["confidence-offset"] + objective["alpha"] * value
            preference[item] = 1
        penalty = objective["regularization"] * len(of_user[users[row]])
        matrix = y.T @ (confidence[:, None] * y) + penalty * numpy.eye(6)
        assert x[row] == pytest.approx(numpy.linalg.solve(matrix, y.T @ (confidence * preference)), abs=1e-4)


def test_similarities_are_cosines_of_the_latest_items_of_each_user(spark, tmp_path):
    cap, neighbors = 8, 5
    frame = spark.createDataFrame(shop.events(), shop.SCHEMA)  # not prepared: that happens on the way
    learned = train_similarities(spark, frame, str(tmp_path / "knn"), neighbors, items_per_user=cap, support=2)
    assert [path.name for path in tmp_path.iterdir()] == ["knn"]
    worth, latest = values()
    of_user = defaultdict(list)
    for (user, item), time in latest.items():
        of_user[user].append((-time, item))
    items = sorted({item for _, item in worth})
    matrix = numpy.zeros((shop.USERS, len(items)))
    for number, (user, own) in enumerate(sorted(of_user.items())):
        for _, item in sorted(own)[:cap]:
            matrix[number, items.index(item)] = worth[user, item]
    unit = matrix / numpy.linalg.norm(matrix, axis=0)
    cosines = unit.T @ unit
    common = (matrix > 0).astype(int)
    cosines[(common.T @ common < 2) | numpy.eye(len(items), dtype=bool)] = 0
    check_neighbors(Folder(tmp_path / "knn"), "item-knn", items, cosines, neighbors, learned)


def test_bought_together_counts_baskets_by_recos_own_formula(spark, prepared, tmp_path):
    neighbors, shrinkage, discount = 4, 3.0, 0.3
    learned = train_bought_together(
        spark, str(prepared[1]), str(tmp_path / "pairs"), neighbors, items_per_basket=3, support=2, shrinkage=shrinkage,
        lift_discount=discount)
    baskets = defaultdict(set)
    for _, item, kind, _, _, basket in shop.events():
        if kind == "purchase":
            baskets[basket].add(item)
    kept = [basket for basket in baskets.values() if len(basket) <= 3]
    assert len(kept) < len(baskets)
    items = Folder(prepared[1]).ids("items")
    held = numpy.array([[item in basket for item in items] for basket in kept], float)
    together, n = held.T @ held, held.sum(0)
    chance = n / len(kept)
    with numpy.errstate(divide="ignore"):
        scores = (together + shrinkage * chance) / (n[:, None] + shrinkage) * chance ** -discount
    scores[(together < 2) | (together <= n[:, None] * chance) | numpy.eye(len(items), dtype=bool)] = 0
    check_neighbors(Folder(tmp_path / "pairs"), "bought-together", items, scores, neighbors, learned)


def check_neighbors(folder, model, items, expected, neighbors, learned):
    assert folder.manifest["kind"] == "neighbors" and folder.manifest["model"] == model
    assert folder.ids("items") == items
    item, other, score = (folder.column(name) for name in ("item", "other", "score"))
    assert numpy.all(numpy.diff(item.astype(int)) >= 0)
    assert (learned.pairs, learned.items) == (len(item), len(set(item.tolist())))
    assert numpy.allclose(score, expected[item, other], rtol=1e-5)
    for row in range(len(items)):
        best = numpy.sort(expected[row][expected[row] > 0])[::-1][:neighbors]
        assert score[item == row] == pytest.approx(best, rel=1e-5)


def test_baskets_that_nobody_names_are_cut_where_time_passes(spark, tmp_path):
    rows = [(1, item, 60 * minute) for item, minute in [(1, 0), (2, 20), (3, 45), (4, 80), (5, 100)]]
    rows += [(2, item, 60 * minute) for item, minute in [(1, 0), (2, 1), (4, 50), (5, 51), (3, 100)]]
    rows += [(3, item, 60 * 1000 * item) for item in range(1, 6)]
    frame = spark.createDataFrame(rows, "user int, item int, time long")
    train_bought_together(spark, frame, str(tmp_path / "pairs"), shrinkage=0, lift_discount=0)
    folder = Folder(tmp_path / "pairs")
    items = folder.ids("items")
    pairs = {(items[item], items[other]) for item, other in zip(folder.column("item"), folder.column("other"))}
    assert pairs == {(1, 2), (2, 1), (4, 5), (5, 4)}


def test_word2vec_puts_items_of_one_taste_side_by_side(spark, prepared, tmp_path):
    learned = train_word2vec(
        spark, str(prepared[1]), str(tmp_path / "vectors"), 8, minimum_count=2, iterations=12, learning_rate=0.1)
    folder = Folder(tmp_path / "vectors")
    assert folder.manifest["model"] == "item2vec" and "users" not in folder.manifest
    items, vectors = folder.ids("items"), folder.column("vectors", "items")
    assert len(items) == learned.items == shop.ITEMS and vectors.shape[1] == 8
    unit = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    tastes = numpy.array([int(item[1:]) % shop.TASTES for item in items])
    same = (tastes[:, None] == tastes) & ~numpy.eye(len(items), dtype=bool)
    assert cosines[same].mean() > cosines[tastes[:, None] != tastes].mean() + 0.2


@pytest.mark.parametrize(
    ("train", "options", "words"),
    [
        (train_als, {"rank": 0}, "rank is 0"),
        (train_als, {"alpha": -1}, "alpha is -1: it has to be above 0"),
        (train_als, {"weight_scale": "square"}, "there is no weight_scale square; there are log, linear, none"),
        (train_word2vec, {"sequences": "sentences"}, "there are no sequences sentences"),
        (train_word2vec, {"minimum_count": 10_000}, "no item has 10000 events"),
        (train_similarities, {"neighbors": 5000}, "neighbors is 5000: it is between 1 and 4000"),
        (train_bought_together, {"kinds": ["sale"]}, "there are no events of the kind sale; there are purchase, view"),
        (train_bought_together, {"lift_discount": 2}, "lift_discount is between 0 and 1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_is_written(spark, prepared, tmp_path, train, options, words):
    with pytest.raises(RecoSparkError, match=words):
        train(spark, str(prepared[1]), str(tmp_path / "out"), **options)
    assert list(tmp_path.iterdir()) == []


def test_a_kind_of_event_without_a_weight_is_named(spark, tmp_path):
    frame = spark.createDataFrame([(1, 1), (2, 1)], "user int, item int")
    with pytest.raises(RecoSparkError, match='events of the kind share have no weight: say kind_weights={"share": 2}'):
        train_als(spark, Events(frame, kind="share"), str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def judged(spark):
    """Rows of 60 queries in which the first feature decides and the second is noise."""
    rng = numpy.random.default_rng(3)
    rows = [
        (query, float(a), float(b), int(a * 3)) for query in range(60) for a, b in rng.random((8, 2))]
    return spark.createDataFrame(rows, "query int, a double, b double, label int")


def test_trees_that_two_workers_have_learned_are_saved_as_xgboosts_json(judged, spark, tmp_path):
    xgboost = pytest.importorskip("xgboost")
    learned = train_ranker(
        spark, judged, str(tmp_path / "trees.json"), ["a", "b"], group="query", trees=5, workers=2, max_depth=3)
    assert (learned.objective, learned.trees, learned.features) == ("rank:ndcg", 5, ["a", "b"])
    booster = xgboost.Booster(model_file=str(tmp_path / "trees.json"))
    rows = numpy.array([[0.1, 0.9], [0.5, 0.5], [0.95, 0.1]], numpy.float32)
    scores = booster.predict(xgboost.DMatrix(rows, feature_names=["a", "b"]))
    assert scores[0] < scores[1] < scores[2]
    assert [path.name for path in tmp_path.iterdir()] == ["trees.json"]
    with pytest.raises(RecoSparkError, match="is there already"):
        train_ranker(spark, judged, str(tmp_path / "trees.json"), ["a"])


def test_labels_of_zero_and_one_are_classified_and_what_is_null_is_missing(spark, tmp_path):
    xgboost = pytest.importorskip("xgboost")
    rows = [(float(number) if number % 5 else None, number > 50 or number % 5 == 0) for number in range(100)]
    frame = spark.createDataFrame(rows, "a double, label boolean").selectExpr("a", "cast(label as int) as label").coalesce(1)
    learned = train_ranker(spark, frame, str(tmp_path / "trees.json"), ["a"], trees=3)
    assert learned.objective == "binary:logistic"
    booster = xgboost.Booster(model_file=str(tmp_path / "trees.json"))
    low, high, missing = booster.predict(xgboost.DMatrix(numpy.array([[1], [99], [numpy.nan]]), feature_names=["a"]))
    assert low < 0.5 < min(high, missing)


def test_rows_that_trees_cannot_learn_from_are_named(judged, spark, tmp_path):
    pytest.importorskip("xgboost")
    out = str(tmp_path / "trees.json")
    texts = judged.withColumn("b", judged["b"].cast("string"))
    with pytest.raises(RecoSparkError, match="table rows: column b is string, and trees learn from numbers"):
        train_ranker(spark, texts, out, ["a", "b"])
    with pytest.raises(RecoSparkError, match=r"table rows has no column c"):
        train_ranker(spark, judged, out, ["a", "c"])
    assert list(tmp_path.iterdir()) == []


def test_without_xgboost_the_error_says_what_is_needed(judged, spark, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "xgboost.spark", None)
    with pytest.raises(RecoSparkError, match=r"train_ranker needs xgboost \(2 or newer\) and scikit-learn on the driver"):
        train_ranker(spark, judged, str(tmp_path / "trees.json"), ["a", "b"])
