<?php

declare(strict_types=1);

return [
    'ids that cannot be are refused wherever they are passed' => function (): void {
        $shop = Shop::open();
        $places = [
            'user' => fn (mixed $id) => $shop->recommend(user: $id),
            'session' => fn (mixed $id) => $shop->recommend(session: [1, $id]),
            'only' => fn (mixed $id) => $shop->recommend(only: [$id]),
            'except' => fn (mixed $id) => $shop->recommend(except: [1, $id]),
            'similar' => fn (mixed $id) => $shop->similar($id),
            'boughtTogether' => fn (mixed $id) => $shop->boughtTogether($id),
            'rank' => fn (mixed $id) => $shop->rank([$id]),
            'attribute' => fn (mixed $id) => $shop->attribute('title', [$id]),
        ];
        foreach ($places as $place => $call) {
            throws(RecoArgumentException::class, "$place: an id is empty", fn () => $call(''));
            throws(RecoArgumentException::class, "$place: an id holds a NUL byte", fn () => $call("1\0002"));
            throws(RecoArgumentException::class, '1048576 bytes', fn () => $call(str_repeat('x', 1 << 20)));
            throws(RecoArgumentException::class, '1025 bytes', fn () => $call(str_repeat('x', 1025)));
            $call(str_repeat('x', 1024));
            $call("\xff\xfe");
        }
        foreach (['only', 'except', 'rank', 'attribute'] as $place) {
            foreach ([1.5, null, true, NAN, [1], new stdClass()] as $value) {
                $message = "$place: an id is an integer or a string";
                throws(RecoArgumentException::class, $message, fn () => $places[$place]($value));
            }
        }
        throws(RecoArgumentException::class, 'not null', fn () => $shop->recommendMany([1, null]));
        throws(RecoArgumentException::class, 'not float', fn () => $shop->recommend(session: [1.0]));
    },

    'limits below one are refused' => function (): void {
        $shop = Shop::open();
        foreach ([0, -1, PHP_INT_MIN] as $limit) {
            throws(RecoArgumentException::class, (string) $limit, fn () => $shop->recommend(limit: $limit));
            throws(RecoArgumentException::class, (string) $limit, fn () => $shop->similar(1, limit: $limit));
            throws(RecoArgumentException::class, (string) $limit, fn () => $shop->rank([1], limit: $limit));
            throws(RecoArgumentException::class, (string) $limit, fn () => $shop->recommendMany([1], limit: $limit));
        }
    },

    'session entries that make no sense are refused' => function (): void {
        $shop = Shop::open();
        $ask = static fn (mixed $entry) => static fn () => $shop->recommend(session: [$entry]);
        throws(RecoArgumentException::class, "'visit' is no kind", $ask([1, 'visit']));
        throws(RecoArgumentException::class, 'no kind', $ask([1, 3]));
        throws(RecoArgumentException::class, 'finite number of seconds, not NAN', $ask([1, 'view', NAN]));
        throws(RecoArgumentException::class, 'not INF', $ask([1, 'view', INF]));
        throws(RecoArgumentException::class, 'not string', $ask([1, 'view', '20']));
        throws(RecoArgumentException::class, 'an entry is', $ask([]));
        throws(RecoArgumentException::class, 'an entry is', $ask([1, 'view', 3, 4]));
        throws(RecoArgumentException::class, 'an entry is', $ask(['item' => 1, 'kind' => 'view']));
    },

    'similar to nothing is refused' => function (): void {
        throws(RecoArgumentException::class, 'at least one item', fn () => Shop::open()->similar([]));
        throws(RecoArgumentException::class, 'boughtTogether: name', fn () => Shop::open()->boughtTogether([]));
    },

    'questions after a refused one are answered as ever' => function (): void {
        $shop = Shop::open();
        $before = $shop->recommend(user: 3, session: [5])->ids();
        throws(RecoArgumentException::class, '', fn () => $shop->recommend(user: 3, session: [[5, 'view', NAN]]));
        throws(RecoArgumentException::class, '', fn () => $shop->recommend()->attribute('colour'));
        same($before, $shop->recommend(user: 3, session: [5])->ids());
    },

    'long lists are taken' => function (): void {
        $shop = Shop::open();
        $many = range(1, 100_000);
        same([], $shop->recommend(user: 3, except: $many)->ids());
        same(Shop::ITEMS + 1, count($shop->recommend(only: $many, limit: 100_000)));
        same(100_000, count($shop->rank($many, user: 3)));
        same(10, count($shop->recommend(session: array_fill(0, 10_000, [3, 'cart', 5]))));
        same(10, count($shop->recommend(session: array_fill(0, 10_000, str_repeat('x', 1024)))));
    },

    'a missing model file is named' => function (): void {
        throws(RecoFileException::class, '/nowhere/shop.reco', fn () => Reco::open('/nowhere/shop.reco'));
        throws(RecoFileException::class, 'path', fn () => Reco::open(''));
        throws(RecoFileException::class, 'path', fn () => Reco::open("/etc/a\0b"));
        throws(RecoFileException::class, '', fn () => Reco::open(sys_get_temp_dir()));
        throws(RecoException::class, '', fn () => Reco::open(str_repeat('x', 100_000)));
    },

    'files that are no models are refused, and cut ones' => function (): void {
        $path = Shop::newFile();
        $whole = file_get_contents(Shop::file());
        foreach (['', 'x', str_repeat("\0", 4096), substr($whole, 0, 100), substr($whole, 0, -1)] as $content) {
            file_put_contents("$path.new", $content);
            rename("$path.new", $path);
            throws(RecoFileException::class, '', fn () => Reco::open($path));
        }
    },

    'verifying finds an altered file' => function (): void {
        Shop::open()->verify();
        $path = Shop::newFile();
        $bytes = file_get_contents(Shop::file());
        $place = strrpos($bytes, 'Thing');
        $bytes[$place] = 'S';
        file_put_contents($path, $bytes);
        $shop = Reco::open($path);
        throws(RecoFileException::class, '', fn () => $shop->verify());
    },

    'reco cannot be cloned' => function (): void {
        $shop = Shop::open();
        try {
            clone $shop;
        } catch (Error $error) {
            holds(str_contains($error->getMessage(), 'clone'), $error->getMessage());

            return;
        }
        throw new Unmet('it was cloned');
    },
];
