"""The real data sets: reco reads the files, the peers get the same pairs as a sparse matrix."""

import os

import numpy as np
import pandas as pd
from scipy import sparse

from workshop import DATA, work


class DataSet:
    """Training pairs and held-out pairs; rows are numbered by first appearance in training."""

    def __init__(self, name, weight_scale="none"):
        self.name = name
        self.weight_scale = weight_scale
        self.train_path = os.path.join(DATA, name, "train.tsv.gz")
        self.test_path = os.path.join(DATA, name, "test.tsv.gz")
        train = pd.read_csv(self.train_path, sep="\t", dtype={"user": str, "item": str})
        test = pd.read_csv(self.test_path, sep="\t", dtype={"user": str, "item": str})
        user_rows, self.users = pd.factorize(train.user)
        item_rows, self.items = pd.factorize(train.item)
        values = np.ones(len(train))
        if weight_scale == "log":  # as docs/training.md describes it, for weights of 1 and more
            values = 1 + np.log(train.weight.to_numpy())
        self.train = sparse.csr_matrix(
            (values.astype(np.float32), (user_rows, item_rows)), shape=(len(self.users), len(self.items)))
        self.train.sum_duplicates()
        self.test_users, self.relevant = self._relevant(test)

    @staticmethod
    def is_here(name):
        return os.path.exists(os.path.join(DATA, name, "train.tsv.gz"))

    def _relevant(self, test):
        """Test users by row (-1: not in training) and the set of test items by row of each; items that training does
        not know are -1, -2 ... What a user has in training already is no test item; who has no other is no test user.
        """
        users = {user: row for row, user in enumerate(self.users)}
        items = {item: row for row, item in enumerate(self.items)}
        wanted = {}
        for user, item in zip(test.user, test.item):
            wanted.setdefault(users.get(user, user), set()).add(items.get(item, item))
        rows, relevant = [], []
        for user, chosen in wanted.items():
            row = user if isinstance(user, int) else -1
            known = {item for item in chosen if isinstance(item, int)}
            if row >= 0:
                known -= set(self.train.indices[self.train.indptr[row] : self.train.indptr[row + 1]].tolist())
            new = known | {-1 - place for place in range(sum(isinstance(item, str) for item in chosen))}
            if new:
                rows.append(row)
                relevant.append(new)
        return np.array(rows), relevant

    def matrix_path(self):
        path = work("data", f"{self.name}-{self.weight_scale}.npz")
        sparse.save_npz(path, self.train)
        return path

    def train_arguments(self):
        return ["--events", self.train_path, "--set", f"weight-scale={self.weight_scale}"]

    def __str__(self):
        users, items = self.train.shape
        return f"{self.name}: {users:,} users, {items:,} items, {self.train.nnz:,} pairs"
