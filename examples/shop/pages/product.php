<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array{id: int, title: string, brand: string, price: string, sold: int, category_id: int, category: string,
 *     department_id: int, department: string} $product
 */
?>
<p class="path"><a href="/">Home</a> › <a href="/department/<?= $product['department_id'] ?>"><?= text($product['department']) ?></a>
  › <a href="/category/<?= $product['category_id'] ?>"><?= text($product['category']) ?></a></p>
<article class="product">
  <?= picture($product) ?>

  <div>
    <h1><?= text($product['title']) ?></h1>
    <p class="price"><?= money($product['price']) ?></p>
    <p class="facts">By <?= text($product['brand']) ?> · number <?= $product['id'] ?> · in
      <?= number_format($product['sold']) ?> order<?= $product['sold'] === 1 ? '' : 's' ?> so far</p>
    <form method="post" action="/cart">
      <input type="hidden" name="product" value="<?= $product['id'] ?>">
      <label>Quantity <input type="number" name="quantity" value="1" min="1" max="99"></label>
      <button class="main">Add to cart</button>
    </form>
  </div>
</article>
