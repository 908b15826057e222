<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoAnswer;
use Reco\RecoArgumentException;
use Reco\RecoTrainer;

final class FilterTest extends RecoTestCase
{
    /** A shop of 40 products, 1 to 40: product n costs n, is a shoe or a boot in turn, every fifth is on sale. */
    private static function shop(): Reco
    {
        static $open = null;
        if ($open === null) {
            $numbers = range(1, 40);
            $trainer = new RecoTrainer(['model' => 'item-knn,bm25', 'seed' => 7, 'threads' => 1]);
            $column = static fn (callable $value): array => array_filter(
                array_combine($numbers, array_map($value, $numbers)),
                static fn (mixed $value): bool => $value !== null,
            );
            $trainer->addAttribute('title', $column(static fn (int $n): string => "Thing $n"));
            $trainer->addAttribute('price', $column(static fn (int $n): ?int => $n % 7 === 0 ? null : $n));
            $trainer->addAttribute('category', $column(static fn (int $n): string => $n % 2 === 0 ? 'shoes' : 'boots "high"'));
            $trainer->addAttribute('tags', $column(static fn (int $n): string => $n % 5 === 0 ? 'sale|old' : 'old'));
            $users = [];
            $items = [];
            foreach (range(1, 20) as $user) {
                foreach ($numbers as $n) {
                    if (($user + $n) % 4 === 0) {
                        $users[] = $user;
                        $items[] = $n;
                    }
                }
            }
            $open = $trainer->addEvents($users, $items)->train()->open();
        }

        return $open;
    }

    /** @return list<int> */
    private static function sorted(RecoAnswer $answer): array
    {
        $ids = $answer->ids();
        sort($ids);

        return $ids;
    }

    public function test_a_filter_leaves_what_meets_it_whatever_is_asked(): void
    {
        $shop = self::shop();
        self::assertSame([2, 4, 6, 8], self::sorted($shop->recommend(filter: 'price < 10 and category = "shoes"')));
        self::assertSame([5, 15, 35], self::sorted($shop->recommend(filter: 'tag("sale") and not (price >= 20) and category != "shoes"')));
        self::assertSame([10, 20, 30, 40], self::sorted($shop->similar(2, filter: '"sale" in tags and category in ("shoes", "x")')));
        self::assertSame([7, 14, 21, 28, 35], self::sorted($shop->search('thing', filter: 'not has(price)')));
        self::assertSame([1, 3], self::sorted($shop->rank([1, 2, 3, 4, 99], user: 1, filter: "starts_with(category, 'boots')")));
        self::assertSame([8], $shop->similarToText('Thing 8', limit: 5, filter: 'price = 8')->ids());
        self::assertSame([3], $shop->boughtTogether(7, filter: 'price = 3')->ids());
        self::assertSame([], $shop->recommend(filter: 'price < 0')->ids());
    }

    public function test_the_list_is_full_while_items_match(): void
    {
        foreach (range(1, 21) as $user) {
            self::assertSame(5, count(self::shop()->recommend(user: $user, limit: 5, hideBought: false, filter: 'tag("sale")')));
        }
    }

    public function test_a_boost_changes_score_and_order(): void
    {
        $answer = self::shop()->recommend(limit: 3, boost: 'price');
        self::assertSame([40, 39, 38], $answer->ids());
        self::assertSame([40.0, 39.0, 38.0], $answer->scores());
        self::assertSame([6, 3, 2, 7], self::shop()->rank([2, 3, 6, 7], boost: 'price')->ids(), 'without a price last');
    }

    public function test_live_values_hold_for_one_question(): void
    {
        $shop = self::shop();
        $live = ['stock' => [3 => 0, 4 => 2, 5 => '7', 99 => 1, 6 => null], 'price' => [4 => 1000.5, '5' => 1]];
        self::assertSame([4, 5], self::sorted($shop->recommend(filter: 'stock > 0', live: $live)));
        self::assertSame([4], self::sorted($shop->recommend(filter: 'stock > 0 and price > 1000', live: $live)));
        self::assertSame([4, 5], $shop->recommend(filter: 'stock > 0', boost: 'price', live: $live)->ids());
        self::assertThrows(RecoArgumentException::class, 'stock', static fn () => $shop->recommend(filter: 'stock > 0'));
        self::assertSame(0, count($shop->recommend(filter: 'stock > 0', live: ['stock' => []])));
    }

    public function test_many_users_share_live_values(): void
    {
        $live = ['stock' => array_fill_keys(range(1, 40, 3), 1)];
        $answers = self::shop()->recommendMany(range(1, 300), limit: 40, hideBought: false, filter: 'stock = 1', live: $live);
        self::assertSame(300, count($answers));
        foreach ($answers as $answer) {
            self::assertSame(range(1, 40, 3), self::sorted($answer));
        }
    }

    public function test_many_live_values_cross_in_one_piece(): void
    {
        $stock = [];
        for ($n = 100_000; $n > 0; $n--) {
            $stock[$n] = $n % 10;
        }
        self::assertSame([9, 19, 29, 39], self::sorted(self::shop()->recommend(filter: 'stock = 9', live: ['stock' => $stock])));
    }

    public function test_errors_name_the_position(): void
    {
        $shop = self::shop();
        self::assertThrows(
            RecoArgumentException::class,
            'filter, position 15: there is no attribute "prize"; did you mean "price"?',
            static fn () => $shop->recommend(filter: 'has(price) or prize < 50'),
        );
        self::assertThrows(RecoArgumentException::class, 'boost, position 8', static fn () => $shop->search('thing', boost: 'score *'));
        self::assertThrows(RecoArgumentException::class, '64 levels', static fn () => $shop->recommend(filter: str_repeat('(', 1000)));
        self::assertThrows(RecoArgumentException::class, '65536 bytes', static fn () => $shop->recommend(filter: str_repeat(' ', 70000)));
        self::assertThrows(
            RecoArgumentException::class,
            'only numbers can be live',
            static fn () => $shop->recommend(live: ['category' => [1 => 1]]),
        );
        self::assertThrows(RecoArgumentException::class, 'live, stock', static fn () => $shop->recommend(live: ['stock' => [1 => 'x']]));
        self::assertThrows(RecoArgumentException::class, 'live, stock', static fn () => $shop->recommend(live: ['stock' => [1 => true]]));
        self::assertThrows(RecoArgumentException::class, 'array of numbers', static fn () => $shop->recommend(live: ['stock' => 5]));
    }

    public function test_a_quoted_text_stays_a_text(): void
    {
        $shop = self::shop();
        self::assertSame('"a ""b"" c"', Reco::quote('a "b" c'));
        self::assertSame(20, count($shop->recommend(limit: 40, filter: 'category = ' . Reco::quote('boots "high"'))));
        foreach (['" or true or "', "'", '""', "\0", "\xFF", '" or "a" = "a'] as $text) {
            self::assertSame(0, count($shop->recommend(filter: 'category = ' . Reco::quote($text))), $text);
        }
    }

    public function test_a_list_is_not_all_alike_where_that_is_asked_for(): void
    {
        $shop = self::shop();
        foreach ([0.0, 0.4] as $diversity) {
            $answer = $shop->recommend(limit: 12, diversity: $diversity, caps: ['category' => 2]);
            $counts = array_count_values(array_filter($answer->attribute('category'), static fn (string $name): bool => $name !== ''));
            self::assertTrue($counts !== [] && max($counts) === 2, 'at most two of a category: ' . json_encode($counts));
        }
        $plain = $shop->recommend(limit: 8)->ids();
        self::assertSame($plain, $shop->recommend(limit: 8, diversity: 0.0)->ids());
        self::assertSame($plain[0], $shop->recommend(limit: 8, diversity: 0.5)->ids()[0]);
        self::assertThrows(RecoArgumentException::class, 'from 0 to 1', static fn () => $shop->recommend(diversity: 1.5));
        self::assertThrows(RecoArgumentException::class, 'from 0 to 1', static fn () => $shop->recommend(diversity: NAN));
        self::assertThrows(RecoArgumentException::class, 'from 1 on', static fn () => $shop->recommend(caps: ['category' => 0]));
        self::assertThrows(RecoArgumentException::class, 'no attribute', static fn () => $shop->recommend(caps: ['nothing' => 2]));
    }
}
