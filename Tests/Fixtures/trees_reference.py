"""Recorded references of imported trees: writes Tests/Fixtures/trees, small models as XGBoost and LightGBM save them and
what they predict. Needs numpy, lightgbm and xgboost (made with 4.7.0 and 3.2.0).
"""
import json
import os

import lightgbm
import numpy as np
import xgboost

FEATURES = 4  # the third is categorical


def table(count):
    """Rows by formula: numbers with ties at thresholds, categories 0 to 8, gaps."""
    k = np.arange(count)
    rows = np.stack([np.sin(k * 1.7) * 2, k * 37 % 11 / 2 - 2, k * 5 % 9, np.cos(k * 0.9)], 1).astype("f4")
    for feature, step in enumerate((7, 5, 11, 13)):
        rows[k % step == step - 1, feature] = np.nan
    return rows


ROWS = table(400)
PROBE = np.concatenate([ROWS[:20], np.array(
    [[np.nan] * 4, [0, 0, 0, 0], [1e30, -1e30, 8, 1], [-1e30, 1e30, 30, -1], [0.5, 1, 200, 1e-36]], "f4")])
TRUTH = np.nan_to_num(ROWS[:, 0]) + (np.nan_to_num(ROWS[:, 2], nan=4) % 3 == 1) * 2 - np.nan_to_num(ROWS[:, 1]) / 3
LABELS = {"number": TRUTH, "binary": (TRUTH > 0.3).astype(float), "positive": np.exp(TRUTH / 3),
          "relevance": np.clip(np.round(TRUTH + 1), 0, 3)}


def xgboost_models():
    for name, labels, settings in [
        ("squared-error", "number", {"objective": "reg:squarederror"}),
        ("logistic", "binary", {"objective": "binary:logistic", "base_score": 0.3}),
        ("logitraw", "binary", {"objective": "binary:logitraw", "base_score": 0.3}),
        ("hinge", "binary", {"objective": "binary:hinge"}),
        ("poisson", "positive", {"objective": "count:poisson"}),
        ("ndcg", "relevance", {"objective": "rank:ndcg"}),
        ("categories", "number", {"objective": "reg:squarederror", "categorical": True, "max_cat_to_onehot": 3}),
        ("dart", "binary", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5, "seed": 3}),
    ]:
        settings = {"max_depth": 3, "eta": 0.4, "nthread": 1, "seed": 1, **settings}
        kinds = {"feature_types": ["q", "q", "c", "q"], "enable_categorical": True} if settings.pop("categorical", 0) else {}
        rows, probe = ROWS.copy(), PROBE.copy()
        if kinds:
            probe[:, 2] = np.where(probe[:, 2] > 40, np.nan, probe[:, 2])
        data = xgboost.DMatrix(rows, label=LABELS[labels], **kinds)
        if labels == "relevance":
            data.set_group([40] * 10)
        booster = xgboost.train(settings, data, 3)
        probed = xgboost.DMatrix(probe, **kinds)
        yield name, bytes(booster.save_raw("json")), bytes(booster.save_raw("ubj")), probe, booster.predict(
            probed, output_margin=True), booster.predict(probed)


def lightgbm_models():
    for name, labels, settings in [
        ("regression", "number", {"objective": "regression"}),
        ("binary", "binary", {"objective": "binary", "sigmoid": 0.7}),
        ("poisson", "positive", {"objective": "poisson"}),
        ("lambdarank", "relevance", {"objective": "lambdarank"}),
        ("categories", "number", {"objective": "regression", "categorical": True, "max_cat_to_onehot": 2, "cat_smooth": 1,
                                  "min_data_per_group": 5, "cat_l2": 1}),
        ("zero-as-missing", "number", {"objective": "regression", "zero_as_missing": True}),
        ("no-missing", "number", {"objective": "regression", "use_missing": False}),
        ("random-forest", "binary", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}),
    ]:
        settings = {"num_leaves": 6, "min_data_in_leaf": 5, "learning_rate": 0.4, "num_threads": 1, "seed": 1, "verbose": -1,
                    "deterministic": True, **settings}
        kinds = {"categorical_feature": [2]} if settings.pop("categorical", 0) else {}
        data = lightgbm.Dataset(ROWS.astype("f8"), LABELS[labels], free_raw_data=False, **kinds)
        if labels == "relevance":
            data.set_group([40] * 10)
        booster = lightgbm.train(settings, data, 3)
        text = booster.model_to_string()
        text = text[: text.index("\nparameters:")]
        probe = PROBE.astype("f8")
        raw = booster.predict(probe, raw_score=True) / (3 if name == "random-forest" else 1)
        yield name, text, PROBE, raw, booster.predict(probe)


def numbers(values):
    return [None if np.isnan(value) else float(value) for value in np.ravel(values)]


def main(folder):
    os.makedirs(folder, exist_ok=True)
    recorded = []

    def keep(name, files, probe, raw, predictions):
        for ending, content in files.items():
            with open(os.path.join(folder, f"{name}.{ending}"), "wb") as file:
                file.write(content)
        recorded.append({"name": name, "files": [f"{name}.{ending}" for ending in files], "rows": numbers(probe),
                         "raw": numbers(raw), "predictions": numbers(predictions)})

    for name, as_json, as_ubj, probe, raw, predictions in xgboost_models():
        keep(f"xgboost-{name}", {"json": as_json, "ubj": as_ubj}, probe, raw, predictions)
    for name, text, probe, raw, predictions in lightgbm_models():
        keep(f"lightgbm-{name}", {"txt": text.encode()}, probe, raw, predictions)
    with open(os.path.join(folder, "predictions.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in recorded) + "\n]\n")


if __name__ == "__main__":
    main(os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees"))
