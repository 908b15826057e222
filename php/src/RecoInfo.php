<?php

declare(strict_types=1);

namespace Reco;

/** What a model holds. */
final class RecoInfo
{
    /** @internal comes from Reco::info() */
    public function __construct(
        public readonly int $userCount,
        public readonly int $itemCount,
        public readonly int $formatVersion,
        /** Bytes. */
        public readonly int $fileLength,
        /** Seconds since 1970; null if the events that it was trained on carry no times. */
        public readonly ?int $latestEvent,
        /** Whether all user ids are 64-bit integers. */
        public readonly bool $integerUserIds,
        /** Whether all item ids are 64-bit integers; then answers have them as int. */
        public readonly bool $integerItemIds,
    ) {
    }
}
