<?php

declare(strict_types=1);

final class Unmet extends Exception
{
}

final class Skipped extends Exception
{
}

function same(mixed $expected, mixed $actual, string $what = ''): void
{
    if ($expected !== $actual) {
        $show = static fn (mixed $value): string => substr(var_export($value, true), 0, 600);
        throw new Unmet(($what === '' ? '' : "$what: ") . 'expected ' . $show($expected) . ', got ' . $show($actual));
    }
}

function holds(bool $condition, string $what): void
{
    if (!$condition) {
        throw new Unmet($what);
    }
}

/** @param class-string<Throwable> $class */
function throws(string $class, string $part, callable $body): void
{
    try {
        $body();
    } catch (Throwable $thrown) {
        holds($thrown instanceof $class, "expected $class, got " . get_class($thrown) . ': ' . $thrown->getMessage());
        holds($thrown instanceof RecoException, get_class($thrown) . ' is no RecoException');
        holds(
            str_contains($thrown->getMessage(), $part),
            "expected a message with '$part', got '{$thrown->getMessage()}'",
        );

        return;
    }
    throw new Unmet("expected $class with '$part', but nothing was thrown");
}
