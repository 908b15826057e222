<?php

declare(strict_types=1);

namespace Reco\Tests;

/** A temporary folder that is laid out as `make install` leaves it, with a php.ini and a page for a web server. */
final class Site
{
    /** The two ways in which docs/php-production.md sets up a web server. */
    public const ENABLED = ['ffi.enable=true', 'opcache.enable=1'];
    public const PRELOADED = [
        'ffi.enable=preload',
        'ffi.preload={folder}/include/reco_ffi.h',
        'opcache.enable=1',
        'opcache.preload={folder}/share/php/reco/RecoFFI.php',
    ];

    public readonly string $folder;

    /**
     * @param list<string> $settings lines for php.ini; {folder} stands for the folder
     * @param string       $page     the script to serve, as page.php
     */
    public function __construct(array $settings, private readonly string $page)
    {
        $this->folder = sys_get_temp_dir() . '/reco-fpm-' . getmypid() . '-' . bin2hex(random_bytes(3));
        $this->install();
        $ini = [...self::extensions(), ...$settings, 'display_errors=1', 'html_errors=0', 'error_log={folder}/php.log'];
        if (posix_geteuid() === 0) {
            $ini[] = 'opcache.preload_user=' . self::user();
        }
        file_put_contents("$this->folder/php.ini", str_replace('{folder}', $this->folder, implode("\n", $ini)) . "\n");
    }

    public function remove(): void
    {
        shell_exec('rm -rf ' . escapeshellarg($this->folder));
    }

    /** Whom a server that was started by root works for. */
    public static function user(): string
    {
        return posix_getpwnam('www-data') !== false ? 'www-data' : 'nobody';
    }

    /** @return list<string> what must be loaded, where it is not built into PHP */
    private static function extensions(): array
    {
        $built = (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -n -m');

        return [
            ...(str_contains($built, 'FFI') ? [] : ['extension=ffi']),
            ...(str_contains($built, 'Zend OPcache') ? [] : ['zend_extension=opcache']),
        ];
    }

    private function install(): void
    {
        $root = dirname(__DIR__, 2);
        foreach (['lib', 'include', 'share/php/reco/src'] as $folder) {
            mkdir("$this->folder/$folder", 0755, true);
        }
        copy(Php::library(), "$this->folder/lib/libreco.so");
        copy("$root/php/RecoFFI.php", "$this->folder/share/php/reco/RecoFFI.php");
        foreach (glob("$root/php/src/*.php") as $file) {
            copy($file, "$this->folder/share/php/reco/src/" . basename($file));
        }
        touch("$this->folder/php.log");
        chmod("$this->folder/php.log", 0666);
        copy($this->page, "$this->folder/page.php");
        Php::generateHeader("$this->folder/lib/libreco.so", "$this->folder/include/reco_ffi.h");
    }
}
