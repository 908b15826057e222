<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array{id: int, title: string, brand: string, price: string, category_id: int} $product
 * @var array{title: string}|null $reason what of the visitor's spoke for it
 */
?>
    <li class="card"><a href="/product/<?= $product['id'] ?>">
      <?= picture($product) ?>

      <span class="title"><?= text($product['title']) ?></span>
      <span class="price"><?= money($product['price']) ?></span>
<?php if (isset($reason)): ?>
      <span class="reason">because of <?= text($reason['title']) ?></span>
<?php endif ?>
    </a></li>
