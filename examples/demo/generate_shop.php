<?php

declare(strict_types=1);

/**
 * Makes up a small outdoor shop for the demo, where the real purchases cannot be had.
 *
 *     php generate_shop.php FOLDER      writes events.csv.gz and items.csv.gz there
 *
 * 640 products of eight activities, 3,000 customers with one or two activities each, a year of views, carts and
 * purchases. People buy within their activities, complete what they have begun, and now and then follow the crowd: so
 * there is something to find, and it is known what. The same seed gives the same shop, whatever the machine.
 */

const CUSTOMERS = 3000;
const FIRST_ITEM = 1001;
const END = 1735689600; // 2025-01-01 UTC

const ACTIVITIES = [
    'Hiking' => ['boots', 'daypack', 'trekking poles', 'rain jacket', 'wool socks', 'water bottle', 'sun hat', 'map case'],
    'Climbing' => ['harness', 'rope', 'climbing shoes', 'chalk bag', 'carabiner set', 'helmet', 'belay device', 'crash pad'],
    'Camping' => ['tent', 'sleeping bag', 'sleeping mat', 'camp stove', 'headlamp', 'cook set', 'camp chair', 'cool box'],
    'Cycling' => ['bike helmet', 'cycling shorts', 'floor pump', 'bike lights', 'lock', 'saddle bag', 'gloves', 'chain oil'],
    'Running' => ['running shoes', 'running tights', 'belt', 'cap', 'singlet', 'gels', 'reflective vest', 'sports watch'],
    'Paddling' => ['kayak', 'paddle', 'life jacket', 'dry bag', 'spray deck', 'neoprene shoes', 'bilge pump', 'roof rack'],
    'Skiing' => ['touring skis', 'ski boots', 'ski goggles', 'ski gloves', 'base layer', 'wax kit', 'avalanche probe', 'skins'],
    'Fishing' => ['fishing rod', 'reel', 'line', 'lure set', 'landing net', 'waders', 'tackle box', 'bite alarm'],
];
const MAKERS = ['Alder', 'Birk', 'Corvus', 'Drift', 'Elm', 'Fjell', 'Granit', 'Harrow', 'Ibex', 'Juniper'];
const LINES = ['Light', 'Pro', 'Classic', 'Junior', 'Trail'];

/** A number from 0 to $end - 1; small numbers are likelier the larger $slope is. */
function pick(int $end, float $slope = 1.0): int
{
    return (int) ($end * (mt_rand() / (mt_getrandmax() + 1)) ** $slope);
}

/** @return list<array{item: int, title: string, category: string, department: string, brand: string, price: string}> */
function products(): array
{
    $products = [];
    foreach (ACTIVITIES as $activity => $things) {
        foreach ($things as $place => $thing) {
            foreach (MAKERS as $number => $maker) {
                $products[] = [
                    'item' => FIRST_ITEM + count($products),
                    'title' => "$maker " . LINES[($number + $place) % count(LINES)] . " $thing",
                    'category' => ucfirst($thing),
                    'department' => $activity,
                    'brand' => $maker,
                    'price' => sprintf('%d.95', 9 + ($number * 7 + $place * 13) % 90),
                ];
            }
        }
    }

    return $products;
}

/** @return Generator<array{int, int, string, int, int, int}> user, item, event, quantity, time, basket; user after user */
function events(): Generator
{
    $things = count(ACTIVITIES['Hiking']);
    $basket = 0;
    for ($user = 1; $user <= CUSTOMERS; $user++) {
        $own = [pick(count(ACTIVITIES)), pick(count(ACTIVITIES))];
        $favourite = pick(count(MAKERS), 1.5);
        $time = END - 86400 * (10 + pick(355));
        for ($visit = 3 + pick(12, 1.5); $visit > 0 && $time < END; $visit--) {
            $activity = pick(10) === 0 ? pick(count(ACTIVITIES)) : $own[pick(3) === 0 ? 1 : 0];
            $basket++;
            for ($look = 1 + pick(5); $look > 0; $look--) {
                $maker = pick(3) > 0 ? $favourite : pick(count(MAKERS), 1.5);
                $item = FIRST_ITEM + ($activity * $things + pick($things)) * count(MAKERS) + $maker;
                yield [$user, $item, 'view', 1, $time += 20 + pick(200), $basket];
                if (pick(3) === 0) {
                    yield [$user, $item, 'cart', 1, $time += 30, $basket];
                    if (pick(3) > 0) {
                        yield [$user, $item, 'purchase', 1 + pick(3, 3.0), $time += 120, $basket];
                    }
                }
            }
            $time += 86400 * (1 + pick(45));
        }
    }
}

/** @param iterable<array<int|string>> $rows */
function write(string $path, string $header, iterable $rows): int
{
    $file = gzopen("$path.part", 'wb6') ?: exit("cannot write $path\n");
    gzwrite($file, $header . "\n");
    $count = 0;
    foreach ($rows as $row) {
        gzwrite($file, implode(',', $row) . "\n"); // no field here holds a comma
        $count++;
    }
    gzclose($file);
    rename("$path.part", $path);

    return $count;
}

if ($argc !== 2) {
    fwrite(STDERR, "usage: generate_shop.php FOLDER\n");
    exit(2);
}
mt_srand(1, MT_RAND_MT19937);
$items = write("$argv[1]/items.csv.gz", 'item,title,category,department,brand,price', products());
$events = write("$argv[1]/events.csv.gz", 'user,item,event,weight,time,basket', events());
printf("%s events of %s customers with %s products, made up\n", number_format($events), number_format(CUSTOMERS), $items);
