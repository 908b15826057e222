<?php

declare(strict_types=1);

namespace Reco\Tests;

/** As much of a PSR-3 logger as RecoShop needs. */
final class Logger
{
    /** @var list<array{0: string, 1: array<string, mixed>}> */
    public array $errors = [];

    /** @param array<string, mixed> $context */
    public function error(string $message, array $context = []): void
    {
        $this->errors[] = [$message, $context];
    }
}
