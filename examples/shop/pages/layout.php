<?php

declare(strict_types=1);

namespace Shop;

/**
 * The frame of every page: head, search, what the page is about, strips, foot.
 *
 * @var View                $view
 * @var Visitor             $visitor
 * @var Cart                $cart
 * @var Recommender         $recommender
 */
$values = $view->values;
extract($values);
$words ??= ''; // only a search has them
$count = $cart->count();
?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><?= text($view->title) ?> · Corner Shop</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg">
</head>
<body>
<header class="top">
  <a class="name" href="/">Corner <b>Shop</b></a>
  <form class="search" action="/search" role="search">
    <input type="search" name="q" value="<?= text($words) ?>" placeholder="Search the shop" aria-label="Search the shop" maxlength="200">
    <button>Search</button>
  </form>
  <nav>
    <a href="/customers"><?= $visitor->customer === null ? 'Stranger' : 'Customer ' . $visitor->customer ?></a>
    <a class="cart" href="/cart">Cart<?= $count > 0 ? " <b>$count</b>" : '' ?></a>
  </nav>
</header>
<main>
<?php require __DIR__ . "/$view->template.php" ?>
<?php foreach ($view->strips as $strip): ?>
<section class="strip">
  <header>
    <h2><?= text($strip->title) ?></h2>
    <code><?= text($strip->question) ?></code>
    <span class="time"><?= microseconds($strip->microseconds) ?></span>
  </header>
  <ul class="cards">
<?php foreach ($strip->cards as $product) {
    $reason = $strip->reasons[$product['id']] ?? '';
    require __DIR__ . '/card.php';
} ?>
  </ul>
</section>
<?php endforeach ?>
</main>
<footer>
<?php if (($model = $recommender->model()) !== null): ?>
  <p><b><?= microseconds($recommender->microseconds) ?></b> for opening the model and
    <?= $recommender->questions ?> question<?= $recommender->questions === 1 ? '' : 's' ?>, inside this PHP request.</p>
  <p>The model: <?= number_format($model->info()->userCount) ?> customers, <?= number_format($model->info()->itemCount) ?>
    products, one file of <?= number_format($model->info()->fileLength / 1e6, 1) ?> MB, mapped once for all workers.</p>
<?php else: ?>
  <p>This page was made without recommendations.</p>
<?php endif ?>
</footer>
</body>
</html>
