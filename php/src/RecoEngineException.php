<?php

declare(strict_types=1);

namespace Reco;

use RuntimeException;

/** The engine could not do what it was asked; the code is one of `enum reco_status` in reco.h. */
final class RecoEngineException extends RuntimeException implements RecoException
{
    public static function fromLibrary(string $message, int $code): self
    {
        return new self($message, $code);
    }

    public static function notSerializable(): self
    {
        return new self('Models and trainers cannot be serialised; keep the path and open it again.');
    }
}
