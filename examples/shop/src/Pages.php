<?php

declare(strict_types=1);

namespace Shop;

use Reco\Reco;

/** What each page shows. Everything about recommendations that a shop would copy stands here. */
final class Pages
{
    private const STRIP = 6;
    private const LISTED = 24;
    /** A category is put in the visitor's order as far as this. */
    private const RANKED = 240;

    public function __construct(
        private readonly Catalogue $catalogue,
        private readonly Cart $cart,
        private readonly Visitor $visitor,
        private readonly Recommender $recommender,
    ) {
    }

    public function home(): View
    {
        $forYou = $this->forYou([], explain: true);
        $because = $this->becauseViewed(null, $forYou?->ids() ?? []);
        if ($because === null && $this->visitor->customer !== null) {
            $bought = $this->catalogue->lastBought($this->visitor->customer);
            $because = $bought === null ? null : $this->because('bought', $bought, $forYou?->ids() ?? []);
        }

        return new View('home', 'Welcome', ['departments' => $this->catalogue->departments()], [$forYou, $because]);
    }

    public function department(int $id): View
    {
        $department = $this->catalogue->department($id);
        if ($department === null) {
            return $this->missing();
        }
        // A filter, while the best are looked for: the strip is full although most of the shop is somewhere else.
        $filter = 'department = ' . Reco::quote($department['name']);

        return new View(
            'department',
            $department['name'],
            ['department' => $department, 'categories' => $this->catalogue->categories($id)],
            [$this->forYou([], "For you in {$department['name']}", $filter)],
        );
    }

    public function category(int $id, bool $bestsellers): View
    {
        $category = $this->catalogue->category($id);
        if ($category === null) {
            return $this->missing();
        }
        $cards = $this->catalogue->bestsellers($id, self::RANKED);
        $ids = array_keys($cards);
        $session = $this->session();
        $ranked = $bestsellers ? null : $this->recommender->strip(
            'In your order',
            'rank([' . self::number(count($ids), 'product') . ']' . $this->asker($session) . ')',
            fn (Reco $model) => $model->rank($ids, user: $this->visitor->customer, session: $session, limit: self::LISTED),
        );
        $shown = array_map(
            static fn (int|string $id): array => $cards[$id],
            $ranked?->ids() ?? array_slice($ids, 0, self::LISTED),
        );

        return new View(
            'category',
            $category['name'],
            ['category' => $category, 'ranked' => $ranked, 'shown' => $shown, 'bestsellers' => $bestsellers],
        );
    }

    /** @param bool $bestsellers what a shop without a recommender would show: for comparison */
    public function product(int $id, bool $bestsellers): View
    {
        $product = $this->catalogue->product($id);
        if ($product === null) {
            return $this->missing();
        }
        $this->visitor->sees($id);
        if ($bestsellers) {
            $cards = $this->catalogue->bestsellers($product['category_id'], 3 * self::STRIP + 1);
            $strips = array_map(
                static fn (array $part): Strip => new Strip('Bestsellers', 'SELECT', $part, 0.0),
                array_chunk(array_diff_key($cards, [$id => 0]), self::STRIP),
            );

            return new View('product', $product['title'], ['product' => $product], array_slice($strips, 0, 3));
        }
        $together = $this->recommender->strip(
            'Bought together',
            "boughtTogether($id)",
            static fn (Reco $model) => $model->boughtTogether($id, limit: self::STRIP, fallback: false),
            source: 'bought-together', // where orders say too little, all would be similar ones
        );
        $similar = $this->recommender->strip(
            'Similar',
            "similar($id)",
            static fn (Reco $model) => $model->similar($id, limit: self::STRIP, except: $together?->ids() ?? []),
        );
        $shown = [...$together?->ids() ?? [], ...$similar?->ids() ?? []];

        return new View(
            'product',
            $product['title'],
            ['product' => $product],
            [$together, $similar, $this->becauseViewed($id, $shown) ?? $this->forYou($shown)],
        );
    }

    public function search(string $words): View
    {
        $session = $this->session();
        $found = $words === '' ? null : $this->recommender->strip(
            'Found',
            'search(words' . $this->asker($session) . ')',
            fn (Reco $model) => $model->search($words, user: $this->visitor->customer, session: $session, limit: self::LISTED),
        );

        return new View(
            'search',
            $words === '' ? 'Search' : "Search: $words",
            ['words' => $words, 'found' => $found],
            $found === null ? [$this->forYou([])] : [],
        );
    }

    public function cart(): View
    {
        $ids = array_keys($this->cart->lines());
        $goes = $ids === [] ? null : $this->recommender->strip(
            'Goes with what is in your cart',
            'boughtTogether([' . self::number(count($ids), 'product') . '])',
            static fn (Reco $model) => $model->boughtTogether($ids, limit: self::STRIP),
        );

        return new View('cart', 'Your cart', [
            'lines' => $this->cart->lines(),
            'cards' => $this->catalogue->cards($ids),
        ], [$goes, $this->forYou($goes?->ids() ?? [])]);
    }

    public function customers(int $page): View
    {
        $from = self::LISTED * $page;

        return new View('customers', 'Who are you?', [
            'customers' => $this->catalogue->customers($from, self::LISTED),
            'page' => $page,
        ]);
    }

    public function missing(): View
    {
        return new View('missing', 'Not here', [], [$this->forYou([])], status: 404);
    }

    /** @param list<int|string> $except what is on the page already */
    private function forYou(array $except, string $title = '', string $filter = '', bool $explain = false): ?Strip
    {
        $session = $this->session();
        $stranger = $this->visitor->customer === null && $session === [];

        return $this->recommender->strip(
            $title !== '' ? $title : ($stranger ? 'Bestsellers' : 'For you'),
            'recommend(' . ltrim($this->asker($session) . ($filter === '' ? '' : ", filter: '$filter'"), ', ') . ')',
            fn (Reco $model) => $model->recommend(
                user: $this->visitor->customer, session: $session, limit: self::STRIP, except: $except, filter: $filter,
            ),
            // Over a year of purchases each reason costs as much as two more questions.
            explain: $explain && $this->visitor->customer === null && $session !== [],
        );
    }

    /**
     * What is like the product that the visitor looked at before this one.
     *
     * @param list<int|string> $except what is on the page already
     */
    private function becauseViewed(?int $shown, array $except): ?Strip
    {
        $viewed = $this->visitor->lastViewed($shown);

        return $viewed === null ? null : $this->because('viewed', $viewed, $shown === null ? $except : [$shown, ...$except]);
    }

    /** @param list<int|string> $except */
    private function because(string $did, int $id, array $except): ?Strip
    {
        return $this->recommender->strip(
            "Because you $did",
            "similar($id)",
            static fn (Reco $model) => $model->similar($id, limit: self::STRIP, except: $except),
            about: $id,
        );
    }

    /** @return list<array{int, string, int}> */
    private function session(): array
    {
        return $this->visitor->session($this->cart->lines());
    }

    /**
     * For the question as it is shown.
     *
     * @param list<array{int, string, int}> $session
     */
    private function asker(array $session): string
    {
        return ($this->visitor->customer === null ? '' : ", user: {$this->visitor->customer}")
            . ($session === [] ? '' : ', session: [' . self::number(count($session), 'event') . ']');
    }

    private static function number(int $count, string $noun): string
    {
        return "$count $noun" . ($count === 1 ? '' : 's');
    }
}
