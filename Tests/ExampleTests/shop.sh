#!/bin/sh
# Opens examples/shop with a small made-up shop in a folder of its own, asks it as visitors do, and closes it again:
#
#     Tests/ExampleTests/shop.sh [SCREENSHOTS]      a folder for pictures of pages, light and dark, wide and narrow
#
# What needs a browser is left out where chromium is not installed, and said so.
set -u
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
chmod 755 "$work"
shop=$work/shop
trap '"$project/examples/shop/stop" "$shop" >/dev/null 2>&1; rm -rf "$work"' EXIT

port=$(php -r '$socket = stream_socket_server("tcp://127.0.0.1:0"); echo preg_replace("/.*:/", "", stream_socket_get_name($socket, false));')
export SHOP_FOLDER="$shop" SHOP_PORT="$port" SHOP_WORKERS=3
"$project/examples/shop/start" generated >"$work/said" 2>&1 || { cat "$work/said"; echo "the shop does not open"; exit 1; }
failed=0
if command -v chromium >/dev/null; then
    php "$project/Tests/ExampleTests/shop/clicks.php" "$port" "${1:-}" || failed=1
    browser="clicks in chromium"
else
    browser="chromium is not installed, so nothing was clicked"
fi

pids=$(cat "$shop"/run/*.pid)
php "$project/Tests/ExampleTests/shop/visits.php" "$shop" "$port" "$project" || failed=1
# The visits have ended the database.
"$project/examples/shop/stop" "$shop" >"$work/said" 2>&1
[ "$(wc -l <"$work/said")" = 2 ] || { cat "$work/said"; echo "failed: nginx and php-fpm stop"; failed=1; }
for pid in $pids; do
    ! kill -0 "$pid" 2>/dev/null || { echo "failed: process $pid of the shop is left"; failed=1; }
done
[ $failed = 0 ] && echo "demo shop: visits, 1,000 models under load, $browser"
exit $failed
