<?php

declare(strict_types=1);

namespace Reco;

use InvalidArgumentException;

/** A call makes no sense: the mistake is in the calling code or in what a visitor sent. */
final class RecoArgumentException extends InvalidArgumentException implements RecoException
{
    public static function emptyId(string $where): self
    {
        return new self("$where: an id is empty; ids have 1 to 1024 bytes");
    }

    public static function longId(string $where, int $length): self
    {
        return new self("$where: an id has $length bytes; ids have 1 to 1024 bytes");
    }

    public static function nulInId(string $where): self
    {
        return new self("$where: an id holds a NUL byte");
    }

    public static function notAnId(string $where, mixed $value): self
    {
        return new self("$where: an id is an integer or a string, not " . get_debug_type($value));
    }

    public static function limit(int $limit): self
    {
        return new self("limit: $limit makes no sense; ask for at least 1 hit");
    }

    public static function sessionEntry(): self
    {
        return new self('session: an entry is an item id, or [item id, kind of event, seconds ago]');
    }

    public static function kind(mixed $kind): self
    {
        $name = is_string($kind) ? "'" . substr($kind, 0, 40) . "'" : get_debug_type($kind);

        $known = implode(', ', array_keys(RecoQuestion::KINDS));

        return new self("session: $name is no kind of event; known are $known");
    }

    public static function age(mixed $age): self
    {
        $shown = is_float($age) ? (string) $age : get_debug_type($age);

        return new self("session: an age is a finite number of seconds, not $shown");
    }

    public static function hours(mixed $hours): self
    {
        $shown = is_scalar($hours) ? substr((string) $hours, 0, 40) : get_debug_type($hours);

        return new self("--max-age takes a number of hours, not $shown");
    }

    public static function diversity(): self
    {
        return new self('diversity: takes a number from 0 to 1');
    }

    public static function cap(int|string $attribute): self
    {
        return new self("caps: \"$attribute\" takes a whole number from 1 on");
    }

    public static function liveValues(int|string $name): self
    {
        return new self("live: \"$name\" has to be an array of numbers by item id");
    }

    public static function notANumber(string $where, mixed $value): self
    {
        $shown = is_string($value) ? "'" . substr($value, 0, 40) . "'" : get_debug_type($value);

        return new self("$where: a value is a number or null, not $shown");
    }

    public static function noItems(string $where): self
    {
        return new self("$where: name at least one item");
    }

    public static function textWithNul(string $where): self
    {
        return new self("$where: the text holds a NUL byte");
    }

    public static function columns(string $what): self
    {
        return new self("the columns differ in length: $what");
    }

    public static function logger(object $logger): self
    {
        return new self('logger: ' . get_debug_type($logger) . ' has no error(), as loggers of PSR-3 have');
    }

    public static function eventRow(int $place, string $why): self
    {
        return new self("event $place: $why; an event is [user, item], [user, item, kind] or [user, item, kind, time]");
    }

    public static function variants(string $why): self
    {
        return new self("variants: $why; they are names with whole numbers as weights, as ['control' => 1, 'reco' => 1]");
    }

    public static function fromLibrary(string $message, int $code): self
    {
        return new self($message, $code);
    }
}
