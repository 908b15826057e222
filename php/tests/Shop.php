<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\Reco;
use Reco\RecoTrainer;

/**
 * A small shop whose right answers are known: odd users buy odd items, even users even ones, nobody buys everything.
 * 40 users, items 1 to 30; item 30 is in the catalogue only.
 */
final class Shop
{
    public const USERS = 40;
    public const ITEMS = 29;

    /** @var list<string> */
    private static array $files = [];
    private static ?string $standard = null;

    /** @param (callable(int): (int|string))|null $itemId */
    public static function trainer(?callable $itemId = null): RecoTrainer
    {
        $itemId ??= static fn (int $item): int => $item;
        $users = [];
        $items = [];
        $kinds = [];
        for ($user = 1; $user <= self::USERS; $user++) {
            for ($item = 1; $item <= self::ITEMS; $item++) {
                if (($user + $item) % 2 === 0 && !self::withheld($user, $item)) {
                    $users[] = $user;
                    $items[] = $itemId($item);
                    $kinds[] = $item % 5 === 0 ? 'view' : 'purchase';
                }
            }
        }
        $titles = [];
        for ($item = 1; $item <= self::ITEMS + 1; $item++) {
            $titles[$itemId($item)] = "Thing № $item";
        }
        $trainer = new RecoTrainer(['model' => 'item-knn', 'seed' => 7]);

        return $trainer->addEvents($users, $items, $kinds)->addAttribute('title', $titles)->train();
    }

    /** Whether a user of the item's parity has nothing to do with the item, for tests to find. */
    public static function withheld(int $user, int $item): bool
    {
        return ($user + $item) % 2 === 0 && ($user * 7 + $item * 3) % 10 < 4;
    }

    /** @return list<int> what the user has bought */
    public static function bought(int $user): array
    {
        return self::items(static fn (int $item): bool => ($user + $item) % 2 === 0 && !self::withheld($user, $item)
            && $item % 5 !== 0);
    }

    /** @return list<int> what the user has bought or viewed */
    public static function seen(int $user): array
    {
        return self::items(static fn (int $item): bool => ($user + $item) % 2 === 0 && !self::withheld($user, $item));
    }

    /** The path of a model of this shop, trained once a run. */
    public static function file(): string
    {
        if (self::$standard === null) {
            self::$standard = self::newFile();
            self::trainer()->save(self::$standard);
        }

        return self::$standard;
    }

    public static function open(): Reco
    {
        return Reco::open(self::file());
    }

    /** A path for a file that the end of the run removes. */
    public static function newFile(string $ending = 'reco'): string
    {
        if (self::$files === []) {
            register_shutdown_function(self::removeFiles(...));
        }
        $path = sys_get_temp_dir() . '/reco-php-' . getmypid() . '-' . count(self::$files) . ".$ending";
        self::$files[] = $path;

        return $path;
    }

    /** A new, empty folder that the end of the run removes. */
    public static function newFolder(): string
    {
        $path = self::newFile('folder');
        mkdir($path);

        return $path;
    }

    private static function removeFiles(): void
    {
        shell_exec('rm -rf ' . implode(' ', array_map('escapeshellarg', self::$files)));
    }

    /**
     * @param callable(int): bool $which
     *
     * @return list<int>
     */
    private static function items(callable $which): array
    {
        return array_values(array_filter(range(1, self::ITEMS), $which));
    }
}
