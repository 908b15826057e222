<?php

declare(strict_types=1);

namespace Reco;

use Throwable;

/**
 * Says in one line each what reco needs here and whether it is there: `reco-doctor`, `artisan reco:doctor`,
 * `bin/console reco:doctor`, or in a page, whose settings are not those of the command line:
 *
 *     foreach (RecoDoctor::examine('/var/lib/shop/shop.reco') as $finding) {
 *         echo $finding->good ? 'ok   ' : 'wrong', ' ', $finding->text, "\n";
 *     }
 *
 * Works without FFI, too. Looks at one machine; `reco verify` reads a whole model.
 */
final class RecoDoctor
{
    private function __construct()
    {
    }

    /**
     * @param string|null       $model    a model file; null: none is looked at
     * @param float|null        $maxHours how old the model file may be
     * @param list<string>|null $folders  where web servers' php.ini are; null: where Debian has them
     *
     * @return list<RecoFinding>
     */
    public static function examine(?string $model = null, ?float $maxHours = null, ?array $folders = null): array
    {
        $findings = [
            new RecoFinding(PHP_VERSION_ID >= 80100, 'PHP ' . PHP_VERSION . '; 8.1 or newer is needed'),
            new RecoFinding(
                PHP_INT_SIZE === 8 && PHP_OS_FAMILY === 'Linux',
                PHP_OS_FAMILY . ', ' . 8 * PHP_INT_SIZE . '-bit, ' . php_uname('m') . '; 64-bit Linux is needed',
            ),
            $extension = self::extension(),
        ];
        $folders ??= glob('/etc/php/' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION . '/{fpm,apache2}', GLOB_BRACE) ?: [];
        foreach (PHP_SAPI === 'cli' ? $folders : [] as $folder) {
            $findings[] = self::settings($folder);
        }
        [$library, $usable] = self::library($extension->good);
        $findings[] = $library;
        if ($usable) {
            $findings[] = self::trial();
        }
        if ($model !== null) {
            $findings[] = self::model($model, $maxHours, $usable);
        }

        return $findings;
    }

    /**
     * What `--max-age` says; null if it is not there.
     *
     * @throws RecoArgumentException if it is no number of hours
     */
    public static function hours(mixed $option): ?float
    {
        if ($option === null) {
            return null;
        }
        if (!is_numeric($option) || !is_finite((float) $option) || $option <= 0) {
            throw RecoArgumentException::hours($option);
        }

        return (float) $option;
    }

    /** @param list<RecoFinding> $findings */
    public static function isWell(array $findings): bool
    {
        return !in_array(false, array_map(static fn (RecoFinding $one): bool => $one->good, $findings), true);
    }

    private static function extension(): RecoFinding
    {
        $setting = (string) ini_get('ffi.enable');
        $where = PHP_SAPI === 'cli' ? 'on the command line' : 'in this page (' . PHP_SAPI . ')';
        try {
            RecoLibrary::preloaded();
        } catch (RecoLibraryException $problem) {
            return new RecoFinding(false, $problem->getMessage());
        }

        return new RecoFinding(true, "FFI may be used $where: ffi.enable=$setting");
    }

    /**
     * What a web server's php.ini and conf.d say about FFI. Pool files and .htaccess may say otherwise.
     */
    private static function settings(string $folder): RecoFinding
    {
        $all = ['ffi.enable' => 'preload', 'ffi.preload' => '', 'opcache.preload' => '', 'opcache.enable' => '1',
            'opcache.preload_user' => ''];
        $loaded = false;
        $files = [...glob("$folder/php.ini") ?: [], ...glob("$folder/conf.d/*.ini") ?: []];
        foreach ($files as $file) {
            $read = @parse_ini_file($file, false, INI_SCANNER_RAW) ?: [];
            $loaded = $loaded || preg_match('~(^|/)ffi(\.so)?$~', trim((string) ($read['extension'] ?? ''))) === 1;
            $all = array_intersect_key($read, $all) + $all;
        }
        $all = array_map(static fn (mixed $value): string => is_scalar($value) ? trim((string) $value) : '', $all);
        if ($files === []) {
            return new RecoFinding(false, "$folder: there is no php.ini");
        }
        // An extension that the command line has without any php.ini is built in.
        $builtIn = extension_loaded('ffi') && !str_contains((string) php_ini_scanned_files(), 'ffi');
        if (!$loaded && !$builtIn) {
            return new RecoFinding(false, "$folder: the FFI extension is not enabled: \"phpenmod ffi\" or \"extension=ffi\"");
        }
        $enable = strtolower($all['ffi.enable']);
        if ($enable !== 'preload') {
            return in_array($enable, ['1', 'true', 'on', 'yes'], true)
                ? new RecoFinding(true, "$folder: pages may use FFI: ffi.enable=$enable; preloading is safer and faster")
                : new RecoFinding(false, "$folder: FFI is switched off: ffi.enable=$enable");
        }
        if ($all['opcache.preload'] === '' || in_array(strtolower($all['opcache.enable']), ['0', 'off', 'false'], true)) {
            $file = dirname(__DIR__) . '/RecoFFI.php';

            return new RecoFinding(false, "$folder: pages may not use FFI: set opcache.preload=$file, ffi.preload and, where"
                . ' php-fpm is started by root, opcache.preload_user=www-data, with opcache.enable=1; or ffi.enable=true');
        }
        foreach (['opcache.preload', 'ffi.preload'] as $name) {
            if ($all[$name] !== '' && !is_file($all[$name])) {
                return new RecoFinding(false, "$folder: $name names $all[$name], which is not there");
            }
        }

        if ($all['opcache.preload_user'] === '') {
            return new RecoFinding(false, "$folder: php-fpm that root starts will end at once: opcache.preload is set without"
                . ' opcache.preload_user=www-data');
        }

        return new RecoFinding(true, "$folder: preloads {$all['opcache.preload']}" . ($all['ffi.preload'] === ''
            ? ', and reads the header at each request: set ffi.preload' : " and {$all['ffi.preload']}"));
    }

    /** @return array{0: RecoFinding, 1: bool} what is found, and whether the library can be called */
    private static function library(bool $callable): array
    {
        [$path, $why] = RecoLibrary::locate();
        if (!$callable) {
            $missing = str_contains($path, '/') && !is_file($path);

            return [new RecoFinding(!$missing, "$path, $why: " . ($missing ? 'is not there' : 'not tried without FFI')), false];
        }
        try {
            $version = Reco::version();
        } catch (RecoException $problem) {
            return [new RecoFinding(false, $problem->getMessage()), false];
        }
        $mapped = preg_match('~ (/\S*libreco\S*)$~m', (string) @file_get_contents('/proc/self/maps'), $found) === 1;

        return [new RecoFinding(true, "libreco $version: " . ($mapped ? $found[1] : $path)), true];
    }

    /** Whether PHP files, header and library are of one version shows when they work together. */
    private static function trial(): RecoFinding
    {
        try {
            $reco = Reco::memory([[1, 'tea', 'purchase'], [1, 'cup', 'purchase'], [2, 'tea', 'purchase']]);
            $answer = $reco->recommend(user: 2)->ids();

            return new RecoFinding($answer === ['cup'], 'a model of three events was trained and asked');
        } catch (Throwable $problem) {
            return new RecoFinding(false, 'training and asking a small model failed, install library, header and PHP files'
                . ' from one build: ' . $problem->getMessage());
        }
    }

    private static function model(string $path, ?float $maxHours, bool $usable): RecoFinding
    {
        if (!is_file($path) || !is_readable($path)) {
            return new RecoFinding(false, "the model $path " . (is_file($path)
                ? 'may not be read by user ' . get_current_user() : 'is not there: `reco train` writes it'));
        }
        $hours = (time() - (int) filemtime($path)) / 3600;
        $age = 'written ' . self::ago($hours);
        if ($maxHours !== null && $hours > $maxHours) {
            return new RecoFinding(false, "the model $path is old: $age, allowed are $maxHours hours");
        }
        if (!$usable) {
            return new RecoFinding(true, "the model $path: $age; not opened without the library");
        }
        try {
            $info = Reco::open($path)->info();
        } catch (RecoException $problem) {
            return new RecoFinding(false, $problem->getMessage());
        }
        $latest = $info->latestEvent;
        $latest = $latest === null ? '' : ', latest event ' . gmdate('Y-m-d H:i', $latest) . ' UTC';

        return new RecoFinding(true, "the model $path: $info->userCount users, $info->itemCount items, $age$latest");
    }

    private static function ago(float $hours): string
    {
        return $hours < 48 ? sprintf('%.1f hours ago', $hours) : sprintf('%.0f days ago', $hours / 24);
    }
}
