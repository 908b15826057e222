#!/bin/sh
# Installs what building and testing need and this Debian (or Ubuntu) lacks. Does nothing when nothing is missing.
set -eu

needed="
    binutils gcc g++ gfortran libc6-dev make pkg-config
    libopenblas-pthread-dev liblapacke-dev libstemmer-dev zlib1g-dev
    libmariadb-dev libsqlite3-dev mariadb-server-core mariadb-client-core sqlite3
    php-cli php-fpm
    python3 python3-venv curl ca-certificates git"

command -v swift >/dev/null || {
    echo "reco is built with Swift 6 or newer, which is not on the PATH; https://www.swift.org/install says how to get it" >&2
    exit 1
}
command -v apt-get >/dev/null || {
    echo "there is no apt-get here; please install what corresponds to:" $needed >&2
    exit 0
}

missing=
for package in $needed; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null || {
        echo "these packages are missing, and installing them needs root or sudo: apt-get install$missing" >&2
        exit 1
    }
fi
echo "installing$missing"
$as_root apt-get update -qq
# RUNLEVEL keeps the packages from starting services: the tests start their own php-fpm.
# shellcheck disable=SC2086
$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends $missing >/dev/null
