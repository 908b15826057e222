<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoEngineException;
use Reco\RecoFileException;
use Reco\RecoTrainer;

final class TrainerTest extends RecoTestCase
{
    public function test_twenty_rows_make_a_model_in_memory(): void
    {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $trainer->addEvents(
            users: array_map(static fn (int $row): string => 'user ' . intdiv($row, 4), range(0, 19)),
            items: array_map(static fn (int $row): string => $row % 4 === 0 ? 'tea' : "item $row", range(0, 19)),
            kinds: array_fill(0, 20, 'purchase'),
            weights: array_fill(0, 20, 2.5),
            times: range(1_700_000_000, 1_700_000_019),
        );
        $shop = $trainer->train()->open();
        self::assertSame('tea', $shop->recommend(limit: 1)->ids()[0]);
        self::assertSame(5, $shop->info()->userCount);
        self::assertSame(1_700_000_019, $shop->info()->latestEvent);
    }

    public function test_a_model_outlives_its_trainer(): void
    {
        $shop = Shop::trainer()->open();
        gc_collect_cycles();
        self::assertSame(10, count($shop->recommend(user: 1)));
    }

    public function test_the_saved_model_answers_as_the_one_in_memory(): void
    {
        $trainer = Shop::trainer();
        $path = Shop::newFile();
        $trainer->save($path);
        $memory = $trainer->open();
        $file = Reco::open($path);
        for ($user = 1; $user <= Shop::USERS; $user++) {
            self::assertSame($memory->recommend(user: $user)->ids(), $file->recommend(user: $user)->ids());
            self::assertSame($memory->recommend(user: $user)->scores(), $file->recommend(user: $user)->scores());
        }
    }

    public function test_what_training_said_can_be_read(): void
    {
        $trainer = Shop::trainer();
        self::assertSame([], $trainer->notes());
        $trainer->save($path = Shop::newFile());
        $again = new RecoTrainer(['model' => 'popularity', 'continue' => $path]);
        $again->addEvents([1, 2, 3], [1, 1, 2])->train();
        self::assertSame(['popularity cannot go on from an earlier model and is trained anew'], $again->notes());
    }

    public function test_columns_that_differ_in_length_are_refused(): void
    {
        $trainer = new RecoTrainer();
        self::assertThrows(RecoArgumentException::class, '2 users, 1 items', fn () => $trainer->addEvents([1, 2], [1]));
        self::assertThrows(RecoArgumentException::class, '1 users, 2 kinds', fn () => $trainer->addEvents([1], [1], ['a', 'b']));
        self::assertThrows(RecoArgumentException::class, '1 users, 2 times', fn () => $trainer->addEvents([1], [1], times: [1, 2]));
        self::assertThrows(RecoArgumentException::class, '2 baskets', fn () => $trainer->addEvents([1], [1], baskets: [1, 2]));
    }

    public function test_options_and_values_that_make_no_sense_are_refused(): void
    {
        self::assertThrows(RecoArgumentException::class, 'foo', fn () => new RecoTrainer(['foo' => 1]));
        self::assertThrows(RecoArgumentException::class, '', fn () => new RecoTrainer(['model' => 'crystal-ball']));
        $trainer = new RecoTrainer();
        self::assertThrows(RecoEngineException::class, '', fn () => $trainer->addEvents([1], [1], weights: [NAN]));
        self::assertThrows(RecoEngineException::class, 'visit', fn () => $trainer->addEvents([1], [1], ['visit']));
        self::assertThrows(RecoArgumentException::class, 'empty', fn () => $trainer->addEvents([''], [1]));
        self::assertThrows(RecoEngineException::class, '', fn () => $trainer->addEvents(["\xff"], [1]));
        self::assertThrows(RecoEngineException::class, 'basket 0', fn () => $trainer->addEvents([1], [1], baskets: ["\xff"]));
    }

    public function test_calls_in_the_wrong_order_are_refused(): void
    {
        $path = Shop::newFile();
        self::assertThrows(RecoEngineException::class, 'no events', fn () => (new RecoTrainer())->train());
        self::assertThrows(RecoEngineException::class, '', fn () => (new RecoTrainer())->open());
        self::assertThrows(RecoEngineException::class, '', fn () => (new RecoTrainer())->save($path));
        self::assertSame(false, is_file($path));
    }

    public function test_a_folder_that_is_not_there_cannot_be_saved_to(): void
    {
        $trainer = Shop::trainer();
        self::assertThrows(RecoFileException::class, '', fn () => $trainer->save('/nowhere/at/all.reco'));
        self::assertThrows(RecoFileException::class, 'path', fn () => $trainer->save(''));
    }
}
