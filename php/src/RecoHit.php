<?php

declare(strict_types=1);

namespace Reco;

use JsonSerializable;

/** One recommended item. */
final class RecoHit implements JsonSerializable
{
    /** Hits come from answers; one without an answer stands in for them, and knows nothing but its id. */
    public function __construct(
        /** An int where all of the model's item ids are integers, else a string; when ranking, as it was passed in. */
        public readonly int|string $id,
        /** Compares with the scores of hits that have the same source and rung, and with no others. */
        public readonly float $score,
        /** The model that proposed the item: 'als', 'item-knn', 'popularity' ...; 'none' if no model knows it. */
        public readonly string $source,
        /** How personal it is: 'personal', 'session', 'similar', 'category', 'popular', 'matching'; 'none'
         *  if not known. */
        public readonly string $rung,
        private readonly ?RecoAnswer $answer = null,
        private readonly int $place = 0,
    ) {
    }

    /**
     * What the model stores about the item under this name, as text; '' if nothing. The first hit asked fetches it for
     * the whole answer.
     *
     * @throws RecoArgumentException if the model has no such attribute
     */
    public function attribute(string $name): string
    {
        return $this->answer?->attribute($name)[$this->place] ?? '';
    }

    /**
     * Why it was recommended: what each of the visitor's own items, bought before or seen in the session, adds to the
     * score, the largest part first; together they are the score; of a hit of the ranker ('boosted-trees'), the score
     * that the first of its sources gives, see contributions() for its own. For hits of 'lightfm', whose scores are no such
     * sum: how alike each of those items is to the hit. Empty for what everybody gets, for similar
     * items, and for models that do not add up what a visitor did.
     *
     *     $because = array_key_first($hit->reasons());   // "because you bought ..."
     *
     * @return array<int|string, float> by item id
     *
     * @throws RecoEngineException if memory could not be had
     */
    public function reasons(): array
    {
        return $this->answer?->reasons($this->place) ?? [];
    }

    /**
     * Which fields of its text are like what was asked: the words that were searched for, the product to be similar to,
     * or what the visitor likes. The largest share first; the shares add up to 1. Empty for what is not shown for its
     * content, and where the model holds neither bm25 nor tfidf.
     *
     *     echo 'similar ' . implode(' and ', array_keys($hit->matchedFields()));   // "similar title and brand"
     *
     * @return array<string, float> by the field's name
     *
     * @throws RecoEngineException if memory could not be had
     */
    public function matchedFields(): array
    {
        return $this->answer?->matchedFields($this->place) ?? [];
    }

    /**
     * Why the ranker gave it its score: what each feature ('als.rank', 'item.price') adds to it, the largest part
     * first, whichever its sign; and at the end, under 'expected', the score of a hit of which nothing is known.
     * Together they are the score, as it was before any boost. Empty where the source is not 'boosted-trees', and for
     * what fills up a page of matches.
     *
     * @return array<string, float> by the feature's name
     *
     * @throws RecoEngineException if memory could not be had
     */
    public function contributions(): array
    {
        return $this->answer?->contributions($this->place) ?? [];
    }

    /** @return array{id: int|string, score: float|null, source: string, rung: string} */
    public function jsonSerialize(): array
    {
        return [
            'id' => $this->id,
            'score' => is_finite($this->score) ? $this->score : null,
            'source' => $this->source,
            'rung' => $this->rung,
        ];
    }
}
