<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array{id: int|string, title: string, price: string, category_id: int} $product
 * @var string $reason what of the visitor's spoke for it; '' if that is not known
 */
?>
    <li class="card"><a href="/product/<?= $product['id'] ?>">
      <?= picture($product) ?>

      <span class="title"><?= text($product['title']) ?></span>
      <span class="price"><?= money($product['price']) ?></span>
<?php if (($reason ?? '') !== ''): ?>
      <span class="reason">because of <?= text($reason) ?></span>
<?php endif ?>
    </a></li>
