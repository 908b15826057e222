<?php

declare(strict_types=1);

namespace Reco;

use RuntimeException;

/** libreco.so cannot be used from this PHP; the message says what to change. */
final class RecoLibraryException extends RuntimeException implements RecoException
{
    private const MACHINES = [3 => 'x86', 40 => 'ARM', 62 => 'x86-64', 183 => 'AArch64', 243 => 'RISC-V'];

    public static function extensionMissing(): self
    {
        return new self('PHP has no FFI here: enable the extension with "extension=ffi" in php.ini');
    }

    public static function disabled(): self
    {
        return new self('FFI is switched off: set "ffi.enable=true" in php.ini, or "ffi.enable=preload" with'
            . ' "ffi.preload" and "opcache.preload" as docs/php-production.md shows');
    }

    public static function onlyPreloaded(string $file): self
    {
        return new self('"ffi.enable=preload" lets only preloaded files use FFI: name reco_ffi.h in "ffi.preload" and'
            . " $file in \"opcache.preload\", or set \"ffi.enable=true\"");
    }

    public static function notFound(string $path, string $why): self
    {
        return new self("there is no library at $path ($why)");
    }

    /** @param list<string> $places */
    public static function nowhere(array $places): self
    {
        return new self('libreco.so was not found in ' . implode(', ', $places) . ' nor by the system\'s loader:'
            . ' name it with Reco::useLibrary() or the environment variable RECO_LIBRARY');
    }

    public static function headerNotFound(string $library): self
    {
        return new self("reco_ffi.h, which is installed together with $library, was not found beside it");
    }

    public static function notALibrary(string $path): self
    {
        return new self("$path is no shared library");
    }

    public static function otherProcessor(string $path, int $machine, int $own): self
    {
        return new self(sprintf(
            '%s is built for %s, this PHP for %s: install the library for this processor',
            $path,
            self::MACHINES[$machine] ?? "another processor ($machine)",
            self::MACHINES[$own] ?? "another one ($own)",
        ));
    }

    public static function notLoadable(string $path): self
    {
        return new self("$path cannot be loaded: `ldd $path` lists the libraries that it misses");
    }

    public static function otherVersion(string $path, string $why): self
    {
        return new self("$path and its reco_ffi.h are of different versions ($why): install both from one build");
    }

    public static function alreadyLoaded(): self
    {
        return new self('the library is loaded already: call Reco::useLibrary() before anything else of Reco');
    }
}
