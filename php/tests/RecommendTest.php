<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\RecoHit;
use Reco\RecoTrainer;

final class RecommendTest extends RecoTestCase
{
    public function test_a_known_user_gets_personal_hits_of_the_right_kind_best_first(): void
    {
        $answer = Shop::open()->recommend(user: 3, limit: 4);
        self::assertSame(4, count($answer));
        foreach ($answer as $place => $hit) {
            self::assertSame(1, $hit->id % 2, "the parity of hit $place");
            self::assertSame('item-knn', $hit->source);
            self::assertSame('personal', $hit->rung);
        }
        $scores = $answer->scores();
        $sorted = $scores;
        rsort($sorted);
        self::assertSame($sorted, $scores);
    }

    public function test_what_the_user_has_bought_is_hidden_unless_asked_for(): void
    {
        $shop = Shop::open();
        self::assertSame([], array_values(array_intersect(Shop::bought(3), $shop->recommend(user: 3, limit: 30)->ids())));
        $shown = $shop->recommend(user: 3, limit: 30, hideBought: false)->ids();
        self::assertSame([], array_values(array_diff(Shop::bought(3), $shown)));
    }

    public function test_what_the_user_has_seen_can_be_hidden_as_well(): void
    {
        $shop = Shop::open();
        $viewed = array_values(array_diff(Shop::seen(3), Shop::bought(3)));
        self::assertTrue($viewed !== [], 'the user should have viewed something');
        self::assertSame($viewed, array_values(array_intersect($viewed, $shop->recommend(user: 3, limit: 30)->ids())));
        $hidden = $shop->recommend(user: 3, limit: 30, hideSeen: true)->ids();
        self::assertSame([], array_values(array_intersect(Shop::seen(3), $hidden)));
    }

    public function test_the_reasons_of_a_hit_are_what_the_user_has_and_add_up_to_the_score(): void
    {
        $shop = Shop::open();
        $answers = [
            $shop->recommend(user: 3, limit: 4),
            $shop->recommend(user: 3, session: [[5, 'cart', 20], 7], limit: 4),
            ...$shop->recommendMany([5, 8], limit: 2),
        ];
        foreach ($answers as $answer) {
            foreach ($answer as $hit) {
                $reasons = $hit->reasons();
                self::assertTrue($reasons !== [], 'a personal hit should have reasons');
                self::assertTrue(abs(array_sum($reasons) - $hit->score) < 1e-3, 'the reasons should add up to the score');
                $sorted = $reasons;
                arsort($sorted);
                self::assertSame($sorted, $reasons);
                foreach (array_keys($reasons) as $id) {
                    self::assertSame($hit->id % 2, $id % 2, "the parity of $id");
                }
            }
        }
        self::assertSame([], $shop->recommend(limit: 1)->first()->reasons());
        self::assertSame([], $shop->similar(3, limit: 1)->first()->reasons());
    }

    public function test_a_user_is_the_same_as_integer_and_as_string(): void
    {
        $shop = Shop::open();
        self::assertSame($shop->recommend(user: 8)->ids(), $shop->recommend(user: '8')->ids());
    }

    public function test_an_unknown_user_gets_what_everybody_likes(): void
    {
        $shop = Shop::open();
        $stranger = $shop->recommend(user: 'nobody', limit: 5);
        self::assertSame(5, count($stranger));
        self::assertSame('popular', $stranger->first()->rung);
        self::assertSame($shop->recommend(limit: 5)->ids(), $stranger->ids());
    }

    public function test_without_fallback_a_stranger_gets_nothing(): void
    {
        self::assertSame(0, count(Shop::open()->recommend(user: 'nobody', fallback: false)));
    }

    public function test_a_session_alone_decides_in_any_form_of_its_entries(): void
    {
        $shop = Shop::open();
        $plain = $shop->recommend(session: [2, 4, 8], limit: 5);
        self::assertSame('session', $plain->first()->rung);
        foreach ($plain->ids() as $id) {
            self::assertSame(0, $id % 2, "the parity of $id");
        }
        $spelled = $shop->recommend(session: ['2', ['4'], [8, 'view', 0]], limit: 5);
        self::assertSame($plain->ids(), $spelled->ids());
        $strong = $shop->recommend(session: [[2, 'cart', 10.5], [4, 'purchase', 3600], [8, 'like']], limit: 5);
        self::assertSame(5, count($strong));
    }

    public function test_ages_of_the_past_of_the_future_and_of_long_ago_are_all_fine(): void
    {
        $shop = Shop::open();
        foreach ([-5, -1e300, 0, 1e9, 1e300, PHP_INT_MAX] as $age) {
            self::assertSame(3, count($shop->recommend(session: [[2, 'view', $age]], limit: 3)), "age $age");
        }
    }

    public function test_only_and_except_are_kept_to(): void
    {
        $shop = Shop::open();
        $ids = $shop->recommend(user: 3, only: [1, 2, '3', 4, 999], hideBought: false)->ids();
        sort($ids);
        self::assertSame([1, 2, 3, 4], $ids);
        self::assertSame([], $shop->recommend(user: 3, only: [])->ids());
        $first = $shop->recommend(user: 3, limit: 5);
        $second = $shop->recommend(user: 3, limit: 5, except: $first);
        self::assertSame([], array_values(array_intersect($first->ids(), $second->ids())));
        self::assertSame($second->ids(), $shop->recommend(user: 3, limit: 5, except: array_map('strval', $first->ids()))->ids());
    }

    public function test_a_limit_beyond_the_catalogue_gives_the_catalogue(): void
    {
        $shop = Shop::open();
        $all = $shop->recommend(limit: 1_000_000_000);
        self::assertSame($shop->info()->itemCount, count($all));
        self::assertSame($shop->info()->itemCount, count(array_unique($all->ids())));
        self::assertSame(count($all), count($shop->recommend(limit: PHP_INT_MAX)));
    }

    public function test_many_users_get_in_one_call_what_each_would_get_alone(): void
    {
        $shop = Shop::open();
        $users = ['first' => 3, 'second' => '8', 7 => 'nobody'] + array_fill(100, 600, 5);
        $many = $shop->recommendMany($users, limit: 7, except: [1]);
        self::assertSame(array_keys($users), array_keys($many));
        foreach (['first', 'second', 7, 100, 699] as $key) {
            $alone = $shop->recommend(user: $users[$key], limit: 7, except: [1]);
            self::assertSame($alone->ids(), $many[$key]->ids());
            self::assertSame($alone->scores(), $many[$key]->scores());
        }
        self::assertSame([], $shop->recommendMany([]));
        self::assertSame([0, 0], array_map('count', $shop->recommendMany([3, 8], only: [])));
    }

    public function test_similar_items_are_of_the_same_kind_and_never_the_item_itself(): void
    {
        $shop = Shop::open();
        $answer = $shop->similar(4, limit: 5, fallback: false);
        self::assertTrue(count($answer) > 0, 'something should be similar');
        self::assertSame('similar', $answer->first()->rung);
        self::assertTrue(!in_array(4, $answer->ids(), true), 'an item is not similar to itself');
        foreach ($answer->ids() as $id) {
            self::assertSame(0, $id % 2, "the parity of $id");
        }
        self::assertSame($answer->ids(), $shop->similar('4', limit: 5, fallback: false)->ids());
        self::assertSame($answer->ids(), $shop->similar([4], limit: 5, fallback: false)->ids());
        $basket = $shop->similar([4, 6], limit: 20)->ids();
        self::assertSame([], array_values(array_intersect([4, 6], $basket)));
    }

    public function test_what_is_bought_together_comes_from_the_same_baskets_and_similar_items_follow(): void
    {
        $trainer = new RecoTrainer(['model' => 'item-knn,bought-together']);
        foreach (range(1, 6) as $user) {
            $trainer->addEvents(
                users: array_fill(0, 5, $user),
                items: ['printer', 'ink', 'cup', 'tea', "item $user"],
                kinds: array_fill(0, 5, 'purchase'),
                baskets: ["A$user", "A$user", 2 * $user, 2 * $user, ''],
            );
        }
        $shop = $trainer->train()->open();
        $answer = $shop->boughtTogether('printer', limit: 3);
        self::assertSame('ink', $answer->first()->id);
        self::assertSame(['bought-together', 'item-knn', 'item-knn'], array_map(fn (RecoHit $hit): string => $hit->source, [...$answer]));
        self::assertSame('tea', $shop->boughtTogether(['cup'])->first()->id);
        self::assertSame('item-knn', $shop->similar('printer')->first()->source);
        self::assertSame('item-knn', $shop->boughtTogether('printer', except: ['ink'])->first()->source);
        self::assertSame(
            Shop::open()->similar(4, limit: 5)->ids(),
            Shop::open()->boughtTogether(4, limit: 5)->ids(),
            'without the model',
        );
    }

    public function test_similar_items_hide_what_the_user_has_bought_when_told_to(): void
    {
        $shop = Shop::open();
        $hidden = $shop->similar(3, limit: 30, user: 3, hideBought: true)->ids();
        self::assertSame([], array_values(array_intersect(Shop::bought(3), $hidden)));
        $shown = $shop->similar(3, limit: 30, user: 3)->ids();
        self::assertTrue(array_intersect(Shop::bought(3), $shown) !== [], 'bought items should be shown by default');
    }

    public function test_an_unknown_item_has_bestsellers_for_company(): void
    {
        $answer = Shop::open()->similar('no such thing', limit: 3);
        self::assertSame(3, count($answer));
        self::assertSame('popular', $answer->first()->rung);
    }

    public function test_ranking_gives_every_candidate_back_as_it_was_written(): void
    {
        $shop = Shop::open();
        $candidates = [2, '1', 'unknown', 4, '3'];
        $answer = $shop->rank($candidates, user: 3);
        self::assertSame(count($candidates), count($answer));
        $ids = $answer->ids();
        self::assertSame('unknown', end($ids));
        foreach ($candidates as $candidate) {
            self::assertTrue(in_array($candidate, $ids, true), "$candidate came back in another form");
        }
        $odd = array_slice($ids, 0, 2);
        sort($odd);
        self::assertSame(['1', '3'], $odd);
        $hits = iterator_to_array($answer);
        self::assertSame('none', $hits[4]->source);
        self::assertSame('none', $hits[4]->rung);
        self::assertSame('personal', $hits[0]->rung);
    }

    public function test_ranking_a_part_gives_the_best_of_it(): void
    {
        $shop = Shop::open();
        $candidates = ['a' => 2, 'b' => 1, 'c' => 4, 'd' => 3];
        $all = $shop->rank($candidates, user: 3)->ids();
        self::assertSame(array_slice($all, 0, 2), $shop->rank($candidates, user: 3, limit: 2)->ids());
        self::assertSame($all, $shop->rank($candidates, user: 3, limit: 1000)->ids());
        self::assertSame([], $shop->rank([], user: 3)->ids());
    }

    public function test_an_answer_can_be_ranked_for_somebody_else(): void
    {
        $shop = Shop::open();
        $ids = $shop->rank($shop->recommend(limit: 10), user: 8)->ids();
        self::assertSame(10, count($ids));
        self::assertSame(0, $ids[0] % 2);
    }
}
