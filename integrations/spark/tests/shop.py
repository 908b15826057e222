"""A small made-up shop whose right answers are known: users of four tastes who buy within theirs."""

from __future__ import annotations

import random

USERS, ITEMS, TASTES = 240, 80, 4
START = 1_700_000_000
SCHEMA = "user long, item string, event string, weight double, time long, basket string"


def events(seed=1):
    """(user, item, event, weight, time, basket), each once, in no order of time."""
    rng = random.Random(seed)
    rows = {}
    for user in range(USERS):
        taste = user % TASTES
        time = START + rng.randrange(86_400)
        for visit in range(rng.randint(2, 5)):
            time += rng.randint(86_400, 5 * 86_400)
            for step in range(rng.randint(1, 6)):
                item = rng.randrange(taste, ITEMS, TASTES) if rng.random() < 0.9 else rng.randrange(ITEMS)
                kind = rng.choice(["view", "view", "purchase"])
                basket = f"o{user}-{visit}" if kind == "purchase" else None
                row = (user * 7 - 20, f"i{item:02d}", kind, float(rng.randint(1, 3)), time + 60 * step, basket)
                rows[row[:3] + row[4:]] = row
    rows = list(rows.values())
    rng.shuffle(rows)
    return rows
