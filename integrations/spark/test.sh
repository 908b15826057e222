#!/bin/sh
# Installs reco_spark with its own Spark into a virtual environment below SCRATCH, which is kept for the next time, checks the
# types and runs the tests. Needs Java 17, and `make` to have been run, or RECO_COMMAND and RECO_LIBRARY to be set. Where Spark
# cannot be had from PyPI, the tests are skipped, which is said.
#
#     integrations/spark/test.sh SCRATCH [pytest's arguments]      SPARK='4.*' for another Spark than 3.5
#     integrations/spark/test.sh SCRATCH prepare                   only fetches and installs
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=${1:?where may the virtual environment be?}
shift
mkdir -p "$scratch"
scratch=$(cd "$scratch" && pwd)
spark=${SPARK:-3.5.*}
command -v java >/dev/null || { echo "there is no java: apt-get install openjdk-17-jre-headless" >&2; exit 1; }

# Built from a copy, so that nothing is left in the source tree.
rm -rf "$scratch/source"
mkdir "$scratch/source"
cp -R "$here/pyproject.toml" "$here/README.md" "$here/src" "$scratch/source"
python=$scratch/venv/bin/python
pip() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }
wanted="$spark $(cat "$here/pyproject.toml")"
if [ "$(cat "$scratch/installed" 2>/dev/null)" != "$wanted" ]; then
    rm -f "$scratch/installed"
    python3 -m venv --clear "$scratch/venv"
    if ! pip "pyspark==$spark" xgboost-cpu scikit-learn "$scratch/source[test]"; then
        echo "skipped: Spark $spark cannot be had from PyPI here"
        exit 0
    fi
    echo "$wanted" >"$scratch/installed"
fi
[ "${1:-}" != prepare ] || exit 0

: "${RECO_COMMAND:=$here/../../dist/bin/reco}" "${RECO_LIBRARY:=$here/../../dist/lib/libreco.so}"
for file in "$RECO_COMMAND" "$RECO_LIBRARY"; do
    [ -e "$file" ] || { echo "there is no $file: run make" >&2; exit 1; }
done
pip --no-deps --force-reinstall "$scratch/source"
cd "$scratch/source"
MYPYPATH=src "$python" -m mypy --cache-dir "$scratch/mypy"
cd "$scratch"
export RECO_COMMAND RECO_LIBRARY PYTHONDONTWRITEBYTECODE=1
exec "$python" -m pytest -q -p no:cacheprovider --rootdir "$here" -c "$here/pyproject.toml" "$here/tests" "$@"
