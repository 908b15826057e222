<?php

declare(strict_types=1);

namespace Reco;

use RuntimeException;

/** A model file cannot be read or written: it is missing, unreadable, damaged or from a newer version. */
final class RecoFileException extends RuntimeException implements RecoException
{
    public static function fromLibrary(string $message, int $code): self
    {
        return new self($message, $code);
    }

    public static function badPath(): self
    {
        return new self("a model's path must not be empty or hold a NUL byte");
    }
}
