<?php

declare(strict_types=1);

use Reco\Reco;
use Reco\RecoException;

/** The page that the php-fpm test asks: answers one question about the model beside it, and tells about its worker. */

$status = static function (string $name): int {
    preg_match("/^$name:\s+(\d+)/m", file_get_contents('/proc/self/status'), $found);

    return (int) $found[1];
};
$threads = $status('Threads');

require_once __DIR__ . '/share/php/reco/RecoFFI.php';

try {
    $shop = Reco::open(__DIR__ . '/' . ($_GET['model'] ?? 'shop.reco'));
    $answer = [
        $shop->recommend(
            user: isset($_GET['user']) ? $_GET['user'] : null,
            session: isset($_GET['session']) ? explode(',', $_GET['session']) : [],
            limit: (int) ($_GET['limit'] ?? 12),
        ),
        $shop->similar($_GET['similar'] ?? 7, limit: 5),
        $shop->attribute('title', [1, 2]),
    ];
} catch (RecoException $problem) {
    $answer = ['problem' => get_class($problem), 'message' => $problem->getMessage()];
}
header('Content-Type: application/json');
echo json_encode([
    'pid' => getmypid(),
    'threads' => [$threads, $status('Threads')],
    'memory' => memory_get_usage(),
    'rss' => $status('VmRSS'),
    'answer' => $answer,
], JSON_THROW_ON_ERROR);
