#!/bin/sh
# Links libreco.so out of the archive that SwiftPM made.
# Usage: link-library.sh ARCHIVE BLAS-FOLDER OUTPUT; the name of OUTPUT becomes the soname.
#
# SwiftPM cannot do this itself: a dynamic library product ignores --static-swift-stdlib, and a version script needs
# unsafe flags, which would close the package to everybody who depends on it by URL.
#
#   self-contained   the Swift runtime, libstdc++, OpenBLAS, LAPACKE and libgfortran are inside; libc and libgcc_s not
#   reco_* alone     is exported, so that nothing meets a BLAS or a Swift runtime that the process has already
#   nodelete         PHP loads and unloads the library at every request; this way it stays
set -eu
archive=$1
blas=$2
output=$3
soname=$(basename "$output")
work=$(dirname "$blas")/link
mkdir -p "$work" "$(dirname "$output")"

info=$(swiftc -static-stdlib -print-target-info)
resources=$(echo "$info" | sed -n 's/.*"runtimeResourcePath": *"\(.*\)".*/\1/p')
processor=$(echo "$info" | sed -n 's/.*"moduleTriple": *"\([^-]*\)-.*/\1/p')
tools=$resources/../../bin
runtime=$resources/linux
[ -f "$runtime/static-stdlib-args.lnk" ] || { echo "this Swift has no static runtime in $runtime" >&2; exit 1; }

# Which archives of the runtime our objects ask for, and what those need in turn. The other lines of that file would
# hide every symbol that comes from an archive, ours included; the version script does it better.
"$tools/swift-autolink-extract" "$archive" -o "$work/autolink"
sed -n '/^-l/p' "$runtime/static-stdlib-args.lnk" >"$work/runtime"

# The little that Swift takes from libstdc++ costs 60 KB inside and saves half of the time to load.
if [ -f "$(cc -print-file-name=libstdc++.a)" ]; then
    sed -i 's/^-lstdc++$/-Wl,-Bstatic -lstdc++ -Wl,-Bdynamic/' "$work/runtime"
fi

printf '{ global: reco_*; local: *; };\n' >"$work/exports"

# lld comes with Swift. It may drop unused sections, but not those that the Swift runtime finds by their start and stop
# symbols, hence nostart-stop-gc.
"$tools/clang" -shared -fuse-ld=lld -o "$work/$soname" "$runtime/$processor/swiftrt.o" \
    -Wl,--whole-archive "$archive" -Wl,--no-whole-archive \
    "@$work/autolink" "@$blas/flags" "-L$runtime" "@$work/runtime" \
    "-Wl,--version-script=$work/exports" "-Wl,-soname,$soname" \
    -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,-z,defs -Wl,--gc-sections -Wl,-z,nostart-stop-gc

# The unstripped library stays in the build folder for whoever has to read a stack trace.
strip --strip-unneeded -o "$output.new" "$work/$soname"
mv "$output.new" "$output"
