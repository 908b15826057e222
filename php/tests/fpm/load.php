<?php

declare(strict_types=1);

use Reco\Tests\FastCGI;

/**
 * Asks the page until the stop file appears, and prints as JSON which worker answered from which model, and what went
 * wrong. Every item of a model starts with the model's letter, so an answer that mixes models shows.
 *
 * @var array{socket: string, page: string, stop: string} $load
 */

require dirname(__DIR__) . '/FastCGI.php';

$client = new FastCGI($load['socket'], $load['page']);
$seen = [];
$wrong = [];
for ($i = 0; !is_file($load['stop']); $i++) {
    try {
        $page = $client->get(['model' => 'live.reco', 'user' => (string) ($i % 40 + 1)]);
        $hits = $page['answer'][0];
        $letters = array_unique(array_map(static fn (array $hit): string => $hit['id'][0], $hits));
        if (count($letters) !== 1 || count($hits) !== 12) {
            $wrong[] = json_encode($page);
        }
        $seen[$page['pid']][$letters[0]] = ($seen[$page['pid']][$letters[0]] ?? 0) + 1;
    } catch (Throwable $problem) {
        $wrong[] = $problem->getMessage();
    }
    clearstatcache();
}
echo json_encode(['seen' => $seen, 'wrong' => $wrong]);
