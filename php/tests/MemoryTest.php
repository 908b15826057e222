<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoException;

final class MemoryTest extends RecoTestCase
{
    /** @return int of /proc/self/status: kB for memory, a number for threads */
    private static function status(string $name): int
    {
        preg_match("/^$name:\s+(\d+)/m", file_get_contents('/proc/self/status'), $found);

        return (int) $found[1];
    }

    public function test_memory_stays_flat_over_10_000_requests(): void
    {
        $request = static function (int $number): void {
            $shop = Reco::open(Shop::file());
            $answer = $shop->recommend(user: $number % 50, session: [1 + $number % 29, [2, 'cart', 30]], limit: 12);
            foreach ($answer as $hit) {
                $hit->attribute('title');
            }
            $shop->similar(1 + $number % 35, except: $answer)->scores();
            $shop->rank($answer, user: $number % 50);
            $shop->recommendMany([1, 2, 3], limit: 5);
            try {
                $shop->attribute('colour', [1]);
            } catch (RecoException) {
            }
            try {
                Reco::open('/nowhere.reco');
            } catch (RecoException) {
            }
        };
        for ($number = 0; $number < 1000; $number++) {
            $request($number);
        }
        gc_collect_cycles();
        $before = [memory_get_usage(), self::status('VmRSS')];
        for ($number = 0; $number < 10_000; $number++) {
            $request($number);
        }
        $after = [memory_get_usage(), self::status('VmRSS')];
        self::assertTrue($after[0] - $before[0] < 4096, 'PHP\'s memory grew by ' . $after[0] - $before[0] . ' bytes');
        self::assertTrue($after[1] - $before[1] < 1024, 'the process grew by ' . $after[1] - $before[1] . ' kB');
        self::assertSame(0, gc_collect_cycles(), 'cycles left for the collector');
    }

    public function test_training_and_opening_in_memory_leave_nothing_behind(): void
    {
        $run = static function (): void {
            Shop::trainer()->open()->recommend(user: 1);
        };
        for ($number = 0; $number < 20; $number++) {
            $run();
        }
        $before = [memory_get_usage(), self::status('VmRSS')];
        for ($number = 0; $number < 100; $number++) {
            $run();
        }
        $after = [memory_get_usage(), self::status('VmRSS')];
        self::assertTrue($after[0] - $before[0] < 4096, 'PHP\'s memory grew by ' . $after[0] - $before[0] . ' bytes');
        self::assertTrue($after[1] - $before[1] < 4096, 'the process grew by ' . $after[1] - $before[1] . ' kB');
    }

    public function test_serving_starts_no_thread(): void
    {
        $code = '
            $threads = fn () => preg_replace("/.*^Threads:\s+(\d+).*/ms", "$1", file_get_contents("/proc/self/status"));
            echo $threads();
            $shop = Reco::open(' . var_export(Shop::file(), true) . ');
            echo $threads();
            $shop->recommend(user: 3);
            $shop->similar(3);
            echo $threads();';
        self::assertSame('111', Php::output($code, [], ['RECO_LIBRARY' => Php::library()]));
    }

    public function test_an_answer_outlives_the_model_it_came_from(): void
    {
        $answer = Shop::open()->recommend(user: 3, limit: 2);
        gc_collect_cycles();
        self::assertSame(2, count($answer->attribute('title')));
    }
}
