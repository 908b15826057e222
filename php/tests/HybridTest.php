<?php

declare(strict_types=1);

/** A shop in which people buy odd items in the evening at the desk and even ones in the morning on the phone. */
$shop = static function (): Reco {
    static $open = null;
    if ($open === null) {
        [$users, $items, $kinds, $times, $devices, $categories] = [[], [], [], [], [], []];
        mt_srand(4);
        for ($user = 1; $user <= 300; $user++) {
            for ($step = 0; $step < 6; $step++) {
                $morning = mt_rand(0, 1);
                $users[] = $user;
                $items[] = $user % 5 * 20 + mt_rand(0, 9) * 2 + $morning + 1;
                $kinds[] = 'purchase';
                $times[] = 1600041600 + ($step * 7 + mt_rand(0, 6)) * 86400 + ($morning ? 7 : 19) * 3600;
                $devices[] = $morning ? 'Mobile' : 'desktop';
            }
        }
        for ($item = 1; $item <= 100; $item++) {
            $categories[$item] = 'c' . $item % 2;
        }
        $trainer = new RecoTrainer(['model' => 'item-knn,boosted-trees', 'boosted-trees.min-data-in-leaf' => 20]);
        $trainer->addEvents($users, $items, $kinds, times: $times, devices: $devices)->addAttribute('category', $categories);
        $open = $trainer->train()->open();
    }

    return $open;
};

return [
    'the contributions of a ranked hit add up to its score' => function () use ($shop): void {
        $answer = $shop()->recommend(7, limit: 5, filter: 'category = "c1"', time: 1610000000, device: 'mobile');
        same(5, count($answer));
        foreach ($answer as $hit) {
            same('boosted-trees', $hit->source);
            $parts = $hit->contributions();
            holds(isset($parts['expected'], $parts['item-knn.rank'], $parts['context.hour']), 'features have names');
            holds(abs(array_sum($parts) - $hit->score) < 1e-4, 'they add up');
            same('expected', array_key_last($parts));
        }
    },
    'what was not ranked has no contributions' => function () use ($shop): void {
        same([], $shop()->recommend(limit: 1)->first()->contributions());
        same([], Shop::open()->recommend(user: 3, limit: 1)->first()->contributions());
    },
    'the hour and the device change what comes first' => function () use ($shop): void {
        $morning = new DateTimeImmutable('2021-01-07 07:00:00 UTC');
        $share = static function (array $arguments) use ($shop): int {
            $mornings = 0;
            for ($user = 1; $user <= 60; $user++) {
                $ids = $shop()->recommend($user, ...$arguments, limit: 5)->ids();
                $mornings += count(array_filter($ids, static fn (int $id): bool => $id % 2 === 0));
            }

            return $mornings;
        };
        $early = $share(['time' => $morning, 'device' => 'mobile']);
        $late = $share(['time' => $morning->getTimestamp() + 12 * 3600, 'device' => 'desktop']);
        holds($early > 2 * $late, "$early and $late");
        same($share([]), $share(['device' => 'fridge']));
    },
    'searches with times teach the order of what matches' => function (): void {
        mt_srand(5);
        $trainer = new RecoTrainer(['model' => 'item-knn,bm25,boosted-trees', 'boosted-trees.min-data-in-leaf' => 20]);
        $titles = [];
        for ($item = 0; $item < 120; $item++) {
            $titles["i$item"] = 'thing' . intdiv($item, 6) . 'x';
        }
        $trainer->addAttribute('title', $titles);
        [$users, $items, $times, $texts] = [[], [], [], []];
        for ($user = 0; $user < 300; $user++) {
            for ($step = 0; $step < 5; $step++) {
                $noun = mt_rand(0, 19);
                $users[] = "u$user";
                $items[] = 'i' . ($noun * 6 + (mt_rand(0, 4) === 0 ? mt_rand(0, 5) : mt_rand(0, 1) * 3));
                $times[] = 1600000000 + $step * 8 * 86400 + mt_rand(0, 86399);
                $texts[] = "thing{$noun}x";
            }
        }
        $trainer->addEvents($users, $items, times: $times)->addSearches($texts, $items, $users, $times);
        $hit = $trainer->train()->open()->search('thing7x', limit: 6)->first();
        same('boosted-trees', $hit->source);
        same(0, ((int) substr($hit->id, 1)) % 3);
        holds(abs(array_sum($hit->contributions()) - $hit->score) < 1e-4, 'the parts add up');
        throws(RecoArgumentException::class, '2 times', static fn () => $trainer->addSearches(['a'], ['i1'], times: [1, 2]));
    },
    'devices have one entry for each event' => function (): void {
        throws(
            RecoArgumentException::class,
            '2 devices',
            static fn () => (new RecoTrainer())->addEvents([1], [2], devices: ['a', 'b']),
        );
    },
];
