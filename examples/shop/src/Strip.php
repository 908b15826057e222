<?php

declare(strict_types=1);

namespace Shop;

/** A row of recommended products, and what it took to find them. */
final class Strip
{
    /**
     * @param string $question as one would write it in PHP
     * @param list<array{id: int|string, title: string, price: string, category_id: int}> $cards
     * @param float  $microseconds with everything that the cards show
     * @param array<int|string, string> $reasons by product, the title of what spoke for it most
     */
    public function __construct(
        public readonly string $title,
        public readonly string $question,
        public readonly array $cards,
        public readonly float $microseconds,
        public readonly array $reasons = [],
    ) {
    }

    /** @return list<int|string> */
    public function ids(): array
    {
        return array_column($this->cards, 'id');
    }
}
