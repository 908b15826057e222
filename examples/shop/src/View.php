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
     */
    public function __construct(
        public readonly string $template,
        public readonly string $title,
        public readonly array $values = [],
        array $strips = [],
        public readonly int $status = 200,
    ) {
        $this->strips = array_values(array_filter($strips));
    }
}
