<?php

declare(strict_types=1);

/** A shop of 40 products, 1 to 40: product n costs n, is a shoe or a boot in turn, every fifth is on sale. */
$shop = static function (): Reco {
    static $open = null;
    if ($open === null) {
        $numbers = range(1, 40);
        $trainer = new RecoTrainer(['model' => 'item-knn,bm25', 'seed' => 7, 'threads' => 1]);
        $column = static fn (callable $value): array => array_filter(
            array_combine($numbers, array_map($value, $numbers)),
            static fn (mixed $value): bool => $value !== null,
        );
        $trainer->addAttribute('title', $column(static fn (int $n): string => "Thing $n"));
        $trainer->addAttribute('price', $column(static fn (int $n): ?int => $n % 7 === 0 ? null : $n));
        $trainer->addAttribute('category', $column(static fn (int $n): string => $n % 2 === 0 ? 'shoes' : 'boots "high"'));
        $trainer->addAttribute('tags', $column(static fn (int $n): string => $n % 5 === 0 ? 'sale|old' : 'old'));
        $users = [];
        $items = [];
        foreach (range(1, 20) as $user) {
            foreach ($numbers as $n) {
                if (($user + $n) % 4 === 0) {
                    $users[] = $user;
                    $items[] = $n;
                }
            }
        }
        $open = $trainer->addEvents($users, $items)->train()->open();
    }

    return $open;
};

/** @return list<int> */
$sorted = static function (RecoAnswer $answer): array {
    $ids = $answer->ids();
    sort($ids);

    return $ids;
};

return [
    'a filter leaves what meets it, whatever is asked' => function () use ($shop, $sorted): void {
        $shop = $shop();
        same([2, 4, 6, 8], $sorted($shop->recommend(filter: 'price < 10 and category = "shoes"')));
        same([5, 15, 35], $sorted($shop->recommend(filter: 'tag("sale") and not (price >= 20) and category != "shoes"')));
        same([10, 20, 30, 40], $sorted($shop->similar(2, filter: '"sale" in tags and category in ("shoes", "x")')));
        same([7, 14, 21, 28, 35], $sorted($shop->search('thing', filter: 'not has(price)')));
        same([1, 3], $sorted($shop->rank([1, 2, 3, 4, 99], user: 1, filter: "starts_with(category, 'boots')")));
        same([8], $shop->similarToText('Thing 8', limit: 5, filter: 'price = 8')->ids());
        same([3], $shop->boughtTogether(7, filter: 'price = 3')->ids());
        same([], $shop->recommend(filter: 'price < 0')->ids());
    },

    'the list is full while items match' => function () use ($shop): void {
        foreach (range(1, 21) as $user) {
            same(5, count($shop()->recommend(user: $user, limit: 5, hideBought: false, filter: 'tag("sale")')));
        }
    },

    'a boost changes score and order' => function () use ($shop): void {
        $answer = $shop()->recommend(limit: 3, boost: 'price');
        same([40, 39, 38], $answer->ids());
        same([40.0, 39.0, 38.0], $answer->scores());
        same([6, 3, 2, 7], $shop()->rank([2, 3, 6, 7], boost: 'price')->ids(), 'without a price last');
    },

    'live values hold for one question' => function () use ($shop, $sorted): void {
        $shop = $shop();
        $live = ['stock' => [3 => 0, 4 => 2, 5 => '7', 99 => 1, 6 => null], 'price' => [4 => 1000.5, '5' => 1]];
        same([4, 5], $sorted($shop->recommend(filter: 'stock > 0', live: $live)));
        same([4], $sorted($shop->recommend(filter: 'stock > 0 and price > 1000', live: $live)));
        same([4, 5], $shop->recommend(filter: 'stock > 0', boost: 'price', live: $live)->ids());
        throws(RecoArgumentException::class, 'stock', static fn () => $shop->recommend(filter: 'stock > 0'));
        same(0, count($shop->recommend(filter: 'stock > 0', live: ['stock' => []])));
    },

    'many users share live values' => function () use ($shop, $sorted): void {
        $live = ['stock' => array_fill_keys(range(1, 40, 3), 1)];
        $answers = $shop()->recommendMany(range(1, 300), limit: 40, hideBought: false, filter: 'stock = 1', live: $live);
        same(300, count($answers));
        foreach ($answers as $answer) {
            same(range(1, 40, 3), $sorted($answer));
        }
    },

    'many live values cross in one piece' => function () use ($shop, $sorted): void {
        $stock = [];
        for ($n = 100_000; $n > 0; $n--) {
            $stock[$n] = $n % 10;
        }
        same([9, 19, 29, 39], $sorted($shop()->recommend(filter: 'stock = 9', live: ['stock' => $stock])));
    },

    'errors name the position' => function () use ($shop): void {
        $shop = $shop();
        throws(
            RecoArgumentException::class,
            'filter, position 15: there is no attribute "prize"; did you mean "price"?',
            static fn () => $shop->recommend(filter: 'has(price) or prize < 50'),
        );
        throws(RecoArgumentException::class, 'boost, position 8', static fn () => $shop->search('thing', boost: 'score *'));
        throws(RecoArgumentException::class, '64 levels', static fn () => $shop->recommend(filter: str_repeat('(', 1000)));
        throws(RecoArgumentException::class, '65536 bytes', static fn () => $shop->recommend(filter: str_repeat(' ', 70000)));
        throws(
            RecoArgumentException::class,
            'only numbers can be live',
            static fn () => $shop->recommend(live: ['category' => [1 => 1]]),
        );
        throws(RecoArgumentException::class, 'live, stock', static fn () => $shop->recommend(live: ['stock' => [1 => 'x']]));
        throws(RecoArgumentException::class, 'live, stock', static fn () => $shop->recommend(live: ['stock' => [1 => true]]));
        throws(RecoArgumentException::class, 'array of numbers', static fn () => $shop->recommend(live: ['stock' => 5]));
    },

    'a quoted text stays a text' => function () use ($shop): void {
        $shop = $shop();
        same('"a ""b"" c"', Reco::quote('a "b" c'));
        same(20, count($shop->recommend(limit: 40, filter: 'category = ' . Reco::quote('boots "high"'))));
        foreach (['" or true or "', "'", '""', "\0", "\xFF", '" or "a" = "a'] as $text) {
            same(0, count($shop->recommend(filter: 'category = ' . Reco::quote($text))), $text);
        }
    },

    'a list is not all alike where that is asked for' => function () use ($shop): void {
        $shop = $shop();
        foreach ([0.0, 0.4] as $diversity) {
            $answer = $shop->recommend(limit: 12, diversity: $diversity, caps: ['category' => 2]);
            $counts = array_count_values(array_filter($answer->attribute('category'), static fn (string $name): bool => $name !== ''));
            holds($counts !== [] && max($counts) === 2, 'at most two of a category: ' . json_encode($counts));
        }
        $plain = $shop->recommend(limit: 8)->ids();
        same($plain, $shop->recommend(limit: 8, diversity: 0.0)->ids());
        same($plain[0], $shop->recommend(limit: 8, diversity: 0.5)->ids()[0]);
        throws(RecoArgumentException::class, 'from 0 to 1', static fn () => $shop->recommend(diversity: 1.5));
        throws(RecoArgumentException::class, 'from 0 to 1', static fn () => $shop->recommend(diversity: NAN));
        throws(RecoArgumentException::class, 'from 1 on', static fn () => $shop->recommend(caps: ['category' => 0]));
        throws(RecoArgumentException::class, 'no attribute', static fn () => $shop->recommend(caps: ['nothing' => 2]));
    },
];
