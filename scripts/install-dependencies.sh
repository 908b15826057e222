#!/bin/sh
# Installs what building and testing need and this Debian (or Ubuntu) lacks. Does nothing when nothing is missing.
set -eu

needed="
    binutils gcc g++ gfortran libc6-dev make pkg-config
    libopenblas-pthread-dev liblapacke-dev libstemmer-dev zlib1g-dev
    libmariadb-dev libsqlite3-dev sqlite3 mariadb-server-core mariadb-client-core nginx
    php-cli php-fpm php-mysql phpunit
    python3 python3-venv curl ca-certificates git default-jre-headless"

# The PHP package's adapters are tested against their frameworks where the distribution has these.
frameworks="
    php-illuminate-config php-illuminate-console php-illuminate-container php-vlucas-phpdotenv
    php-symfony-config php-symfony-console php-symfony-dependency-injection php-symfony-http-kernel"

command -v swift >/dev/null || {
    echo "reco is built with Swift 6 or newer, which is not on the PATH; https://www.swift.org/install says how to get it" >&2
    exit 1
}
command -v apt-get >/dev/null || {
    echo "there is no apt-get here; please install what corresponds to:" $needed >&2
    exit 0
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=
for package in $needed; do
    is_installed "$package" || missing="$missing $package"
done
for package in $frameworks; do
    is_installed "$package" || ! apt-cache show "$package" >/dev/null 2>&1 || missing="$missing $package"
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
