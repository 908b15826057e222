<?php

declare(strict_types=1);

use Reco\Reco;
use Reco\RecoAnswer;

/**
 * Asks a model the four questions of a shop and shows the answers with names and times.
 *
 *     php ask.php FOLDER USER SESSION SIMILAR RANK
 *
 * FOLDER holds shop.reco and the events.csv.gz that it was trained on. USER is a customer's id and SIMILAR an item's;
 * SESSION and RANK are item ids joined by commas. Fits terminals from 40 columns on.
 */

require __DIR__ . '/../../php/RecoFFI.php';

const LIMIT = 6;
const REPEATS = 201;

if ($argc !== 6) {
    fwrite(STDERR, "usage: ask.php FOLDER USER SESSION SIMILAR RANK\n");
    exit(2);
}
[, $folder, $user, $session, $similar, $rank] = $argv;
$session = explode(',', $session);
$rank = explode(',', $rank);

$screen = new Screen();

[$shop, $first] = timed(static fn () => Reco::open("$folder/shop.reco"));
// Opened once more, as the next request of the same worker would.
[, $again] = timed(static fn () => Reco::open("$folder/shop.reco"), REPEATS);
$info = $shop->info();
$screen->title(sprintf(
    '%s customers, %s products, %s MB',
    number_format($info->userCount),
    number_format($info->itemCount),
    number_format($info->fileLength / 1e6, 1),
));
$screen->measure("Reco::open('shop.reco')", $first, 'loads the library');
$screen->measure("Reco::open('shop.reco')", $again, 'every request after that');

$screen->title("Customer $user has bought most often");
foreach ($shop->attribute('title', favourites("$folder/events.csv.gz", $user, 4)) as $title) {
    $screen->item('-', $title);
}
$screen->title("What else for customer $user?");
[$answer, $time] = timed(static fn () => named($shop->recommend(user: $user, limit: LIMIT)), REPEATS);
$screen->answer("recommend(user: $user)", $time, $answer);

$screen->title('A stranger has looked at');
foreach ($shop->attribute('title', $session) as $title) {
    $screen->item('-', $title);
}
[$answer, $time] = timed(static fn () => named($shop->recommend(session: $session, limit: LIMIT)), REPEATS);
$screen->answer('recommend(session: [' . count($session) . ' items])', $time, $answer);

$screen->title('What goes with ' . $shop->attribute('title', [$similar])[0] . '?');
[$answer, $time] = timed(static fn () => named($shop->similar($similar, limit: LIMIT)), REPEATS);
$screen->answer("similar($similar)", $time, $answer);

$screen->title(count($rank) . " products that a page is about to list, for customer $user");
[$answer, $time] = timed(static fn () => named($shop->rank($rank, user: $user)), REPEATS);
$screen->answer('rank([' . count($rank) . " items], user: $user)", $time, $answer);

[, $time] = timed(static fn () => $shop->recommendMany(range(1, 1000), limit: LIMIT));
$screen->title('A newsletter: 1,000 customers in one call');
$screen->measure('recommendMany(1000 ids)', $time, sprintf('%s a second', number_format(1e6 / ($time / 1e3))));

$screen->note('Times are medians of ' . REPEATS . ' calls in one PHP process (the newsletter: once), with ids, scores '
    . 'and product names.');

/** Fetches the names as well: a page needs them. */
function named(RecoAnswer $answer): RecoAnswer
{
    $answer->attribute('title');

    return $answer;
}

/**
 * @template T
 *
 * @param callable(): T $call
 *
 * @return array{T, float} the last result and the median time in µs
 */
function timed(callable $call, int $repeats = 1): array
{
    $times = [];
    do {
        $start = hrtime(true);
        $result = $call();
        $times[] = (hrtime(true) - $start) / 1e3;
    } while (count($times) < $repeats);
    sort($times);

    return [$result, $times[intdiv($repeats, 2)]];
}

/** @return list<string> the items that a customer has the most purchases of */
function favourites(string $path, string $user, int $count): array
{
    $purchases = [];
    $file = gzopen($path, 'rb') ?: exit("cannot read $path\n");
    while (($line = gzgets($file)) !== false) {
        if (str_starts_with($line, "$user,")) {
            [, $item, $kind] = explode(',', $line);
            if ($kind === 'purchase') {
                $purchases[$item] = ($purchases[$item] ?? 0) + 1;
            }
        }
    }
    gzclose($file);
    arsort($purchases);

    return array_map('strval', array_slice(array_keys($purchases), 0, $count));
}

/** Writes to a terminal of any width, or to a file. */
final class Screen
{
    private readonly int $width;
    private readonly bool $colours;

    public function __construct()
    {
        $terminal = stream_isatty(STDOUT);
        $columns = (int) (getenv('COLUMNS') ?: ($terminal ? exec('tput cols 2>/dev/null') : 80));
        $this->width = max(40, min($columns ?: 80, 96));
        $this->colours = $terminal && getenv('NO_COLOR') === false;
    }

    public function title(string $text): void
    {
        echo "\n", $this->style('1', wordwrap($text, $this->width, "\n", true)), "\n";
    }

    public function item(string $mark, string $text, string $right = ''): void
    {
        $room = $this->width - 6 - strlen($right);
        $text = strlen($text) > $room ? substr($text, 0, $room - 2) . '..' : $text;
        printf("  %2s  %s%s\n", $mark, $right === '' ? $text : str_pad($text, $room), $this->style('2', $right));
    }

    public function measure(string $call, float $time, string $comment = ''): void
    {
        $time = $time < 9.95 ? sprintf('%.1f µs', $time) : number_format($time) . ' µs';
        $line = '  ' . $this->style('36', str_pad($call, 28)) . ' ' . str_repeat(' ', max(0, 12 - mb_width($time)))
            . $this->style('1;32', $time);
        echo $line, $comment === '' ? '' : ($this->width < 45 + strlen($comment) ? "\n  " : '  ') . $comment, "\n";
    }

    /** A list of hits below the call that brought them. */
    public function answer(string $call, float $time, RecoAnswer $answer): void
    {
        $this->measure($call, $time);
        foreach ($answer as $place => $hit) {
            $this->item((string) ($place + 1), $hit->attribute('title'), $this->width < 60 ? '' : "  $hit->source");
        }
    }

    public function note(string $text): void
    {
        echo "\n", $this->style('2', wordwrap($text, $this->width)), "\n";
    }

    private function style(string $code, string $text): string
    {
        return $this->colours && $text !== '' ? "\e[{$code}m$text\e[0m" : $text;
    }
}

/** Columns of a text whose only character beyond ASCII is µ; mbstring may not be installed. */
function mb_width(string $text): int
{
    return strlen(str_replace('µ', 'u', $text));
}
