<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var string     $words what was searched for
 * @var Strip|null $found
 */
?>
<?php if ($found !== null): ?>
<section class="strip wrap">
  <header>
    <h1>“<?= text($words) ?>”</h1>
    <code><?= text($found->question) ?></code>
    <span class="time"><?= microseconds($found->microseconds) ?></span>
  </header>
  <ul class="cards">
<?php foreach ($found->cards as $product) {
    require __DIR__ . '/card.php';
} ?>
  </ul>
</section>
<?php elseif ($words !== ''): ?>
<h1>Nothing like “<?= text($words) ?>” here</h1>
<p>Misspelt words are found all the same; so we do not have it.</p>
<?php else: ?>
<h1>What are you looking for?</h1>
<?php endif ?>
