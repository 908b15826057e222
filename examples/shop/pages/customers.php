<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var list<array{id: int, orders: int, last_order: string}> $customers
 * @var int     $page from 0
 * @var Visitor $visitor
 */
?>
<h1>Who are you?</h1>
<p>In a real shop you would log in. Here you choose, and see the shop with that customer's eyes.</p>
<form class="stranger" method="post" action="/customers">
  <button name="customer" value="0"<?= $visitor->customer === null ? ' disabled' : '' ?>>A stranger</button>
</form>
<form method="post" action="/customers">
  <ul class="customers">
<?php foreach ($customers as $customer): ?>
    <li><button name="customer" value="<?= $customer['id'] ?>"<?= $visitor->customer === $customer['id'] ? ' disabled' : '' ?>>
      Customer <?= $customer['id'] ?>

      <small><?= number_format($customer['orders']) ?> order<?= $customer['orders'] === 1 ? '' : 's' ?>, the last on
        <?= text(substr($customer['last_order'], 0, 10)) ?></small></button></li>
<?php endforeach ?>
  </ul>
</form>
<p class="pages">
<?php if ($page > 0): ?>
  <a href="/customers?page=<?= $page - 1 ?>">Those with more orders</a>
<?php endif ?>
<?php if (count($customers) > 0): ?>
  <a href="/customers?page=<?= $page + 1 ?>">Those with fewer orders</a>
<?php endif ?>
</p>
