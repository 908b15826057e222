#!/bin/sh
# Decides how BLAS, LAPACK and the stemmer get into what we link, and writes the linker's flags to FOLDER/flags.
# Usage: static-blas.sh FOLDER
#
# Where it can, FOLDER gets links to the static archives and to nothing else: a linker that looks there first takes
# them and not the system's shared libraries. Only the pthread build of OpenBLAS will do: the serial one is wrong when
# several threads call it, and the OpenMP one is slow then. Elsewhere, or with RECO_STATIC=no, the shared libraries are
# used, and one line says why.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
triplet=$(cc -print-multiarch 2>/dev/null || true)

use_shared_libraries() {
    echo "OpenBLAS and LAPACKE will be loaded as shared libraries: $1" >&2
    rm -f "$folder"/*.a
    for name in openblas lapacke; do
        [ -n "$(cc -print-file-name=lib$name.so | grep /)" ] ||
            { echo "there is no lib$name.so either; scripts/install-dependencies.sh installs it" >&2; exit 1; }
    done
    echo "-L/usr/lib/$triplet/openblas-pthread -llapacke -lopenblas" >"$folder/flags"
    exit 0
}

take() { # NAME FILE: FILE is a bare name where the compiler did not find it
    case $2 in /*) [ -f "$2" ] && ln -s "$2" "$folder/$1" ;; *) false ;; esac
}

[ "${RECO_STATIC:-yes}" != no ] || use_shared_libraries "RECO_STATIC=no asks for it"
take libopenblas.a "/usr/lib/$triplet/openblas-pthread/libopenblas.a" ||
    use_shared_libraries "there is no static pthread OpenBLAS here"
take liblapacke.a "$(cc -print-file-name=liblapacke.a)" || use_shared_libraries "there is no static LAPACKE here"
take libgfortran.a "$(cc -print-file-name=libgfortran.a)" || use_shared_libraries "there is no static libgfortran here"
take libstemmer.a "$(cc -print-file-name=libstemmer.a)" ||
    echo "libstemmer will be loaded as a shared library: there is no static one here" >&2
flags="-L$folder -llapacke -lopenblas -lgfortran"
# Only processors with a wide long double have libquadmath; elsewhere libgfortran does without.
if take libquadmath.a "$(cc -print-file-name=libquadmath.a)"; then flags="$flags -lquadmath"; fi

# Sources/CBLAS/pin.c stands in for one member of the archive. Another OpenBLAS may have cut it differently; it would
# then be linked twice, or start its threads after all.
pinned=$(sed -n 's/^[a-z ]*\(openblas_[a-z_]*\)(void) {.*/\1/p' "$here/../Sources/CBLAS/pin.c" | sort)
ar p "$folder/libopenblas.a" openblas_env.o >"$folder/member.o" 2>/dev/null || true
defined=$(nm -g --defined-only "$folder/member.o" 2>/dev/null | awk '{ print $3 }' | sort)
rm -f "$folder/member.o"
[ "$pinned" = "$defined" ] ||
    use_shared_libraries "this OpenBLAS reads its settings in another way than Sources/CBLAS/pin.c replaces"

echo "$flags" >"$folder/flags"
