<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoEngineException;
use Reco\RecoTrainer;

final class SearchTest extends RecoTestCase
{
    /** A shop of ten products, and customers who buy tea or bicycles. */
    private static function shop(string $models = 'item-knn,bm25'): Reco
    {
        $trainer = new RecoTrainer(['model' => $models, 'seed' => 7, 'threads' => 1]);
        $trainer->addAttribute('title', [
            1 => 'Green tea, 100 g', 2 => 'Black tea with bergamot', 3 => 'Tea cup of thin porcelain',
            4 => 'Teapot, cast iron, 1.2 l', 5 => 'Jasmine green tea in bags', 6 => 'Bicycle bell',
            7 => 'Mountain bicycle, 28 inch', 8 => 'Bicycle pump', 9 => 'Crème brûlée set', 10 => 'Couch, green velvet',
        ]);
        $trainer->addAttribute('brand', [1 => 'Sencha & Co', 5 => 'Sencha & Co', 7 => 'Alpina', 8 => 'Alpina']);
        $users = [];
        $items = [];
        for ($user = 1; $user <= 12; $user++) {
            foreach ($user % 2 === 0 ? [1, 2, 3, 5] : [6, 7, 8] as $item) {
                if (($user + $item) % 3 !== 0) {
                    $users[] = $user;
                    $items[] = $item;
                }
            }
        }
        $trainer->addEvents($users, $items);
        $trainer->addSearches(['sofa', 'sofa', 'sofa green', 'tea'], [10, 10, 10, 1], ['ann', 'bob', 'cid', '']);

        return $trainer->train()->open();
    }

    public function test_words_find_what_has_them_the_better_match_first(): void
    {
        $answer = self::shop()->search('green tea');
        $best = array_slice($answer->ids(), 0, 2);
        sort($best);
        self::assertSame([1, 5], $best);
        self::assertSame([], array_values(array_diff([2, 3, 10], $answer->ids())), 'what shares one word follows');
        self::assertSame('matching', $answer->first()->rung);
        self::assertSame('bm25', $answer->first()->source);
        self::assertTrue(!in_array(6, $answer->ids(), true), 'a bell is no tea');
    }

    public function test_a_hit_tells_which_fields_match(): void
    {
        $shop = self::shop();
        foreach ($shop->search('sencha green') as $hit) {
            $fields = $hit->matchedFields();
            if ($hit->id === 1 || $hit->id === 5) {
                $names = array_keys($fields);
                sort($names);
                self::assertSame(['brand', 'title'], $names);
                self::assertTrue(abs(array_sum($fields) - 1) < 1e-5, 'the shares add up to 1');
            } elseif ($hit->id === 10) {
                self::assertSame(['title'], array_keys($fields));
            }
        }
        self::assertSame(['brand', 'title'], (function (array $fields): array {
            sort($fields);

            return $fields;
        })(array_keys($shop->similarToText('Sencha tea')->first()->matchedFields())));
        self::assertSame([], $shop->recommend(user: 2, limit: 1)->first()->matchedFields(), 'behaviour has no fields');
        $unknown = $shop->rank([999], words: 'tea')->first();
        self::assertSame([], $unknown->matchedFields());
        self::assertSame([], $unknown->reasons());
    }

    public function test_case_accents_and_inflection_do_not_matter(): void
    {
        $shop = self::shop();
        self::assertSame(9, $shop->search('CREME BRULEE')->ids()[0]);
        self::assertSame(9, $shop->search('crème brûlées')->ids()[0]);
        self::assertSame([6, 7, 8], (static function (array $ids): array {
            sort($ids);

            return $ids;
        })($shop->search('bicycles')->ids()));
    }

    public function test_a_slip_of_the_finger_is_forgiven(): void
    {
        $shop = self::shop();
        self::assertSame(6, $shop->search('bycicle bell')->ids()[0]);
        self::assertSame(3, $shop->search('porcelian cup')->ids()[0]);
    }

    public function test_search_as_you_type_takes_the_last_word_as_a_beginning(): void
    {
        $shop = self::shop();
        self::assertTrue(in_array(7, $shop->search('mount', typing: true)->ids(), true), 'mount begins mountain');
        self::assertSame([8], $shop->search('bicycle pu', typing: true, limit: 1)->ids());
        self::assertSame([], $shop->search('xqz', typing: true)->ids());
    }

    public function test_what_matches_nothing_gets_nothing_unless_it_is_to_be_filled_up(): void
    {
        $shop = self::shop();
        self::assertSame([], $shop->search('qqqqqqqqqqq')->ids());
        self::assertSame([], $shop->search('')->ids());
        self::assertSame([], $shop->search(" \t\n ")->ids());
        self::assertSame(10, count($shop->search('qqqqqqqqqqq', fillUp: true)));
        $mixed = $shop->search('couch', user: 2, limit: 5, fillUp: true);
        self::assertSame(10, $mixed->ids()[0]);
        self::assertSame(5, count($mixed));
    }

    public function test_words_of_any_bytes_do_no_harm(): void
    {
        $shop = self::shop();
        foreach (["\xFF\xFEtea", "tea\0cup", str_repeat('tea ', 300000), "\u{202E}\u{0301}", str_repeat('a', 1 << 20)] as $words) {
            self::assertTrue(count($shop->search($words)) <= 10, 'an answer of ten at most');
        }
        self::assertTrue(in_array(1, $shop->search("\xFF tea")->ids(), true), 'what can be read is searched for');
    }

    public function test_what_a_visitor_likes_moves_up(): void
    {
        $shop = self::shop();
        $plain = $shop->search('green')->ids();
        sort($plain);
        self::assertSame([1, 5, 10], $plain);
        $liked = $shop->search('green', session: [2, 3])->ids();
        self::assertTrue($liked[0] === 1 || $liked[0] === 5, 'tea for who looks at tea');
        self::assertSame([10], array_slice($liked, -1), 'the couch is last for who looks at tea');
    }

    public function test_searches_teach_which_words_mean_the_same(): void
    {
        self::assertSame([10], self::shop()->search('sofa', limit: 1)->ids());
    }

    public function test_lists_restrict_a_search(): void
    {
        $shop = self::shop();
        self::assertSame([5], $shop->search('tea', only: [5, 6])->ids());
        self::assertTrue(!in_array(1, $shop->search('tea', except: [1])->ids(), true), 'the denied is not there');
    }

    public function test_a_new_product_finds_its_neighbours_by_its_text(): void
    {
        $shop = self::shop();
        $answer = $shop->similarToText('Organic green tea from Uji, Sencha & Co', limit: 3);
        self::assertSame([1, 5], (static function (array $ids): array {
            sort($ids);

            return $ids;
        })(array_slice($answer->ids(), 0, 2)));
        self::assertSame('similar', $answer->first()->rung);
        self::assertSame(3, count($shop->similarToText('zzz', limit: 3)));
        self::assertSame([], $shop->similarToText('zzz', limit: 3, fallback: false)->ids());
    }

    public function test_an_item_that_nobody_has_touched_has_neighbours_by_its_text(): void
    {
        $answer = self::shop()->similar(4, limit: 3);
        self::assertSame(3, count($answer));
        self::assertSame([], self::shop()->similar(9, limit: 3, fallback: false)->ids(), 'no other item is a dessert');
    }

    public function test_given_items_can_be_ranked_by_words(): void
    {
        $shop = self::shop();
        self::assertSame([8, 7, 1], $shop->rank([1, 7, 8], words: 'bicycle pump')->ids());
        self::assertSame([10, 1], array_slice($shop->rank([6, 1, 10], user: 2, words: 'green velvet')->ids(), 0, 2));
    }

    public function test_a_model_without_words_says_so(): void
    {
        self::assertThrows(RecoEngineException::class, 'bm25', static fn () => Shop::open()->search('tea'));
        self::assertThrows(RecoArgumentException::class, 'limit', static fn () => Shop::open()->search('tea', limit: 0));
    }
}
