<?php

declare(strict_types=1);

/**
 * Clicks through the demo shop in chromium, scripts off: php clicks.php PORT [FOLDER]
 *
 * With FOLDER, leaves pictures of its pages there: light and dark, wide and narrow.
 */

require __DIR__ . '/Browser.php';

$home = "http://127.0.0.1:$argv[1]";
$pictures = $argv[2] ?? '';
$failed = 0;
$browser = new Browser();
$shows = static function (string $text, string $what) use ($browser, &$failed): void {
    if (!str_contains($browser->html(), $text)) {
        $failed++;
        echo "failed: $what\n  ", substr($browser->html(), 0, 3000), "\n";
    }
};
try {
    $browser->window(1280, 900);
    $browser->open("$home/");
    $shows('<h2>Bestsellers</h2>', 'a stranger sees bestsellers');
    $browser->click('.card a');
    $shows('<h2>Similar</h2>', 'a click on a card leads to the product');
    $browser->click('button.main');
    $shows('Cart <b>1</b>', 'a click puts it into the cart');
    $browser->click('.strip .card:nth-child(2) a');
    $browser->click('button.main');
    $shows('Cart <b>2</b>', 'and what goes with it, too');
    $browser->click('.lines li:first-child button[value="0"]');
    $shows('Cart <b>1</b>', 'a click takes it out again');
    preg_match('#<span class="title">.*?(\pL{5,})#u', $browser->html(), $word);
    $browser->type('input[name=q]', $word[1]);
    $shows("<h1>“{$word[1]}”</h1>", 'words that are typed are searched for');
    $shows('search(words, session: ', 'with the session');
    $browser->click('.card a');
    $shows('<h2>Because you viewed “', 'a product page remembers the one before');
    $browser->click('.name');
    $shows('<h2>For you</h2>', 'home follows');
    $browser->click('nav a[href="/customers"]');
    $browser->click('.customers li:nth-child(3) button');
    $shows('Welcome back, customer ', 'a visitor can be a customer');
    $customer = $browser->html();
    $browser->click('.departments a');
    $browser->click('.categories a');
    $shows('rank([', 'a category is in the customer\'s order');

    preg_match('#/product/\d+#', $customer, $product);
    preg_match('#/department/\d+#', $customer, $department);
    $paths = ['home' => '/', 'product' => $product[0], 'department' => $department[0], 'cart' => '/cart',
        'search' => "/search?q={$word[1]}", 'customers' => '/customers'];
    $windows = [[390, 844, true, false], [1280, 900, false, false], [1280, 900, false, true], [390, 844, true, true]];
    foreach (array_slice($windows, 0, $pictures === '' ? 1 : 4) as [$width, $height, $phone, $dark]) {
        $browser->window($width, $height, $phone, $dark);
        foreach ($paths as $name => $path) {
            $browser->open($home . $path);
            if ($browser->overhang() > 0) {
                $failed++;
                echo "failed: $path is {$browser->overhang()} wider than a window of $width\n";
            }
            if ($pictures !== '') {
                $browser->photograph("$pictures/$name-" . ($phone ? 'narrow' : 'wide') . ($dark ? '-dark' : '') . '.png');
            }
        }
    }
} finally {
    $browser->close();
}
exit($failed === 0 ? 0 : 1);
