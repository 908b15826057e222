"""Writes made-up events of any number, for measuring how training grows: users who each draw items from a Zipf law, a
part of them from a neighbourhood of their own, so that there is something to learn.

    python3 Benchmarks/synthetic_events.py --events 20000000 --users 200000 --items 100000 --out events.tsv.gz

The same arguments write the same file. Needs numpy.
"""

import argparse
import gzip

import numpy as np

CHUNK = 1 << 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--exponent", type=float, default=1.0, help="of the Zipf law: item k is drawn with k^-exponent")
    parser.add_argument("--taste", type=float, default=0.5, help="part of the events that come from the user's own taste")
    parser.add_argument("--groups", type=int, default=1000, help="how many tastes there are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True, help="a path; compressed if it ends in .gz")
    arguments = parser.parse_args()

    generator = np.random.default_rng(arguments.seed)
    zipf = np.cumsum(np.arange(1, arguments.items + 1, dtype=np.float64) ** -arguments.exponent)
    zipf /= zipf[-1]
    # Rank and number of an item have nothing to do with each other, nor have its popularity and its taste.
    item_of_rank = generator.permutation(arguments.items)
    per_group = max(1, arguments.items // arguments.groups)
    item_of_group = generator.permutation(arguments.items)
    group_law = np.cumsum(np.arange(1, per_group + 1, dtype=np.float64) ** -arguments.exponent)
    group_law /= group_law[-1]
    group_of_user = generator.integers(arguments.groups, size=arguments.users)

    opened = gzip.open(arguments.out, "wt", compresslevel=1) if arguments.out.endswith(".gz") else open(arguments.out, "w")
    with opened as file:
        file.write("user\titem\n")
        written = 0
        while written < arguments.events:
            count = min(CHUNK, arguments.events - written)
            users = generator.integers(arguments.users, size=count)
            items = item_of_rank[np.searchsorted(zipf, generator.random(count))]
            own = generator.random(count) < arguments.taste
            place = np.searchsorted(group_law, generator.random(count))
            places = (group_of_user[users] * per_group + place) % arguments.items
            items = np.where(own, item_of_group[places], items)
            lines = np.char.add(np.char.add(users.astype(str), "\t"), items.astype(str))
            file.write("\n".join(lines.tolist()) + "\n")
            written += count


if __name__ == "__main__":
    main()
