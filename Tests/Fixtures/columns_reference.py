"""Writes factors as NumPy, implicit, LightFM and scikit-learn leave them, and what follows from them: Fixtures/columns.

Usage: columns_reference.py        (needs numpy)
"""

import json
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent / "columns"
folder.mkdir(exist_ok=True)
generator = np.random.default_rng(7)
users, items, rank = 6, 9, 3
user_factors = generator.normal(size=(users, rank)).astype(np.float32)
item_factors = generator.normal(size=(items, rank)).astype(np.float32)
item_biases = generator.normal(size=items).astype(np.float32)
user_biases = generator.normal(size=users).astype(np.float32)
user_ids = [str(100 + user) for user in range(users)]
item_ids = [f"item-{item}" if item else "türkis" for item in range(items)]

# As implicit's save(): numbers of its own beside the tables, and a text.
arrays = {"user_factors": user_factors, "item_factors": item_factors, "regularization": 0.25, "alpha": 2.0, "dtype": "float32"}
np.savez(folder / "stored.npz", **arrays)
np.savez_compressed(folder / "packed.npz", **arrays)
np.save(folder / "items.npy", item_factors.astype(np.float64))
np.save(folder / "users.npy", np.asfortranarray(user_factors))
np.save(folder / "components.npy", np.ascontiguousarray(item_factors.T))
np.save(folder / "item-biases.npy", item_biases)
np.save(folder / "user-biases.npy", user_biases.astype(np.float16))
np.save(folder / "user-ids.npy", np.array([int(each) for each in user_ids], dtype=np.int32))
(folder / "item-ids.txt").write_text("\n".join(item_ids) + "\n")
(folder / "user-ids.txt").write_text("\r\n".join(user_ids))


def best(scores):
    return {
        user: [[item_ids[item], float(row[item])] for item in np.argsort(-row, kind="stable")]
        for user, row in zip(user_ids, scores)
    }


plain = user_factors @ item_factors.T
biased = plain + item_biases + user_biases.astype(np.float16).astype(np.float32)[:, None]
expected = {"plain": best(plain), "biased": best(biased)}
(folder / "best.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
