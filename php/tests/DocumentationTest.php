<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\RecoTrainer;

/** Runs every block of PHP in docs/php*.md and docs/guide-*.md, and the SQL, as they stand there. */
final class DocumentationTest extends RecoTestCase
{
    private const FOLDER = __DIR__ . '/../../docs';

    public function test_every_block_of_php_runs(): void
    {
        $model = self::model();
        $imports = implode('', array_map(
            static fn (string $file): string => 'use Reco\\' . basename($file, '.php') . ";\n",
            glob(dirname(__DIR__) . '/src/*.php') ?: [],
        ));
        $blocks = [];
        foreach (self::pages() as $page) {
            foreach (self::blocks($page, 'php') as $block) {
                $code = str_replace(
                    ['/usr/local/share/php/reco/RecoFFI.php', '/var/lib/shop/shop.reco'],
                    [dirname(__DIR__) . '/RecoFFI.php', $model],
                    $block,
                );
                // Blocks leave out imports that the page has said once.
                $own = (string) preg_replace('/^use .*;\n/m', '', $code);
                $blocks[] = [basename($page), $imports . $own];
            }
        }
        self::assertGreaterThan(25, count($blocks));
        $process = proc_open(
            [PHP_BINARY, '-d', 'zend.assertions=1', '-d', 'display_errors=stderr', __DIR__ . '/run_blocks.php', $model],
            [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']],
            $pipes,
            null,
            ['RECO_LIBRARY' => Php::library()] + getenv(),
        );
        self::assertNotFalse($process);
        fwrite($pipes[0], json_encode($blocks, JSON_THROW_ON_ERROR));
        fclose($pipes[0]);
        $output = stream_get_contents($pipes[1]) . stream_get_contents($pipes[2]);
        proc_close($process);
        self::assertSame(count($blocks) . " blocks ran\n", $output);
    }

    public function test_the_query_tells_conversion_by_variant(): void
    {
        [$tables, $query] = self::blocks(self::FOLDER . '/php-cookbook.md', 'sql');
        $day = 86400;
        $rows = [
            // a: two visitors, one of whom buys twice; a later order and one before the list was seen do not count.
            "INSERT INTO reco_shown VALUES ('a1', 'home-2026-12', 'a', 0), ('a1', 'home-2026-12', 'a', $day), ('a2', 'home-2026-12', 'a', 100)",
            "INSERT INTO reco_order VALUES ('a1', 1, 10, 5), ('a1', 2, 20, $day), ('a1', 3, 500, 8 * $day), ('a2', 4, 70, 50)",
            // b: four visitors, three buy.
            "INSERT INTO reco_shown VALUES ('b1', 'home-2026-12', 'b', 0), ('b2', 'home-2026-12', 'b', 0), ('b3', 'home-2026-12', 'b', 0), ('b4', 'home-2026-12', 'b', 0)",
            "INSERT INTO reco_order VALUES ('b1', 5, 8, 1), ('b2', 6, 8, 2), ('b3', 7, 8, 3)",
            // another experiment, an order of nobody
            "INSERT INTO reco_shown VALUES ('x1', 'other', 'a', 0)",
            "INSERT INTO reco_order VALUES ('', 8, 99, 1)",
        ];
        $python = 'import json, sqlite3, sys; given = json.load(sys.stdin); base = sqlite3.connect(":memory:");'
            . ' base.executescript(given[0]); print(json.dumps(base.execute(given[1]).fetchall()))';
        $process = proc_open(['python3', '-c', $python], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
        if ($process === false) {
            self::markTestSkipped('there is no python3 here, whose sqlite3 runs the query');
        }
        fwrite($pipes[0], json_encode([$tables . implode(";\n", $rows) . ';', $query], JSON_THROW_ON_ERROR));
        fclose($pipes[0]);
        $output = stream_get_contents($pipes[1]) . stream_get_contents($pipes[2]);
        proc_close($process);
        self::assertSame('[["a", 2, 1, 0.5, 15.0], ["b", 4, 3, 0.75, 6.0]]', trim($output));
    }

    public function test_links_between_the_pages_lead_somewhere(): void
    {
        foreach (self::pages() as $page) {
            preg_match_all('/\]\(([\w.\/-]*)(?:#([\w-]+))?\)/', (string) file_get_contents($page), $links, PREG_SET_ORDER);
            foreach ($links as $link) {
                $target = $link[1] === '' ? $page : self::FOLDER . "/$link[1]";
                self::assertFileExists($target);
                if (isset($link[2])) {
                    self::assertContains($link[2], self::anchors($target), basename($page) . ": $link[0]");
                }
            }
        }
    }

    /** @return list<string> */
    private static function pages(): array
    {
        return array_merge(glob(self::FOLDER . '/php*.md') ?: [], glob(self::FOLDER . '/guide-*.md') ?: []);
    }

    /** A model with all that the pages speak of. */
    private static function model(): string
    {
        $trainer = new RecoTrainer(['model' => 'item-knn,bought-together,bm25', 'seed' => 1, 'threads' => 1]);
        $items = [1021 => 'Green tea', 1033 => 'Tea cup', 1040 => 'Honey', 1050 => 'Bicycle', 1051 => 'Bell'];
        $trainer->addAttribute('title', $items);
        $trainer->addAttribute('category', array_fill_keys(array_keys($items), 'Tea'));
        $trainer->addAttribute('brand', array_fill_keys(array_keys($items), 'Sencha & Co'));
        $trainer->addAttribute('price', array_fill_keys(array_keys($items), 4.5));
        $trainer->addAttribute('tags', array_fill_keys(array_keys($items), 'new|sale'));
        $trainer->addAttribute('stock', array_fill_keys(array_keys($items), 1));
        [$users, $listed] = [[], []];
        for ($user = 30; $user < 60; $user++) {
            foreach ($user % 2 === 0 ? [1021, 1033, 1040] : [1050, 1051] as $item) {
                $users[] = $user;
                $listed[] = $item;
            }
        }
        $path = Shop::newFile();
        $trainer->addEvents($users, $listed, array_fill(0, count($users), 'purchase'), baskets: $users)->train()->save($path);

        return $path;
    }

    /** @return list<string> the blocks of a language, indented ones too */
    private static function blocks(string $page, string $language): array
    {
        preg_match_all("/^( *)```$language\n(.*?)^\\1```$/ms", (string) file_get_contents($page), $found);

        return $found[2];
    }

    /** @return list<string> of a page's headings, as a browser of repositories makes them */
    private static function anchors(string $page): array
    {
        preg_match_all('/^#+ (.*)$/m', (string) file_get_contents($page), $headings);

        return array_map(
            static fn (string $heading): string => str_replace(' ', '-', (string) preg_replace('/[^\w -]/', '', strtolower($heading))),
            $headings[1],
        );
    }
}
