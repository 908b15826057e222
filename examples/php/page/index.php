<?php

declare(strict_types=1);

use Reco\Reco;
use Reco\RecoException;

/**
 * A product page with two slots: `?item=3&user=42&seen=1,5`. A shop takes user and seen from its session.
 *
 * Recommendations are an extra: whatever is wrong with them, the page is shown.
 */
require_once getenv('RECO_PHP') ?: __DIR__ . '/../../../php/RecoFFI.php';

$asked = static fn (string $name): string => is_string($_GET[$name] ?? null) ? $_GET[$name] : '';
$item = $asked('item') === '' ? '1' : $asked('item');
$user = $asked('user') === '' ? null : $asked('user');
$seen = array_values(array_filter(explode(',', $asked('seen')), static fn (string $id): bool => $id !== ''));

$slots = [];
$note = '';
$start = hrtime(true);
try {
    $shop = Reco::open(getenv('SHOP_MODEL') ?: __DIR__ . '/shop.reco');
    $title = $shop->attribute('title', [$item])[0];
    $similar = $shop->similar($item, limit: 4);
    $personal = $shop->recommend(user: $user, session: [...$seen, $item], limit: 4, except: $similar);
    $slots = ['Goes well with it' => $similar, 'For you' => $personal];
} catch (RecoException $problem) {
    error_log('no recommendations: ' . $problem->getMessage());
    $title = "Item $item";
    $note = 'no recommendations today';
}
$microseconds = (hrtime(true) - $start) / 1000;

$text = static fn (int|string|float $value): string => htmlspecialchars((string) $value, ENT_QUOTES | ENT_SUBSTITUTE);
?>
<!doctype html>
<meta charset="utf-8">
<title><?= $text($title) ?></title>
<h1><?= $text($title) ?></h1>
<?php foreach ($slots as $heading => $answer): ?>
<h2><?= $text($heading) ?></h2>
<ul>
<?php foreach ($answer as $hit): ?>
  <li><a href="<?= $text('?' . http_build_query(['item' => $hit->id, 'user' => $user])) ?>">
      <?= $text($hit->attribute('title')) ?></a>
      <small><?= $text($hit->rung) ?></small></li>
<?php endforeach ?>
</ul>
<?php endforeach ?>
<p><small><?= $note !== '' ? $text($note) : sprintf('answered in %.0f µs', $microseconds) ?></small></p>
