<?php

declare(strict_types=1);

/** Runs `Reco::version()` with RECO_LIBRARY and tells what it threw. */
$withLibrary = static fn (string $library, array $settings = []): string => Php::output(
    Php::catching('echo Reco::version();'),
    $settings,
    ['RECO_LIBRARY' => $library],
);

return [
    'a PHP without FFI is told how to get it' => function (): void {
        $output = Php::output(Php::catching('Reco::version();'), ['-n']);
        holds(str_starts_with($output, 'RecoLibraryException: PHP has no FFI here: enable the extension'), $output);
    },

    'FFI that is switched off is named' => function (): void {
        $output = Php::output(Php::catching('Reco::version();'), ['-d', 'ffi.enable=0']);
        holds(str_starts_with($output, 'RecoLibraryException: FFI is switched off'), $output);
        $output = Php::output(Php::catching('Reco::useLibrary("/x.so"); Reco::version();'), ['-d', 'ffi.enable=false']);
        holds(str_starts_with($output, 'RecoLibraryException: FFI is switched off'), $output);
    },

    'a library that is not there is named' => function () use ($withLibrary): void {
        $output = $withLibrary('/nowhere/libreco.so');
        same('RecoLibraryException: there is no library at /nowhere/libreco.so (named by the environment variable'
            . ' RECO_LIBRARY)', $output);
        $output = Php::output(Php::catching('Reco::useLibrary("/nowhere/libreco.so"); Reco::version();'));
        same('RecoLibraryException: there is no library at /nowhere/libreco.so (named by Reco::useLibrary())', $output);
    },

    'a file that is no library is named' => function () use ($withLibrary): void {
        $path = Shop::newFile('so');
        file_put_contents($path, 'I am no library, and long enough to be looked at.');
        same("RecoLibraryException: $path is no shared library", $withLibrary($path));
        file_put_contents($path, '');
        same("RecoLibraryException: $path is no shared library", $withLibrary($path));
    },

    'a library for another processor is named' => function () use ($withLibrary): void {
        $path = Shop::newFile('so');
        $own = unpack('v', file_get_contents('/proc/self/exe', false, null, 18, 2))[1];
        $other = $own === 62 ? 183 : 62;
        $head = "\x7fELF\x02\x01\x01" . str_repeat("\0", 9) . pack('vvV', 3, $other, 1);
        file_put_contents($path, str_pad($head, 64, "\0"));
        $output = $withLibrary($path);
        holds(str_contains($output, 'is built for ' . ($other === 62 ? 'x86-64' : 'AArch64')), $output);
        holds(str_contains($output, 'install the library for this processor'), $output);
    },

    'a library that the system refuses is named' => function () use ($withLibrary): void {
        $path = Shop::newFile('so');
        $head = file_get_contents('/proc/self/exe', false, null, 0, 64);
        file_put_contents($path, $head);
        holds(str_contains($withLibrary($path), "`ldd $path` lists"), $withLibrary($path));
    },

    'another library than reco is named' => function () use ($withLibrary): void {
        $output = $withLibrary('libc.so.6');
        holds(str_contains($output, 'are of different versions'), $output);
        holds(str_starts_with($output, 'RecoLibraryException'), $output);
    },

    'nothing found names the places' => function (): void {
        $folder = Shop::newFile('folder') . '/a/b/c';
        mkdir("$folder/src", 0777, true);
        foreach (glob(dirname(__DIR__) . '/src/*.php') as $file) {
            copy($file, "$folder/src/" . basename($file));
        }
        copy(dirname(__DIR__) . '/RecoFFI.php', "$folder/RecoFFI.php");
        $code = 'require ' . var_export("$folder/RecoFFI.php", true) . ';' . Php::catching('echo Reco::version();');
        $command = 'env -u RECO_LIBRARY ' . escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code);
        $output = trim((string) shell_exec($command));
        shell_exec('rm -r ' . escapeshellarg(dirname($folder, 3)));
        if (preg_match('/^\d/', $output) === 1) {
            throw new Skipped('a libreco.so is installed in this system');
        }
        holds(str_starts_with($output, 'RecoLibraryException: libreco.so was not found in '), $output);
        holds(str_contains($output, 'RECO_LIBRARY'), $output);
    },

    'the library can be chosen, but not twice' => function (): void {
        $library = var_export(Php::library(), true);
        $output = Php::output(
            "Reco::useLibrary($library); echo Reco::version(), '|';" . Php::catching('Reco::useLibrary("/other.so");'),
            [],
            ['RECO_LIBRARY' => '/nowhere.so'],
        );
        same(Reco::version() . '|RecoLibraryException: the library is loaded already: call Reco::useLibrary() before'
            . ' anything else of Reco', $output);
    },

    'including the file twice is harmless' => function (): void {
        $file = var_export(dirname(__DIR__) . '/RecoFFI.php', true);
        same('fine', Php::output("require $file; include $file; echo 'fine';"));
    },
];
