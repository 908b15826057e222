<?php

declare(strict_types=1);

namespace Reco;

/** One line of RecoDoctor. */
final class RecoFinding
{
    public function __construct(
        public readonly bool $good,
        /** What was found and, if that is not good, what to do. */
        public readonly string $text,
    ) {
    }
}
