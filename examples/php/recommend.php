<?php

declare(strict_types=1);

use Reco\Reco;

/** What would this customer like? `php examples/php/recommend.php shop.reco 42` */
require __DIR__ . '/../../php/RecoFFI.php';

$shop = Reco::open($argv[1] ?? 'shop.reco');
foreach ($shop->recommend(user: $argv[2] ?? null, limit: 5) as $hit) {
    printf("%-10s %-20s %8.4f  %s, %s\n", $hit->id, $hit->attribute('title'), $hit->score, $hit->rung, $hit->source);
}
