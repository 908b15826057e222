<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\RecoArgumentException;
use Reco\RecoExperiment;

final class ExperimentTest extends RecoTestCase
{
    /** Computed by another implementation of HMAC. */
    private const RECORDED = [
        1 => ['reco', '034d9576c3f00e81'],
        2 => ['reco', '28d2e85cd61423b1'],
        3 => ['reco', 'ff13ad869f8fdc93'],
        42 => ['reco', '7a9469eee4099556'],
        'a-cookie' => ['control', '3f8c4b4804eaa58d'],
    ];

    public function test_variants_and_attribution_ids_are_what_they_were(): void
    {
        // Recorded: orders that were attributed by another version of PHP, or of this package, must still be found.
        $test = new RecoExperiment('home-2026-12', ['control' => 50, 'reco' => 50], secret: 'key');
        $found = [];
        foreach ([1, 2, 3, 42, 'a-cookie'] as $visitor) {
            $found[$visitor] = [$test->variant($visitor), $test->attribution($visitor)];
        }
        self::assertSame(self::RECORDED, $found);
    }

    public function test_an_integer_and_its_text_are_one_visitor(): void
    {
        $test = new RecoExperiment('home', ['a' => 1, 'b' => 1]);
        self::assertSame($test->variant(42), $test->variant('42'));
        self::assertSame($test->attribution(42), $test->attribution('42'));
    }

    public function test_variants_get_their_share(): void
    {
        $test = new RecoExperiment('home', ['a' => 1, 'b' => 2, 'c' => 7, 'none' => 0]);
        $counts = array_count_values(array_map($test->variant(...), range(1, 20_000)));
        self::assertArrayNotHasKey('none', $counts);
        foreach (['a' => 0.1, 'b' => 0.2, 'c' => 0.7] as $name => $share) {
            self::assertEqualsWithDelta($share, $counts[$name] / 20_000, 0.015, $name);
        }
    }

    public function test_experiments_have_nothing_to_do_with_each_other(): void
    {
        $one = new RecoExperiment('home', ['a' => 1, 'b' => 1]);
        $other = new RecoExperiment('cart', ['a' => 1, 'b' => 1]);
        $both = 0;
        for ($visitor = 1; $visitor <= 10_000; $visitor++) {
            $both += $one->variant($visitor) === 'a' && $other->variant($visitor) === 'a' ? 1 : 0;
        }
        self::assertEqualsWithDelta(2500, $both, 150);
    }

    public function test_a_last_variant_that_grows_keeps_its_visitors(): void
    {
        $small = new RecoExperiment('home', ['control' => 90, 'reco' => 10]);
        $large = new RecoExperiment('home', ['control' => 50, 'reco' => 50]);
        for ($visitor = 1; $visitor <= 2000; $visitor++) {
            if ($small->variant($visitor) === 'reco') {
                self::assertSame('reco', $large->variant($visitor));
                self::assertSame($small->attribution($visitor), $large->attribution($visitor));
            }
        }
    }

    public function test_attribution_ids_are_short_and_differ(): void
    {
        $test = new RecoExperiment('home', ['a' => 1, 'b' => 1], secret: 'key');
        $ids = array_map($test->attribution(...), range(1, 5000));
        self::assertCount(5000, array_unique($ids));
        self::assertMatchesRegularExpression('/^[0-9a-f]{16}$/', $ids[0]);
        $other = new RecoExperiment('home', ['a' => 1, 'b' => 1], secret: 'other key');
        self::assertNotSame($ids[0], $other->attribution(1));
    }

    public function test_what_makes_no_sense_is_refused(): void
    {
        $refused = static fn (string $part, string $name, array $variants) => self::assertThrows(
            RecoArgumentException::class,
            $part,
            static fn () => new RecoExperiment($name, $variants),
        );
        $refused('no name', '', ['a' => 1]);
        $refused('add up to 0', 'home', []);
        $refused('add up to 0', 'home', ['a' => 0]);
        $refused('below 0', 'home', ['a' => -1, 'b' => 2]);
        $refused('whole number', 'home', ['a' => 0.5]);
        $refused('more than', 'home', ['a' => PHP_INT_MAX]);
        $test = new RecoExperiment('home', ['a' => 1]);
        self::assertThrows(RecoArgumentException::class, 'empty', static fn () => $test->variant(''));
        self::assertThrows(RecoArgumentException::class, 'NUL', static fn () => $test->attribution("a\0b"));
    }
}
