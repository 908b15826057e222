<?php

declare(strict_types=1);

$root = dirname(__DIR__, 2);

/** @return list<string> the tokens of C source as PHP's FFI should see them */
$tokens = static function (string $source): array {
    $source = preg_replace('~/\*.*?\*/~s', ' ', $source);
    $source = preg_replace('~^[ \t]*#ifdef __cplusplus.*?^[ \t]*#endif[^\n]*$~ms', ' ', $source);
    $source = preg_replace('~^[ \t]*#.*$~m', ' ', $source);
    preg_match_all('~\w+|[^\s\w]~', $source, $found);

    return $found[0];
};

return [
    'the generated header says what reco.h says' => function () use ($root, $tokens): void {
        $generated = shell_exec(escapeshellarg("$root/scripts/generate-ffi-header") . ' '
            . escapeshellarg("$root/include/reco.h") . ' /usr/lib/libreco.so');
        $lines = explode("\n", $generated);
        same('#define FFI_SCOPE "RECO"', $lines[0]);
        same('#define FFI_LIB "/usr/lib/libreco.so"', $lines[1]);
        same($tokens(file_get_contents("$root/include/reco.h")), $tokens($generated));
        holds(!str_contains($generated, '/*') && substr_count($generated, '#') === 2, 'comments or directives remain');
    },

    'the header that was built is up to date' => function () use ($root, $tokens): void {
        if (!is_file("$root/dist/include/reco_ffi.h")) {
            throw new Skipped('dist/include/reco_ffi.h has not been built');
        }
        $built = file_get_contents("$root/dist/include/reco_ffi.h");
        same($tokens(file_get_contents("$root/include/reco.h")), $tokens($built));
    },

    'the generator refuses what it cannot do' => function () use ($root): void {
        foreach (['', '/nowhere/reco.h', "$root/include/reco.h 'a\"b'", "$root/include/reco.h a b"] as $arguments) {
            exec(escapeshellarg("$root/scripts/generate-ffi-header") . " $arguments 2>&1 >/dev/null", $errors, $status);
            holds($status !== 0 && $errors !== [], "generate-ffi-header $arguments should fail");
        }
    },

    'the numbers that PHP knows are those of the header' => function (): void {
        $ffi = RecoLibrary::ffi();
        foreach (RecoQuestion::KINDS as $name => $number) {
            same($ffi->{'RECO_EVENT_' . strtoupper($name)}, $number, $name);
        }
        $constants = (new ReflectionClass(RecoQuestion::class))->getConstants();
        foreach (['SHOW_BOUGHT', 'HIDE_SEEN', 'HIDE_BOUGHT', 'NO_FALLBACK'] as $name) {
            same($ffi->{"RECO_$name"}, $constants[$name], $name);
        }
        foreach ((new ReflectionClass(RecoModel::class))->getConstants() as $name => $number) {
            if ($name === 'OK' || str_starts_with($name, 'ERROR_')) {
                same($ffi->{"RECO_$name"}, $number, $name);
            }
        }
        same([1, 2], [$ffi->RECO_INTEGER_USER_IDS, $ffi->RECO_INTEGER_ITEM_IDS]);
    },

    'the bytes of a hit stand where PHP reads them' => function (): void {
        $ffi = RecoLibrary::ffi();
        $hit = $ffi->new('reco_hit');
        [$hit->row, $hit->score, $hit->source, $hit->rung, $hit->position] = [7, 0.5, 3, 2, 9];
        $bytes = FFI::string(FFI::addr($hit), FFI::sizeof($hit));
        same([1 => 7, 3 => 3 | 2 << 16, 4 => 9], array_diff_key(unpack('V*', $bytes), [2 => 0]));
        same(0.5, unpack('g*', $bytes)[2]);
        same(16, strlen($bytes));
    },
];
