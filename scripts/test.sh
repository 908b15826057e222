#!/bin/sh
# Runs every test against what `make` built in dist/; `make test` calls it. One line for each part, all of what a part
# said where it fails, and the logs in .build-dist/logs.
set -u
cd "$(dirname "$0")/.."
logs=.build-dist/logs
mkdir -p "$logs"
failures=$logs/failures # a line for each part that failed; parts may run beside each other
: >"$failures"

part() { # NAME COMMAND...
    name=$1
    shift
    log=$logs/$(echo "$name" | tr ' ' '-').log
    begin=$(date +%s)
    if "$@" >"$log" 2>&1; then verdict=ok; else
        verdict=FAILED
        echo "$name" >>"$failures"
    fi
    last=$(grep -a 'Test run with' "$log" || tail -1 "$log")
    echo "$verdict  $name, $(($(date +%s) - begin)) s: $(echo "$last" | sed 's/^[^A-Za-z0-9]*//')"
    if [ $verdict = FAILED ]; then
        # A test run says thousands of lines; here are those about failures, the rest is in the log.
        grep -aE '✘|error:|^ *failed|^  [^ ]|FAILED|^=+[0-9]+=+ERROR|which stands below|imports|^[0-9]+\) |^Failed asserting' "$log" | head -40
        echo "    its last words:"
        tail -5 "$log"
        echo "    the whole log: $log"
    fi
}

# The tests link the BLAS that is shipped. A crash ends at once: the backtracer can hang where a sanitizer watches.
flags=$(sed 's/^-/ -/; s/ -/ -Xlinker -/g' .build-dist/blas/flags)
export SWIFT_BACKTRACE=enable=no
# shellcheck disable=SC2086
swift_tests() { swift test --disable-xctest "$@" $flags; }

end() {
    [ ! -s "$failures" ] || { echo "failed: $(paste -sd, "$failures")"; exit 1; }
    exit 0
}

format() { scripts/check-format || true; } # worth a line, not a failure

part "format" format
part "dependencies of folders" scripts/check-dependencies
if [ "${1:-}" = sanitize ]; then
    # Half an hour: `make sanitize`. The fuzzers below are built with the sanitizer in any case.
    part "engine and command under AddressSanitizer" swift_tests --sanitize=address --scratch-path .build-asan
    end
fi
part "engine and command" swift_tests
part "build" Tests/BuildTests/run.sh
# One processor each, most of the time.
{
    part "C interface" Tests/RecoCABITests/run.sh dist
    part "PHP" env RECO_LIBRARY="$PWD/dist/lib/libreco.so" phpunit -c php
    # Two executors, some of which are killed.
    part "Spark" integrations/spark/test.sh .build-dist/spark
} &
part "examples" Tests/ExampleTests/run.sh
part "demo shop" Tests/ExampleTests/shop.sh
part "faults" Tests/ExampleTests/faults.sh
wait
part "README" scripts/check-readme.sh
part "fuzzing" scripts/fuzz.sh 3

end
