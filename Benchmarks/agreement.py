"""Does `reco evaluate` say what numpy says about the same lists?"""

import json
import subprocess

import numpy as np

from datasets import DataSet
from metrics import evaluate
from training import ALS, ITEM_KNN
from workshop import RECO, reco, work

DEPTH = 100  # how far reco looks for the first hit (mrr)


def lists_of_reco(path, data):
    """`reco recommend --users` for all test users, as rows of the data set."""
    names = work("data", f"{data.name}-test-users.txt")
    with open(names, "w") as file:
        file.writelines(f"{data.users[row]}\n" for row in data.test_users)
    command = [RECO, "recommend", path, "--users", names, "-n", str(DEPTH), "--json"]
    answers = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = {item: row for row, item in enumerate(data.items)}
    lists = np.full((len(data.relevant), DEPTH), -1)
    for place, line in enumerate(answers):
        found = [rows[hit["id"]] for hit in json.loads(line)["items"]]
        lists[place, : len(found)] = found
    return lists


def measure(report, _):
    report.title("Agreement: reco evaluate, and numpy over the lists of reco recommend")
    rows = [("", "metric", "reco evaluate", "numpy", "difference")]
    for name in ("ml-1m", "gowalla", "online-retail"):
        if not DataSet.is_here(name):
            report.say(f"../shared/data/{name} is not there: skipped")
            continue
        data = DataSet(name)
        for model in (ALS, ITEM_KNN):
            out = model.train(data, 2, 1)[0].out
            ours = reco("evaluate", out, "--test", data.test_path, "--k", "10,20", "--json")["metrics"]
            theirs = evaluate(lists_of_reco(out, data), data.relevant, len(data.items))
            assert ours.keys() == theirs.keys()
            largest = max(abs(ours[metric] - theirs[metric]) for metric in ours)
            for metric in ours:
                rows.append((
                    f"{model.name}, {name}", metric, f"{ours[metric]:.8f}", f"{theirs[metric]:.8f}",
                    f"{abs(ours[metric] - theirs[metric]):.1e}"))
            report.keep(
                f"evaluation of {model.name}, {name}, {len(ours)} metrics", f"recall@20 {ours['recall@20']:.6f}",
                f"numpy {theirs['recall@20']:.6f}", f"differ by {largest:.0e}", "6 digits", largest < 5e-7)
    if len(rows) > 1:
        report.table(rows)
