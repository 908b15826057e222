<?php

declare(strict_types=1);

namespace Reco;

use FFI;

/**
 * Finds and loads libreco.so, once per request.
 *
 * Looks, in this order, at: what Reco::useLibrary() named; the scope that `ffi.preload` filled; the environment
 * variable RECO_LIBRARY; the folders next to this file, in the source tree and when installed; the system's loader.
 *
 * @internal
 */
final class RecoLibrary
{
    private const FOLDERS = ['/../../dist/lib', '/../../lib', '/../../../../lib'];

    private static ?FFI $ffi = null;
    private static ?string $chosen = null;

    private function __construct()
    {
    }

    /** @throws RecoLibraryException if the library is loaded already */
    public static function choose(string $path): void
    {
        if (self::$ffi !== null) {
            throw RecoLibraryException::alreadyLoaded();
        }
        self::$chosen = $path;
    }

    /** @throws RecoLibraryException if this PHP cannot use the library */
    public static function ffi(): FFI
    {
        return self::$ffi ??= self::load();
    }

    private static function load(): FFI
    {
        // Asked even when a library was chosen, because it tells whether FFI may be used at all.
        $preloaded = self::preloaded();

        return $preloaded !== null && self::$chosen === null ? $preloaded : self::define(...self::locate());
    }

    /**
     * What `ffi.preload` loaded, null if that was nothing.
     *
     * @throws RecoLibraryException if FFI may not be used here
     */
    public static function preloaded(): ?FFI
    {
        if (!class_exists(FFI::class, false)) {
            throw RecoLibraryException::extensionMissing();
        }
        try {
            return FFI::scope('RECO');
        } catch (FFI\Exception $failure) {
            self::refuseIfRestricted($failure);

            return null;
        }
    }

    /**
     * The library that would be loaded, and who says so. Needs no FFI.
     *
     * @return array{0: string, 1: string}
     */
    public static function locate(): array
    {
        if (self::$chosen !== null) {
            return [self::$chosen, 'named by Reco::useLibrary()'];
        }
        $named = getenv('RECO_LIBRARY');
        if (is_string($named) && $named !== '') {
            return [$named, 'named by the environment variable RECO_LIBRARY'];
        }
        foreach (self::FOLDERS as $folder) {
            if (is_file(__DIR__ . "$folder/libreco.so")) {
                return [(string) realpath(__DIR__ . "$folder/libreco.so"), 'next to RecoFFI.php'];
            }
        }

        return ['libreco.so.0', 'left to the system\'s loader'];
    }

    /** A path with a slash is a file; another name is left to the system's loader, as dlopen does. */
    private static function define(string $library, string $why): FFI
    {
        if ($library === '' || (str_contains($library, '/') && !is_file($library))) {
            throw RecoLibraryException::notFound($library, $why);
        }
        $header = self::header($library);
        try {
            return FFI::cdef($header, $library);
        } catch (FFI\ParserException $failure) {
            throw RecoLibraryException::otherVersion($library, $failure->getMessage());
        } catch (FFI\Exception $failure) {
            throw self::explain($library, $failure);
        }
    }

    private static function header(string $library): string
    {
        $folder = dirname($library);
        $places = str_contains($library, '/') ? ["$folder/../include", $folder, "$folder/../../include"] : [];
        array_push($places, dirname(__DIR__), __DIR__ . '/../../dist/include', __DIR__ . '/../../../../include');
        array_push($places, '/usr/local/include', '/usr/include');
        foreach ($places as $place) {
            if (is_file("$place/reco_ffi.h")) {
                return (string) file_get_contents("$place/reco_ffi.h");
            }
        }
        if (!str_contains($library, '/')) {
            throw RecoLibraryException::nowhere(self::places());
        }
        throw self::machine($library) === null
            ? RecoLibraryException::notALibrary($library)
            : RecoLibraryException::headerNotFound($library);
    }

    private static function refuseIfRestricted(FFI\Exception $failure): void
    {
        $setting = strtolower((string) ini_get('ffi.enable'));
        $restricted = str_contains($failure->getMessage(), 'restricted');
        if ($setting === 'preload' && $restricted) {
            throw RecoLibraryException::onlyPreloaded(dirname(__DIR__) . '/RecoFFI.php');
        }
        if ($restricted) {
            throw RecoLibraryException::disabled();
        }
    }

    /** PHP keeps the reason of a failed dlopen to itself, so the file's own head has to tell it. */
    private static function explain(string $library, FFI\Exception $failure): RecoLibraryException
    {
        $message = $failure->getMessage();
        if (str_contains($message, 'resolving')) {
            return RecoLibraryException::otherVersion($library, $message);
        }
        if (!str_contains($library, '/')) {
            return RecoLibraryException::nowhere(self::places());
        }
        $machine = self::machine($library);
        $own = self::machine('/proc/self/exe');
        if ($machine === null) {
            return RecoLibraryException::notALibrary($library);
        }

        return $own !== null && $machine !== $own
            ? RecoLibraryException::otherProcessor($library, $machine, $own)
            : RecoLibraryException::notLoadable($library);
    }

    /** The processor that an ELF file is for; null if it is none. */
    private static function machine(string $path): ?int
    {
        $head = (string) @file_get_contents($path, false, null, 0, 20);
        if (strlen($head) < 20 || !str_starts_with($head, "\x7fELF")) {
            return null;
        }

        return ord($head[18]) | ord($head[19]) << 8;
    }

    /** @return list<string> */
    private static function places(): array
    {
        return array_map(static fn (string $folder): string => __DIR__ . $folder, self::FOLDERS);
    }
}
