#!/bin/sh
# Runs what README.md shows: trains on its tables, then runs its PHP, C and Swift as they stand there.
#
#     scripts/check-readme.sh [--swift]      --swift too, which builds RecoKit once more (minutes)
#
# Needs what `make` leaves in dist/.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The code blocks of a language, each into a file of its own: LANGUAGE.1, LANGUAGE.2 ...
awk -v work="$work" '
    /^```$/ && block { close(file); block = 0; next }
    /^```[a-z]+$/ { language = substr($0, 4); file = work "/" language "." ++count[language]; block = 1; next }
    block { print > file }
' README.md

fail() { echo "README.md: $*" >&2; exit 1; }
expect() { grep -q "$2" "$1" || fail "the $3 block printed no $2: $(cat "$1")"; }

cd "$work"
mv csv.1 orders.csv
mv csv.2 products.csv
printf 'user,item\n42,1040\n8,1033\n' >later.csv
sed -n '/^reco /p' sh.2 >train.sh
[ "$(wc -l <train.sh)" = 3 ] || fail "the training block does not have three commands"
PATH=$root/dist/bin:$PATH sh -eu train.sh >train.out 2>&1 || fail "the training block failed: $(cat train.out)"
[ -s shop.reco ] || fail "training left no shop.reco"

ln -s "$root/php" php
RECO_LIBRARY=$root/dist/lib/libreco.so php -d display_errors=stderr php.1 >php.out || fail "the PHP block failed"
expect php.out "1040 Honey, from " PHP
[ "$(tail -1 php.out | wc -w)" = 3 ] || fail "the PHP block did not rank three items: $(tail -1 php.out)"

cp c.1 shop.c
cc -std=c11 -Wall -Wextra -Werror -I "$root/dist/include" shop.c -L "$root/dist/lib" -lreco -Wl,-rpath,"$root/dist/lib" \
    -o shop
./shop >c.out || fail "the C block failed: $(cat c.out)"
expect c.out "Honey, from " C

if [ "${1:-}" = --swift ]; then
    mkdir -p package/Sources/Shop
    cp swift.1 package/Sources/Shop/main.swift
    cat >package/Package.swift <<END
// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Shop",
    dependencies: [.package(name: "reco", path: "$root")],
    targets: [.executableTarget(name: "Shop", dependencies: [.product(name: "RecoKit", package: "reco")])])
END
    swift build --package-path package --scratch-path "$root/.build-readme" --quiet
    "$root/.build-readme/debug/Shop" >swift.out || fail "the Swift block failed"
    expect swift.out "^1040 " Swift
fi
echo "README.md: its ${1:+Swift, }commands, PHP and C run"
