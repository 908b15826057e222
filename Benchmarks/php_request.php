<?php

declare(strict_types=1);

use Reco\Reco;
use Reco\RecoTrainer;

/**
 * The PHP side of the request benchmark; php_request.py runs it beside the peers and prints the table.
 *
 *     php php_request.php train  MODEL ITEMS USERS   makes an ALS model of synthetic events, 64 factors
 *     php php_request.php serve  MODEL               answers "measure USER,USER..." and "ids USER" on standard input
 *     php php_request.php load                       what loading libreco.so costs a fresh PHP
 *     php php_request.php open   MODEL               what opening costs, first and again
 *     php php_request.php memory MODEL               private memory of four workers that answer at the same time
 *
 * Each prints JSON.
 */

ini_set('memory_limit', '-1');
require __DIR__ . '/../php/RecoFFI.php';

/** @return int kB, or a number for Threads */
function status(string $name, string $file = '/proc/self/status'): int
{
    return preg_match("/^$name:\s+(\d+)/m", file_get_contents($file), $found) === 1 ? (int) $found[1] : 0;
}

/** Every item is bought by somebody; events come in pieces, so that memory stays small. */
function train(string $path, int $itemCount, int $userCount): void
{
    mt_srand(7);
    $trainer = new RecoTrainer(['model' => 'als', 'als.factors' => 64, 'als.iterations' => 2, 'seed' => 7]);
    $tenth = intdiv($itemCount, 10);
    $events = max($itemCount, $userCount) + 30 * min($userCount, 20_000);
    for ($first = 0; $first < $events; $first += 200_000) {
        $users = $items = [];
        for ($event = $first, $end = min($events, $first + 200_000); $event < $end; $event++) {
            // Taste: users prefer items of their own tenth of the catalogue.
            $user = $event < $userCount ? $event : mt_rand(0, $userCount - 1);
            $own = $tenth * ($user % 10) + mt_rand(0, $tenth - 1);
            $users[] = $user;
            $items[] = match (true) {
                $event < $itemCount => $event,
                mt_rand(0, 1) === 1 => $own,
                default => mt_rand(0, $itemCount - 1),
            };
        }
        $trainer->addEvents($users, $items, array_fill(0, count($users), 'purchase'));
    }
    $trainer->train()->save($path);
    echo json_encode(['bytes' => filesize($path)]), "\n";
}

/** Times whole recommend() calls, and the bare C call with a question that is ready. */
function serve(string $path): void
{
    $shop = Reco::open($path);
    $ffi = RecoLibrary::ffi();
    $error = $ffi->new('reco_error');
    $errorPointer = FFI::addr($error);
    $model = $ffi->new('reco_model *');
    $ffi->reco_model_open($path, strlen($path), FFI::addr($model), $errorPointer);
    $query = $ffi->new('reco_query[1]');
    $hits = $ffi->new('reco_hit[10]');
    $counts = $ffi->new('uint32_t[1]');
    $text = $ffi->new('uint8_t[32]');
    while (($line = fgets(STDIN)) !== false) {
        [$command, $argument] = explode(' ', trim($line)) + [1 => ''];
        if ($command === 'ids') {
            echo json_encode($shop->recommend(user: (int) $argument, limit: 10, hideBought: false)->ids()), "\n";
            continue;
        }
        $whole = $bare = [];
        foreach (explode(',', $argument) as $user) {
            $number = (int) $user;
            $query[0]->struct_size = FFI::sizeof($query[0]);
            $query[0]->limit = 10;
            FFI::memcpy($text, $user, strlen($user));
            $query[0]->user = $text + 0;
            $query[0]->user_length = strlen($user);

            // Either goes first every other time: the second finds what it reads in the cache.
            $wholeFirst = count($whole) % 2 === 0;
            $start = hrtime(true);
            if ($wholeFirst) {
                $shop->recommend(user: $number, limit: 10);
            } else {
                $ffi->reco_model_query($model, $query, 1, $hits, 10, $counts, 1, $errorPointer);
            }
            $middle = hrtime(true);
            if ($wholeFirst) {
                $ffi->reco_model_query($model, $query, 1, $hits, 10, $counts, 1, $errorPointer);
            } else {
                $shop->recommend(user: $number, limit: 10);
            }
            $end = hrtime(true);
            if ($error->code !== 0 || $counts[0] !== 10) {
                throw new RuntimeException('a question was not answered');
            }
            $whole[] = $wholeFirst ? $middle - $start : $end - $middle;
            $bare[] = $wholeFirst ? $end - $middle : $middle - $start;
        }
        echo json_encode(['whole' => $whole, 'bare' => $bare]), "\n";
    }
}

function load(): void
{
    $threads = status('Threads');
    $resident = status('VmRSS');
    $start = hrtime(true);
    $version = Reco::version();
    $end = hrtime(true);
    echo json_encode([
        'version' => $version,
        'ms' => ($end - $start) / 1e6,
        'kB' => status('VmRSS') - $resident,
        'threads' => [$threads, status('Threads')],
    ]), "\n";
}

function open(string $path): void
{
    Reco::version();
    $start = hrtime(true);
    $shop = Reco::open($path);
    $first = hrtime(true) - $start;
    $again = [];
    for ($i = 0; $i < 1000; $i++) {
        $start = hrtime(true);
        $other = Reco::open($path);
        $again[] = hrtime(true) - $start;
    }
    sort($again);
    $bytes = $shop->info()->fileLength;
    echo json_encode(['first' => $first / 1e3, 'again' => $again[500] / 1e3, 'bytes' => $bytes]), "\n";
}

/** Four at once, because a page that a single process has mapped counts as private even when it is the file's. */
function memory(string $path): void
{
    Reco::version();
    $private = static fn (): int => status('Private_Clean', '/proc/self/smaps_rollup')
        + status('Private_Dirty', '/proc/self/smaps_rollup');
    $children = [];
    for ($worker = 0; $worker < 4; $worker++) {
        $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        if (pcntl_fork() === 0) {
            $before = $private();
            $shop = Reco::open($path);
            for ($i = 0; $i < 50; $i++) {
                $shop->recommend(user: $i, limit: 10);
            }
            fwrite($pair[1], "ready\n");
            fgets($pair[1]);
            fwrite($pair[1], ($private() - $before) . "\n");
            fgets($pair[1]);
            exit(0);
        }
        $children[] = $pair[0];
    }
    foreach ($children as $child) {
        fgets($child);
    }
    $sizes = [];
    foreach ($children as $child) {
        fwrite($child, "measure\n");
        $sizes[] = (int) fgets($child);
    }
    foreach ($children as $child) {
        fwrite($child, "end\n");
        pcntl_wait($status);
    }
    echo json_encode(['kB' => $sizes]), "\n";
}

match ($argv[1] ?? '') {
    'train' => train($argv[2], (int) $argv[3], (int) $argv[4]),
    'serve' => serve($argv[2]),
    'load' => load(),
    'open' => open($argv[2]),
    'memory' => memory($argv[2]),
    default => exit("usage: php php_request.php train|serve|load|open|memory [MODEL] [ITEMS USERS]\n"),
};
