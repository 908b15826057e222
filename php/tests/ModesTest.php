<?php

declare(strict_types=1);

namespace Reco\Tests;

use FFI;
use Reco\Reco;

final class ModesTest extends RecoTestCase
{
    /** Code that prints everything a page might ask of a model. */
    private static function page(): string
    {
        return '$shop = Reco::open(' . var_export(Shop::file(), true) . ');
        echo json_encode([
            $shop->recommend(user: 3), $shop->recommend(session: [[2, "cart", 5], 4]), $shop->similar(7),
            $shop->rank([1, 2, "x"], user: 8), $shop->recommendMany([1, 2, 3]), $shop->attribute("title", [5, 6]),
            $shop->info(), Reco::version(),
        ]);';
    }

    /** A header as the installation makes it, with the library's absolute path. */
    private static function header(): string
    {
        $path = Shop::newFile('h');
        Php::generateHeader(Php::library(), $path);

        return $path;
    }

    public function test_both_modes_of_ffi_give_the_same_answers(): void
    {
        $define = Php::output(self::page(), ['-d', 'ffi.enable=true'], ['RECO_LIBRARY' => Php::library()]);
        self::assertTrue(str_starts_with($define, '[[{"id":'), $define);
        $preload = Php::output(
            self::page(),
            ['-d', 'ffi.enable=preload', '-d', 'ffi.preload=' . self::header()],
            ['RECO_LIBRARY' => '/nowhere/libreco.so'],
        );
        self::assertSame($define, $preload);
    }

    public function test_the_generated_header_serves_ffi_load_as_well(): void
    {
        $load = 'echo FFI::load(' . var_export(self::header(), true) . ')->reco_version();';
        self::assertSame(Reco::version(), Php::output($load));
    }
}
