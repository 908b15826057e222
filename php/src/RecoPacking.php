<?php

declare(strict_types=1);

namespace Reco;

use function is_float;
use function is_int;
use function is_string;
use function strlen;

/**
 * Ids and texts in one buffer, each ended by NUL: the form in which reco.h takes them.
 *
 * @internal
 */
final class RecoPacking
{
    private function __construct()
    {
    }

    /**
     * O(ids). Integers are spelled as PHP spells them, which is how the model does.
     *
     * @param array<mixed> $ids
     *
     * @throws RecoArgumentException if one is no integer or string, is empty, too long or holds a NUL byte
     */
    public static function ids(array $ids, string $where): string
    {
        foreach ($ids as $id) {
            if (!is_int($id)) {
                self::checkId($id, $where);
            }
        }

        return implode("\0", $ids);
    }

    /** @throws RecoArgumentException if it is no integer or string, is empty, too long or holds a NUL byte */
    public static function id(mixed $id, string $where): string
    {
        if (!is_int($id)) {
            self::checkId($id, $where);
        }

        return (string) $id;
    }

    /**
     * Texts that may be empty, so each has its NUL.
     *
     * @param array<mixed> $texts strings and numbers
     *
     * @throws RecoArgumentException if one is no text or number, or holds a NUL byte
     */
    public static function texts(array $texts, string $where): string
    {
        foreach ($texts as $text) {
            if (!is_int($text) && !is_float($text) && !is_string($text)) {
                throw RecoArgumentException::notAnId($where, $text);
            }
            if (is_string($text) && str_contains($text, "\0")) {
                throw RecoArgumentException::textWithNul($where);
            }
        }

        return $texts === [] ? '' : implode("\0", $texts) . "\0";
    }

    /**
     * Numbers as little-endian doubles. A database's numbers may be texts; null is no number.
     *
     * @param array<mixed> $numbers
     *
     * @throws RecoArgumentException if one is none
     */
    public static function numbers(array $numbers, string $where): string
    {
        $packed = '';
        foreach (array_chunk($numbers, 4096) as $piece) {
            foreach ($piece as $place => $number) {
                if (is_float($number) || is_int($number)) {
                    continue;
                }
                if ($number !== null && (!is_string($number) || !is_numeric($number))) {
                    throw RecoArgumentException::notANumber($where, $number);
                }
                $piece[$place] = $number === null ? NAN : (float) $number;
            }
            $packed .= pack('e*', ...$piece);
        }

        return $packed;
    }

    private static function checkId(mixed $id, string $where): void
    {
        if (!is_string($id)) {
            throw RecoArgumentException::notAnId($where, $id);
        }
        if ($id === '') {
            throw RecoArgumentException::emptyId($where);
        }
        if (strlen($id) > 1024) {
            throw RecoArgumentException::longId($where, strlen($id));
        }
        if (str_contains($id, "\0")) {
            throw RecoArgumentException::nulInId($where);
        }
    }
}
