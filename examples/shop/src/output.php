<?php

declare(strict_types=1);

/** What templates need to write HTML. */

namespace Shop;

/** Any value as text that HTML takes for text. */
function text(string|int|float $value): string
{
    return htmlspecialchars((string) $value, ENT_QUOTES | ENT_SUBSTITUTE);
}

function money(float|string $amount): string
{
    return '$' . number_format((float) $amount, 2);
}

function microseconds(float $time): string
{
    return number_format($time, $time < 9.95 ? 1 : 0) . ' µs';
}

/**
 * A picture for a product that has none: the colour is its category's, letters and shapes are its own.
 *
 * @param array{id: int|string, title: string, category_id: int} $product
 */
function picture(array $product): string
{
    $bits = crc32("picture {$product['id']}");
    $shapes = '';
    for ($shape = 0; $shape < 3; $shape++) {
        $shapes .= sprintf(
            '<circle cx="%d" cy="%d" r="%d"/>',
            8 + ($bits >> 3 * $shape & 7) * 12, 6 + ($bits >> 9 + 3 * $shape & 7) * 9, 10 + ($bits >> 18 + 3 * $shape & 7) * 4,
        );
    }
    preg_match('/^\W*(\w)\w*(?: +(\w))?/u', $product['title'], $letters);

    return '<svg class="picture hue' . $product['category_id'] % 12 . '" viewBox="0 0 100 72" aria-hidden="true">'
        . "<g>$shapes</g><text x=\"50\" y=\"46\">" . text(strtoupper($letters[1] ?? '') . ($letters[2] ?? '')) . '</text></svg>';
}
