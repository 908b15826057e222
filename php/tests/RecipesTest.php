<?php

declare(strict_types=1);

namespace Reco\Tests;

use Generator;
use Reco\Reco;
use Reco\RecoArgumentException;
use Reco\RecoEngineException;
use Reco\RecoException;
use Reco\RecoFileException;
use Reco\RecoHit;
use Reco\RecoShop;

final class RecipesTest extends RecoTestCase
{
    private const GONE = '/nowhere/shop.reco';

    /**
     * Six buy tea and a cup in one basket, six a bell and a pump; twelve view tea, honey and biscuits, so that these are
     * alike without being bought together.
     */
    private static function reco(): Reco
    {
        static $open = null;
        if ($open === null) {
            $events = [];
            for ($user = 1; $user <= 6; $user++) {
                array_push($events, [$user, 'tea', 'purchase'], [$user, 'cup', 'purchase']);
                array_push($events, [$user + 10, 'bell', 'purchase'], [$user + 10, 'pump', 'purchase']);
                array_push($events, [$user + 20, 'tea'], [$user + 20, 'honey'], [$user + 20, 'biscuits']);
            }
            $price = 1;
            $items = [];
            foreach (['tea' => 'Green tea', 'cup' => 'Tea cup', 'honey' => 'Honey', 'biscuits' => 'Biscuits',
                'bell' => 'Bicycle bell', 'pump' => 'Bicycle pump'] as $id => $title) {
                $items[$id] = ['title' => $title, 'price' => $price++];
            }
            $open = Reco::memory($events, $items);
        }

        return $open;
    }

    /**
     * @param list<RecoHit> $hits
     *
     * @return list<int|string>
     */
    private static function ids(array $hits): array
    {
        return array_map(static fn (RecoHit $hit): int|string => $hit->id, $hits);
    }

    public function test_the_home_page_shows_what_the_visitor_may_like(): void
    {
        $shop = new RecoShop(self::reco());
        self::assertSame('pump', self::ids($shop->home(session: ['bell'], limit: 1))[0]);
        self::assertCount(6, $shop->home());
        self::assertNotContains('tea', self::ids($shop->home(except: ['tea'])));
        self::assertNotContains('tea', self::ids($shop->home(user: 1)), 'was bought');
        self::assertSame('Bicycle pump', $shop->home(session: ['bell'], limit: 1)[0]->attribute('title'));
    }

    public function test_a_product_page_shows_no_product_twice(): void
    {
        $page = (new RecoShop(self::reco()))->product('tea', session: ['honey', 'bell', 'tea'], limit: 2);
        self::assertSame(['together', 'similar', 'viewed', 'because'], array_keys($page));
        self::assertSame(['cup'], self::ids($page['together']));
        self::assertSame('bought-together', $page['together'][0]->source);
        self::assertSame('bell', $page['viewed'], 'not the product of the page itself');
        self::assertSame('pump', self::ids($page['because'])[0]);
        $all = self::ids([...$page['together'], ...$page['similar'], ...$page['because']]);
        self::assertSame(array_unique($all), $all);
        self::assertNotContains('tea', $all);
    }

    public function test_a_product_page_without_a_session_is_about_nothing_viewed(): void
    {
        $page = (new RecoShop(self::reco()))->product('tea');
        self::assertNull($page['viewed']);
        self::assertSame([], $page['because']);
        self::assertSame([], (new RecoShop(self::reco()))->product('unheard of')['together']);
    }

    public function test_because_you_viewed_is_about_the_last_interest(): void
    {
        $shop = new RecoShop(self::reco());
        $asked = static fn (array $session): int|string|null => $shop->becauseYouViewed($session)['viewed'];
        self::assertSame('tea', $asked(['bell', 'tea']));
        self::assertSame('bell', $asked([['bell', 'cart', 60], ['tea', 'dislike']]));
        self::assertSame('bell', $asked(['bell', ['tea', 'purchase']]));
        self::assertNull($asked([]));
        self::assertNull($asked(['unheard of']), 'nothing to show is nothing to be about');
        self::assertNull($shop->becauseYouViewed(['bell'], except: ['bell'])['viewed']);
    }

    public function test_a_cart_shows_what_goes_with_it(): void
    {
        $shop = new RecoShop(self::reco());
        self::assertSame('cup', self::ids($shop->cart(['tea']))[0]);
        self::assertSame([], array_intersect(['tea', 'cup'], self::ids($shop->cart(['tea', 'cup']))));
        self::assertSame(self::ids($shop->home(limit: 6)), self::ids($shop->cart([])), 'an empty cart is a home page');
    }

    public function test_search_finds_words_and_nothing_else(): void
    {
        $shop = new RecoShop(self::reco());
        self::assertSame(['tea', 'cup'], self::sorted(self::ids($shop->search('tea'))));
        self::assertSame(['pump'], self::ids($shop->search('bicycle pum', typing: true, limit: 1)));
        self::assertSame([], $shop->search('xylophone'));
        self::assertSame([], $shop->search(''));
    }

    public function test_emails_come_one_by_one_for_whoever_is_asked(): void
    {
        $shop = new RecoShop(self::reco());
        $read = 0;
        $users = (static function () use (&$read): Generator {
            for ($user = 1; $user <= 1000; $user++) {
                $read++;
                yield $user;
            }
        })();
        $seen = 0;
        foreach ($shop->emails($users, limit: 3) as $user => $hits) {
            self::assertSame(++$seen, $user);
            if ($user <= 30) {
                self::assertSame(self::ids($shop->home(user: $user, limit: 3)), self::ids($hits));
            }
            if ($user === 1) {
                self::assertSame(256, $read, 'a batch ahead and no more');
            }
        }
        self::assertSame(1000, $seen);
        self::assertSame([], iterator_to_array($shop->emails([])));
        self::assertSame([], iterator_to_array($shop->emails(['stranger'], fallback: false))['stranger']);
    }

    public function test_the_filter_of_the_shop_and_that_of_a_call_both_hold(): void
    {
        $shop = new RecoShop(self::reco(), filter: 'price < 3 or price = 6');
        self::assertSame(['tea', 'cup', 'pump'], self::sorted(self::ids($shop->home())));
        self::assertSame(['tea', 'cup'], self::sorted(self::ids($shop->home(filter: 'price < 6'))));
        $live = ['price' => ['tea' => 100]];
        self::assertSame(['cup', 'pump'], self::sorted(self::ids($shop->home(live: $live))));
        self::assertSame(['pump'], self::ids($shop->cart(['bell'], filter: 'price > 5')));
    }

    public function test_a_missing_model_throws_unless_something_may_stand_in(): void
    {
        $strict = new RecoShop(self::GONE);
        self::assertThrows(RecoFileException::class, self::GONE, static fn () => $strict->home());
        self::assertThrows(RecoFileException::class, self::GONE, static fn () => $strict->product(1));
        self::assertThrows(RecoFileException::class, self::GONE, static fn () => $strict->cart([1]));
        self::assertThrows(RecoFileException::class, self::GONE, static fn () => $strict->search('tea'));
    }

    public function test_a_page_without_a_model_is_empty_where_that_is_chosen(): void
    {
        $shop = new RecoShop(self::GONE, instead: [], logger: $logger = new Logger());
        self::assertSame([], $shop->home(user: 1));
        self::assertSame(
            ['together' => [], 'similar' => [], 'viewed' => null, 'because' => []],
            $shop->product(1, session: [2]),
        );
        self::assertSame([], $shop->cart([1]));
        self::assertSame([], $shop->search('tea'));
        self::assertCount(6, $logger->errors);
        self::assertStringContainsString(self::GONE, $logger->errors[0][0]);
        self::assertInstanceOf(RecoException::class, $logger->errors[0][1]['exception']);
    }

    public function test_bestsellers_stand_in_for_a_missing_model(): void
    {
        $shop = new RecoShop(self::GONE, instead: [5, 4, 3, 2, 1]);
        self::assertSame([5, 4, 3], self::ids($shop->home(limit: 3)));
        self::assertSame([4, 3, 2, 1], self::ids($shop->home(except: [5])));
        self::assertSame([3, 2, 1], self::ids($shop->cart(['5', 4])));
        $page = $shop->product(5, session: [4]);
        self::assertSame([], $page['together'], 'nobody bought these together');
        self::assertSame([4, 3, 2, 1], self::ids($page['similar']));
        self::assertSame([null, []], [$page['viewed'], $page['because']]);
        self::assertSame([], $shop->search('tea'), 'bestsellers are no results');
        $hit = $shop->home()[0];
        self::assertSame(['none', 'none', 0.0, ''], [$hit->source, $hit->rung, $hit->score, $hit->attribute('title')]);
        self::assertSame([[], [], []], [$hit->reasons(), $hit->matchedFields(), $hit->contributions()]);
    }

    public function test_bestsellers_may_come_from_a_function(): void
    {
        $shop = new RecoShop(self::GONE, instead: static fn (int $limit): array => range(1, $limit));
        self::assertSame([1, 2, 3], self::ids($shop->home(limit: 3)));
        self::assertSame([1, 4, 5], self::ids($shop->cart([2, 3], limit: 3)));
    }

    public function test_what_a_visitor_sends_does_not_break_a_page_that_may_degrade(): void
    {
        $shop = new RecoShop(self::reco(), instead: []);
        self::assertSame([], $shop->home(user: ''));
        self::assertSame([], $shop->home(session: [["a\0b", 'view']]));
        self::assertSame([], $shop->product('')['similar']);
        self::assertThrows(RecoArgumentException::class, 'empty', static fn () => (new RecoShop(self::reco()))->home(user: ''));
    }

    public function test_a_model_that_cannot_search_degrades_too(): void
    {
        self::assertSame([], (new RecoShop(Shop::file(), instead: []))->search('tea'));
        self::assertThrows(RecoEngineException::class, 'bm25', static fn () => (new RecoShop(Shop::file()))->search('tea'));
    }

    public function test_emails_without_a_model_are_not_sent(): void
    {
        $shop = new RecoShop(self::GONE, instead: [1, 2, 3]);
        self::assertThrows(RecoFileException::class, self::GONE, static fn () => iterator_to_array($shop->emails([1])));
    }

    public function test_a_new_model_is_picked_up_by_a_shop_that_lives_long(): void
    {
        $path = Shop::newFile();
        $shop = new RecoShop($path, instead: []);
        self::assertSame([], $shop->home());
        foreach (['a', 'b'] as $letter) {
            Shop::trainer(static fn (int $item): string => $letter . $item)->save($path);
            self::assertSame($letter, $shop->home(limit: 1)[0]->id[0]);
        }
    }

    public function test_a_logger_needs_an_error_method(): void
    {
        self::assertThrows(RecoArgumentException::class, 'PSR-3', static fn () => new RecoShop(self::GONE, [], new Shop()));
    }

    /**
     * In the order of the catalogue.
     *
     * @param list<int|string> $ids
     *
     * @return list<int|string>
     */
    private static function sorted(array $ids): array
    {
        return array_values(array_intersect(['tea', 'cup', 'honey', 'biscuits', 'bell', 'pump'], $ids));
    }
}
