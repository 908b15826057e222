<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoEngineException;

final class MemoryModelTest extends RecoTestCase
{
    public function test_three_events_are_a_model(): void
    {
        $reco = Reco::memory([[1, 'tea', 'purchase'], [1, 'cup', 'purchase'], [2, 'tea']]);
        self::assertSame(['cup'], $reco->recommend(user: 2, fallback: false)->ids());
        self::assertSame([2, 2], [$reco->info()->userCount, $reco->info()->itemCount]);
    }

    public function test_what_one_user_bought_is_bought_together(): void
    {
        $events = [[1, 10, 'purchase'], [1, 11, 'purchase'], [2, 12, 'purchase'], [2, 13, 'purchase']];
        $hit = Reco::memory($events)->boughtTogether(10)->first();
        self::assertSame([11, 'bought-together'], [$hit?->id, $hit?->source]);
    }

    public function test_attributes_are_shown_searched_and_filtered(): void
    {
        $items = ['tea' => ['title' => 'Green tea', 'price' => 4.5], 'pot' => ['title' => 'Pot', 'price' => null]];
        $reco = Reco::memory([[1, 'tea']], $items);
        self::assertSame(['tea'], $reco->search('green')->ids());
        self::assertSame(['Pot', '4.5', ''], [
            ...$reco->attribute('title', ['pot']), ...$reco->attribute('price', ['tea', 'pot']),
        ]);
        self::assertSame(['tea'], $reco->recommend(filter: 'price < 5')->ids());
    }

    public function test_times_make_baskets_and_the_latest_event(): void
    {
        $reco = Reco::memory([[1, 'tea', 'purchase', 1_700_000_000], [1, 'cup', 'purchase', 1_700_000_060]]);
        self::assertSame(1_700_000_060, $reco->info()->latestEvent);
    }

    public function test_the_same_events_are_the_same_model(): void
    {
        $events = [];
        for ($user = 1; $user <= 20; $user++) {
            for ($item = 1; $item <= 5; $item++) {
                $events[] = [$user, ($user * $item) % 17];
            }
        }
        $answers = array_map(
            static fn (): string => (string) json_encode(Reco::memory($events)->recommendMany(range(1, 20))),
            [1, 2],
        );
        self::assertSame($answers[0], $answers[1]);
    }

    public function test_another_model_can_be_chosen(): void
    {
        $reco = Reco::memory([[1, 'tea'], [1, 'cup'], [2, 'tea']], options: ['model' => 'popularity']);
        self::assertSame('popularity', $reco->recommend(user: 2, limit: 1)->first()?->source);
    }

    public function test_events_that_make_no_sense_are_named(): void
    {
        $refused = static fn (string $class, string $part, array $events) => self::assertThrows(
            $class,
            $part,
            static fn () => Reco::memory($events),
        );
        $refused(RecoArgumentException::class, 'event 1: is none', [[1, 2], [1]]);
        $refused(RecoArgumentException::class, 'event 0: is none', ['tea']);
        $refused(RecoArgumentException::class, 'event 0: is none', [['user' => 1, 'item' => 2]]);
        $refused(RecoArgumentException::class, 'its time is string', [[1, 2, 'view', '2026-01-01']]);
        $refused(RecoArgumentException::class, 'has no time', [[1, 2, 'view', 5], [1, 3]]);
        $refused(RecoArgumentException::class, 'has no time', [[1, 3], [1, 2, 'view', 5]]);
        $refused(RecoEngineException::class, 'visit', [[1, 2, 'visit']]);
        $refused(RecoEngineException::class, 'no events', []);
    }
}
