<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array{id: int, name: string, department_id: int, department: string} $category
 * @var Strip|null           $ranked how the products were put in order; null: as they sell
 * @var list<array{id: int, title: string, price: string, category_id: int}> $shown
 * @var bool                 $bestsellers whether the visitor asked for that
 */
?>
<p class="path"><a href="/">Home</a> › <a href="/department/<?= $category['department_id'] ?>"><?= text($category['department']) ?></a></p>
<section class="strip wrap">
  <header>
    <h1><?= text($category['name']) ?></h1>
<?php if ($ranked !== null): ?>
    <code><?= text($ranked->question) ?></code>
    <span class="time"><?= microseconds($ranked->microseconds) ?></span>
<?php endif ?>
  </header>
  <p class="order">Order:
<?php if ($bestsellers): ?>
    <a href="/category/<?= $category['id'] ?>">yours</a> · <b>bestsellers</b>
<?php else: ?>
    <b>yours</b> · <a href="/category/<?= $category['id'] ?>?order=bestsellers">bestsellers</a>
<?php endif ?>
  </p>
  <ul class="cards">
<?php foreach ($shown as $product) {
    require __DIR__ . '/card.php';
} ?>
  </ul>
</section>
