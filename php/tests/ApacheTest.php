<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoFileException;
use Reco\RecoLibraryException;

/** The same page as in FpmTest, under Apache's mod_php. */
final class ApacheTest extends RecoTestCase
{
    public function test_mod_php_with_ffi_enable_answers_as_the_command_line_does(): void
    {
        self::answersAsHere(Site::ENABLED);
    }

    public function test_mod_php_with_ffi_preload_answers_as_the_command_line_does(): void
    {
        self::answersAsHere(Site::PRELOADED);
    }

    public function test_mod_php_that_restricts_ffi_says_what_to_preload(): void
    {
        self::under(['ffi.enable=preload'], static function (Apache $apache): void {
            self::assertSame(RecoLibraryException::class, $apache->get()['answer']['problem']);
        });
    }

    /** @param list<string> $settings */
    private static function answersAsHere(array $settings): void
    {
        self::under($settings, static function (Apache $apache): void {
            $shop = Reco::open("$apache->folder/shop.reco");
            for ($request = 0; $request < 300; $request++) {
                $user = (string) ($request % 50);
                $page = $apache->get(['user' => $user, 'session' => '3,5']);
                $expected = [
                    $shop->recommend(user: $user, session: ['3', '5'], limit: 12),
                    $shop->similar(7, limit: 5),
                    $shop->attribute('title', [1, 2]),
                ];
                self::assertSame(json_decode((string) json_encode($expected), true), $page['answer']);
                self::assertSame([1, 1], $page['threads']);
            }
            Shop::trainer(static fn (int $item): string => "new$item")->save("$apache->folder/shop.reco");
            self::assertStringStartsWith('new', $apache->get()['answer'][0][0]['id']);
            self::assertSame(RecoFileException::class, $apache->get(['model' => 'none.reco'])['answer']['problem']);
        });
    }

    /**
     * @param list<string>           $settings
     * @param callable(Apache): void $body
     */
    private static function under(array $settings, callable $body): void
    {
        if (!Apache::isInstalled()) {
            self::markTestSkipped('there is no Apache with mod_php here');
        }
        $apache = new Apache($settings);
        try {
            Shop::trainer()->save("$apache->folder/shop.reco");
            $apache->start();
            $body($apache);
            self::assertSame(0, preg_match('/exit signal|SIG(SEGV|ILL|BUS|ABRT)|core dumped/', $apache->log()), $apache->log());
        } finally {
            $apache->remove();
        }
    }
}
