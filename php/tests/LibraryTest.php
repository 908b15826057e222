<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;

final class LibraryTest extends RecoTestCase
{
    /** Runs `Reco::version()` with RECO_LIBRARY and tells what it threw. */
    private static function withLibrary(string $library, array $settings = []): string
    {
        return Php::output(
            Php::catching('echo Reco::version();'),
            $settings,
            ['RECO_LIBRARY' => $library],
        );
    }

    public function test_a_php_without_ffi_is_told_how_to_get_it(): void
    {
        $output = Php::output(Php::catching('Reco::version();'), ['-n']);
        self::assertStringStartsWith('Reco\\RecoLibraryException: PHP has no FFI here: enable the extension', $output);
    }

    public function test_ffi_that_is_switched_off_is_named(): void
    {
        $output = Php::output(Php::catching('Reco::version();'), ['-d', 'ffi.enable=0']);
        self::assertStringStartsWith('Reco\\RecoLibraryException: FFI is switched off', $output);
        $output = Php::output(Php::catching('Reco::useLibrary("/x.so"); Reco::version();'), ['-d', 'ffi.enable=false']);
        self::assertStringStartsWith('Reco\\RecoLibraryException: FFI is switched off', $output);
    }

    public function test_a_library_that_is_not_there_is_named(): void
    {
        $output = self::withLibrary('/nowhere/libreco.so');
        self::assertSame('Reco\\RecoLibraryException: there is no library at /nowhere/libreco.so (named by the environment variable'
            . ' RECO_LIBRARY)', $output);
        $output = Php::output(Php::catching('Reco::useLibrary("/nowhere/libreco.so"); Reco::version();'));
        self::assertSame('Reco\\RecoLibraryException: there is no library at /nowhere/libreco.so (named by Reco::useLibrary())', $output);
    }

    public function test_a_file_that_is_no_library_is_named(): void
    {
        $path = Shop::newFile('so');
        file_put_contents($path, 'I am no library, and long enough to be looked at.');
        self::assertSame("Reco\\RecoLibraryException: $path is no shared library", self::withLibrary($path));
        file_put_contents($path, '');
        self::assertSame("Reco\\RecoLibraryException: $path is no shared library", self::withLibrary($path));
    }

    public function test_a_library_for_another_processor_is_named(): void
    {
        $path = Shop::newFile('so');
        $own = unpack('v', file_get_contents('/proc/self/exe', false, null, 18, 2))[1];
        $other = $own === 62 ? 183 : 62;
        $head = "\x7fELF\x02\x01\x01" . str_repeat("\0", 9) . pack('vvV', 3, $other, 1);
        file_put_contents($path, str_pad($head, 64, "\0"));
        $output = self::withLibrary($path);
        self::assertTrue(str_contains($output, 'is built for ' . ($other === 62 ? 'x86-64' : 'AArch64')), $output);
        self::assertTrue(str_contains($output, 'install the library for this processor'), $output);
    }

    public function test_a_library_that_the_system_refuses_is_named(): void
    {
        $path = Shop::newFile('so');
        $head = file_get_contents('/proc/self/exe', false, null, 0, 64);
        file_put_contents($path, $head);
        self::assertTrue(str_contains(self::withLibrary($path), "`ldd $path` lists"), self::withLibrary($path));
    }

    public function test_another_library_than_reco_is_named(): void
    {
        $output = self::withLibrary('libc.so.6');
        self::assertTrue(str_contains($output, 'are of different versions'), $output);
        self::assertStringStartsWith('Reco\\RecoLibraryException', $output);
    }

    public function test_nothing_found_names_the_places(): void
    {
        $folder = Shop::newFile('folder') . '/a/b/c';
        mkdir("$folder/src", 0777, true);
        foreach (glob(dirname(__DIR__) . '/src/*.php') as $file) {
            copy($file, "$folder/src/" . basename($file));
        }
        copy(dirname(__DIR__) . '/RecoFFI.php', "$folder/RecoFFI.php");
        $code = 'use Reco\{Reco, RecoException}; require ' . var_export("$folder/RecoFFI.php", true) . ';' . Php::catching('echo Reco::version();');
        $command = 'env -u RECO_LIBRARY ' . escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code);
        $output = trim((string) shell_exec($command));
        shell_exec('rm -r ' . escapeshellarg(dirname($folder, 3)));
        if (preg_match('/^\d/', $output) === 1) {
            self::markTestSkipped('a libreco.so is installed in this system');
        }
        self::assertStringStartsWith('Reco\\RecoLibraryException: libreco.so was not found in ', $output);
        self::assertTrue(str_contains($output, 'RECO_LIBRARY'), $output);
    }

    public function test_the_library_can_be_chosen_but_not_twice(): void
    {
        $library = var_export(Php::library(), true);
        $output = Php::output(
            "Reco::useLibrary($library); echo Reco::version(), '|';" . Php::catching('Reco::useLibrary("/other.so");'),
            [],
            ['RECO_LIBRARY' => '/nowhere.so'],
        );
        self::assertSame(Reco::version() . '|Reco\\RecoLibraryException: the library is loaded already: call Reco::useLibrary() before'
            . ' anything else of Reco', $output);
    }

    public function test_including_the_file_twice_is_harmless(): void
    {
        $file = var_export(dirname(__DIR__) . '/RecoFFI.php', true);
        self::assertSame('fine', Php::output("require $file; include $file; echo 'fine';"));
    }
}
