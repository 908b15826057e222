<?php

declare(strict_types=1);

namespace Shop;

use Reco;
use RecoAnswer;
use RecoException;

/**
 * Asks the model for the strips of a page and adds up the time that takes. Recommendations are an extra: where the model
 * is missing or damaged, a strip stays away and the page is shown.
 */
final class Recommender
{
    private ?Reco $model = null;
    private bool $opened = false;

    /** Microseconds that opening the model and all questions took. */
    public float $microseconds = 0.0;
    public int $questions = 0;

    /** @param string|null $path the model file; null: pages do without */
    public function __construct(private readonly ?string $path)
    {
    }

    /** The model that answered; null if none did. */
    public function model(): ?Reco
    {
        return $this->model;
    }

    /**
     * A strip of what the answer to a question holds; null if there is nothing to show.
     *
     * @param callable(Reco): RecoAnswer $ask
     * @param string|null $only    show only what comes from this source
     * @param int|null    $about   the product that the title is about
     * @param bool        $explain find out which of the visitor's products speak for each hit
     */
    public function strip(
        string $title,
        string $question,
        callable $ask,
        ?string $only = null,
        ?int $about = null,
        bool $explain = false,
    ): ?Strip {
        try {
            $model = $this->open();
            if ($model === null) {
                return null;
            }
            $start = hrtime(true);
            $answer = $ask($model);
            $ids = $answer->ids();
            $reasons = [];
            if ($only !== null || $explain) {
                $ids = [];
                foreach ($answer as $hit) {
                    if ($only === null || $hit->source === $only) {
                        $ids[] = $hit->id;
                    }
                    $reason = $explain ? array_key_first($hit->reasons()) : null;
                    if ($reason !== null) {
                        $reasons[$hit->id] = $reason;
                    }
                }
            }
            $time = (hrtime(true) - $start) / 1e3;
        } catch (RecoException $problem) {
            error_log("no strip \"$title\": " . $problem->getMessage());

            return null;
        }
        $this->microseconds += $time;
        $this->questions++;

        return $ids === [] ? null : new Strip($title, $question, $ids, $time, $reasons, $about);
    }

    /** Opens the model once a page, at the first question. */
    private function open(): ?Reco
    {
        if ($this->path !== null && !$this->opened) {
            $this->opened = true;
            $start = hrtime(true);
            $this->model = Reco::open($this->path);
            $this->microseconds += (hrtime(true) - $start) / 1e3;
        }

        return $this->model;
    }
}
