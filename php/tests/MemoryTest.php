<?php

declare(strict_types=1);

/** @return int of /proc/self/status: kB for memory, a number for threads */
$status = static function (string $name): int {
    preg_match("/^$name:\s+(\d+)/m", file_get_contents('/proc/self/status'), $found);

    return (int) $found[1];
};

return [
    'memory stays flat over 10,000 requests' => function () use ($status): void {
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
        $before = [memory_get_usage(), $status('VmRSS')];
        for ($number = 0; $number < 10_000; $number++) {
            $request($number);
        }
        $after = [memory_get_usage(), $status('VmRSS')];
        holds($after[0] - $before[0] < 4096, 'PHP\'s memory grew by ' . $after[0] - $before[0] . ' bytes');
        holds($after[1] - $before[1] < 1024, 'the process grew by ' . $after[1] - $before[1] . ' kB');
        same(0, gc_collect_cycles(), 'cycles left for the collector');
    },

    'training and opening in memory leave nothing behind' => function () use ($status): void {
        $run = static function (): void {
            Shop::trainer()->open()->recommend(user: 1);
        };
        for ($number = 0; $number < 20; $number++) {
            $run();
        }
        $before = [memory_get_usage(), $status('VmRSS')];
        for ($number = 0; $number < 100; $number++) {
            $run();
        }
        $after = [memory_get_usage(), $status('VmRSS')];
        holds($after[0] - $before[0] < 4096, 'PHP\'s memory grew by ' . $after[0] - $before[0] . ' bytes');
        holds($after[1] - $before[1] < 4096, 'the process grew by ' . $after[1] - $before[1] . ' kB');
    },

    'serving starts no thread' => function (): void {
        $code = '
            $threads = fn () => preg_replace("/.*^Threads:\s+(\d+).*/ms", "$1", file_get_contents("/proc/self/status"));
            echo $threads();
            $shop = Reco::open(' . var_export(Shop::file(), true) . ');
            echo $threads();
            $shop->recommend(user: 3);
            $shop->similar(3);
            echo $threads();';
        same('111', Php::output($code, [], ['RECO_LIBRARY' => Php::library()]));
    },

    'an answer outlives the model it came from' => function (): void {
        $answer = Shop::open()->recommend(user: 3, limit: 2);
        gc_collect_cycles();
        same(2, count($answer->attribute('title')));
    },
];
