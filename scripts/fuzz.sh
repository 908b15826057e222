#!/bin/sh
# Fuzzes with libFuzzer and AddressSanitizer: scripts/fuzz.sh SECONDS [TARGET...]; each target gets SECONDS. With the word
# `build` instead, only the instrumented engine is compiled.
# What was found stands in .build-fuzz/TARGET.findings; an empty folder is what one hopes for.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
all="FuzzModel FuzzTables FuzzText FuzzExpression FuzzSafetensors FuzzWordPiece FuzzXGBoost FuzzLightGBM FuzzWord2Vec"
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all
build=$PWD/.build-fuzz
export SWIFT_BACKTRACE=enable=no

mkdir -p "$build"
swift build -c release --package-path Fuzz --scratch-path "$build" --quiet \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address
[ "$seconds" != build ] || exit 0
[ -x dist/bin/reco ] || make --no-print-directory all

# Seeds: small models of every kind, small tables of every form, a small encoder, texts.
seeds=$build/seeds
for target in $all; do mkdir -p "$seeds/$target"; done
Fuzz/small_bert.py "$build/bert"
cp "$build/bert/model.safetensors" "$seeds/FuzzSafetensors/bert"
dist/bin/reco import bert "$build/bert" --precision int8 --out "$build/encoder.reco" 2>/dev/null
cp Tests/Fixtures/trees/xgboost-* "$seeds/FuzzXGBoost"
cp Tests/Fixtures/trees/lightgbm-* "$seeds/FuzzLightGBM"
cp Tests/Fixtures/word2vec/vectors.* "$seeds/FuzzWord2Vec"
printf '2 2\ntea 3e38 -1\ncup 1e-40 0\n' >"$seeds/FuzzWord2Vec/sizes"
dist/bin/reco import lightgbm Tests/Fixtures/trees/lightgbm-categories.txt --out "$seeds/FuzzModel/trees-double" 2>/dev/null
dist/bin/reco import xgboost Tests/Fixtures/trees/xgboost-dart.ubj --out "$seeds/FuzzModel/trees-single" 2>/dev/null
# The first byte of a text says by which rules it is read.
printf '7The teapot! A\303\211 \343\201\213\343\202\231 \344\270\255\345\233\275 \352\260\201 e\314\201 $5.99 \377' >"$seeds/FuzzWordPiece/words"
printf '\041XR-500 usb-c 12\042 2,5 ml womens tshrit l\047eau caf\303\251 \347\267\221\350\214\266 \377 cha' >"$seeds/FuzzText/words"
printf '\132Stra\303\237e O\314\210l 1,000.50 kg \357\254\201lter \357\274\257' >"$seeds/FuzzText/german"
# The first byte of an expression says which values are live.
number=0
while IFS= read -r expression; do
    number=$((number + 1))
    printf '%s' "$((number % 4))$expression" >"$seeds/FuzzExpression/$number"
done <<'EOF'
price < 50 and category in ("c1", 'c2') and not tag("a")
score * if(tag("b1"), 1.2, 1) * exp(-coalesce(price, 90) / 30) + rank
stock > 0 and price not in (1, -2, 3e2, .5) or `größe` <> 4 and "x1" in `a b`
clamp(pow(price, 2), 1, 9) <= max(min(price, stock), abs(-price), sqrt(log(price))) and has(title)
starts_with(title, "thing ""1") or tag(`a b`, "x0") and title = 'thing 5' or category != "c3"
title in ("thing 1", "thing 2") or tags in ("a", "b2", "zz") or true and not false or category = category
EOF
table=$seeds/FuzzTables
# The first byte of a table's seed says how to read it: 0 items, 1 users, 2 and 3 events; strictly from 4 on.
printf '2user,item,event,weight,time\nann,tea,purchase,2,1700000000\n"b ""o"" b",cup,view,1,2023-11-14\n' >"$table/events.csv"
printf '6user\titem\ttime\n1\t7\t2023-11-14 22:13:20\n2\t8\t1700000000123\n' >"$table/events.tsv"
printf '0item,title,price,category,tags,colour:category\r\ntea,"Green, loose",4.5,kitchen,hot|loose,green\r\n' >"$table/items.csv"
printf '2user;item;rating\n1;2;5\n1;3;4.5\n' >"$table/semicolons.csv"
for file in events.csv events.tsv; do
    { printf 2; tail -c +2 "$table/$file" | gzip -c; } >"$table/$file.gz"
done
for model in $(dist/bin/reco models --json | grep -o '"name":"[^"]*","summary"' | cut -d'"' -f4); do
    # Rankers order what other models propose, and learn only where there is some history to replay.
    case $model in boosted-trees | mlp-ranker | wide-deep) set -- "item-knn,popularity,$model" 60 86400 "$@" ;; *) set -- "$model" 9 1 "$@" ;; esac
    for ids in letters numbers; do
        prefix=$([ $ids = letters ] && echo u || echo)
        awk -v p="$prefix" -v users="$2" -v step="$3" 'BEGIN { print "user,item,event,time"
            for (u = 1; u <= users; u++) for (i = 1; i <= 9; i++)
                if ((u * i) % 3) print p u "," p i "," (i % 2 ? "view" : "purchase") "," 1700000000 + step * u * i
            }' >"$build/shop.csv"
        awk -v p="$prefix" 'BEGIN { print "item,title,price,category,tags"; for (i = 1; i <= 10; i++)
            print p i ",Thing " i "," i * 1.5 "," (i % 2 ? "red" : "blue") ",a|b" i }' >"$build/things.csv"
        dist/bin/reco train --events "$build/shop.csv" --items "$build/things.csv" --model "$1" \
            --set encoder="$build/encoder.reco" --out "$seeds/FuzzModel/$model-$ids" 2>"$build/train.log" || {
            cat "$build/train.log"
            exit 1
        }
    done
    shift 3
done
# Models of labelled rows stand alone in their files.
awk 'BEGIN { print "label,size,colour"
    for (i = 0; i < 80; i++) print (i % 7 < 3 ? 1 : 0) "," (i % 9 ? i % 7 : "") ",c" i % 4 }' >"$build/rows.csv"
for model in boosted-trees mlp-ranker wide-deep; do
    [ $model = boosted-trees ] && setting=boosted-trees.trees=3 || setting=$model.precision=int8
    dist/bin/reco train --model $model --table "$build/rows.csv" --set $setting --out "$seeds/FuzzModel/rows-$model" \
        2>"$build/train.log" || { cat "$build/train.log"; exit 1; }
done

failed=
for target in "$@"; do
    mkdir -p "$build/$target.corpus" "$build/$target.findings"
    swiftc -sanitize=fuzzer,address -use-ld=lld "$build/release/lib$target.a" -o "$build/$target" \
        -lopenblas -llapacke -lstemmer -lz
    echo "fuzzing $target for $seconds s"
    "$build/$target" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
        -artifact_prefix="$build/$target.findings/" "$build/$target.corpus" "$seeds/$target" \
        >"$build/$target.log" 2>&1 || { failed="$failed $target"; grep -A30 'ERROR\|Fatal' "$build/$target.log" | head -60; }
    grep -E 'stat::(number|peak)' "$build/$target.log" || tail -20 "$build/$target.log"
done
[ -z "$failed" ] || { echo "FAILED: findings in $build for$failed"; exit 1; }
echo "$# targets passed without a finding"
