<?php

declare(strict_types=1);

namespace Reco\Tests;

use Error;
use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoHit;
use Reco\RecoTrainer;

final class AnswerTest extends RecoTestCase
{
    public function test_an_answer_is_iterated_more_than_once_counted_and_has_a_first_hit(): void
    {
        $answer = Shop::open()->recommend(user: 3, limit: 3);
        $twice = [];
        foreach ([1, 2] as $_) {
            foreach ($answer as $place => $hit) {
                $twice[] = [$place, $hit->id, $hit->score];
            }
        }
        self::assertSame(6, count($twice));
        self::assertSame(array_slice($twice, 0, 3), array_slice($twice, 3));
        self::assertSame($answer->ids(), array_map(static fn (RecoHit $hit): int|string => $hit->id, iterator_to_array($answer)));
        self::assertSame($answer->ids()[0], $answer->first()->id);
        self::assertSame($answer->scores()[0], $answer->first()->score);
    }

    public function test_an_empty_answer_is_an_answer(): void
    {
        $answer = Shop::open()->recommend(only: []);
        self::assertSame(0, count($answer));
        self::assertSame([], $answer->ids());
        self::assertSame([], $answer->scores());
        self::assertSame(null, $answer->first());
        self::assertSame([], iterator_to_array($answer));
        self::assertSame('[]', json_encode($answer));
        self::assertSame([], $answer->attribute('title'));
    }

    public function test_an_answer_becomes_json(): void
    {
        $answer = Shop::open()->recommend(user: 3, limit: 2);
        $decoded = json_decode(json_encode($answer, JSON_THROW_ON_ERROR), true);
        self::assertSame(2, count($decoded));
        self::assertSame(['id', 'score', 'source', 'rung'], array_keys($decoded[0]));
        self::assertSame($answer->ids()[0], $decoded[0]['id']);
        self::assertSame('item-knn', $decoded[0]['source']);
    }

    public function test_hits_cannot_be_changed(): void
    {
        $hit = Shop::open()->recommend(limit: 1)->first();
        try {
            (function () use ($hit): void { $hit->id = 5; })();
        } catch (Error $error) {
            self::assertTrue(str_contains($error->getMessage(), 'readonly'), $error->getMessage());

            return;
        }
        self::fail('a hit was changed');
    }

    public function test_attributes_come_for_a_hit_an_answer_and_for_ids(): void
    {
        $shop = Shop::open();
        $answer = $shop->recommend(user: 3, limit: 5);
        $titles = array_map(static fn (int $id): string => "Thing № $id", $answer->ids());
        self::assertSame($titles, $answer->attribute('title'));
        foreach ($answer as $place => $hit) {
            self::assertSame($titles[$place], $hit->attribute('title'));
        }
        self::assertSame($titles, $shop->attribute('title', $answer));
        self::assertSame(['Thing № 30', '', 'Thing № 2'], $shop->attribute('title', [30, 'unknown', '2']));
        self::assertSame([], $shop->attribute('title', []));
    }

    public function test_an_unknown_candidate_has_no_attributes(): void
    {
        $hits = iterator_to_array(Shop::open()->rank(['unknown', 3]));
        self::assertSame('Thing № 3', $hits[0]->attribute('title'));
        self::assertSame('', $hits[1]->attribute('title'));
    }

    public function test_an_attribute_that_the_model_does_not_have_is_refused(): void
    {
        $shop = Shop::open();
        self::assertThrows(RecoArgumentException::class, 'colour', fn () => $shop->recommend()->attribute('colour'));
        self::assertThrows(RecoArgumentException::class, 'colour', fn () => $shop->attribute('colour', [1]));
        self::assertThrows(RecoArgumentException::class, '', fn () => $shop->attribute('', [1]));
        self::assertThrows(RecoArgumentException::class, '', fn () => $shop->attribute("ti\0tle", [1]));
    }

    public function test_long_attributes_grow_the_buffer(): void
    {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $long = str_repeat('é', 100_000);
        $trainer->addEvents([1, 2], ['a', 'b'])->addAttribute('text', ['a' => $long, 'b' => 'short'])->train();
        self::assertSame([$long, 'short'], $trainer->open()->attribute('text', ['a', 'b']));
    }

    public function test_integer_ids_come_back_as_int_others_as_string(): void
    {
        foreach (Shop::open()->recommend()->ids() as $id) {
            self::assertTrue(is_int($id), 'an id should be an int');
        }
        $mixed = Shop::trainer(static fn (int $item): string => $item === 1 ? 'one' : (string) $item)->open();
        foreach ($mixed->recommend()->ids() as $id) {
            self::assertTrue(is_string($id), 'an id should be a string');
        }
    }

    public function test_the_smallest_and_the_largest_integers_are_ids(): void
    {
        $trainer = new RecoTrainer(['model' => 'popularity']);
        $shop = $trainer->addEvents([PHP_INT_MAX, 1], [PHP_INT_MIN, PHP_INT_MAX])->train()->open();
        $ids = $shop->recommend(limit: 2)->ids();
        sort($ids);
        self::assertSame([PHP_INT_MIN, PHP_INT_MAX], $ids);
        self::assertSame([PHP_INT_MIN], $shop->recommend(user: PHP_INT_MAX, hideBought: false, only: [PHP_INT_MIN])->ids());
    }

    public function test_the_model_tells_what_it_holds(): void
    {
        $info = Shop::open()->info();
        self::assertSame(Shop::USERS, $info->userCount);
        self::assertSame(Shop::ITEMS + 1, $info->itemCount);
        self::assertSame(filesize(Shop::file()), $info->fileLength);
        self::assertSame(null, $info->latestEvent);
        self::assertSame(true, $info->integerUserIds);
        self::assertSame(true, $info->integerItemIds);
        self::assertTrue($info->formatVersion >= 1, 'the format version');
        self::assertTrue(preg_match('/^\d+\.\d+\.\d+/', Reco::version()) === 1, 'the version');
    }
}
