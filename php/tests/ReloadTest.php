<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoFileException;

final class ReloadTest extends RecoTestCase
{
    /** Writes a model whose items all start with this letter. */
    private static function publish(string $letter, string $path): void
    {
        Shop::trainer(static fn (int $item): string => $letter . $item)->save($path);
    }

    public function test_opening_after_a_rename_gives_the_new_model_and_the_old_one_still_answers(): void
    {
        $path = Shop::newFile();
        self::publish('a', $path);
        $old = Reco::open($path);
        self::assertSame('a', $old->recommend(user: 1)->ids()[0][0]);
        self::publish('b', $path);
        self::assertSame('b', Reco::open($path)->recommend(user: 1)->ids()[0][0]);
        self::assertSame('a', $old->recommend(user: 1)->ids()[0][0]);
        self::assertSame(30, count($old->recommend(limit: 50)));
    }

    public function test_a_model_that_disappears_keeps_answering_and_opening_says_so(): void
    {
        $path = Shop::newFile();
        self::publish('a', $path);
        $shop = Reco::open($path);
        unlink($path);
        self::assertSame(10, count($shop->recommend(user: 1)));
        self::assertThrows(RecoFileException::class, $path, fn () => Reco::open($path));
        self::publish('c', $path);
        self::assertSame('c', Reco::open($path)->recommend(user: 1)->ids()[0][0]);
    }

    public function test_a_model_replaced_under_constant_queries_of_several_processes_fails_none(): void
    {
        $path = Shop::newFile();
        $stop = Shop::newFile('stop');
        $models = ['a' => Shop::newFile(), 'b' => Shop::newFile()];
        foreach ($models as $letter => $file) {
            self::publish($letter, $file);
        }
        copy($models['a'], $path);
        $code = '
            $seen = ["a" => 0, "b" => 0]; $mixed = 0; $changes = 0; $last = "";
            while (!is_file(' . var_export($stop, true) . ')) {
                for ($i = 0; $i < 50; $i++) {
                    $shop = Reco::open(' . var_export($path, true) . ');
                    $ids = $shop->recommend(user: 1 + $i % 40, limit: 12)->ids();
                    $letters = array_unique(array_map(fn ($id) => $id[0], $ids));
                    count($letters) === 1 && count($ids) === 12 ? $seen[$ids[0][0]]++ : $mixed++;
                    $changes += $last !== $ids[0][0] ? 1 : 0;
                    $last = $ids[0][0];
                }
                clearstatcache();
            }
            echo json_encode(["seen" => $seen, "mixed" => $mixed, "changes" => $changes]);';
        $workers = [];
        for ($worker = 0; $worker < 3; $worker++) {
            $workers[] = Php::start($code, [], ['RECO_LIBRARY' => Php::library()]);
        }
        for ($round = 0; $round < 300; $round++) {
            copy($models[$round % 2 === 0 ? 'b' : 'a'], "$path.new");
            rename("$path.new", $path);
            usleep(3000);
        }
        touch($stop);
        foreach ($workers as [$process, $output, $errors]) {
            $report = stream_get_contents($output);
            self::assertSame('', stream_get_contents($errors));
            self::assertSame(0, proc_close($process));
            $report = json_decode($report, true, 8, JSON_THROW_ON_ERROR);
            self::assertSame(0, $report['mixed']);
            $shown = json_encode($report);
            self::assertTrue(min($report['seen']) > 0, "both models should have answered: $shown");
            self::assertTrue($report['changes'] > 2, "the change should have been seen more than once: $shown");
        }
    }

    public function test_a_child_that_forks_after_opening_answers_as_its_parent(): void
    {
        if (!function_exists('pcntl_fork')) {
            self::markTestSkipped('this PHP has no pcntl');
        }
        $code = '$shop = Reco::open(' . var_export(Shop::file(), true) . ');
            $before = $shop->recommend(user: 3)->ids();
            $child = pcntl_fork();
            $same = $before === $shop->recommend(user: 3)->ids()
                && $before === Reco::open(' . var_export(Shop::file(), true) . ')->recommend(user: 3)->ids();
            if ($child === 0) { exit($same ? 7 : 1); }
            pcntl_waitpid($child, $status);
            echo $same ? "parent " : "", pcntl_wexitstatus($status) === 7 ? "child" : "";';
        self::assertSame('parent child', Php::output($code, [], ['RECO_LIBRARY' => Php::library()]));
    }
}
