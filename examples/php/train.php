<?php

declare(strict_types=1);

use Reco\RecoTrainer;

/**
 * Makes a small model to try the other examples with: `php examples/php/train.php shop.reco`.
 * A real shop trains with the `reco` command, from its database.
 */
require __DIR__ . '/../../php/RecoFFI.php';

$titles = [
    1 => 'Green tea', 2 => 'Black tea', 3 => 'Teapot', 4 => 'Tea strainer', 5 => 'Honey', 6 => 'Espresso beans',
    7 => 'Filter coffee', 8 => 'Coffee grinder', 9 => 'Milk frother', 10 => 'Sugar', 11 => 'Biscuits', 12 => 'Cups',
];
$tastes = [[1, 2, 3, 4, 5, 12, 11], [6, 7, 8, 9, 10, 12, 11]];  // tea drinkers, coffee drinkers
mt_srand(1);
$users = $items = $kinds = $times = [];
for ($user = 1; $user <= 200; $user++) {
    $taste = $tastes[$user % 2];
    for ($event = 0; $event < 8; $event++) {
        $users[] = $user;
        $items[] = mt_rand(1, 10) === 1 ? mt_rand(1, 12) : $taste[mt_rand(0, 6)];
        $kinds[] = ['view', 'view', 'cart', 'purchase'][mt_rand(0, 3)];
        $times[] = 1_750_000_000 + mt_rand(0, 90 * 86_400);
    }
}
(new RecoTrainer(['model' => 'item-knn']))
    ->addEvents($users, $items, $kinds, times: $times)
    ->addAttribute('title', $titles)
    ->train()
    ->save($argv[1] ?? 'shop.reco');
