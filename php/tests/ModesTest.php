<?php

declare(strict_types=1);

/** Code that prints everything a page might ask of a model. */
$page = static fn (): string => '$shop = Reco::open(' . var_export(Shop::file(), true) . ');
    echo json_encode([
        $shop->recommend(user: 3), $shop->recommend(session: [[2, "cart", 5], 4]), $shop->similar(7),
        $shop->rank([1, 2, "x"], user: 8), $shop->recommendMany([1, 2, 3]), $shop->attribute("title", [5, 6]),
        $shop->info(), Reco::version(),
    ]);';

/** A header as the installation makes it, with the library's absolute path. */
$header = static function (): string {
    $path = Shop::newFile('h');
    Php::generateHeader(Php::library(), $path);

    return $path;
};

return [
    'both modes of FFI give the same answers' => function () use ($page, $header): void {
        $define = Php::output($page(), ['-d', 'ffi.enable=true'], ['RECO_LIBRARY' => Php::library()]);
        holds(str_starts_with($define, '[[{"id":'), $define);
        $preload = Php::output(
            $page(),
            ['-d', 'ffi.enable=preload', '-d', 'ffi.preload=' . $header()],
            ['RECO_LIBRARY' => '/nowhere/libreco.so'],
        );
        same($define, $preload);
    },

    'the generated header serves FFI::load as well' => function () use ($header): void {
        $load = 'echo FFI::load(' . var_export($header(), true) . ')->reco_version();';
        same(Reco::version(), Php::output($load));
    },
];
