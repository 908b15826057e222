#!/bin/sh
# Runs the examples as somebody else would: the C one against an installed reco, the Swift one as a package that
# depends on reco by URL and version, which SwiftPM allows only to packages without unsafe flags.
set -u
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    failed=$((failed + 1))
    echo "failed: $1"
    sed 's/^/  /' "$work/said"
}

# ---- C, from an installed reco

make -s -C "$project" install DESTDIR="$work/root" PREFIX=/opt/reco >"$work/said" 2>&1 || fail "make install"
mv "$work/root/opt/reco" "$work/moved" # what pkg-config says must hold wherever it ends up
cp -r "$project/examples/embed-c" "$work/embed-c"
(cd "$work/embed-c" && rm -f tea tea.reco && PKG_CONFIG_PATH=$work/moved/lib/pkgconfig make -s run) \
    >"$work/said" 2>&1 || fail "the C example runs"
for line in "For Bob:" "  Two cups " "Goes with the teapot:" "  Assam, 250 g  .*item-knn" "For a stranger:"; do
    grep -q "^$line" "$work/said" || fail "the C example says $line"
done
ldd "$work/embed-c/tea" | grep -q "libreco.so.0 => $work/moved/" || fail "the C example uses the installed library"

# ---- Swift, from a repository with a version

mkdir "$work/reco"
(cd "$project" && { git ls-files -zco --exclude-standard 2>/dev/null || find . -type f -not -path '*/.build*' -print0; } |
    xargs -0 sh -c 'for file; do [ ! -e "$file" ] || cp --parents -P "$file" "$0"; done' "$work/reco")
(cd "$work/reco" && git init -q && git add -A && git -c user.name=test -c user.email=test commit -qm all &&
    git tag 0.1.0) >"$work/said" 2>&1 || fail "a repository can be made"
cp -r "$work/reco/examples/embed-swift" "$work/embed-swift"
sed -i "s|\.package(name: \"reco\", path: \"../..\")|.package(url: \"file://$work/reco\", from: \"0.1.0\")|" \
    "$work/embed-swift/Package.swift"
grep -q "file://" "$work/embed-swift/Package.swift" || fail "the Swift example's dependency can be replaced by a URL"
(cd "$work/embed-swift" && swift run -q) >"$work/said" 2>&1 || fail "the Swift example runs"
for line in "For Bob:" "  cup (item-knn, personal)" "  tea (item-knn, similar)" "  mill (item-knn, session)"; do
    grep -qF "$line" "$work/said" || fail "the Swift example says $line"
done

echo "examples: $([ $failed = 0 ] && echo "both run" || echo "$failed failed")"
[ $failed = 0 ]
