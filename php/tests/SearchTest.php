<?php

declare(strict_types=1);

/** A shop of ten products, and customers who buy tea or bicycles. */
$shop = static function (string $models = 'item-knn,bm25'): Reco {
    $trainer = new RecoTrainer(['model' => $models, 'seed' => 7, 'threads' => 1]);
    $trainer->addAttribute('title', [
        1 => 'Green tea, 100 g', 2 => 'Black tea with bergamot', 3 => 'Tea cup of thin porcelain',
        4 => 'Teapot, cast iron, 1.2 l', 5 => 'Jasmine green tea in bags', 6 => 'Bicycle bell',
        7 => 'Mountain bicycle, 28 inch', 8 => 'Bicycle pump', 9 => 'Crème brûlée set', 10 => 'Couch, green velvet',
    ]);
    $trainer->addAttribute('brand', [1 => 'Sencha & Co', 5 => 'Sencha & Co', 7 => 'Alpina', 8 => 'Alpina']);
    $users = [];
    $items = [];
    for ($user = 1; $user <= 12; $user++) {
        foreach ($user % 2 === 0 ? [1, 2, 3, 5] : [6, 7, 8] as $item) {
            if (($user + $item) % 3 !== 0) {
                $users[] = $user;
                $items[] = $item;
            }
        }
    }
    $trainer->addEvents($users, $items);
    $trainer->addSearches(['sofa', 'sofa', 'sofa green', 'tea'], [10, 10, 10, 1], ['ann', 'bob', 'cid', '']);

    return $trainer->train()->open();
};

return [
    'words find what has them, the better match first' => function () use ($shop): void {
        $answer = $shop()->search('green tea');
        $best = array_slice($answer->ids(), 0, 2);
        sort($best);
        same([1, 5], $best);
        same([], array_values(array_diff([2, 3, 10], $answer->ids())), 'what shares one word follows');
        same('matching', $answer->first()->rung);
        same('bm25', $answer->first()->source);
        holds(!in_array(6, $answer->ids(), true), 'a bell is no tea');
    },

    'a hit tells which fields match' => function () use ($shop): void {
        $shop = $shop();
        foreach ($shop->search('sencha green') as $hit) {
            $fields = $hit->matchedFields();
            if ($hit->id === 1 || $hit->id === 5) {
                $names = array_keys($fields);
                sort($names);
                same(['brand', 'title'], $names);
                holds(abs(array_sum($fields) - 1) < 1e-5, 'the shares add up to 1');
            } elseif ($hit->id === 10) {
                same(['title'], array_keys($fields));
            }
        }
        same(['brand', 'title'], (function (array $fields): array {
            sort($fields);

            return $fields;
        })(array_keys($shop->similarToText('Sencha tea')->first()->matchedFields())));
        same([], $shop->recommend(user: 2, limit: 1)->first()->matchedFields(), 'behaviour has no fields');
        $unknown = $shop->rank([999], words: 'tea')->first();
        same([], $unknown->matchedFields());
        same([], $unknown->reasons());
    },

    'case, accents and inflection do not matter' => function () use ($shop): void {
        $shop = $shop();
        same(9, $shop->search('CREME BRULEE')->ids()[0]);
        same(9, $shop->search('crème brûlées')->ids()[0]);
        same([6, 7, 8], (static function (array $ids): array {
            sort($ids);

            return $ids;
        })($shop->search('bicycles')->ids()));
    },

    'a slip of the finger is forgiven' => function () use ($shop): void {
        $shop = $shop();
        same(6, $shop->search('bycicle bell')->ids()[0]);
        same(3, $shop->search('porcelian cup')->ids()[0]);
    },

    'search as you type takes the last word as a beginning' => function () use ($shop): void {
        $shop = $shop();
        holds(in_array(7, $shop->search('mount', typing: true)->ids(), true), 'mount begins mountain');
        same([8], $shop->search('bicycle pu', typing: true, limit: 1)->ids());
        same([], $shop->search('xqz', typing: true)->ids());
    },

    'what matches nothing gets nothing, unless it is to be filled up' => function () use ($shop): void {
        $shop = $shop();
        same([], $shop->search('qqqqqqqqqqq')->ids());
        same([], $shop->search('')->ids());
        same([], $shop->search(" \t\n ")->ids());
        same(10, count($shop->search('qqqqqqqqqqq', fillUp: true)));
        $mixed = $shop->search('couch', user: 2, limit: 5, fillUp: true);
        same(10, $mixed->ids()[0]);
        same(5, count($mixed));
    },

    'words of any bytes do no harm' => function () use ($shop): void {
        $shop = $shop();
        foreach (["\xFF\xFEtea", "tea\0cup", str_repeat('tea ', 300000), "\u{202E}\u{0301}", str_repeat('a', 1 << 20)] as $words) {
            holds(count($shop->search($words)) <= 10, 'an answer of ten at most');
        }
        holds(in_array(1, $shop->search("\xFF tea")->ids(), true), 'what can be read is searched for');
    },

    'what a visitor likes moves up' => function () use ($shop): void {
        $shop = $shop();
        $plain = $shop->search('green')->ids();
        sort($plain);
        same([1, 5, 10], $plain);
        $liked = $shop->search('green', session: [2, 3])->ids();
        holds($liked[0] === 1 || $liked[0] === 5, 'tea for who looks at tea');
        same([10], array_slice($liked, -1), 'the couch is last for who looks at tea');
    },

    'searches teach which words mean the same' => function () use ($shop): void {
        same([10], $shop()->search('sofa', limit: 1)->ids());
    },

    'lists restrict a search' => function () use ($shop): void {
        $shop = $shop();
        same([5], $shop->search('tea', only: [5, 6])->ids());
        holds(!in_array(1, $shop->search('tea', except: [1])->ids(), true), 'the denied is not there');
    },

    'a new product finds its neighbours by its text' => function () use ($shop): void {
        $shop = $shop();
        $answer = $shop->similarToText('Organic green tea from Uji, Sencha & Co', limit: 3);
        same([1, 5], (static function (array $ids): array {
            sort($ids);

            return $ids;
        })(array_slice($answer->ids(), 0, 2)));
        same('similar', $answer->first()->rung);
        same(3, count($shop->similarToText('zzz', limit: 3)));
        same([], $shop->similarToText('zzz', limit: 3, fallback: false)->ids());
    },

    'an item that nobody has touched has neighbours by its text' => function () use ($shop): void {
        $answer = $shop()->similar(4, limit: 3);
        same(3, count($answer));
        same([], $shop()->similar(9, limit: 3, fallback: false)->ids(), 'no other item is a dessert');
    },

    'given items can be ranked by words' => function () use ($shop): void {
        $shop = $shop();
        same([8, 7, 1], $shop->rank([1, 7, 8], words: 'bicycle pump')->ids());
        same([10, 1], array_slice($shop->rank([6, 1, 10], user: 2, words: 'green velvet')->ids(), 0, 2));
    },

    'a model without words says so' => function (): void {
        throws(RecoEngineException::class, 'bm25', static fn () => Shop::open()->search('tea'));
        throws(RecoArgumentException::class, 'limit', static fn () => Shop::open()->search('tea', limit: 0));
    },
];
