<?php

declare(strict_types=1);

/**
 * Every page of the shop; nginx sends everything here that is no file.
 *
 * For comparison, `?recommendations=no` shows any page without its strips, and `?recommendations=bestsellers` a product
 * page whose strips SQL fills with what sells best in the category.
 */

use Shop\Cart;
use Shop\Catalogue;
use Shop\Pages;
use Shop\Recommender;
use Shop\Visitor;

$begin = hrtime(true);
require_once __DIR__ . '/../../../php/RecoFFI.php';
require_once __DIR__ . '/../src/output.php';
spl_autoload_register(static function (string $class): void {
    require __DIR__ . '/../src/' . substr($class, strlen('Shop\\')) . '.php';
});

// Recommendations may fail without harm; nothing else may.
set_exception_handler(static function (Throwable $problem): void {
    error_log('no page: ' . $problem->getMessage());
    http_response_code(503);
    header('Retry-After: 10');
    echo '<!doctype html><title>Corner Shop</title><h1>We are closed for a moment</h1><p>Please come again.</p>';
});

/** What was sent under a name, if it is a text in UTF-8; '' if not. */
$text = static fn (array $sent, string $name): string
    => is_string($sent[$name] ?? null) && preg_match('//u', $sent[$name]) === 1 ? substr(trim($sent[$name]), 0, 300) : '';
/** The same, if it is a number; 0 if not. */
$number = static fn (array $sent, string $name): int
    => preg_match('/^\d{1,9}$/D', $text($sent, $name)) === 1 ? (int) $text($sent, $name) : 0;

$database = new PDO(
    'mysql:unix_socket=' . getenv('SHOP_SOCKET') . ';dbname=shop;charset=utf8mb4',
    'page',
    (string) file_get_contents((string) getenv('SHOP_PASSWORD_FILE')),
    [
        PDO::ATTR_PERSISTENT => true,
        PDO::ATTR_EMULATE_PREPARES => false,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
    ],
);
$catalogue = new Catalogue($database);
$visitor = Visitor::of($_COOKIE);
$path = (string) parse_url((string) $_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    // Another site's form may not fill a visitor's cart.
    $origin = $_SERVER['HTTP_ORIGIN'] ?? '';
    if ($origin !== '' && preg_replace('#^https?://#', '', $origin) !== ($_SERVER['HTTP_HOST'] ?? '')) {
        http_response_code(403);
        exit;
    }
    if ($path === '/cart') {
        $cart = new Cart($database, $visitor->ownCart());
        isset($_POST['set'])
            ? $cart->set($number($_POST, 'product'), $number($_POST, 'quantity'))
            : $cart->add($number($_POST, 'product'), max(1, $number($_POST, 'quantity')));
    } elseif ($path === '/customers') {
        $customer = $number($_POST, 'customer');
        $visitor->becomes($catalogue->isCustomer($customer) ? $customer : null);
    }
    // The browser asks anew, so that reloading the page does not send the form again.
    header('Location: ' . ($path === '/cart' ? '/cart' : '/'), true, 303);
    exit;
}

$cart = new Cart($database, $visitor->cart);
$switch = $text($_GET, 'recommendations');
$recommender = new Recommender($switch === 'no' ? null : (string) getenv('SHOP_MODEL'));
$pages = new Pages($catalogue, $cart, $visitor, $recommender);
preg_match('#^/(department|category|product)/(\d{1,9})$#D', $path, $match);
$view = match ($match[1] ?? $path) {
    '/' => $pages->home(),
    'department' => $pages->department((int) $match[2]),
    'category' => $pages->category((int) $match[2], $text($_GET, 'order') === 'bestsellers'),
    'product' => $pages->product((int) $match[2], $switch === 'bestsellers'),
    '/search' => $pages->search($text($_GET, 'q')),
    '/cart' => $pages->cart(),
    '/customers' => $pages->customers(min($number($_GET, 'page'), 10_000)),
    default => $pages->missing(),
};

http_response_code($view->status);
header('Content-Type: text/html; charset=utf-8');
header("Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
header('X-Content-Type-Options: nosniff');
header('Referrer-Policy: same-origin');
header('Cache-Control: private, no-store');
ob_start();
require __DIR__ . '/../pages/layout.php';
header(sprintf(
    'Server-Timing: reco;dur=%.3f;desc=%d-questions, page;dur=%.3f',
    $recommender->microseconds / 1e3, $recommender->questions, (hrtime(true) - $begin) / 1e6,
));
ob_end_flush();
