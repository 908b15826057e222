<?php

declare(strict_types=1);

/**
 * Visits the demo shop with no browser: php visits.php FOLDER PORT PROJECT
 *
 * FOLDER is where the shop lives. Prints a line for each thing that does not hold, and exits with 1 then.
 */

[, $folder, $port, $project] = $argv;
$failed = 0;
$holds = static function (bool $condition, string $what, string $seen = '') use (&$failed): void {
    if (!$condition) {
        $failed++;
        echo "failed: $what\n", $seen === '' ? '' : '  ' . substr($seen, 0, 3000) . "\n";
    }
};

/** Somebody with a browser that keeps cookies. */
final class Visit
{
    /** @var array<string, string> */
    public array $cookies = [];
    public int $status = 0;
    /** @var list<string> */
    public array $headers = [];

    public function __construct(private readonly string $port)
    {
    }

    public function get(string $path): string
    {
        return $this->ask('GET', $path, '', []);
    }

    /** @param array<string, string|int> $form */
    public function post(string $path, array $form, string $header = ''): string
    {
        return $this->ask('POST', $path, http_build_query($form), ['Content-Type: application/x-www-form-urlencoded', $header]);
    }

    /** @param list<string> $headers */
    private function ask(string $method, string $path, string $content, array $headers): string
    {
        $cookies = http_build_query($this->cookies, '', '; ', PHP_QUERY_RFC3986);
        $context = stream_context_create(['http' => [
            'method' => $method, 'content' => $content, 'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 20,
            'header' => implode("\r\n", array_filter(["Cookie: $cookies", ...$headers])),
        ]]);
        $page = (string) file_get_contents("http://127.0.0.1:$this->port$path", false, $context);
        $this->headers = $http_response_header ?? [];
        $this->status = (int) substr($this->headers[0] ?? '         0', 9, 3);
        foreach ($this->headers as $header) {
            if (preg_match('/^Set-Cookie: (\w+)=([^;]*)(.*)$/i', $header, $match) === 1) {
                $this->cookies[$match[1]] = rawurldecode($match[2]);
                if (str_contains($match[3], 'Max-Age=0')) {
                    unset($this->cookies[$match[1]]);
                }
            }
        }

        return $page;
    }
}

/** @return list<string> */
$headings = static function (string $page): array {
    preg_match_all('#<h2>(.*?)</h2>#', $page, $found);

    return array_map(html_entity_decode(...), $found[1]);
};
/** @return list<int> products that a page has cards of */
$cards = static function (string $page): array {
    preg_match_all('#<li class="card"><a href="/product/(\d+)"#', $page, $found);

    return array_map('intval', $found[1]);
};

// ---- a stranger looks around

$stranger = new Visit($port);
$page = $stranger->get('/');
$holds($stranger->status === 200 && $headings($page) === ['Bestsellers'], 'a stranger sees bestsellers at home', $page);
$holds(count($cards($page)) === 6, 'six of them', $page);
$holds(preg_match('#<span class="time">[\d.,]+ µs</span>#', $page) === 1, 'a strip says how long it took', $page);
$holds($stranger->cookies === [], 'looking at the home page leaves no cookie');

$page = $stranger->get('/product/1501');
$holds(str_contains($page, '<h1>'), 'a product has a page', $page);
$holds($headings($page) === ['Bought together', 'Similar', 'For you'], 'the first product page has three strips', $page);
$holds(count($cards($page)) === count(array_unique($cards($page))) && !in_array(1501, $cards($page), true),
    'no product is on the page twice', $page);
$page = $stranger->get('/product/1101');
$holds(count(preg_grep('/^Because you viewed “.+”$/u', $headings($page))) === 1, 'the second one knows the first', $page);
$page = $stranger->get('/');
$holds($headings($page)[0] === 'For you' && str_starts_with($headings($page)[1], 'Because you viewed “'),
    'home follows what was viewed', $page);
$holds(str_contains($page, 'because of '), 'a recommendation says why', $page);
$holds(str_contains($page, 'recommend(session: [2 events])'), 'a strip shows its question', $page);

preg_match('#/department/\d+#', $page, $link);
$page = $stranger->get($link[0]);
$inside = $cards($page);
$holds(count($inside) === 6, 'a department has a strip of its own', $page);
preg_match('#/category/\d+#', $page, $link);
$page = $stranger->get($link[0]);
$holds(str_contains($page, 'rank([10 products], session: [2 events])') && count($cards($page)) === 10,
    'a category is in the visitor\'s order', $page);
$bestsellers = $stranger->get("$link[0]?order=bestsellers");
$holds(!str_contains($bestsellers, 'rank(') && array_diff($cards($page), $cards($bestsellers)) === [], 'or by sales', $bestsellers);

// ---- search

$page = $stranger->get('/search?q=helmet');
$holds(count($cards($page)) > 10 && str_contains($page, 'helmet</span>'), 'search finds', $page);
$holds($cards($stranger->get('/search?q=helmt')) !== [], 'misspelt words, too');
$page = $stranger->get('/search?q=' . rawurlencode('"><script>alert(1)</script>'));
$holds(!str_contains($page, '<script') && str_contains($page, '&quot;&gt;&lt;script&gt;'), 'what is searched for is escaped', $page);
$page = $stranger->get('/search?q=zzzzqqqq');
$holds($stranger->status === 200 && $headings($page) === ['For you'], 'nothing found is said, with something else', $page);
foreach (['/search', '/search?q=', '/search?q[]=1', '/search?q=%FF%00', '/search?q=' . str_repeat('long', 1000)] as $path) {
    $stranger->get($path);
    $holds($stranger->status === 200, "$path is answered: $stranger->status");
}

// ---- the cart

$page = $stranger->get('/cart');
$holds(str_contains($page, 'nothing in it yet') && !isset($stranger->cookies['cart']), 'the cart is empty at first', $page);
$stranger->post('/cart', ['product' => 1561, 'quantity' => 2]);
$holds($stranger->status === 303 && strlen($stranger->cookies['cart'] ?? '') === 32, 'a form fills the cart');
$stranger->post('/cart', ['product' => 1561, 'quantity' => 1]);
$stranger->post('/cart', ['product' => 1001, 'quantity' => 1]);
$page = $stranger->get('/cart');
$holds(str_contains($page, 'Cart <b>4</b>') && substr_count($page, 'name="set"') === 2, 'twice the same adds up', $page);
$holds($headings($page)[0] === 'Goes with what is in your cart', 'the cart proposes what goes with it', $page);
$holds(!in_array(1561, $cards($page), true), 'and not what is in it', $page);
$holds(str_contains($stranger->get('/'), 'session: [4 events]'), 'the cart counts in the next question');
$stranger->post('/cart', ['product' => 1561, 'quantity' => 0, 'set' => 1]);
$stranger->post('/cart', ['product' => 1001, 'quantity' => 500, 'set' => 1]);
$page = $stranger->get('/cart');
$holds(str_contains($page, 'Cart <b>99</b>') && substr_count($page, 'name="set"') === 1, 'quantities change, up to 99', $page);
foreach ([['product' => "1' OR '1'='1"], ['product' => 99999999], ['product' => -1], ['quantity' => 5], []] as $form) {
    $stranger->post('/cart', $form);
    $holds($stranger->status === 303, 'a form that makes no sense is survived: ' . json_encode($form));
}
$holds(str_contains($stranger->get('/cart'), 'Cart <b>99</b>'), 'and changes nothing');
$stranger->post('/cart', ['product' => 1001], 'Origin: http://elsewhere.example');
$holds($stranger->status === 403, 'a form of another site is refused');
$other = new Visit($port);
$other->cookies = ['cart' => str_repeat('0', 32), 'views' => '1-99999999999999.x', 'customer' => "1; DROP TABLE products"];
$page = $other->get('/cart');
$holds($other->status === 200 && str_contains($page, '>Stranger<') && str_contains($page, 'nothing in it yet'),
    'strange cookies are nobody\'s', $page);

// ---- a customer

$customer = new Visit($port);
$page = $customer->get('/customers');
preg_match('/name="customer" value="(\d{2,})"/', $page, $who);
$customer->post('/customers', ['customer' => $who[1]]);
$page = $customer->get('/');
$holds(str_contains($page, "Welcome back, customer $who[1]."), 'a visitor can be a customer', $page);
$holds($headings($page)[0] === 'For you' && str_starts_with($headings($page)[1], 'Because you bought “'), 'who is known', $page);
$holds(array_diff($cards($page), $cards($other->get('/'))) !== [], 'and sees something else than a stranger', $page);
$customer->post('/customers', ['customer' => 0]);
$holds(str_contains($customer->get('/'), 'stranger'), 'and a stranger again');

// ---- what is not there, and what must not be

foreach (['/nothing', '/product/99999999', '/product/1501x', '/product/1 OR 1=1', '/category/9999', '/department/0', '/../schema.sql'] as $path) {
    $page = $stranger->get(str_replace(' ', '%20', $path));
    $holds($stranger->status === 404 || $stranger->status === 400, "$path is not there: $stranger->status", $page);
}
$page = $stranger->get('/product/1501?recommendations=no');
$holds($cards($page) === [] && str_contains($page, 'without recommendations'), 'a page can do without', $page);
$page = $stranger->get('/product/1501?recommendations=bestsellers');
$holds(array_unique($headings($page)) === ['Bestsellers'], 'or with bestsellers', $page);
$holds(preg_grep("/^Content-Security-Policy: default-src 'none'; style-src 'self'/", $stranger->headers) !== [], 'scripts are forbidden');
$holds(preg_grep('/^Server-Timing: reco;dur=/', $stranger->headers) !== [], 'times are in a header as well');
$database = new PDO("mysql:unix_socket=$folder/run/mariadb.sock;dbname=shop", 'page', file_get_contents("$folder/page.password"));
foreach (["UPDATE products SET price = 0", "DELETE FROM orders", "SELECT * FROM clicks", "DROP TABLE cart_items", "SELECT * FROM mysql.user",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE cart_items"] as $statement) {
    try {
        $database->exec($statement);
        $holds(false, "pages may not: $statement");
    } catch (PDOException $refusal) {
        $holds(str_contains($refusal->getMessage(), 'denied'), "pages may not: $statement", $refusal->getMessage());
    }
}

// ---- 1,000 models under load

exec(escapeshellarg("$project/examples/shop/train") . ' ' . escapeshellarg($folder) . ' 2>&1', $said, $status);
$holds($status === 0, 'training again works while the shop is open', implode("\n", $said));
$model = "$folder/shop.reco";
copy($model, "$folder/a.reco");
$few = $folder . '/few.csv';
file_put_contents($few, "user,item\n" . implode("\n", array_map(static fn (int $n): string => ($n % 40) . ',' . (1001 + 7 * $n % 640), range(1, 999))));
file_put_contents("$folder/items.csv", implode("\n", array_map(
    static fn (array $row): string => implode(',', $row),
[['item', 'title', 'price', 'category_id'], ...array_map(static fn (int $item): array => [$item, 'Thing', '9.95', 3], range(1001, 1640))],
)));
exec(escapeshellarg("$project/dist/bin/reco") . " train --events $few --items $folder/items.csv --model item-knn,bm25 --out $folder/b.reco 2>&1", $said, $status);
$holds($status === 0, 'another model can be had', implode("\n", $said));
foreach (['a', 'b'] as $name) {
    chmod("$folder/$name.reco", 0644);
}
$client = <<<'PHP'
    $counts = ['bad' => 0, 'said' => ''];
    for ($n = 0; !is_file($argv[2]); $n++) {
        clearstatcache();
        $page = (string) @file_get_contents("http://127.0.0.1:$argv[1]/product/" . (1001 + 13 * $n % 640));
        $model = preg_match('/The model: ([\d,]+) customers/', $page, $found) ? $found[1] : '';
        if ($model === '' || !str_contains($page, '<h2>Similar</h2>')) {
            $counts['bad']++;
            $counts['said'] = substr($page, 0, 500);
        } else {
            $counts[$model] = ($counts[$model] ?? 0) + 1;
        }
    }
    echo json_encode($counts);
    PHP;
$clients = [];
for ($number = 0; $number < 3; $number++) {
    $process = proc_open([PHP_BINARY, '-r', $client, '--', $port, "$folder/enough"], [1 => ['pipe', 'w']], $pipes);
    $clients[] = [$process, $pipes[1]];
}
for ($round = 0; $round < 1000; $round++) {
    link("$folder/" . ($round % 2 === 0 ? 'b' : 'a') . '.reco', "$folder/next.reco");
    rename("$folder/next.reco", $model);
    usleep(4_000);
}
touch("$folder/enough");
$counts = [];
foreach ($clients as [$process, $output]) {
    foreach (json_decode(stream_get_contents($output), true) as $what => $count) {
        $counts[$what] = is_int($count) ? ($counts[$what] ?? 0) + $count : $count;
    }
    proc_close($process);
}
$holds($counts['bad'] === 0, 'no request fails', json_encode($counts));
$holds(isset($counts['3,000'], $counts['40']), 'both models answer', json_encode($counts));
printf("1,000 models under load: %s\n", json_encode($counts));

// ---- a damaged model, and none

file_put_contents("$folder/broken.reco", str_repeat('not a model', 1000));
chmod("$folder/broken.reco", 0644);
rename("$folder/broken.reco", $model);
$page = $stranger->get('/product/1501');
$holds($stranger->status === 200 && str_contains($page, 'without recommendations'), 'a damaged model leaves the page', $page);
unlink($model);
foreach (['/', '/product/1501', '/search?q=tent', '/cart', '/customers'] as $path) {
    $stranger->get($path);
    $holds($stranger->status === 200, "$path is shown without a model: $stranger->status");
}
rename("$folder/a.reco", $model);
$holds(str_contains($stranger->get('/product/1501'), '<h2>Similar</h2>'), 'a model that is there again answers at once');

// ---- no database

posix_kill((int) file_get_contents("$folder/run/mariadb.pid"), SIGTERM);
for ($wait = 0; $wait < 300 && is_file("$folder/run/mariadb.pid"); $wait++) {
    usleep(100_000);
    clearstatcache();
}
$page = $stranger->get('/product/1501');
$holds($stranger->status === 503 && str_contains($page, 'closed for a moment'), 'without a database the shop says so', $page);
$holds(!str_contains($page, 'SQLSTATE'), 'and keeps the details to itself', $page);

$log = (string) @file_get_contents("$folder/log/php-fpm.log") . @file_get_contents("$folder/log/mariadb.log");
$holds(preg_match('/exited on signal|core dumped/', $log) === 0, 'nothing has crashed', $log);
$log = (string) @file_get_contents("$folder/log/php.log");
$holds(preg_match('/PHP (Notice|Deprecated|Fatal)/', $log) === 0, 'PHP complains of nothing', $log);
exit($failed === 0 ? 0 : 1);
