<?php

declare(strict_types=1);

namespace Shop;

/** A row of recommended products, and what it took to find them. */
final class Strip
{
    /**
     * @param string                        $question     as one would write it in PHP
     * @param list<int|string>              $ids
     * @param array<int|string, int|string> $reasons      by product, which of the visitor's own products spoke for it most
     */
    public function __construct(
        public readonly string $title,
        public readonly string $question,
        public readonly array $ids,
        public readonly float $microseconds,
        public readonly array $reasons = [],
        /** The product that the title is about. */
        public readonly ?int $about = null,
    ) {
    }
}
