<?php

declare(strict_types=1);

namespace Reco;

/**
 * Reco::memory(): rows become the columns that RecoTrainer takes.
 *
 * @internal
 */
final class RecoMemory
{
    private function __construct()
    {
    }

    /**
     * @param array<mixed> $events
     * @param array<int|string, array<string, int|float|string|null>> $items
     * @param array<string, string|int|float> $options
     */
    public static function train(array $events, array $items, array $options): Reco
    {
        $attributes = [];
        foreach ($items as $item => $values) {
            foreach ($values as $name => $value) {
                if ($value !== null) {
                    $attributes[$name][$item] = $value;
                }
            }
        }
        $models = 'item-knn,bought-together' . ($attributes === [] ? '' : ',bm25');
        $trainer = new RecoTrainer($options + ['model' => $models, 'seed' => 1, 'threads' => 1]
            + (isset($options['model']) ? [] : ['bought-together.support' => 1]));
        foreach ($attributes as $name => $values) {
            $trainer->addAttribute($name, $values);
        }
        [$users, $listed, $kinds, $times] = [[], [], [], []];
        foreach (array_values($events) as $place => $event) {
            if (!is_array($event) || !array_is_list($event) || count($event) < 2 || count($event) > 4) {
                throw RecoArgumentException::eventRow($place, 'is none');
            }
            $users[] = $event[0];
            $listed[] = $event[1];
            $kinds[] = $event[2] ?? 'view';
            if (isset($event[3])) {
                $times[] = is_int($event[3])
                    ? $event[3]
                    : throw RecoArgumentException::eventRow($place, 'its time is ' . get_debug_type($event[3]));
            }
            if ($times !== [] && count($times) <= $place) {
                // If this one has a time, none before it had.
                throw RecoArgumentException::eventRow(isset($event[3]) ? 0 : $place, 'has no time, though others have one');
            }
        }

        return $trainer
            ->addEvents($users, $listed, $kinds, times: $times, baskets: $times === [] ? $users : [])
            ->train()
            ->open();
    }
}
