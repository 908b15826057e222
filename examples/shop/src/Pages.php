<?php

declare(strict_types=1);

namespace Shop;

use Reco;

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
        $viewed = $this->visitor->lastViewed();
        $bought = $viewed === null && $this->visitor->customer !== null
            ? $this->catalogue->lastBought($this->visitor->customer, 1)[0] ?? null : null;
        $start = $viewed ?? $bought;
        $product = $start === null ? null : $this->catalogue->products([$start])[$start] ?? null;
        $because = $product === null ? null : $this->recommender->strip(
            'Because you ' . ($viewed === null ? 'bought' : 'viewed') . " “{$product['title']}”",
            "similar($start)",
            static fn (Reco $model) => $model->similar($start, limit: self::STRIP, except: $forYou->ids ?? []),
        );

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
        $ids = $this->catalogue->bestsellers($id, self::RANKED);
        $session = $this->session();
        $ranked = $bestsellers ? null : $this->recommender->strip(
            'In your order',
            'rank([' . count($ids) . ' products]' . $this->asker() . ')',
            fn (Reco $model) => $model->rank($ids, user: $this->visitor->customer, session: $session, limit: self::LISTED),
        );
        $shown = $ranked->ids ?? array_slice($ids, 0, self::LISTED);

        return new View(
            'category',
            $category['name'],
            ['category' => $category, 'ranked' => $ranked, 'shown' => $shown, 'bestsellers' => $bestsellers],
            ids: $shown,
        );
    }

    public function product(int $id): View
    {
        $product = $this->catalogue->products([$id])[$id] ?? null;
        if ($product === null) {
            return $this->missing();
        }
        $this->visitor->sees($id);
        $together = $this->recommender->strip(
            'Bought together',
            "boughtTogether($id)",
            static fn (Reco $model) => $model->boughtTogether($id, limit: self::STRIP, fallback: false),
            only: 'bought-together',
        );
        $similar = $this->recommender->strip(
            'Similar',
            "similar($id)",
            static fn (Reco $model) => $model->similar($id, limit: self::STRIP, except: $together->ids ?? []),
        );
        $forYou = $this->forYou([...$together->ids ?? [], ...$similar->ids ?? []]);

        return new View('product', $product['title'], ['product' => $product], [$together, $similar, $forYou]);
    }

    public function search(string $words): View
    {
        $session = $this->session();
        $found = $words === '' ? null : $this->recommender->strip(
            'Found',
            'search(words' . $this->asker() . ')',
            fn (Reco $model) => $model->search($words, user: $this->visitor->customer, session: $session, limit: self::LISTED),
        );

        return new View(
            'search',
            $words === '' ? 'Search' : "Search: $words",
            ['words' => $words, 'found' => $found],
            $found === null ? [$this->forYou([])] : [],
            $found->ids ?? [],
        );
    }

    public function cart(): View
    {
        $ids = array_keys($this->cart->lines());
        $goes = $ids === [] ? null : $this->recommender->strip(
            'Goes with what is in your cart',
            'boughtTogether([' . count($ids) . ' products])',
            static fn (Reco $model) => $model->boughtTogether($ids, limit: self::STRIP),
        );

        return new View('cart', 'Your cart', ['lines' => $this->cart->lines()], [$goes, $this->forYou($goes->ids ?? [])], $ids);
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
            'recommend(' . ltrim($this->asker() . ($filter === '' ? '' : ", filter: '$filter'"), ', ') . ')',
            fn (Reco $model) => $model->recommend(
                user: $this->visitor->customer, session: $session, limit: self::STRIP, except: $except, filter: $filter,
            ),
            explain: $explain && !$stranger,
        );
    }

    /** @return list<array{int, string, int}> */
    private function session(): array
    {
        return $this->visitor->session($this->cart->lines());
    }

    /** For the question as it is shown. */
    private function asker(): string
    {
        $session = count($this->session());

        return ($this->visitor->customer === null ? '' : ", user: {$this->visitor->customer}")
            . ($session === 0 ? '' : ", session: [$session event" . ($session === 1 ? '' : 's') . ']');
    }
}
