<?php

declare(strict_types=1);

namespace Reco\Tests;

use PHPUnit\Framework\TestCase;
use Reco\RecoException;
use Throwable;

abstract class RecoTestCase extends TestCase
{
    /**
     * That `$body` throws this, with a message that has `$part` in it.
     *
     * @param class-string<Throwable> $class
     */
    protected static function assertThrows(string $class, string $part, callable $body): void
    {
        try {
            $body();
        } catch (RecoException $thrown) {
            self::assertInstanceOf($class, $thrown);
            self::assertStringContainsString($part, $thrown->getMessage());

            return;
        }
        self::fail("expected $class with '$part', but nothing was thrown");
    }
}
