<?php

declare(strict_types=1);

namespace Reco\Tests;

use Error;
use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoException;
use Reco\RecoFileException;
use stdClass;

final class BadInputTest extends RecoTestCase
{
    public function test_ids_that_cannot_be_are_refused_wherever_they_are_passed(): void
    {
        $shop = Shop::open();
        $places = [
            'user' => fn (mixed $id) => $shop->recommend(user: $id),
            'session' => fn (mixed $id) => $shop->recommend(session: [1, $id]),
            'only' => fn (mixed $id) => $shop->recommend(only: [$id]),
            'except' => fn (mixed $id) => $shop->recommend(except: [1, $id]),
            'similar' => fn (mixed $id) => $shop->similar($id),
            'boughtTogether' => fn (mixed $id) => $shop->boughtTogether($id),
            'rank' => fn (mixed $id) => $shop->rank([$id]),
            'attribute' => fn (mixed $id) => $shop->attribute('title', [$id]),
        ];
        foreach ($places as $place => $call) {
            self::assertThrows(RecoArgumentException::class, "$place: an id is empty", fn () => $call(''));
            self::assertThrows(RecoArgumentException::class, "$place: an id holds a NUL byte", fn () => $call("1\0002"));
            self::assertThrows(RecoArgumentException::class, '1048576 bytes', fn () => $call(str_repeat('x', 1 << 20)));
            self::assertThrows(RecoArgumentException::class, '1025 bytes', fn () => $call(str_repeat('x', 1025)));
            $call(str_repeat('x', 1024));
            $call("\xff\xfe");
        }
        foreach (['only', 'except', 'rank', 'attribute'] as $place) {
            foreach ([1.5, null, true, NAN, [1], new stdClass()] as $value) {
                $message = "$place: an id is an integer or a string";
                self::assertThrows(RecoArgumentException::class, $message, fn () => $places[$place]($value));
            }
        }
        self::assertThrows(RecoArgumentException::class, 'not null', fn () => $shop->recommendMany([1, null]));
        self::assertThrows(RecoArgumentException::class, 'not float', fn () => $shop->recommend(session: [1.0]));
    }

    public function test_limits_below_one_are_refused(): void
    {
        $shop = Shop::open();
        foreach ([0, -1, PHP_INT_MIN] as $limit) {
            self::assertThrows(RecoArgumentException::class, (string) $limit, fn () => $shop->recommend(limit: $limit));
            self::assertThrows(RecoArgumentException::class, (string) $limit, fn () => $shop->similar(1, limit: $limit));
            self::assertThrows(RecoArgumentException::class, (string) $limit, fn () => $shop->rank([1], limit: $limit));
            self::assertThrows(RecoArgumentException::class, (string) $limit, fn () => $shop->recommendMany([1], limit: $limit));
        }
    }

    public function test_session_entries_that_make_no_sense_are_refused(): void
    {
        $shop = Shop::open();
        $ask = static fn (mixed $entry) => static fn () => $shop->recommend(session: [$entry]);
        self::assertThrows(RecoArgumentException::class, "'visit' is no kind", $ask([1, 'visit']));
        self::assertThrows(RecoArgumentException::class, 'no kind', $ask([1, 3]));
        self::assertThrows(RecoArgumentException::class, 'finite number of seconds, not NAN', $ask([1, 'view', NAN]));
        self::assertThrows(RecoArgumentException::class, 'not INF', $ask([1, 'view', INF]));
        self::assertThrows(RecoArgumentException::class, 'not string', $ask([1, 'view', '20']));
        self::assertThrows(RecoArgumentException::class, 'an entry is', $ask([]));
        self::assertThrows(RecoArgumentException::class, 'an entry is', $ask([1, 'view', 3, 4]));
        self::assertThrows(RecoArgumentException::class, 'an entry is', $ask(['item' => 1, 'kind' => 'view']));
    }

    public function test_similar_to_nothing_is_refused(): void
    {
        self::assertThrows(RecoArgumentException::class, 'at least one item', fn () => Shop::open()->similar([]));
        self::assertThrows(RecoArgumentException::class, 'boughtTogether: name', fn () => Shop::open()->boughtTogether([]));
    }

    public function test_questions_after_a_refused_one_are_answered_as_ever(): void
    {
        $shop = Shop::open();
        $before = $shop->recommend(user: 3, session: [5])->ids();
        self::assertThrows(RecoArgumentException::class, '', fn () => $shop->recommend(user: 3, session: [[5, 'view', NAN]]));
        self::assertThrows(RecoArgumentException::class, '', fn () => $shop->recommend()->attribute('colour'));
        self::assertSame($before, $shop->recommend(user: 3, session: [5])->ids());
    }

    public function test_long_lists_are_taken(): void
    {
        $shop = Shop::open();
        $many = range(1, 100_000);
        self::assertSame([], $shop->recommend(user: 3, except: $many)->ids());
        self::assertSame(Shop::ITEMS + 1, count($shop->recommend(only: $many, limit: 100_000)));
        self::assertSame(100_000, count($shop->rank($many, user: 3)));
        self::assertSame(10, count($shop->recommend(session: array_fill(0, 10_000, [3, 'cart', 5]))));
        self::assertSame(10, count($shop->recommend(session: array_fill(0, 10_000, str_repeat('x', 1024)))));
    }

    public function test_a_missing_model_file_is_named(): void
    {
        self::assertThrows(RecoFileException::class, '/nowhere/shop.reco', fn () => Reco::open('/nowhere/shop.reco'));
        self::assertThrows(RecoFileException::class, 'path', fn () => Reco::open(''));
        self::assertThrows(RecoFileException::class, 'path', fn () => Reco::open("/etc/a\0b"));
        self::assertThrows(RecoFileException::class, '', fn () => Reco::open(sys_get_temp_dir()));
        self::assertThrows(RecoException::class, '', fn () => Reco::open(str_repeat('x', 100_000)));
    }

    public function test_files_that_are_no_models_are_refused_and_cut_ones(): void
    {
        $path = Shop::newFile();
        $whole = file_get_contents(Shop::file());
        foreach (['', 'x', str_repeat("\0", 4096), substr($whole, 0, 100), substr($whole, 0, -1)] as $content) {
            file_put_contents("$path.new", $content);
            rename("$path.new", $path);
            self::assertThrows(RecoFileException::class, '', fn () => Reco::open($path));
        }
    }

    public function test_verifying_finds_an_altered_file(): void
    {
        Shop::open()->verify();
        $path = Shop::newFile();
        $bytes = file_get_contents(Shop::file());
        $place = strrpos($bytes, 'Thing');
        $bytes[$place] = 'S';
        file_put_contents($path, $bytes);
        $shop = Reco::open($path);
        self::assertThrows(RecoFileException::class, '', fn () => $shop->verify());
    }

    public function test_reco_cannot_be_cloned(): void
    {
        $shop = Shop::open();
        try {
            clone $shop;
        } catch (Error $error) {
            self::assertTrue(str_contains($error->getMessage(), 'clone'), $error->getMessage());

            return;
        }
        self::fail('it was cloned');
    }
}
