<?php

declare(strict_types=1);

namespace Reco;

use Countable;
use Generator;
use IteratorAggregate;
use JsonSerializable;

/**
 * The hits of one question, best first.
 *
 *     foreach ($answer as $hit) { echo $hit->id, $hit->attribute('title'); }
 *     $products = $database->load($answer->ids());
 *
 * Stays valid, attributes included, after the model file has been replaced.
 *
 * @implements IteratorAggregate<int, RecoHit>
 */
final class RecoAnswer implements IteratorAggregate, Countable, JsonSerializable
{
    /** @var array<string, list<string>> */
    private array $attributes = [];

    /**
     * @internal answers come from Reco
     *
     * @param string           $hits reco_hit after reco_hit, as the library wrote them
     * @param list<int|string> $ids
     */
    public function __construct(
        private readonly RecoModel $model,
        private readonly string $hits,
        private readonly array $ids,
        private readonly ?RecoQuestion $question = null,
    ) {
    }

    /** @return list<int|string> best first; ints where all of the model's item ids are integers, else strings */
    public function ids(): array
    {
        return $this->ids;
    }

    /** @return list<float> in the order of ids() */
    public function scores(): array
    {
        $scores = [];
        $words = $this->hits === '' ? [] : (unpack('g*', $this->hits) ?: []);
        for ($word = 2, $end = 4 * count($this->ids); $word <= $end; $word += 4) {
            $scores[] = $words[$word];
        }

        return $scores;
    }

    /** The best hit; null if there is none. */
    public function first(): ?RecoHit
    {
        foreach ($this as $hit) {
            return $hit;
        }

        return null;
    }

    /**
     * What the model stores about the items under this name ('title', 'price'), as text, in the order of ids(); '' for
     * items that have no value. Tags are joined by '|'.
     *
     * @return list<string>
     *
     * @throws RecoArgumentException if the model has no such attribute
     */
    public function attribute(string $name): array
    {
        return $this->attributes[$name] ??= $this->model->attributeOfHits($name, $this->hits);
    }

    /**
     * @internal asked through RecoHit::reasons()
     *
     * @return array<int|string, float>
     */
    public function reasons(int $place): array
    {
        $hit = $this->known($place);

        return $this->question === null || $hit === null ? [] : $this->model->explain($this->question, $hit);
    }

    /**
     * @internal asked through RecoHit::matchedFields()
     *
     * @return array<string, float>
     */
    public function matchedFields(int $place): array
    {
        $hit = $this->known($place);

        return $this->question === null || $hit === null ? [] : $this->model->matchedFields($this->question, $hit);
    }

    /**
     * @internal asked through RecoHit::contributions()
     *
     * @return array<string, float>
     */
    public function contributions(int $place): array
    {
        $hit = $this->known($place);

        return $this->question === null || $hit === null ? [] : $this->model->contributions($this->question, $hit);
    }

    /** One reco_hit; null for a candidate that the model does not know. */
    private function known(int $place): ?string
    {
        $hit = substr($this->hits, 16 * $place, 16);

        return str_starts_with($hit, "\xFF\xFF\xFF\x7F") ? null : $hit;
    }

    public function count(): int
    {
        return count($this->ids);
    }

    /** @return Generator<int, RecoHit> */
    public function getIterator(): Generator
    {
        if ($this->hits === '') {
            return;
        }
        // Words of a hit, from 1: row, score, source | rung << 16, position.
        $words = unpack('V*', $this->hits) ?: [];
        $floats = unpack('g*', $this->hits) ?: [];
        $names = [];
        foreach ($this->ids as $place => $id) {
            $origin = $words[4 * $place + 3];
            [$source, $rung] = $names[$origin] ??= $this->model->names($origin & 0xFFFF, $origin >> 16);
            yield $place => new RecoHit($id, $floats[4 * $place + 2], $source, $rung, $this, $place);
        }
    }

    /** @return list<RecoHit> */
    public function jsonSerialize(): array
    {
        return iterator_to_array($this, false);
    }
}
