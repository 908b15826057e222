<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var array{id: int, name: string}                          $department
 * @var list<array{id: int, name: string, products: int}> $categories
 */
?>
<p class="path"><a href="/">Home</a></p>
<h1><?= text($department['name']) ?></h1>
<ul class="categories">
<?php foreach ($categories as $category): ?>
  <li><a href="/category/<?= $category['id'] ?>"><?= text($category['name']) ?> <small><?= number_format($category['products']) ?></small></a></li>
<?php endforeach ?>
</ul>
