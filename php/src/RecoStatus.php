<?php

declare(strict_types=1);

namespace Reco;

use FFI;
use FFI\CData;

/**
 * enum reco_status, and the exception that each means.
 *
 * @internal
 */
final class RecoStatus
{
    public const OK = 0;
    public const ERROR_ARGUMENT = 1;
    public const ERROR_SYSTEM = 3;
    public const ERROR_DAMAGED = 4;
    public const ERROR_NEWER_VERSION = 5;
    public const ERROR_BUFFER_TOO_SMALL = 6;
    public const ERROR_UNSUPPORTED = 9;

    private function __construct()
    {
    }

    /**
     * @param CData $error the reco_error that the call filled
     *
     * @throws RecoException if the status is not OK
     */
    public static function check(int $status, CData $error): void
    {
        if ($status === self::OK) {
            return;
        }
        $message = FFI::string($error->message);

        throw match ($status) {
            self::ERROR_ARGUMENT => RecoArgumentException::fromLibrary($message, $status),
            self::ERROR_SYSTEM,
            self::ERROR_DAMAGED,
            self::ERROR_NEWER_VERSION => RecoFileException::fromLibrary($message, $status),
            default => RecoEngineException::fromLibrary($message, $status),
        };
    }
}
