<?php

declare(strict_types=1);

return [
    'twenty rows make a model in memory' => function (): void {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $trainer->addEvents(
            users: array_map(static fn (int $row): string => 'user ' . intdiv($row, 4), range(0, 19)),
            items: array_map(static fn (int $row): string => $row % 4 === 0 ? 'tea' : "item $row", range(0, 19)),
            kinds: array_fill(0, 20, 'purchase'),
            weights: array_fill(0, 20, 2.5),
            times: range(1_700_000_000, 1_700_000_019),
        );
        $shop = $trainer->train()->open();
        same('tea', $shop->recommend(limit: 1)->ids()[0]);
        same(5, $shop->info()->userCount);
        same(1_700_000_019, $shop->info()->latestEvent);
    },

    'a model outlives its trainer' => function (): void {
        $shop = Shop::trainer()->open();
        gc_collect_cycles();
        same(10, count($shop->recommend(user: 1)));
    },

    'the saved model answers as the one in memory' => function (): void {
        $trainer = Shop::trainer();
        $path = Shop::newFile();
        $trainer->save($path);
        $memory = $trainer->open();
        $file = Reco::open($path);
        for ($user = 1; $user <= Shop::USERS; $user++) {
            same($memory->recommend(user: $user)->ids(), $file->recommend(user: $user)->ids());
            same($memory->recommend(user: $user)->scores(), $file->recommend(user: $user)->scores());
        }
    },

    'columns that differ in length are refused' => function (): void {
        $trainer = new RecoTrainer();
        throws(RecoArgumentException::class, '2 users, 1 items', fn () => $trainer->addEvents([1, 2], [1]));
        throws(RecoArgumentException::class, '1 users, 2 kinds', fn () => $trainer->addEvents([1], [1], ['a', 'b']));
        throws(RecoArgumentException::class, '1 users, 2 times', fn () => $trainer->addEvents([1], [1], times: [1, 2]));
        throws(RecoArgumentException::class, '2 baskets', fn () => $trainer->addEvents([1], [1], baskets: [1, 2]));
    },

    'options and values that make no sense are refused' => function (): void {
        throws(RecoArgumentException::class, 'foo', fn () => new RecoTrainer(['foo' => 1]));
        throws(RecoArgumentException::class, '', fn () => new RecoTrainer(['model' => 'crystal-ball']));
        $trainer = new RecoTrainer();
        throws(RecoEngineException::class, '', fn () => $trainer->addEvents([1], [1], weights: [NAN]));
        throws(RecoEngineException::class, 'visit', fn () => $trainer->addEvents([1], [1], ['visit']));
        throws(RecoArgumentException::class, 'empty', fn () => $trainer->addEvents([''], [1]));
        throws(RecoEngineException::class, '', fn () => $trainer->addEvents(["\xff"], [1]));
        throws(RecoEngineException::class, 'basket 0', fn () => $trainer->addEvents([1], [1], baskets: ["\xff"]));
    },

    'calls in the wrong order are refused' => function (): void {
        $path = Shop::newFile();
        throws(RecoEngineException::class, 'no events', fn () => (new RecoTrainer())->train());
        throws(RecoEngineException::class, '', fn () => (new RecoTrainer())->open());
        throws(RecoEngineException::class, '', fn () => (new RecoTrainer())->save($path));
        same(false, is_file($path));
    },

    'a folder that is not there cannot be saved to' => function (): void {
        $trainer = Shop::trainer();
        throws(RecoFileException::class, '', fn () => $trainer->save('/nowhere/at/all.reco'));
        throws(RecoFileException::class, 'path', fn () => $trainer->save(''));
    },
];
