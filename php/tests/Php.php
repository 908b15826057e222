<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use RuntimeException;

/** Runs code in a PHP of its own, with its own settings. */
final class Php
{
    /**
     * The output of `$code`; `$code` may use Reco.
     *
     * @param list<string>          $settings    as `-d` takes them, or other options
     * @param array<string, string> $environment besides this process's
     */
    public static function output(string $code, array $settings = [], array $environment = []): string
    {
        $process = self::start($code, $settings, $environment);
        $output = stream_get_contents($process[1]) . stream_get_contents($process[2]);
        proc_close($process[0]);

        return trim($output);
    }

    /**
     * @param list<string>          $settings
     * @param array<string, string> $environment
     *
     * @return array{0: resource, 1: resource, 2: resource} the process, its output and its errors
     */
    public static function start(string $code, array $settings = [], array $environment = []): array
    {
        $include = 'use Reco\{Reco, RecoException, RecoTrainer}; require ' . var_export(dirname(__DIR__) . '/RecoFFI.php', true) . ';';
        $process = proc_open(
            [PHP_BINARY, '-d', 'display_errors=stderr', ...$settings, '-r', $include . $code],
            [1 => ['pipe', 'w'], 2 => ['pipe', 'w']],
            $pipes,
            null,
            $environment + getenv(),
        );
        if ($process === false) {
            throw new RuntimeException('cannot start ' . PHP_BINARY);
        }

        return [$process, $pipes[1], $pipes[2]];
    }

    /** The library that this process has loaded. */
    public static function library(): string
    {
        Reco::version();
        preg_match('~ (/\S*libreco\S*)$~m', file_get_contents('/proc/self/maps'), $found);

        return $found[1];
    }

    /** Writes reco_ffi.h as the installation does. */
    public static function generateHeader(string $library, string $path): void
    {
        $root = dirname(__DIR__, 2);
        $arguments = array_map(
            'escapeshellarg',
            ["$root/scripts/generate-ffi-header", "$root/include/reco.h", $library],
        );
        shell_exec(implode(' ', $arguments) . ' > ' . escapeshellarg($path));
    }

    /** Code that prints the class and the message of what `$code` throws. */
    public static function catching(string $code): string
    {
        return "try { $code } catch (RecoException \$problem) {
            echo get_class(\$problem), ': ', \$problem->getMessage();
        }";
    }
}
