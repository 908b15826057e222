<?php

declare(strict_types=1);

namespace Reco\Tests;

use DateTimeImmutable;
use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoTrainer;

final class HybridTest extends RecoTestCase
{
    /** A shop in which people buy odd items in the evening at the desk and even ones in the morning on the phone. */
    private static function shop(): Reco
    {
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
    }

    public function test_the_contributions_of_a_ranked_hit_add_up_to_its_score(): void
    {
        $answer = self::shop()->recommend(7, limit: 5, filter: 'category = "c1"', time: 1610000000, device: 'mobile');
        self::assertSame(5, count($answer));
        foreach ($answer as $hit) {
            self::assertSame('boosted-trees', $hit->source);
            $parts = $hit->contributions();
            self::assertTrue(isset($parts['expected'], $parts['item-knn.rank'], $parts['context.hour']), 'features have names');
            self::assertTrue(abs(array_sum($parts) - $hit->score) < 1e-4, 'they add up');
            self::assertSame('expected', array_key_last($parts));
        }
    }

    public function test_what_was_not_ranked_has_no_contributions(): void
    {
        self::assertSame([], self::shop()->recommend(limit: 1)->first()->contributions());
        self::assertSame([], Shop::open()->recommend(user: 3, limit: 1)->first()->contributions());
    }

    public function test_the_hour_and_the_device_change_what_comes_first(): void
    {
        $morning = new DateTimeImmutable('2021-01-07 07:00:00 UTC');
        $share = static function (array $arguments): int {
            $mornings = 0;
            for ($user = 1; $user <= 60; $user++) {
                $ids = self::shop()->recommend($user, ...$arguments, limit: 5)->ids();
                $mornings += count(array_filter($ids, static fn (int $id): bool => $id % 2 === 0));
            }

            return $mornings;
        };
        $early = $share(['time' => $morning, 'device' => 'mobile']);
        $late = $share(['time' => $morning->getTimestamp() + 12 * 3600, 'device' => 'desktop']);
        self::assertTrue($early > 2 * $late, "$early and $late");
        self::assertSame($share([]), $share(['device' => 'fridge']));
    }

    public function test_searches_with_times_teach_the_order_of_what_matches(): void
    {
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
        self::assertSame('boosted-trees', $hit->source);
        self::assertSame(0, ((int) substr($hit->id, 1)) % 3);
        self::assertTrue(abs(array_sum($hit->contributions()) - $hit->score) < 1e-4, 'the parts add up');
        self::assertThrows(RecoArgumentException::class, '2 times', static fn () => $trainer->addSearches(['a'], ['i1'], times: [1, 2]));
    }

    public function test_devices_have_one_entry_for_each_event(): void
    {
        self::assertThrows(
            RecoArgumentException::class,
            '2 devices',
            static fn () => (new RecoTrainer())->addEvents([1], [2], devices: ['a', 'b']),
        );
    }
}
