#!/bin/sh
# What a nightly run survives, with counts: 50 kills at random moments, a full disk, a database that goes away. After each
# the model in place answers, and the next run has every event once. Uses what `make` built in dist/; what needs SQLite's
# or MariaDB's programs, or the right to mount, is left out where that is missing, and said so.
#
#     Tests/ExampleTests/faults.sh [SEED]
set -u
project=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$project/dist/bin:$PATH:/usr/sbin
seed=${1:-$(date +%s)}
work=$(mktemp -d /tmp/reco-faults-XXXXXX) # short: the path of a socket has at most 107 bytes
server=
mounted=
finish() {
    [ -z "$server" ] || { kill "$server"; wait "$server"; }
    [ -z "$mounted" ] || umount "$work/disk"
    rm -rf "$work"
} 2>/dev/null
trap finish EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1
failed=0
fail() {
    failed=$((failed + 1))
    echo "failed: $1 (seed $seed)"
    tail -3 said
}

sql() { sqlite3 -batch shop.db "PRAGMA busy_timeout = 60000; $1" | tail -n +2; }
train() { reco train --config reco.yaml --json "$@" >told 2>said; }
trained() { sed -n 's/.*"events":\([0-9]*\).*/\1/p' told; }
answers() { reco verify m.reco >said 2>&1 && reco recommend m.reco --user 7 -n 3 --json 2>said | grep -q '"id"'; }
# How many fractions between 0 and 1.
random() { awk -v seed="$seed" -v count="$1" 'BEGIN { srand(seed); while (count--) print rand() }'; }
new_rows() { # NIGHT: what that night brings, some of it late, and what is taken back
    sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO sales SELECT (i * $1) % 200, (i * i) % 90, datetime('2024-06-01', '$1 days', (i % 30) || ' hours') FROM n;
         DELETE FROM sales WHERE rowid % 41 = 0 AND at > datetime('2024-06-01', '$(($1 - 1)) days')"
}
same_as_new() { # the model in place answers as one does that was trained without anything kept
    seq 0 199 >users
    reco recommend m.reco --users users -n 5 --json >kept 2>said
    sed 's/^out:.*/out: new.reco/' reco.yaml >new.yaml
    reco train --config new.yaml >said 2>&1 && reco recommend new.reco --users users -n 5 --json >anew 2>said
    cmp -s kept anew && [ "$(wc -l <kept)" = 200 ]
    status=$?
    rm -rf new.reco*
    return $status
}

# ---- Killed

if ! command -v sqlite3 >/dev/null; then
    echo "faults: sqlite3 is not installed, so nothing was killed and no disk filled"
else
    sql "CREATE TABLE sales (user INTEGER, item INTEGER, at TEXT);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)
         INSERT INTO sales SELECT i * 7 % 200, (i * 7 % 200 + i / 200 % 30) % 90, datetime('2024-01-01', (i * 10) || ' minutes') FROM n"
    cat >reco.yaml <<'YAML'
database: {sqlite: shop.db}
events:
  purchases: SELECT user, item, at AS time FROM sales WHERE at >= :since
model: item-knn
threads: 1
out: m.reco
YAML
    train || fail "the first run"
    new_rows 1
    begin=$(date +%s%N)
    train || fail "the second run"
    whole=$((($(date +%s%N) - begin) / 1000))
    killed=0 rounds=0
    for share in $(random 50); do
        rounds=$((rounds + 1))
        new_rows $((rounds + 1))
        reco train --config reco.yaml >/dev/null 2>&1 &
        run=$!
        sleep "$(awk -v share="$share" -v whole="$whole" 'BEGIN { printf "%.6f", share * whole / 1e6 }')"
        kill -9 $run 2>/dev/null && killed=$((killed + 1))
        wait $run 2>/dev/null
        answers || fail "after kill $rounds the model answers"
        # Every second time another night comes first, so that one is killed twice in a row.
        [ $((rounds % 2)) = 0 ] || continue
        train || fail "the run after kill $rounds"
        [ "$(trained)" = "$(sql "SELECT count(*) FROM sales")" ] || fail "after kill $rounds every event is there once: $(trained)"
    done
    train || fail "the run after all kills"
    [ "$(trained)" = "$(sql "SELECT count(*) FROM sales")" ] || fail "after all kills every event is there once: $(trained)"
    same_as_new || fail "after all kills the model answers as a new one does"
    [ "$(find . -name '*.tmp' | wc -l)" = 0 ] || fail "nothing half-written stays"
    said="$rounds kills, $killed of them in the middle of a run"

    # ---- A full disk: a small one if it may be mounted, else a limit of files' sizes

    rm -rf m.reco* && mkdir disk
    if mount -t tmpfs -o size=4m none disk 2>/dev/null; then
        mounted=1
        how="full disks"
    else
        how="limits of file sizes (no disk may be mounted)"
    fi
    sed -i 's|^out:.*|out: disk/m.reco|' reco.yaml
    ln -s disk/m.reco m.reco
    train || fail "the first run on the small disk"
    full=0
    for room in 0 4 16 32 64 96 128 192 256 384; do # KiB
        new_rows $((rounds = rounds + 1))
        before=$(cksum <disk/m.reco)
        if [ -n "$mounted" ]; then
            free=$(df -k --output=avail disk | tail -1)
            head -c "$(((free - room) * 1024))" /dev/zero >disk/filled
            train
            status=$?
        else
            (trap '' XFSZ && ulimit -f $((room * 2)) && train)
            status=$?
        fi
        rm -f disk/filled
        if [ $status != 0 ]; then
            full=$((full + 1))
            [ $status = 1 ] && [ "$(grep -c '^reco: cannot write ' said)" = 1 ] || fail "a full disk ($room KiB left) is one sentence"
            [ "$before" = "$(cksum <disk/m.reco)" ] || fail "the old model stays on a full disk"
            [ "$(find disk -name '*.tmp' -o -name '*.candidate' | wc -l)" = 0 ] || fail "nothing half-written stays on a full disk"
        fi
        answers || fail "the model answers after a full disk"
        [ $status = 0 ] || train || fail "the run after a full disk"
        [ "$(trained)" = "$(sql "SELECT count(*) FROM sales")" ] || fail "after a full disk every event is there once: $(trained)"
    done
    [ $full -gt 2 ] || fail "the disk was full only $full times"
    rm m.reco && cp disk/m.reco m.reco
    same_as_new || fail "after full disks the model answers as a new one does"
    said="$said, $full $how"
fi

# ---- The database goes away

if ! { command -v mariadbd && command -v mariadb && command -v mariadb-install-db; } >/dev/null; then
    echo "faults: MariaDB is not installed, so no connection was cut"
else
    rm -rf m.reco* data
    user=$(id -un)
    mariadb-install-db --no-defaults --datadir="$work/data" --user="$user" --skip-test-db \
        --auth-root-authentication-method=normal >said 2>&1 || fail "mariadb-install-db"
    mariadbd --no-defaults --datadir="$work/data" --socket="$work/s" --pid-file="$work/pid" --user="$user" --skip-networking \
        --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 >server.log 2>&1 &
    server=$!
    client() { mariadb --no-defaults --socket="$work/s" --user=root --batch --skip-column-names "$@"; }
    for _ in $(seq 300); do client --execute="SELECT 1" >/dev/null 2>&1 && break || sleep 0.1; done
    # Rows without end come after those of the shop while the switch is on.
    client >said 2>&1 <<'SQL' || fail "the database can be filled"
CREATE DATABASE shop;
USE shop;
CREATE TABLE sales (user INT, item INT, at DATETIME) ENGINE=InnoDB;
INSERT INTO sales SELECT seq MOD 200, (seq MOD 200 + seq DIV 200 MOD 30) MOD 90, '2024-01-01' + INTERVAL seq * 10 MINUTE FROM seq_0_to_19999;
CREATE TABLE endless (turned_on INT) ENGINE=InnoDB;
CREATE USER reader@localhost IDENTIFIED BY 'secret';
GRANT SELECT ON shop.* TO reader@localhost;
SQL
    echo secret >password
    cat >reco.yaml <<YAML
database: {socket: $work/s, name: shop, user: reader, password-file: password}
events:
  purchases: |
    SELECT user, item, at AS time FROM sales WHERE at >= :since
    UNION ALL SELECT seq, seq, '2024-08-01' FROM seq_1_to_900000000, endless
model: item-knn
threads: 1
out: m.reco
YAML
    train || fail "the first run on MariaDB"
    before=$(cksum <m.reco)
    cuts=0
    for share in $(random 10); do
        cuts=$((cuts + 1))
        client shop --execute="INSERT INTO endless VALUES (1); INSERT INTO sales VALUES (7, $cuts, '2024-06-01')"
        reco train --config reco.yaml >told 2>said &
        run=$!
        connection=
        while [ -z "$connection" ] && kill -0 $run; do
            connection=$(client --execute="SELECT id FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%endless%'")
        done
        sleep "$share"
        if [ $cuts = 10 ]; then kill -9 "$server"; else client --execute="KILL $connection"; fi
        wait $run
        [ $? = 1 ] && [ "$(grep -c '^reco: .*the query of purchases was cut off after [0-9]* rows: ' said)" = 1 ] ||
            fail "cut $cuts is one sentence"
        [ "$before" = "$(cksum <m.reco)" ] || fail "the old model stays when the database goes away"
        answers || fail "the model answers after cut $cuts"
        [ $cuts = 10 ] && break
        client shop --execute="DELETE FROM endless"
        train || fail "the run after cut $cuts"
        [ "$(trained)" = $((20000 + cuts)) ] || fail "after cut $cuts every event is there once: $(trained)"
        before=$(cksum <m.reco)
    done
    said="${said:+$said, }$cuts connections cut"
fi

[ $failed = 0 ] && echo "faults: ${said:-nothing}; each left a model that answers, and the next run had every event once"
[ $failed = 0 ]
