<?php

declare(strict_types=1);

namespace Shop;

/** What a page shows: a template of pages/, what it needs, and strips of recommendations below it. */
final class View
{
    /** @var list<Strip> */
    public readonly array $strips;

    /**
     * @param array<string, mixed> $values for the template, by name
     * @param list<Strip|null>     $strips
     * @param list<int|string>     $ids    products that the template shows itself
     * @param array<int, array{id: int, title: string, brand: string, price: string, category_id: int}> $cards what of
     *        all these has been read already, by id
     */
    public function __construct(
        public readonly string $template,
        public readonly string $title,
        public readonly array $values = [],
        array $strips = [],
        public readonly array $ids = [],
        public readonly array $cards = [],
        public readonly int $status = 200,
    ) {
        $this->strips = array_values(array_filter($strips));
    }

    /** @return list<int|string> the products on the page that are still to be read: one query fetches them all */
    public function missing(): array
    {
        $ids = [$this->ids];
        foreach ($this->strips as $strip) {
            $ids[] = $strip->ids;
            $ids[] = array_values($strip->reasons);
            $ids[] = $strip->about === null ? [] : [$strip->about];
        }

        return array_values(array_diff(array_unique(array_merge(...$ids)), array_keys($this->cards)));
    }
}
