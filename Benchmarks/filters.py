"""What filters, boosts and live values add to a question, beside numpy, which finds the items that pass as a mask.

The shop is synthetic: prices, 200 categories, two tags of forty an item; what is bought is skewed as in a shop. Asked by
the C interface in this process, one thread.
"""

import ctypes
import os
import time

import numpy as np

from search import Hit, Query
from workshop import LIBRARY, median, reco, work

USERS = 20_000
ASKED = 200
BOOST = 'score * if(tag("t1"), 1.2, 1) * exp(-coalesce(price, 500) / 300)'


class Filtered(ctypes.Structure):
    _fields_ = [*Query._fields_, *[(name, kind) for name in ("filter", "boost")
                                   for name, kind in ((name, ctypes.c_char_p), (f"{name}_length", ctypes.c_size_t))],
                ("live", ctypes.c_void_p), ("live_count", ctypes.c_size_t), ("diversity", ctypes.c_float),
                ("reserved_2", ctypes.c_uint32), ("caps", ctypes.c_void_p), ("caps_length", ctypes.c_size_t),
                ("time", ctypes.c_int64), ("device", ctypes.c_void_p), ("device_length", ctypes.c_size_t)]


class Live(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("name_length", ctypes.c_size_t), ("items", ctypes.c_char_p),
                ("items_length", ctypes.c_size_t), ("values", ctypes.c_void_p), ("values_count", ctypes.c_size_t)]


def shop(count):
    """The model's path, and prices, categories and the first tags as arrays."""
    generator = np.random.default_rng(1)
    prices = generator.integers(0, 100_000, count) / 100
    categories = generator.integers(0, 200, count)
    tags = generator.integers(0, 20, (count, 2))
    path = work(f"filters-{count}.reco")
    if not os.path.exists(path):
        items, events = work("data", f"filter-items-{count}.csv"), work("data", f"filter-events-{count}.csv")
        with open(items, "w") as file:
            file.write("item,price,category,tags\n")
            for item in range(count):
                file.write(f"{item},{prices[item]},c{categories[item]},t{tags[item, 0]}|u{tags[item, 1]}\n")
        users = np.repeat(np.arange(USERS), 20)
        bought = (count * generator.random(len(users)) ** 3).astype(np.int64)
        with open(events, "w") as file:
            file.write("user,item\n" + "".join(f"{user},{item}\n" for user, item in zip(users, bought)))
        reco("train", "--events", events, "--items", items, "--model", "item-knn", "--out", path, "--json")
    return path, prices, categories, tags[:, 0]


class Model:
    def __init__(self, path):
        self.library = ctypes.CDLL(LIBRARY)
        self.model = ctypes.c_void_p()
        if self.library.reco_model_open(path.encode(), ctypes.c_size_t(len(path)), ctypes.byref(self.model), None):
            raise RuntimeError(f"cannot open {path}")

    def ask(self, user, filter=b"", boost=b"", live=None):
        """The rows, and the microseconds that the call took."""
        user = str(user).encode()
        buffer = ctypes.create_string_buffer(user)
        query = Filtered(struct_size=ctypes.sizeof(Filtered), limit=10, user=ctypes.addressof(buffer), user_length=len(user),
                         filter=filter, filter_length=len(filter), boost=boost, boost_length=len(boost),
                         live=ctypes.addressof(live) if live else None, live_count=1 if live else 0)
        hits, count = (Hit * 10)(), ctypes.c_uint32()
        arguments = (self.model, ctypes.byref(query), ctypes.c_size_t(1), hits, ctypes.c_size_t(10), ctypes.byref(count),
                     ctypes.c_size_t(1), None)
        start = time.perf_counter_ns()
        status = self.library.reco_model_query(*arguments)
        took = (time.perf_counter_ns() - start) / 1e3
        if status:
            raise RuntimeError(f"{filter} {boost} gave {status}")
        return [hit.row for hit in hits[: count.value]], took


def live_stock(count, number):
    """A struct for `number` items, and what has to outlive it."""
    chosen = np.random.default_rng(2).choice(count, number, replace=False)
    ids = b"\0".join(b"%d" % item for item in chosen)
    values = np.asarray(chosen % 2, np.float64)
    return Live(b"stock", 5, ids, len(ids), values.ctypes.data, number), ids, values


def measure(report, runs):
    for count in (50_000, 1_000_000):
        report.title(f"Filters: what they add to item-knn's answer of 10 over {count:,} items, microseconds, 1 thread")
        path, prices, categories, tags = shop(count)
        model = Model(path)
        users = np.random.default_rng(3).choice(USERS, ASKED, replace=False)
        stocks = {number: live_stock(count, number) for number in (100, 10_000)}
        kinds = [
            ("no filter", b"", b"", None, None),
            ("price < 500", b"price < 500", b"", None, lambda: prices < 500),
            ('price < 900 and not tag("t1")', b'price < 900 and not tag("t1")', b"", None,
             lambda: (prices < 900) & (tags != 1)),
            ('price < 500 and category in ("c1", "c2")', b'price < 500 and category in ("c1", "c2")', b"", None,
             lambda: (prices < 500) & np.isin(categories, (1, 2))),
            ("price < 1", b"price < 1", b"", None, lambda: prices < 1),
            ("price < 0, which nothing is", b"price < 0", b"", None, lambda: prices < 0),
            ("a boost", b"", BOOST.encode(), None, None),
            ("not (stock = 0), 100 live values", b"not (stock = 0)", b"", stocks[100][0], None),
            ("not (stock = 0), 10,000 live values", b"not (stock = 0)", b"", stocks[10_000][0], None),
        ]
        rows = [("", "p50", "p95", "numpy's mask", "pass")]
        for name, filter, boost, live, mask in kinds:
            times, peer, passing = [], [], ""
            for _ in range(runs):
                for user in users:
                    times.append(model.ask(user, filter, boost, live)[1])
                if mask:
                    start = time.perf_counter_ns()
                    passes = mask()
                    peer.append((time.perf_counter_ns() - start) / 1e3)
            if mask:
                passing = f"{int(passes.sum()):,}"
                found = model.ask(users[0], filter)[0]
                assert len(found) == min(10, int(passes.sum())) or passes.sum() < 40, (name, found)
            p50, p95 = np.percentile(times, (50, 95))
            rows.append((name, f"{p50:,.0f}", f"{p95:,.0f}", f"{median(peer):,.0f}" if peer else "", passing))
            if mask and name == "price < 500":
                report.keep(f"item-knn with a filter, {count:,} items, p50", f"{p50:,.0f} us",
                            f"numpy's mask alone: {median(peer):,.0f} us", f"{p50 / median(peer):.2f}")
        report.table(rows)
