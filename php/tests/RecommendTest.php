<?php

declare(strict_types=1);

return [
    'a known user gets personal hits of the right kind, best first' => function (): void {
        $answer = Shop::open()->recommend(user: 3, limit: 4);
        same(4, count($answer));
        foreach ($answer as $place => $hit) {
            same(1, $hit->id % 2, "the parity of hit $place");
            same('item-knn', $hit->source);
            same('personal', $hit->rung);
        }
        $scores = $answer->scores();
        $sorted = $scores;
        rsort($sorted);
        same($sorted, $scores);
    },

    'what the user has bought is hidden unless asked for' => function (): void {
        $shop = Shop::open();
        same([], array_values(array_intersect(Shop::bought(3), $shop->recommend(user: 3, limit: 30)->ids())));
        $shown = $shop->recommend(user: 3, limit: 30, hideBought: false)->ids();
        same([], array_values(array_diff(Shop::bought(3), $shown)));
    },

    'what the user has seen can be hidden as well' => function (): void {
        $shop = Shop::open();
        $viewed = array_values(array_diff(Shop::seen(3), Shop::bought(3)));
        holds($viewed !== [], 'the user should have viewed something');
        same($viewed, array_values(array_intersect($viewed, $shop->recommend(user: 3, limit: 30)->ids())));
        $hidden = $shop->recommend(user: 3, limit: 30, hideSeen: true)->ids();
        same([], array_values(array_intersect(Shop::seen(3), $hidden)));
    },

    'the reasons of a hit are what the user has, and add up to the score' => function (): void {
        $shop = Shop::open();
        $answers = [
            $shop->recommend(user: 3, limit: 4),
            $shop->recommend(user: 3, session: [[5, 'cart', 20], 7], limit: 4),
            ...$shop->recommendMany([5, 8], limit: 2),
        ];
        foreach ($answers as $answer) {
            foreach ($answer as $hit) {
                $reasons = $hit->reasons();
                holds($reasons !== [], 'a personal hit should have reasons');
                holds(abs(array_sum($reasons) - $hit->score) < 1e-3, 'the reasons should add up to the score');
                $sorted = $reasons;
                arsort($sorted);
                same($sorted, $reasons);
                foreach (array_keys($reasons) as $id) {
                    same($hit->id % 2, $id % 2, "the parity of $id");
                }
            }
        }
        same([], $shop->recommend(limit: 1)->first()->reasons());
        same([], $shop->similar(3, limit: 1)->first()->reasons());
    },

    'a user is the same as integer and as string' => function (): void {
        $shop = Shop::open();
        same($shop->recommend(user: 8)->ids(), $shop->recommend(user: '8')->ids());
    },

    'an unknown user gets what everybody likes' => function (): void {
        $shop = Shop::open();
        $stranger = $shop->recommend(user: 'nobody', limit: 5);
        same(5, count($stranger));
        same('popular', $stranger->first()->rung);
        same($shop->recommend(limit: 5)->ids(), $stranger->ids());
    },

    'without fallback a stranger gets nothing' => function (): void {
        same(0, count(Shop::open()->recommend(user: 'nobody', fallback: false)));
    },

    'a session alone decides, in any form of its entries' => function (): void {
        $shop = Shop::open();
        $plain = $shop->recommend(session: [2, 4, 8], limit: 5);
        same('session', $plain->first()->rung);
        foreach ($plain->ids() as $id) {
            same(0, $id % 2, "the parity of $id");
        }
        $spelled = $shop->recommend(session: ['2', ['4'], [8, 'view', 0]], limit: 5);
        same($plain->ids(), $spelled->ids());
        $strong = $shop->recommend(session: [[2, 'cart', 10.5], [4, 'purchase', 3600], [8, 'like']], limit: 5);
        same(5, count($strong));
    },

    'ages of the past, of the future and of long ago are all fine' => function (): void {
        $shop = Shop::open();
        foreach ([-5, -1e300, 0, 1e9, 1e300, PHP_INT_MAX] as $age) {
            same(3, count($shop->recommend(session: [[2, 'view', $age]], limit: 3)), "age $age");
        }
    },

    'only and except are kept to' => function (): void {
        $shop = Shop::open();
        $ids = $shop->recommend(user: 3, only: [1, 2, '3', 4, 999], hideBought: false)->ids();
        sort($ids);
        same([1, 2, 3, 4], $ids);
        same([], $shop->recommend(user: 3, only: [])->ids());
        $first = $shop->recommend(user: 3, limit: 5);
        $second = $shop->recommend(user: 3, limit: 5, except: $first);
        same([], array_values(array_intersect($first->ids(), $second->ids())));
        same($second->ids(), $shop->recommend(user: 3, limit: 5, except: array_map('strval', $first->ids()))->ids());
    },

    'a limit beyond the catalogue gives the catalogue' => function (): void {
        $shop = Shop::open();
        $all = $shop->recommend(limit: 1_000_000_000);
        same($shop->info()->itemCount, count($all));
        same($shop->info()->itemCount, count(array_unique($all->ids())));
        same(count($all), count($shop->recommend(limit: PHP_INT_MAX)));
    },

    'many users get in one call what each would get alone' => function (): void {
        $shop = Shop::open();
        $users = ['first' => 3, 'second' => '8', 7 => 'nobody'] + array_fill(100, 600, 5);
        $many = $shop->recommendMany($users, limit: 7, except: [1]);
        same(array_keys($users), array_keys($many));
        foreach (['first', 'second', 7, 100, 699] as $key) {
            $alone = $shop->recommend(user: $users[$key], limit: 7, except: [1]);
            same($alone->ids(), $many[$key]->ids());
            same($alone->scores(), $many[$key]->scores());
        }
        same([], $shop->recommendMany([]));
        same([0, 0], array_map('count', $shop->recommendMany([3, 8], only: [])));
    },

    'similar items are of the same kind and never the item itself' => function (): void {
        $shop = Shop::open();
        $answer = $shop->similar(4, limit: 5, fallback: false);
        holds(count($answer) > 0, 'something should be similar');
        same('similar', $answer->first()->rung);
        holds(!in_array(4, $answer->ids(), true), 'an item is not similar to itself');
        foreach ($answer->ids() as $id) {
            same(0, $id % 2, "the parity of $id");
        }
        same($answer->ids(), $shop->similar('4', limit: 5, fallback: false)->ids());
        same($answer->ids(), $shop->similar([4], limit: 5, fallback: false)->ids());
        $basket = $shop->similar([4, 6], limit: 20)->ids();
        same([], array_values(array_intersect([4, 6], $basket)));
    },

    'what is bought together comes from the same baskets, and similar items follow' => function (): void {
        $trainer = new RecoTrainer(['model' => 'item-knn,bought-together']);
        foreach (range(1, 6) as $user) {
            $trainer->addEvents(
                users: array_fill(0, 5, $user),
                items: ['printer', 'ink', 'cup', 'tea', "item $user"],
                kinds: array_fill(0, 5, 'purchase'),
                baskets: ["A$user", "A$user", 2 * $user, 2 * $user, ''],
            );
        }
        $shop = $trainer->train()->open();
        $answer = $shop->boughtTogether('printer', limit: 3);
        same('ink', $answer->first()->id);
        same(['bought-together', 'item-knn', 'item-knn'], array_map(fn (RecoHit $hit): string => $hit->source, [...$answer]));
        same('tea', $shop->boughtTogether(['cup'])->first()->id);
        same('item-knn', $shop->similar('printer')->first()->source);
        same('item-knn', $shop->boughtTogether('printer', except: ['ink'])->first()->source);
        same(
            Shop::open()->similar(4, limit: 5)->ids(),
            Shop::open()->boughtTogether(4, limit: 5)->ids(),
            'without the model',
        );
    },

    'similar items hide what the user has bought when told to' => function (): void {
        $shop = Shop::open();
        $hidden = $shop->similar(3, limit: 30, user: 3, hideBought: true)->ids();
        same([], array_values(array_intersect(Shop::bought(3), $hidden)));
        $shown = $shop->similar(3, limit: 30, user: 3)->ids();
        holds(array_intersect(Shop::bought(3), $shown) !== [], 'bought items should be shown by default');
    },

    'an unknown item has bestsellers for company' => function (): void {
        $answer = Shop::open()->similar('no such thing', limit: 3);
        same(3, count($answer));
        same('popular', $answer->first()->rung);
    },

    'ranking gives every candidate back, as it was written' => function (): void {
        $shop = Shop::open();
        $candidates = [2, '1', 'unknown', 4, '3'];
        $answer = $shop->rank($candidates, user: 3);
        same(count($candidates), count($answer));
        $ids = $answer->ids();
        same('unknown', end($ids));
        foreach ($candidates as $candidate) {
            holds(in_array($candidate, $ids, true), "$candidate came back in another form");
        }
        $odd = array_slice($ids, 0, 2);
        sort($odd);
        same(['1', '3'], $odd);
        $hits = iterator_to_array($answer);
        same('none', $hits[4]->source);
        same('none', $hits[4]->rung);
        same('personal', $hits[0]->rung);
    },

    'ranking a part gives the best of it' => function (): void {
        $shop = Shop::open();
        $candidates = ['a' => 2, 'b' => 1, 'c' => 4, 'd' => 3];
        $all = $shop->rank($candidates, user: 3)->ids();
        same(array_slice($all, 0, 2), $shop->rank($candidates, user: 3, limit: 2)->ids());
        same($all, $shop->rank($candidates, user: 3, limit: 1000)->ids());
        same([], $shop->rank([], user: 3)->ids());
    },

    'an answer can be ranked for somebody else' => function (): void {
        $shop = Shop::open();
        $ids = $shop->rank($shop->recommend(limit: 10), user: 8)->ids();
        same(10, count($ids));
        same(0, $ids[0] % 2);
    },
];
