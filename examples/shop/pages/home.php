<?php

declare(strict_types=1);

namespace Shop;

/**
 * @var Visitor                               $visitor
 * @var list<array{id: int, name: string}> $departments
 */
?>
<section class="hero">
<?php if ($visitor->customer === null): ?>
  <h1>Good to see you, stranger.</h1>
  <p>Look at a few things, and this page will follow. Or <a href="/customers">be one of our customers</a>, with a year of
    orders behind you.</p>
<?php else: ?>
  <h1>Welcome back, customer <?= $visitor->customer ?>.</h1>
  <p>What is for you is new to you: nothing that you have bought before. <a href="/customers">Be somebody else</a></p>
<?php endif ?>
</section>
<nav class="departments" aria-label="Departments">
<?php foreach ($departments as $department): ?>
  <a href="/department/<?= $department['id'] ?>"><?= text($department['name']) ?></a>
<?php endforeach ?>
</nav>
