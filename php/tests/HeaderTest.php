<?php

declare(strict_types=1);

namespace Reco\Tests;

use FFI;
use Reco\RecoLibrary;
use Reco\RecoQuestion;
use Reco\RecoStatus;
use ReflectionClass;

final class HeaderTest extends RecoTestCase
{
    private const ROOT = __DIR__ . '/../..';

    /** @return list<string> the tokens of C source as PHP's FFI should see them */
    private static function tokens(string $source): array
    {
        $source = preg_replace('~/\*.*?\*/~s', ' ', $source);
        $source = preg_replace('~^[ \t]*#ifdef __cplusplus.*?^[ \t]*#endif[^\n]*$~ms', ' ', $source);
        $source = preg_replace('~^[ \t]*#.*$~m', ' ', $source);
        preg_match_all('~\w+|[^\s\w]~', $source, $found);

        return $found[0];
    }

    public function test_the_generated_header_says_what_reco_h_says(): void
    {
        $generated = shell_exec(escapeshellarg(self::ROOT . '/scripts/generate-ffi-header') . ' '
            . escapeshellarg(self::ROOT . '/include/reco.h') . ' /usr/lib/libreco.so');
        $lines = explode("\n", $generated);
        self::assertSame('#define FFI_SCOPE "RECO"', $lines[0]);
        self::assertSame('#define FFI_LIB "/usr/lib/libreco.so"', $lines[1]);
        self::assertSame(self::tokens(file_get_contents(self::ROOT . '/include/reco.h')), self::tokens($generated));
        self::assertTrue(!str_contains($generated, '/*') && substr_count($generated, '#') === 2, 'comments or directives remain');
    }

    public function test_the_header_that_was_built_is_up_to_date(): void
    {
        if (!is_file(self::ROOT . '/dist/include/reco_ffi.h')) {
            self::markTestSkipped('dist/include/reco_ffi.h has not been built');
        }
        $built = file_get_contents(self::ROOT . '/dist/include/reco_ffi.h');
        self::assertSame(self::tokens(file_get_contents(self::ROOT . '/include/reco.h')), self::tokens($built));
    }

    public function test_the_generator_refuses_what_it_cannot_do(): void
    {
        foreach (['', '/nowhere/reco.h', self::ROOT . "/include/reco.h 'a\"b'", self::ROOT . '/include/reco.h a b'] as $arguments) {
            exec(escapeshellarg(self::ROOT . '/scripts/generate-ffi-header') . " $arguments 2>&1 >/dev/null", $errors, $status);
            self::assertTrue($status !== 0 && $errors !== [], "generate-ffi-header $arguments should fail");
        }
    }

    public function test_the_numbers_that_php_knows_are_those_of_the_header(): void
    {
        $ffi = RecoLibrary::ffi();
        foreach (RecoQuestion::KINDS as $name => $number) {
            self::assertSame($ffi->{'RECO_EVENT_' . strtoupper($name)}, $number, $name);
        }
        $constants = (new ReflectionClass(RecoQuestion::class))->getConstants();
        foreach (['SHOW_BOUGHT', 'HIDE_SEEN', 'HIDE_BOUGHT', 'NO_FALLBACK'] as $name) {
            self::assertSame($ffi->{"RECO_$name"}, $constants[$name], $name);
        }
        foreach ((new ReflectionClass(RecoStatus::class))->getConstants() as $name => $number) {
            self::assertSame($ffi->{"RECO_$name"}, $number, $name);
        }
        self::assertSame([1, 2], [$ffi->RECO_INTEGER_USER_IDS, $ffi->RECO_INTEGER_ITEM_IDS]);
    }

    public function test_the_bytes_of_a_hit_stand_where_php_reads_them(): void
    {
        $ffi = RecoLibrary::ffi();
        $hit = $ffi->new('reco_hit');
        [$hit->row, $hit->score, $hit->source, $hit->rung, $hit->position] = [7, 0.5, 3, 2, 9];
        $bytes = FFI::string(FFI::addr($hit), FFI::sizeof($hit));
        self::assertSame([1 => 7, 3 => 3 | 2 << 16, 4 => 9], array_diff_key(unpack('V*', $bytes), [2 => 0]));
        self::assertSame(0.5, unpack('g*', $bytes)[2]);
        self::assertSame(16, strlen($bytes));
    }
}
