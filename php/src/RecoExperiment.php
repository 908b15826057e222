<?php

declare(strict_types=1);

namespace Reco;

/**
 * Shares visitors out among the variants of an A/B test, without a table of who is where.
 *
 *     $test = new RecoExperiment('home-2026-12', ['control' => 50, 'reco' => 50], secret: $key);
 *     $hits = $test->variant($visitor) === 'reco' ? $shop->home(user: $visitor) : $oldList;
 *     $log->insert($test->attribution($visitor), $test->variant($visitor), time());
 *
 * A visitor's variant follows from the name of the experiment and the visitor's id by SHA-256, so it is the same in every
 * request, on every machine and in every version of PHP, and has nothing to do with the variant in another experiment.
 * docs/php-cookbook.md has the query that tells which variant sold more.
 */
final class RecoExperiment
{
    /** So that a weight of 1 is a part in a million at least, and no product leaves 64 bits. */
    private const MOST = 1_000_000;

    private readonly int $total;

    /**
     * @param string             $name     another name shares visitors out anew
     * @param array<string, int> $variants weights by name. To let a variant grow without moving those who are in it, put it
     *                                     last and take from the one before
     * @param string             $secret   without it, who knows a visitor's id can compute the attribution id
     *
     * @throws RecoArgumentException if there is no name, no variant, or a weight that makes no sense
     */
    public function __construct(
        public readonly string $name,
        private readonly array $variants,
        private readonly string $secret = '',
    ) {
        if ($name === '') {
            throw RecoArgumentException::variants('the experiment has no name');
        }
        foreach ($variants as $weight) {
            if (!is_int($weight) || $weight < 0) {
                throw RecoArgumentException::variants('a weight is no whole number, or is below 0');
            }
        }
        $this->total = (int) min(array_sum($variants), self::MOST + 1);
        if ($this->total < 1 || $this->total > self::MOST) {
            throw RecoArgumentException::variants('the weights add up to 0, or to more than ' . self::MOST);
        }
    }

    /**
     * The variant that this visitor sees, always.
     *
     * @param int|string $visitor a user's id, or what a cookie holds for those who have none
     *
     * @throws RecoArgumentException if the id makes no sense
     */
    public function variant(int|string $visitor): string
    {
        $hash = hash_hmac('sha256', "$this->name\0" . RecoPacking::id($visitor, 'visitor'), $this->secret);
        // 32 bits, as a share of all weights.
        $place = ((int) hexdec(substr($hash, 0, 8)) * $this->total) >> 32;
        foreach ($this->variants as $name => $weight) {
            $place -= $weight;
            if ($place < 0) {
                return (string) $name;
            }
        }

        return (string) array_key_last($this->variants);
    }

    /**
     * 16 characters that stand for this visitor in this experiment and variant: to be logged with what was shown, kept in
     * the session, and written into the order.
     *
     * @param int|string $visitor as for variant()
     *
     * @throws RecoArgumentException if the id makes no sense
     */
    public function attribution(int|string $visitor): string
    {
        $text = "$this->name\0" . $this->variant($visitor) . "\0" . RecoPacking::id($visitor, 'visitor');

        return substr(hash_hmac('sha256', $text, $this->secret), 0, 16);
    }
}
