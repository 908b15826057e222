<?php

declare(strict_types=1);

use Reco\Tests\Fpm;

/*
 * php service_workers.php MODEL USERS ARGUMENTS: the memory of each of four php-fpm workers that recommend, and of four
 * that do the same without reco. USERS is a file with a user a line, ARGUMENTS is JSON for recommend().
 *
 * Prints a JSON object. Private: what ends with the worker. Proportional: with its part of what others map too, the
 * model's pages among it.
 */

require __DIR__ . '/../php/RecoFFI.php';
foreach (['Php', 'FastCGI', 'Site', 'Fpm'] as $name) {
    require __DIR__ . "/../php/tests/$name.php";
}

const WORKERS = 4;

[, $model, $users, $arguments] = $argv;
$page = <<<'PHP'
    <?php
    $ids = [];
    if ($_GET['with'] === '1') {
        require_once getenv('RECO_PHP');
        $arguments = json_decode($_GET['arguments'], true);
        $ids = \Reco\Reco::open(getenv('SHOP_MODEL'))->recommend(...$arguments, user: (int) $_GET['user'])->ids();
    }
    $sum = static function (string $name): int {
        preg_match_all("/^$name:\s+(\d+)/m", file_get_contents('/proc/self/smaps_rollup'), $found);

        return (int) array_sum($found[1]);
    };
    echo json_encode([
        'pid' => getmypid(),
        'found' => count($ids),
        'private' => $sum('Private_(?:Clean|Dirty)'),
        'proportional' => $sum('Pss'),
    ]);
    PHP;
$file = tempnam(sys_get_temp_dir(), 'reco-page-');
file_put_contents($file, $page);
$result = ['bytes' => filesize($model)];
try {
    foreach (['without' => '0', 'with' => '1'] as $name => $with) {
        $binary = Fpm::binary() ?? exit("there is no php-fpm here\n");
        $fpm = new Fpm($binary, ['ffi.enable=true', 'opcache.enable=1'], $file, WORKERS);
        try {
            copy($model, "$fpm->folder/shop.reco");
            $fpm->start();
            $private = $proportional = [];
            $found = 0;
            foreach (array_merge(...array_fill(0, 3, file($users, FILE_IGNORE_NEW_LINES))) as $user) {
                $answer = $fpm->client->get(['user' => $user, 'arguments' => $arguments, 'with' => $with]);
                $found += $answer['found'];
                // The last one counts: pages of the model that only the first worker has touched yet look private.
                $private[$answer['pid']] = $answer['private'];
                $proportional[$answer['pid']] = $answer['proportional'];
            }
            $result[$name] = [
                'private' => array_values($private), 'proportional' => array_values($proportional), 'found' => $found,
            ];
        } finally {
            $fpm->remove();
        }
    }
    echo json_encode($result), "\n";
} finally {
    unlink($file);
}
