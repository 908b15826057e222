<?php

declare(strict_types=1);

require_once __DIR__ . '/fpm/FastCGI.php';
require_once __DIR__ . '/fpm/Fpm.php';

/** The two ways in which docs/php.md sets up php-fpm. */
$modes = [
    'ffi.enable=true' => ['ffi.enable=true', 'opcache.enable=1'],
    'ffi.preload' => [
        'ffi.enable=preload',
        'ffi.preload={folder}/include/reco_ffi.h',
        'opcache.enable=1',
        'opcache.preload={folder}/share/php/reco/RecoFFI.php',
    ],
];

/** Runs `$body` against a php-fpm, which is stopped whatever happens; nothing may have crashed in it. */
$under = static function (array $settings, callable $body, string $page = __DIR__ . '/fpm/page.php'): void {
    $binary = Fpm::binary();
    if ($binary === null) {
        throw new Skipped('there is no php-fpm here');
    }
    $fpm = new Fpm($binary, $settings, $page);
    try {
        Shop::trainer()->save("$fpm->folder/shop.reco");
        $fpm->start();
        $body($fpm);
        $fpm->stop();
        holds(preg_match('/exited on signal|SIG(SEGV|ILL|BUS|ABRT)|core dumped/', $fpm->log()) === 0, $fpm->log());
    } finally {
        $fpm->remove();
    }
};

$tests = [];
foreach ($modes as $mode => $settings) {
    $answers = function (Fpm $fpm) use ($mode): void {
        if ($mode === 'ffi.preload') {
            // What follows must come from what was preloaded: nothing is left to find.
            rename("$fpm->folder/lib", "$fpm->folder/lib-moved");
            rename("$fpm->folder/include", "$fpm->folder/include-moved");
        }
        $shop = Reco::open("$fpm->folder/shop.reco");
        foreach (['1', '8', 'nobody'] as $user) {
            $page = $fpm->client->get(['user' => $user, 'session' => '3,5']);
            $expected = [
                $shop->recommend(user: $user, session: ['3', '5'], limit: 12),
                $shop->similar(7, limit: 5),
                $shop->attribute('title', [1, 2]),
            ];
            same(json_decode(json_encode($expected), true), $page['answer']);
            same([1, 1], $page['threads']);
        }
        same('RecoArgumentException', $fpm->client->get(['user' => ''])['answer']['problem']);
        same('RecoArgumentException', $fpm->client->get(['user' => "a\0b"])['answer']['problem']);
        same('RecoFileException', $fpm->client->get(['model' => 'none.reco'])['answer']['problem']);
    };

    $memory = function (Fpm $fpm): void {
        $sizes = [];
        for ($request = 0; $request < 6000; $request++) {
            $page = $fpm->client->get(['user' => (string) ($request % 50), 'session' => '3,5']);
            $sizes[$page['pid']][] = [$page['memory'], $page['rss']];
        }
        same(3, count($sizes), 'workers that answered');
        foreach ($sizes as $pages) {
            $half = $pages[intdiv(count($pages), 2)];
            $last = $pages[count($pages) - 1];
            holds($last[0] - $half[0] < 4096, "PHP's memory went from $half[0] to $last[0] bytes");
            holds($last[1] - $half[1] < 512, "a worker went from $half[1] to $last[1] kB");
        }
    };

    $reload = function (Fpm $fpm): void {
        $models = [];
        foreach (['a', 'b'] as $letter) {
            $models[$letter] = "$fpm->folder/$letter.model";
            Shop::trainer(static fn (int $item): string => $letter . $item)->save($models[$letter]);
        }
        copy($models['a'], "$fpm->folder/live.reco");
        $load = ['socket' => "$fpm->folder/fpm.sock", 'page' => "$fpm->folder/page.php", 'stop' => "$fpm->folder/stop"];
        $code = '$load = ' . var_export($load, true) . '; require ' . var_export(__DIR__ . '/fpm/load.php', true) . ';';
        $clients = [Php::start($code), Php::start($code), Php::start($code)];
        for ($round = 0; $round < 200; $round++) {
            copy($models[$round % 2 === 0 ? 'b' : 'a'], "$fpm->folder/live.new");
            rename("$fpm->folder/live.new", "$fpm->folder/live.reco");
            usleep(10_000);
        }
        touch($load['stop']);
        $workers = [];
        foreach ($clients as [$process, $output, $errors]) {
            $report = stream_get_contents($output);
            same('', stream_get_contents($errors));
            proc_close($process);
            $report = json_decode($report, true, 32, JSON_THROW_ON_ERROR);
            same([], array_slice($report['wrong'], 0, 3));
            foreach ($report['seen'] as $pid => $letters) {
                foreach ($letters as $letter => $count) {
                    $workers[$pid][$letter] = ($workers[$pid][$letter] ?? 0) + $count;
                }
            }
        }
        same(3, count($workers), 'workers that answered');
        foreach ($workers as $letters) {
            holds(count($letters) === 2, 'a worker saw one model only: ' . json_encode($workers));
        }
    };

    $tests["php-fpm with $mode answers as the command line does, with one thread"]
        = fn () => $under($settings, $answers);
    $tests["memory stays flat over thousands of requests under php-fpm with $mode"]
        = fn () => $under($settings, $memory);
    $tests["a model replaced under load fails no request under php-fpm with $mode"]
        = fn () => $under($settings, $reload);
}

$tests['php-fpm that restricts FFI to preloaded files says what to preload'] = function () use ($under): void {
    $under(['ffi.enable=preload'], function (Fpm $fpm): void {
        $answer = $fpm->client->get()['answer'];
        same('RecoLibraryException', $answer['problem']);
        holds(str_contains($answer['message'], 'RecoFFI.php in "opcache.preload"'), $answer['message']);
    });
};

$tests['php-fpm that preloads the class but not the header still finds the library'] = function () use ($under): void {
    $settings = ['ffi.enable=preload', 'opcache.enable=1', 'opcache.preload={folder}/share/php/reco/RecoFFI.php'];
    $under($settings, function (Fpm $fpm): void {
        // Preloaded code may use FFI, so the library is found where it was installed: slower, but no failure.
        same(3, count($fpm->client->get()['answer']));
    });
};

$examples = dirname(__DIR__, 2) . '/examples/php/page';
foreach (['production', 'development'] as $name) {
    $tests["the example page runs with the settings of $name.ini"] = function () use ($under, $examples, $name): void {
        $settings = str_replace('${RECO_PREFIX}', '{folder}', file("$examples/$name.ini", FILE_IGNORE_NEW_LINES));
        $settings = preg_grep('/^opcache.preload_user/', $settings, PREG_GREP_INVERT);
        $under(array_values($settings), function (Fpm $fpm): void {
            $page = $fpm->client->page(['item' => '3', 'user' => '5', 'seen' => '1,7']);
            holds(substr_count($page, '<li>') === 8, $page);
            holds(str_contains($page, '<h1>Thing № 3</h1>'), $page);
            holds(str_contains($page, 'answered in'), $page);
            unlink("$fpm->folder/shop.reco");
            $page = $fpm->client->page(['item' => '<3>']);
            holds(str_contains($page, '<h1>Item &lt;3&gt;</h1>'), $page);
        }, "$examples/index.php");
    };
}

return $tests;
