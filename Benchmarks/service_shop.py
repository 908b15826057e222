"""A made-up shop: what it sells and what happened in six weeks, as reco and its peer read them. The same every time."""

import os

import numpy as np

from workshop import work

ITEMS, USERS, VISITS = 50_000, 20_000, 120_000
CATEGORIES, BRANDS = 250, 800
DAYS, END = 42, 1_760_000_000
KINDS = np.array(["view", "cart", "purchase"])


def zipf(generator, size, count, exponent=0.8):
    law = np.cumsum(np.arange(1, size + 1) ** -exponent)
    return np.searchsorted(law / law[-1], generator.random(count))


def items(generator, path):
    category = np.arange(ITEMS) % CATEGORIES
    brand = (category * 7 + zipf(generator, 40, ITEMS)) % BRANDS
    price = generator.integers(100, 100_000, ITEMS) / 100
    kinds, makers = generator.integers(0, 5000, (CATEGORIES, 30)), generator.integers(0, 20_000, BRANDS)
    words = kinds[category[:, None], generator.integers(0, 30, (ITEMS, 3))]
    with open(path, "w") as file:
        file.write("item,title,category,brand,price\n")
        for item in range(ITEMS):
            title = " ".join([f"maker{makers[brand[item]]}", *(f"word{word}" for word in words[item])])
            file.write(f"{1000 + item},{title},category {category[item]},brand {brand[item]},{price[item]:.2f}\n")


def events(generator, path):
    """Visits of six looks or so in one of the user's few categories, some of which end in the cart and some are bought,
    often with what goes with it."""
    user = zipf(generator, USERS, VISITS, 0.4)
    likes = generator.integers(0, CATEGORIES, (USERS, 4))
    category = likes[user, zipf(generator, 4, VISITS)]
    time = END - (generator.random(VISITS) * DAYS * 86_400).astype(np.int64)
    length = 1 + generator.poisson(5, VISITS)
    visit = np.repeat(np.arange(VISITS), length)
    place = np.arange(len(visit)) - np.repeat(np.cumsum(length) - length, length)
    count = len(visit)
    # What is new sells better: the order of popularity moves on a little every week.
    week = (END - time[visit]) // (7 * 86_400)
    own = ((zipf(generator, ITEMS // CATEGORIES, count) + 5 * week) % (ITEMS // CATEGORIES)) * CATEGORIES + category[visit]
    anything = zipf(generator, ITEMS, count)
    item = np.where(generator.random(count) < 0.75, own, anything)
    kind = generator.choice(3, count, p=[0.72, 0.12, 0.16])
    # The companion of an item, in another category, in the same visit.
    goes = np.flatnonzero((kind == 2) & (generator.random(count) < 0.4))
    user_of = np.concatenate([user[visit], user[visit[goes]]])
    item = np.concatenate([item, (item[goes] * 17 + 11) % ITEMS])
    time_of = np.concatenate([time[visit] + 40 * place, time[visit[goes]] + 40 * place[goes] + 10])
    kind = np.concatenate([kind, np.full(len(goes), 2)])
    order = np.argsort(time_of, kind="stable")
    with open(path, "w") as file:
        file.write("user,item,event,time\n")
        for row in order:
            file.write(f"{user_of[row]},{1000 + item[row]},{KINDS[kind[row]]},{time_of[row]}\n")


def shop():
    """Paths of the events and of the items."""
    paths = work("service", "shop-events.csv"), work("service", "shop-items.csv")
    generator = np.random.default_rng(11)
    if not all(map(os.path.exists, paths)):
        items(generator, paths[1])
        events(generator, paths[0])
    return paths
