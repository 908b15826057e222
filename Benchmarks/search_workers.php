<?php

declare(strict_types=1);

use Reco\Tests\Fpm;

/*
 * php search_workers.php MODEL QUERIES: the private memory of each of four php-fpm workers that search, PHP included.
 *
 * Every worker answers the queries of a file with one query a line many times over, so that its working memory is as
 * large as it gets. Prints a JSON object.
 */

require __DIR__ . '/../php/RecoFFI.php';
foreach (['Php', 'FastCGI', 'Site', 'Fpm'] as $name) {
    require __DIR__ . "/../php/tests/$name.php";
}

const WORKERS = 4;

[, $model, $queries] = $argv;
$page = <<<'PHP'
    <?php
    require_once getenv('RECO_PHP');
    $private = static function (): int {
        preg_match_all('/^Private_(?:Clean|Dirty):\s+(\d+)/m', file_get_contents('/proc/self/smaps_rollup'), $found);

        return (int) array_sum($found[1]);
    };
    $found = count(\Reco\Reco::open(getenv('SHOP_MODEL'))->search($_GET['words'], limit: 20));
    echo json_encode(['pid' => getmypid(), 'found' => $found, 'private' => $private()]);
    PHP;
$file = tempnam(sys_get_temp_dir(), 'reco-page-');
file_put_contents($file, $page);
$fpm = new Fpm(Fpm::binary() ?? exit("there is no php-fpm here\n"), ['ffi.enable=true', 'opcache.enable=1'], $file, WORKERS);
try {
    copy($model, "$fpm->folder/shop.reco");
    $fpm->start();
    $workers = [];
    $found = 0;
    for ($round = 0; $round < 2 * WORKERS; $round++) {
        foreach (file($queries, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES) as $words) {
            $answer = $fpm->client->get(['words' => $words]);
            $found += $answer['found'];
            // The last one counts: pages of the model that only the first worker has touched yet look private.
            $workers[$answer['pid']] = $answer['private'];
        }
    }
    echo json_encode(['kB' => array_values($workers), 'found' => $found, 'bytes' => filesize($model)]), "\n";
} finally {
    $fpm->remove();
    unlink($file);
}
