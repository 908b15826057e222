<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoFileException;
use Reco\RecoLibraryException;

final class FpmTest extends RecoTestCase
{
    private const EXAMPLES = __DIR__ . '/../../examples/php/page';

    public function test_php_fpm_with_ffi_enable_answers_as_the_command_line_does_with_one_thread(): void
    {
        self::under(Site::ENABLED, self::answersAsHere(...));
    }

    public function test_php_fpm_with_ffi_preload_answers_as_the_command_line_does_with_one_thread(): void
    {
        self::under(Site::PRELOADED, static function (Fpm $fpm): void {
            // What follows must come from what was preloaded: nothing is left to find.
            rename("$fpm->folder/lib", "$fpm->folder/lib-moved");
            rename("$fpm->folder/include", "$fpm->folder/include-moved");
            self::answersAsHere($fpm);
        });
    }

    public function test_memory_stays_flat_over_thousands_of_requests_with_ffi_enable(): void
    {
        self::under(Site::ENABLED, self::keepsItsMemory(...));
    }

    public function test_memory_stays_flat_over_thousands_of_requests_with_ffi_preload(): void
    {
        self::under(Site::PRELOADED, self::keepsItsMemory(...));
    }

    public function test_a_model_replaced_under_load_fails_no_request_with_ffi_enable(): void
    {
        self::under(Site::ENABLED, self::takesNewModels(...));
    }

    public function test_a_model_replaced_under_load_fails_no_request_with_ffi_preload(): void
    {
        self::under(Site::PRELOADED, self::takesNewModels(...));
    }

    public function test_php_fpm_that_restricts_ffi_to_preloaded_files_says_what_to_preload(): void
    {
        self::under(['ffi.enable=preload'], static function (Fpm $fpm): void {
            $answer = $fpm->client->get()['answer'];
            self::assertSame(RecoLibraryException::class, $answer['problem']);
            self::assertStringContainsString('RecoFFI.php in "opcache.preload"', $answer['message']);
        });
    }

    public function test_php_fpm_that_preloads_the_class_but_not_the_header_still_finds_the_library(): void
    {
        $settings = ['ffi.enable=preload', 'opcache.enable=1', 'opcache.preload={folder}/share/php/reco/RecoFFI.php'];
        self::under($settings, static function (Fpm $fpm): void {
            // Preloaded code may use FFI, so the library is found where it was installed: slower, but no failure.
            self::assertCount(3, $fpm->client->get()['answer']);
        });
    }

    public function test_the_example_page_runs_with_the_settings_for_production(): void
    {
        self::runsTheExample('production');
    }

    public function test_the_example_page_runs_with_the_settings_for_development(): void
    {
        self::runsTheExample('development');
    }

    /**
     * Runs `$body` against a php-fpm, which is stopped whatever happens; nothing may have crashed in it.
     *
     * @param list<string>        $settings
     * @param callable(Fpm): void $body
     */
    private static function under(array $settings, callable $body, string $page = __DIR__ . '/fpm/page.php'): void
    {
        $binary = Fpm::binary();
        if ($binary === null) {
            self::markTestSkipped('there is no php-fpm here');
        }
        $fpm = new Fpm($binary, $settings, $page);
        try {
            Shop::trainer()->save("$fpm->folder/shop.reco");
            $fpm->start();
            $body($fpm);
            $fpm->stop();
            self::assertSame(0, preg_match('/exited on signal|SIG(SEGV|ILL|BUS|ABRT)|core dumped/', $fpm->log()), $fpm->log());
        } finally {
            $fpm->remove();
        }
    }

    private static function answersAsHere(Fpm $fpm): void
    {
        $shop = Reco::open("$fpm->folder/shop.reco");
        foreach (['1', '8', 'nobody'] as $user) {
            $page = $fpm->client->get(['user' => $user, 'session' => '3,5']);
            $expected = [
                $shop->recommend(user: $user, session: ['3', '5'], limit: 12),
                $shop->similar(7, limit: 5),
                $shop->attribute('title', [1, 2]),
            ];
            self::assertSame(json_decode(json_encode($expected), true), $page['answer']);
            self::assertSame([1, 1], $page['threads']);
        }
        self::assertSame(RecoArgumentException::class, $fpm->client->get(['user' => ''])['answer']['problem']);
        self::assertSame(RecoArgumentException::class, $fpm->client->get(['user' => "a\0b"])['answer']['problem']);
        self::assertSame(RecoFileException::class, $fpm->client->get(['model' => 'none.reco'])['answer']['problem']);
    }

    private static function keepsItsMemory(Fpm $fpm): void
    {
        $sizes = [];
        for ($request = 0; $request < 6000; $request++) {
            $page = $fpm->client->get(['user' => (string) ($request % 50), 'session' => '3,5']);
            $sizes[$page['pid']][] = [$page['memory'], $page['rss']];
        }
        self::assertSame(3, count($sizes), 'workers that answered');
        foreach ($sizes as $pages) {
            $half = $pages[intdiv(count($pages), 2)];
            $last = $pages[count($pages) - 1];
            self::assertTrue($last[0] - $half[0] < 4096, "PHP's memory went from $half[0] to $last[0] bytes");
            self::assertTrue($last[1] - $half[1] < 512, "a worker went from $half[1] to $last[1] kB");
        }
    }

    private static function takesNewModels(Fpm $fpm): void
    {
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
            self::assertSame('', stream_get_contents($errors));
            proc_close($process);
            $report = json_decode($report, true, 32, JSON_THROW_ON_ERROR);
            self::assertSame([], array_slice($report['wrong'], 0, 3));
            foreach ($report['seen'] as $pid => $letters) {
                foreach ($letters as $letter => $count) {
                    $workers[$pid][$letter] = ($workers[$pid][$letter] ?? 0) + $count;
                }
            }
        }
        self::assertSame(3, count($workers), 'workers that answered');
        foreach ($workers as $letters) {
            self::assertTrue(count($letters) === 2, 'a worker saw one model only: ' . json_encode($workers));
        }
    }

    private static function runsTheExample(string $name): void
    {
        $settings = str_replace('${RECO_PREFIX}', '{folder}', file(self::EXAMPLES . "/$name.ini", FILE_IGNORE_NEW_LINES));
        $settings = preg_grep('/^opcache.preload_user/', $settings, PREG_GREP_INVERT);
        self::under(array_values($settings), static function (Fpm $fpm): void {
            $page = $fpm->client->page(['item' => '3', 'user' => '5', 'seen' => '1,7']);
            self::assertSame(8, substr_count($page, '<li>'), $page);
            self::assertStringContainsString('<h1>Thing № 3</h1>', $page);
            self::assertStringContainsString('answered in', $page);
            unlink("$fpm->folder/shop.reco");
            self::assertStringContainsString('<h1>Item &lt;3&gt;</h1>', $fpm->client->page(['item' => '<3>']));
        }, self::EXAMPLES . '/index.php');
    }
}
