<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array<int, array{quantity: int, age: int}> $lines by product
 * @var array<int, array{id: int, title: string, price: string, category_id: int}> $cards
 */
$sum = 0.0;
?>
<h1>Your cart</h1>
<?php if ($lines === []): ?>
<p>There is nothing in it yet.</p>
<?php else: ?>
<ul class="lines">
<?php foreach ($lines as $id => ['quantity' => $quantity]):
    if (!isset($cards[$id])) {
        continue;
    }
    $product = $cards[$id];
    $sum += $quantity * (float) $product['price']; ?>
  <li>
    <?= picture($product) ?>

    <a href="/product/<?= $id ?>"><?= text($product['title']) ?></a>
    <form method="post" action="/cart">
      <input type="hidden" name="product" value="<?= $id ?>">
      <input type="hidden" name="set" value="1">
      <input type="number" name="quantity" value="<?= $quantity ?>" min="0" max="99" aria-label="Quantity">
      <button>Change</button>
      <button name="quantity" value="0">Remove</button>
    </form>
    <span class="price"><?= money($quantity * (float) $product['price']) ?></span>
  </li>
<?php endforeach ?>
</ul>
<p class="sum">Together <b><?= money($sum) ?></b></p>
<p class="facts">This is a demo: there is no checkout.</p>
<?php endif ?>
