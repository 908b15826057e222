<?php

declare(strict_types=1);

namespace Shop;

use Reco\Reco;
use Reco\RecoAnswer;
use Reco\RecoException;

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
     * A strip of what the answer to a question holds; null if there is nothing to show. Titles and prices are those of the
     * last training and come with the answer: no query. Where prices change by the hour, read them by id.
     *
     * @param callable(Reco): RecoAnswer $ask
     * @param string|null $source  where the first hit has to come from; otherwise there is no strip
     * @param int|null    $about   the product that the title is about
     * @param bool        $explain find out which of the visitor's products speak for each hit
     */
    public function strip(
        string $title,
        string $question,
        callable $ask,
        ?string $source = null,
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
            $ids = $source === null || $answer->first()?->source === $source ? $answer->ids() : [];
            $titles = $answer->attribute('title');
            $prices = $answer->attribute('price');
            $categories = $answer->attribute('category_id');
            $cards = [];
            foreach ($ids as $place => $id) {
                $cards[] = [
                    'id' => $id, 'title' => $titles[$place], 'price' => $prices[$place],
                    'category_id' => (int) $categories[$place],
                ];
            }
            $reasons = [];
            foreach ($explain ? $answer : [] as $hit) {
                $reason = array_key_first($hit->reasons());
                if ($reason !== null) {
                    $reasons[$hit->id] = $model->attribute('title', [$reason])[0];
                }
            }
            if ($about !== null) {
                $title .= " “{$model->attribute('title', [$about])[0]}”";
            }
            $time = (hrtime(true) - $start) / 1e3;
        } catch (RecoException $problem) {
            error_log("no strip \"$title\": " . $problem->getMessage());

            return null;
        }
        $this->microseconds += $time;
        $this->questions++;

        return $cards === [] ? null : new Strip($title, $question, $cards, $time, $reasons);
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
