<?php

declare(strict_types=1);

return [
    'an answer is iterated more than once, counted, and has a first hit' => function (): void {
        $answer = Shop::open()->recommend(user: 3, limit: 3);
        $twice = [];
        foreach ([1, 2] as $_) {
            foreach ($answer as $place => $hit) {
                $twice[] = [$place, $hit->id, $hit->score];
            }
        }
        same(6, count($twice));
        same(array_slice($twice, 0, 3), array_slice($twice, 3));
        same($answer->ids(), array_map(static fn (RecoHit $hit): int|string => $hit->id, iterator_to_array($answer)));
        same($answer->ids()[0], $answer->first()->id);
        same($answer->scores()[0], $answer->first()->score);
    },

    'an empty answer is an answer' => function (): void {
        $answer = Shop::open()->recommend(only: []);
        same(0, count($answer));
        same([], $answer->ids());
        same([], $answer->scores());
        same(null, $answer->first());
        same([], iterator_to_array($answer));
        same('[]', json_encode($answer));
        same([], $answer->attribute('title'));
    },

    'an answer becomes JSON' => function (): void {
        $answer = Shop::open()->recommend(user: 3, limit: 2);
        $decoded = json_decode(json_encode($answer, JSON_THROW_ON_ERROR), true);
        same(2, count($decoded));
        same(['id', 'score', 'source', 'rung'], array_keys($decoded[0]));
        same($answer->ids()[0], $decoded[0]['id']);
        same('item-knn', $decoded[0]['source']);
    },

    'hits cannot be changed' => function (): void {
        $hit = Shop::open()->recommend(limit: 1)->first();
        try {
            (function () use ($hit): void { $hit->id = 5; })();
        } catch (Error $error) {
            holds(str_contains($error->getMessage(), 'readonly'), $error->getMessage());

            return;
        }
        throw new Unmet('a hit was changed');
    },

    'attributes come for a hit, an answer and for ids' => function (): void {
        $shop = Shop::open();
        $answer = $shop->recommend(user: 3, limit: 5);
        $titles = array_map(static fn (int $id): string => "Thing № $id", $answer->ids());
        same($titles, $answer->attribute('title'));
        foreach ($answer as $place => $hit) {
            same($titles[$place], $hit->attribute('title'));
        }
        same($titles, $shop->attribute('title', $answer));
        same(['Thing № 30', '', 'Thing № 2'], $shop->attribute('title', [30, 'unknown', '2']));
        same([], $shop->attribute('title', []));
    },

    'an unknown candidate has no attributes' => function (): void {
        $hits = iterator_to_array(Shop::open()->rank(['unknown', 3]));
        same('Thing № 3', $hits[0]->attribute('title'));
        same('', $hits[1]->attribute('title'));
    },

    'an attribute that the model does not have is refused' => function (): void {
        $shop = Shop::open();
        throws(RecoArgumentException::class, 'colour', fn () => $shop->recommend()->attribute('colour'));
        throws(RecoArgumentException::class, 'colour', fn () => $shop->attribute('colour', [1]));
        throws(RecoArgumentException::class, '', fn () => $shop->attribute('', [1]));
        throws(RecoArgumentException::class, '', fn () => $shop->attribute("ti\0tle", [1]));
    },

    'long attributes grow the buffer' => function (): void {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $long = str_repeat('é', 100_000);
        $trainer->addEvents([1, 2], ['a', 'b'])->addAttribute('text', ['a' => $long, 'b' => 'short'])->train();
        same([$long, 'short'], $trainer->open()->attribute('text', ['a', 'b']));
    },

    'integer ids come back as int, others as string' => function (): void {
        foreach (Shop::open()->recommend()->ids() as $id) {
            holds(is_int($id), 'an id should be an int');
        }
        $mixed = Shop::trainer(static fn (int $item): string => $item === 1 ? 'one' : (string) $item)->open();
        foreach ($mixed->recommend()->ids() as $id) {
            holds(is_string($id), 'an id should be a string');
        }
    },

    'the smallest and the largest integers are ids' => function (): void {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $shop = $trainer->addEvents([PHP_INT_MAX, 1], [PHP_INT_MIN, PHP_INT_MAX])->train()->open();
        $ids = $shop->recommend(limit: 2)->ids();
        sort($ids);
        same([PHP_INT_MIN, PHP_INT_MAX], $ids);
        same([PHP_INT_MIN], $shop->recommend(user: PHP_INT_MAX, hideBought: false, only: [PHP_INT_MIN])->ids());
    },

    'the model tells what it holds' => function (): void {
        $info = Shop::open()->info();
        same(Shop::USERS, $info->userCount);
        same(Shop::ITEMS + 1, $info->itemCount);
        same(filesize(Shop::file()), $info->fileLength);
        same(null, $info->latestEvent);
        same(true, $info->integerUserIds);
        same(true, $info->integerItemIds);
        holds($info->formatVersion >= 1, 'the format version');
        holds(preg_match('/^\d+\.\d+\.\d+/', Reco::version()) === 1, 'the version');
    },
];
