<?php

declare(strict_types=1);

/*
 * php run_blocks.php MODEL < [[page, code], ...] as JSON: runs each block of a page of documentation with what the page of
 * a shop has at hand. Prints what one throws or warns of, else how many ran.
 */

use Reco\Reco;
use Reco\RecoShop;
use Reco\Tests\Logger;

require __DIR__ . '/bootstrap.php';

set_error_handler(static function (int $level, string $message): never {
    throw new ErrorException($message, 0, $level);
});
$model = $argv[1];
$blocks = json_decode((string) file_get_contents('php://stdin'), true, 8, JSON_THROW_ON_ERROR);
$failed = '';
foreach ($blocks as [$page, $code]) {
    $_GET = ['q' => 'green tea', 'category' => 'Tea'];
    $_SESSION = ['steps' => [[1021, 'view', time() - 60]]];
    ob_start();
    try {
        (static function () use ($code, $model, $page): void {
            $shop = $page === 'php.md' ? Reco::open($model) : new RecoShop($model);
            [$user, $visitor, $item, $cart, $viewed] = [42, 42, 1021, [1033], [1040, [1033, 'cart', 20], 1021]];
            [$words, $stock, $users, $session, $path] = ['tea', [1021 => 3, 1033 => 1], [1, 2, 3], [1021], $model];
            [$logger, $secret, $orderId, $revenue, $firstSlot] = [new Logger(), 'key', 7, 9.5, [1033]];
            $load = static fn (array $ids): array => array_fill_keys($ids, ['title' => 'x']);
            $bestsellers = static fn (int $limit): array => array_slice([1033, 1021], 0, $limit);
            $insert = static fn (string $table, array $row): bool => true;
            $flask = static fn (string $path): array => [1, 2, 3];
            $old = $new = static fn (int $user, int $limit): array => [1, 2, 3];
            eval($code);
        })();
    } catch (Throwable $problem) {
        $failed .= "$page: " . get_class($problem) . ': ' . $problem->getMessage() . "\nin:\n$code\n";
    }
    ob_end_clean();
}
echo $failed === '' ? count($blocks) . " blocks ran\n" : $failed;
