#!/bin/sh
# Tests the C interface as a C program sees it: the header, the library's outside, and every function.
# Usage: run.sh [DIST]; DIST is what `make` left behind.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dist=$(cd "${1:-$here/../../dist}" && pwd) || exit 1
header=$dist/include/reco.h
library=$dist/lib/libreco.so
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# NAME COMMAND...: the name is a sentence; what the command says is shown if it fails.
try() {
    sentence=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $sentence"
        sed 's/^/  /' "$work/said"
    fi
}

# ---- the header

echo '#include <reco.h>' >alone.c
cp alone.c alone.cc
echo '#include <reco.h>
#include <reco.h>
int main(void) { return reco_version() == 0; }' >twice.c

sed -n 's/^ \*     //p' "$header" | sed '/^#include <reco.h>/,/^}/!d' >first.c

functions_of_header() {
    cc -E -P "-I$dist/include" alone.c | grep -oE '\breco_[a-z_]+ *\(' | tr -d ' (' | sort -u
}
functions_of_library() { nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u; }
same_functions() {
    functions_of_header >in_header
    functions_of_library >in_library
    [ -s in_header ] && diff in_header in_library
}

strict="-pedantic -Wall -Wextra -Werror -I$dist/include -fsyntax-only"
# shellcheck disable=SC2086
{
    try "the header alone is C99" cc -std=c99 $strict alone.c
    try "the header alone is C11" cc -std=c11 $strict alone.c
    try "the header alone is C++11" c++ -std=c++11 $strict alone.cc
    try "the header may be included twice" cc -std=c99 $strict twice.c
    try "the program that the header begins with compiles" cc -std=c99 $strict -x c first.c
}
try "the program that the header begins with is there" grep -q reco_model_query first.c
try "the functions of the header are the symbols of the library, and the other way round" same_functions

# ---- the library's outside

needs_only_the_system() {
    # Loaded as shared libraries where the static archives are missing; then there is nothing to check here.
    readelf -d "$library" | grep -q 'NEEDED.*openblas' && return 0
    ldd "$library" | awk '{ print $1 }' | sed 's/.*\///; s/\.so.*//' |
        grep -vxE 'linux-vdso|linux-gate|libc|libm|libgcc_s|libstdc\+\+|ld-linux.*|ld64' && return 1
    return 0
}
has_dynamic() { readelf -d "$library" | grep -q "$1"; }
has_no_writable_code() { ! readelf -lW "$library" | grep -E ' RWE ' && ! has_dynamic TEXTREL; }
pkg_config_finds_it() {
    flags=$(PKG_CONFIG_PATH=$dist/lib/pkgconfig pkg-config --cflags --libs reco) && echo "$flags" &&
        [ "$(cd "$(echo "$flags" | sed 's/.*-L\([^ ]*\).*/\1/')" && pwd)" = "$dist/lib" ]
}
the_version_is_everywhere_the_same() {
    echo '#include <reco.h>
#include <stdio.h>
int main(void) { return puts(reco_version()) < 0; }' >version.c
    # shellcheck disable=SC2046
    cc $(PKG_CONFIG_PATH=$dist/lib/pkgconfig pkg-config --cflags reco) version.c -o version -L"$dist/lib" -lreco &&
        version=$(LD_LIBRARY_PATH=$dist/lib ./version) && echo "$version" &&
        [ "$version" = "$(PKG_CONFIG_PATH=$dist/lib/pkgconfig pkg-config --modversion reco)" ] &&
        has_dynamic "SONAME.*libreco.so.${version%%.*}]"
}
try "the library needs nothing but the system's own libraries" needs_only_the_system
try "the library stays when it is unloaded" has_dynamic 'FLAGS_1.*NODELETE'
try "the library resolves its symbols when it is loaded" has_dynamic 'FLAGS_1.*NOW'
try "the library has no code that can be written to" has_no_writable_code
try "pkg-config finds the library wherever it lies" pkg_config_finds_it
try "the version is everywhere the same" the_version_is_everywhere_the_same

# ---- every function; each program counts its own tests

flags="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -I$dist/include -I$here"
linked="-L$dist/lib -lreco -lm -pthread -Wl,-rpath,$dist/lib"
program() { # NAME KIND ARGUMENT...: a folder of its own, so that files of one test do not meet those of another
    name=$1
    kind=$2
    shift 2
    mkdir -p "$name-$kind"
    extra=
    [ "$kind" = plain ] || extra="-fsanitize=$kind -fno-omit-frame-pointer"
    # shellcheck disable=SC2086
    (cc $flags $extra "$here/$name.c" -o "$name-$kind/program" $linked && cd "$name-$kind" && ./program "$@") \
        >"$work/said" 2>&1
    status=$?
    sed '$!{/^  \|^load:\|==\|SUMMARY/!d}' "$work/said" | sed "s/\$/$([ "$kind" = plain ] || echo " ($kind)")/"
    if [ $status = 0 ]; then
        passed=$((passed + $(sed -n '$s/.*: \([0-9]*\) passed.*/\1/p' "$work/said")))
    else
        failed=$((failed + 1))
        echo "failed: $name $kind $* (status $status)"
    fi
}
for name in handles rows training; do
    program $name plain
    program $name address
done
for models in popularity als item-knn svd ease rp3beta,gf-cf trending,session-knn,buy-again user-knn,bought-together \
    item2vec als,item-knn; do
    program questions plain $models
done
for models in bm25 tfidf item-knn,bm25; do program search plain $models; done
program search address item-knn,bm25
for models in popularity als,item-knn user-knn,bought-together; do program filters plain $models; done
program filters address item-knn,bm25
program questions plain item-knn,bm25
program questions address als,item-knn
program questions address user-knn,bought-together
program fork plain
program threads plain
program replace plain
program forgotten plain "$dist/bin/reco"
program forgotten address "$dist/bin/reco"
program damage plain als,item-knn,svd,user-knn,bought-together
program damage plain session-knn,buy-again,trending
program damage plain item2vec
program damage plain bm25,tfidf
program disk plain
program load plain "$library"

echo "C interface: $passed passed, $failed failed"
[ $failed = 0 ]
