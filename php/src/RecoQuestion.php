<?php

declare(strict_types=1);

namespace Reco;

use DateTimeInterface;

use function array_key_exists;
use function chr;
use function count;
use function is_array;
use function is_float;
use function is_int;

/**
 * One question as reco.h wants it: texts packed, flags or-ed. RecoQueries copies it into C memory.
 *
 * @internal
 */
final class RecoQuestion
{
    /** enum reco_event_kind */
    public const KINDS = ['interaction' => 0, 'view' => 1, 'cart' => 2, 'purchase' => 3, 'like' => 4, 'dislike' => 5];

    /** enum reco_query_flag */
    public const SHOW_BOUGHT = 1;
    public const HIDE_SEEN = 2;
    public const HIDE_BOUGHT = 4;
    public const NO_FALLBACK = 8;
    public const BOUGHT_TOGETHER = 32;
    public const TEXT_PREFIX = 64;
    public const TEXT_IS_ITEM = 128;
    public const FILL_UP = 256;

    /** @var array<string, string> the texts, by the name that their field has in reco_query */
    public array $texts = [];

    /** One byte for each session item; '' when all are views. */
    public string $kinds = '';

    /** A little-endian float for each session item; '' when all are from just now. */
    public string $ages = '';

    /** @var list<int|string>|null what is to be ranked, as the caller wrote it */
    public ?array $candidates = null;

    /** @var list<array{name: string, items: string, values: string, count: int}> packed live values */
    public array $live = [];

    /** 0: the best first; up to 1: the more, the less alike are the hits. */
    public float $diversity = 0.0;

    /** Unix time; 0: not said. */
    public int $time = 0;

    /** Whether the question rules out every item, so that there is nothing to ask. */
    public bool $isEmpty = false;

    public function __construct(
        /** At most so many hits; 0 when ranking all. */
        public int $limit,
        public int $flags,
    ) {
    }

    public function about(int|string|null $user): void
    {
        if ($user !== null) {
            $this->texts['user'] = RecoPacking::id($user, 'user');
        }
    }

    /** @param array<mixed> $items */
    public function similarTo(array $items, string $method): void
    {
        if ($items === []) {
            throw RecoArgumentException::noItems($method);
        }
        $this->texts['similar_to'] = RecoPacking::ids($items, $method);
    }

    /** Words as a visitor typed them: any bytes will do. */
    public function words(string $text): void
    {
        if ($text !== '') {
            $this->texts['text'] = $text;
        }
    }

    /** @param array<mixed> $items */
    public function rank(array $items): void
    {
        $this->texts['candidates'] = RecoPacking::ids($items, 'rank');
        $this->candidates = array_values($items);
        $this->isEmpty = $items === [];
    }

    /**
     * @param array<mixed>|RecoAnswer|null $only
     * @param array<mixed>|RecoAnswer      $except
     */
    public function restrict(array|RecoAnswer|null $only, array|RecoAnswer $except): void
    {
        if ($only !== null) {
            $only = $only instanceof RecoAnswer ? $only->ids() : $only;
            $this->texts['allow'] = RecoPacking::ids($only, 'only');
            $this->isEmpty = $this->isEmpty || $only === [];
        }
        $except = $except instanceof RecoAnswer ? $except->ids() : $except;
        if ($except !== []) {
            $this->texts['deny'] = RecoPacking::ids($except, 'except');
        }
    }

    /**
     * Expressions over the items' attributes, numbers that hold for this question, and how unlike the hits shall be.
     *
     * @param array<mixed>          $live name => [item id => number]
     * @param array<int|string, mixed> $caps attribute => how many hits may have the same value
     */
    public function express(
        string $filter,
        string $boost,
        array $live,
        float $diversity = 0.0,
        array $caps = [],
    ): void {
        if (!($diversity >= 0 && $diversity <= 1)) {
            throw RecoArgumentException::diversity();
        }
        $this->diversity = $diversity;
        if ($caps !== []) {
            $texts = [];
            foreach ($caps as $attribute => $most) {
                if (!is_int($most) || $most < 1) {
                    throw RecoArgumentException::cap($attribute);
                }
                $texts[] = "$attribute=$most";
            }
            $this->texts['caps'] = implode("\0", $texts) . "\0";
        }
        if ($filter !== '') {
            $this->texts['filter'] = $filter;
        }
        if ($boost !== '') {
            $this->texts['boost'] = $boost;
        }
        foreach ($live as $name => $values) {
            if (!is_array($values)) {
                throw RecoArgumentException::liveValues($name);
            }
            $this->live[] = [
                'name' => (string) $name,
                'items' => RecoPacking::ids(array_keys($values), 'live'),
                'values' => RecoPacking::numbers($values, "live, $name"),
                'count' => count($values),
            ];
        }
    }

    /** When and with what it is asked. */
    public function at(int|DateTimeInterface|null $time, string $device): void
    {
        $this->time = $time instanceof DateTimeInterface ? $time->getTimestamp() : ($time ?? 0);
        if ($device !== '') {
            $this->texts['device'] = $device;
        }
    }

    /** @param array<mixed> $session entries: an id, [id, kind], or [id, kind, seconds ago] */
    public function during(array $session): void
    {
        if ($session === []) {
            return;
        }
        $ids = [];
        $kinds = '';
        $ages = [];
        $plain = true;
        foreach ($session as $entry) {
            if (!is_array($entry)) {
                $ids[] = $entry;
                $kinds .= "\x01";
                $ages[] = 0.0;
                continue;
            }
            if (!array_key_exists(0, $entry) || !array_is_list($entry) || count($entry) > 3) {
                throw RecoArgumentException::sessionEntry();
            }
            $plain = false;
            $ids[] = $entry[0];
            $kinds .= self::kind($entry[1] ?? 'view');
            $ages[] = self::age($entry[2] ?? 0.0);
        }
        $this->texts['session'] = RecoPacking::ids($ids, 'session');
        if (!$plain) {
            $this->kinds = $kinds;
            $this->ages = pack('g*', ...$ages);
        }
    }

    private static function kind(mixed $kind): string
    {
        if (!is_string($kind) || !isset(self::KINDS[$kind])) {
            throw RecoArgumentException::kind($kind);
        }

        return chr(self::KINDS[$kind]);
    }

    /** A clock that is a little ahead must not cost a page its recommendations: the future counts as now. */
    private static function age(mixed $age): float
    {
        if ((!is_int($age) && !is_float($age)) || !is_finite((float) $age)) {
            throw RecoArgumentException::age($age);
        }

        return max(0.0, min((float) $age, 1e30));
    }
}
