"""Turns a leave-one-out file into what `reco evaluate --test FILE --candidates FILE` reads.

    python3 Benchmarks/leave_one_out.py ../shared/data/ml-1m/loo_test.tsv.gz OUT_FOLDER

The input has the columns user_id, test_item and neg99: a user, the one item held out, and items that the user never had,
separated by spaces. Out come test.tsv and candidates.tsv, both user,item. Without the input it says so and does nothing.
"""

import csv
import gzip
import os
import sys


def main(source, folder):
    if not os.path.exists(source):
        print(f"{source} is not there: skipped")
        return
    os.makedirs(folder, exist_ok=True)
    users = negatives = 0
    with gzip.open(source, "rt", newline="") as rows, \
            open(os.path.join(folder, "test.tsv"), "w") as test, \
            open(os.path.join(folder, "candidates.tsv"), "w") as candidates:
        test.write("user\titem\n")
        candidates.write("user\titem\n")
        for row in csv.DictReader(rows, delimiter="\t"):
            user = row["user_id"]
            test.write(f"{user}\t{row['test_item']}\n")
            others = row["neg99"].split()
            candidates.writelines(f"{user}\t{item}\n" for item in others)
            users += 1
            negatives += len(others)
    print(f"{folder}: {users:,} users, one test item against {negatives / max(users, 1):.1f} others on average")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
