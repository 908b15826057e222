<?php

declare(strict_types=1);

/** Writes a model whose items all start with this letter. */
$publish = static function (string $letter, string $path): void {
    Shop::trainer(static fn (int $item): string => $letter . $item)->save($path);
};

return [
    'opening after a rename gives the new model, and the old one still answers' => function () use ($publish): void {
        $path = Shop::newFile();
        $publish('a', $path);
        $old = Reco::open($path);
        same('a', $old->recommend(user: 1)->ids()[0][0]);
        $publish('b', $path);
        same('b', Reco::open($path)->recommend(user: 1)->ids()[0][0]);
        same('a', $old->recommend(user: 1)->ids()[0][0]);
        same(30, count($old->recommend(limit: 50)));
    },

    'a model that disappears keeps answering, and opening says so' => function () use ($publish): void {
        $path = Shop::newFile();
        $publish('a', $path);
        $shop = Reco::open($path);
        unlink($path);
        same(10, count($shop->recommend(user: 1)));
        throws(RecoFileException::class, $path, fn () => Reco::open($path));
        $publish('c', $path);
        same('c', Reco::open($path)->recommend(user: 1)->ids()[0][0]);
    },

    'a model replaced under constant queries of several processes fails none' => function () use ($publish): void {
        $path = Shop::newFile();
        $stop = Shop::newFile('stop');
        $models = ['a' => Shop::newFile(), 'b' => Shop::newFile()];
        foreach ($models as $letter => $file) {
            $publish($letter, $file);
        }
        copy($models['a'], $path);
        $code = '
            $seen = ["a" => 0, "b" => 0]; $mixed = 0; $changes = 0; $last = "";
            while (!is_file(' . var_export($stop, true) . ')) {
                for ($i = 0; $i < 50; $i++) {
                    $shop = Reco::open(' . var_export($path, true) . ');
                    $ids = $shop->recommend(user: 1 + $i % 40, limit: 12)->ids();
                    $letters = array_unique(array_map(fn ($id) => $id[0], $ids));
                    count($letters) === 1 && count($ids) === 12 ? $seen[$ids[0][0]]++ : $mixed++;
                    $changes += $last !== $ids[0][0] ? 1 : 0;
                    $last = $ids[0][0];
                }
                clearstatcache();
            }
            echo json_encode(["seen" => $seen, "mixed" => $mixed, "changes" => $changes]);';
        $workers = [];
        for ($worker = 0; $worker < 3; $worker++) {
            $workers[] = Php::start($code, [], ['RECO_LIBRARY' => Php::library()]);
        }
        for ($round = 0; $round < 300; $round++) {
            copy($models[$round % 2 === 0 ? 'b' : 'a'], "$path.new");
            rename("$path.new", $path);
            usleep(3000);
        }
        touch($stop);
        foreach ($workers as [$process, $output, $errors]) {
            $report = stream_get_contents($output);
            same('', stream_get_contents($errors));
            same(0, proc_close($process));
            $report = json_decode($report, true, 8, JSON_THROW_ON_ERROR);
            same(0, $report['mixed']);
            $shown = json_encode($report);
            holds(min($report['seen']) > 0, "both models should have answered: $shown");
            holds($report['changes'] > 2, "the change should have been seen more than once: $shown");
        }
    },

    'a child that forks after opening answers as its parent' => function (): void {
        if (!function_exists('pcntl_fork')) {
            throw new Skipped('this PHP has no pcntl');
        }
        $code = '$shop = Reco::open(' . var_export(Shop::file(), true) . ');
            $before = $shop->recommend(user: 3)->ids();
            $child = pcntl_fork();
            $same = $before === $shop->recommend(user: 3)->ids()
                && $before === Reco::open(' . var_export(Shop::file(), true) . ')->recommend(user: 3)->ids();
            if ($child === 0) { exit($same ? 7 : 1); }
            pcntl_waitpid($child, $status);
            echo $same ? "parent " : "", pcntl_wexitstatus($status) === 7 ? "child" : "";';
        same('parent child', Php::output($code, [], ['RECO_LIBRARY' => Php::library()]));
    },
];
