<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\RecoDoctor;
use Reco\RecoFinding;

final class DoctorTest extends RecoTestCase
{
    private const PROGRAM = __DIR__ . '/../bin/reco-doctor';

    /**
     * Runs bin/reco-doctor.
     *
     * @param list<string>          $arguments
     * @param list<string>          $settings    as php takes them
     * @param array<string, string> $environment
     *
     * @return array{0: int, 1: string} exit code and output
     */
    private static function doctor(array $arguments, array $settings = [], array $environment = []): array
    {
        $process = proc_open(
            [PHP_BINARY, ...$settings, self::PROGRAM, ...$arguments],
            [1 => ['pipe', 'w'], 2 => ['redirect', 1]],
            $pipes,
            null,
            $environment + ['RECO_LIBRARY' => Php::library()] + getenv(),
        );
        $output = (string) stream_get_contents($pipes[1]);

        return [proc_close($process), $output];
    }

    /** An empty folder of settings, so that what this machine's web server has does not matter. */
    private static function folder(string $ini = "ffi.enable=true\nextension=ffi\n", string $more = ''): string
    {
        $folder = Shop::newFolder();
        mkdir("$folder/conf.d");
        file_put_contents("$folder/php.ini", $ini);
        file_put_contents("$folder/conf.d/30-more.ini", $more);

        return $folder;
    }

    public function test_all_is_well(): void
    {
        [$code, $output] = self::doctor([Shop::file(), '--ini', self::folder()]);
        self::assertSame(0, $code, $output);
        self::assertSame(7, substr_count($output, "\n"), $output);
        self::assertSame(7, preg_match_all('/^ok     /m', $output), $output);
        self::assertMatchesRegularExpression('~libreco \d+\.\d+\.\d+: /~', $output);
        self::assertStringContainsString('40 users, 30 items, written 0.0 hours ago', $output);
    }

    public function test_without_ffi_it_says_so_and_goes_on(): void
    {
        [$code, $output] = self::doctor([Shop::file(), '--ini', self::folder()], ['-n']);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/^wrong  PHP has no FFI here: enable the extension/m', $output);
        self::assertStringContainsString('not tried without FFI', $output);
        self::assertStringContainsString('not opened without the library', $output);
        self::assertStringNotContainsString('Fatal', $output);
    }

    public function test_ffi_that_is_switched_off_is_wrong(): void
    {
        [$code, $output] = self::doctor(['--ini', self::folder()], ['-d', 'ffi.enable=false']);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/^wrong  FFI is switched off/m', $output);
    }

    public function test_a_missing_library_is_wrong(): void
    {
        foreach ([[], ['-n']] as $settings) {
            [$code, $output] = self::doctor(['--ini', self::folder()], $settings, ['RECO_LIBRARY' => '/nowhere/libreco.so']);
            self::assertSame(1, $code);
            self::assertMatchesRegularExpression('~^wrong  .*/nowhere/libreco.so.*~m', $output);
        }
    }

    public function test_a_library_for_another_processor_or_version_is_wrong(): void
    {
        $path = Shop::newFile('so');
        $own = unpack('v', (string) file_get_contents('/proc/self/exe', false, null, 18, 2))[1];
        $head = "\x7fELF\x02\x01\x01" . str_repeat("\0", 9) . pack('vvV', 3, $own === 62 ? 183 : 62, 1);
        file_put_contents($path, str_pad($head, 64, "\0"));
        [$code, $output] = self::doctor(['--ini', self::folder()], [], ['RECO_LIBRARY' => $path]);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/^wrong  .* is built for .* install the library for this processor/m', $output);
        [$code, $output] = self::doctor(['--ini', self::folder()], [], ['RECO_LIBRARY' => 'libc.so.6']);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/^wrong  .* are of different versions/m', $output);
    }

    public function test_a_missing_a_damaged_and_an_old_model_are_wrong(): void
    {
        [$code, $output] = self::doctor(['/nowhere/shop.reco', '--ini', self::folder()]);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('~^wrong  the model /nowhere/shop.reco is not there~m', $output);

        $path = Shop::newFile();
        file_put_contents($path, 'I am no model');
        [$code, $output] = self::doctor([$path, '--ini', self::folder()]);
        self::assertSame(1, $code);
        self::assertSame(1, preg_match_all('/^wrong  /m', $output), $output);

        copy(Shop::file(), $path);
        touch($path, time() - 30 * 3600);
        self::assertSame(0, self::doctor([$path, '--ini', self::folder(), '--max-age', '31'])[0]);
        [$code, $output] = self::doctor([$path, '--ini', self::folder(), '--max-age', '26']);
        self::assertSame(1, $code);
        self::assertMatchesRegularExpression('/^wrong  .* is old: written 30.0 hours ago, allowed are 26 hours/m', $output);
    }

    public function test_the_settings_of_a_web_server_are_read(): void
    {
        $file = __FILE__;
        $cases = [
            ['extension=ffi.so', 'ffi.enable=1', true, 'pages may use FFI'],
            ["extension=ffi\nffi.enable=Off", '', false, 'FFI is switched off'],
            ["extension=ffi\nffi.enable=true", 'ffi.enable=0', false, 'FFI is switched off'],
            ['extension=ffi', '', false, 'pages may not use FFI'],
            ['extension=ffi', "opcache.preload=$file\nopcache.enable=0", false, 'pages may not use FFI'],
            ['extension=ffi', 'opcache.preload=/nowhere.php', false, 'names /nowhere.php, which is not there'],
            ['extension=ffi', "opcache.preload=$file\nffi.preload=/nowhere.h", false, 'names /nowhere.h, which is not there'],
            ['extension=ffi', "opcache.preload=$file", false, 'without opcache.preload_user'],
            ['extension=ffi', "opcache.preload=$file\nopcache.preload_user=www-data", true, 'set ffi.preload'],
            ['extension=ffi', "opcache.preload=$file\nffi.preload=$file\nopcache.preload_user=www-data", true,
                "preloads $file and $file"],
        ];
        foreach ($cases as [$ini, $more, $good, $text]) {
            $folder = self::folder("$ini\n", "$more\n");
            $findings = RecoDoctor::examine(null, null, [$folder]);
            $about = array_values(array_filter($findings, static fn (RecoFinding $one): bool => str_starts_with($one->text, $folder)));
            self::assertCount(1, $about);
            self::assertStringContainsString($text, $about[0]->text);
            self::assertSame($good, $about[0]->good, $about[0]->text);
        }
        $findings = RecoDoctor::examine(null, null, ['/nowhere']);
        self::assertFalse(RecoDoctor::isWell($findings));
        self::assertContains('/nowhere: there is no php.ini', array_map(static fn (RecoFinding $one): string => $one->text, $findings));
    }

    public function test_wrong_usage_is_told(): void
    {
        foreach ([['--what'], ['--max-age'], ['--max-age', 'soon'], ['a.reco', 'b.reco']] as $arguments) {
            [$code, $output] = self::doctor($arguments);
            self::assertSame(2, $code);
            self::assertStringContainsString('usage: reco-doctor', $output);
        }
    }
}
