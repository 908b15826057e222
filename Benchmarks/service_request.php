<?php

declare(strict_types=1);

use Reco\Reco;
use Reco\RecoHit;

/**
 * The PHP side of the benchmark beside a Python service; service.py runs it and prints the table.
 *
 *     php service_request.php can                     which names of parameters recommend() has; whether there is curl
 *     php service_request.php reco MODEL ARGUMENTS    answers "measure USER,USER..." and "check USER" on standard input
 *     php service_request.php http URL KEEP           the same, by an HTTP request for each; KEEP 1: one connection
 *
 * ARGUMENTS is JSON, for recommend(). In URL %s stands for the user. Each prints JSON.
 */

require __DIR__ . '/../php/RecoFFI.php';

/** @param callable(int): mixed $check */
function serve(callable $measure, callable $check): void
{
    while (($line = fgets(STDIN)) !== false) {
        [$command, $argument] = explode(' ', trim($line));
        $users = array_map('intval', explode(',', $argument));
        echo json_encode($command === 'check' ? $check($users[0]) : $measure($users)), "\n";
    }
}

/** What a page does, and beside it the bare C call with a question that is ready. */
function reco(string $path, array $arguments): void
{
    $ffi = RecoLibrary::ffi();
    $error = $ffi->new('reco_error');
    $model = $ffi->new('reco_model *');
    $ffi->reco_model_open($path, strlen($path), FFI::addr($model), FFI::addr($error));
    $limit = $arguments['limit'];
    $filter = $arguments['filter'] ?? '';
    $query = $ffi->new('reco_query[1]');
    $hits = $ffi->new("reco_hit[$limit]");
    $counts = $ffi->new('uint32_t[1]');
    $text = $ffi->new('uint8_t[32]');
    $condition = $ffi->new('uint8_t[256]');
    FFI::memcpy($condition, $filter, strlen($filter));
    $query[0]->struct_size = FFI::sizeof($query[0]);
    $query[0]->limit = $limit;
    $query[0]->user = $text + 0;
    if ($filter !== '') {
        $query[0]->filter = $condition + 0;
        $query[0]->filter_length = strlen($filter);
    }
    if (isset($arguments['diversity'])) {
        $query[0]->diversity = $arguments['diversity'];
    }
    if (isset($arguments['caps'])) {
        $caps = http_build_query($arguments['caps'], arg_separator: "\0");
        $packed = $ffi->new('uint8_t[' . strlen($caps) + 1 . ']');
        FFI::memcpy($packed, $caps, strlen($caps));
        $query[0]->caps = $packed + 0;
        $query[0]->caps_length = strlen($caps);
    }
    $whole = static function (int $user) use ($path, $arguments): int {
        $start = hrtime(true);
        $ids = Reco::open($path)->recommend(...$arguments, user: $user)->ids();

        return hrtime(true) - $start;
    };
    $bare = static function (int $user) use ($ffi, $model, $query, $hits, $limit, $counts, $text, $error): int {
        $id = (string) $user;
        FFI::memcpy($text, $id, strlen($id));
        $query[0]->user_length = strlen($id);
        $start = hrtime(true);
        $ffi->reco_model_query($model, $query, 1, $hits, $limit, $counts, 1, FFI::addr($error));
        $time = hrtime(true) - $start;
        if ($error->code !== 0) {
            throw new RuntimeException('a question was not answered');
        }

        return $time;
    };
    serve(
        // Not the same user twice in a row: the second would find everything in the cache.
        static fn (array $users): array => [
            'whole' => array_map($whole, $users),
            'bare' => array_map($bare, $users),
        ],
        static function (int $user) use ($path, $arguments): array {
            $answer = Reco::open($path)->recommend(...$arguments, user: $user);
            $hits = iterator_to_array($answer, false);

            return ['ids' => $answer->ids(), 'sources' => array_map(static fn (RecoHit $hit): string => $hit->source, $hits)];
        },
    );
}

/** As a shop calls a service inside: curl where PHP has it, decoded JSON. */
function http(string $url, bool $keep): void
{
    if (extension_loaded('curl')) {
        $handle = curl_init();
        curl_setopt_array($handle, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TCP_NODELAY => true,
            CURLOPT_FORBID_REUSE => !$keep,
            CURLOPT_FRESH_CONNECT => !$keep,
            CURLOPT_TIMEOUT => 30,
        ]);
        $get = static function (string $address) use ($handle): string|false {
            curl_setopt($handle, CURLOPT_URL, $address);
            $body = curl_exec($handle);

            return curl_getinfo($handle, CURLINFO_RESPONSE_CODE) === 200 ? $body : false;
        };
    } else {
        $get = static fn (string $address): string|false => file_get_contents($address);
    }
    $ask = static function (int $user) use ($get, $url): array {
        $body = $get(str_replace('%s', (string) $user, $url));

        return $body === false
            ? throw new RuntimeException('the service did not answer')
            : json_decode($body, true, 16, JSON_THROW_ON_ERROR)['items'];
    };
    serve(
        static function (array $users) use ($ask): array {
            $times = [];
            foreach ($users as $user) {
                $start = hrtime(true);
                $ask($user);
                $times[] = hrtime(true) - $start;
            }

            return ['whole' => $times];
        },
        static fn (int $user): array => ['ids' => array_column($ask($user), 'id')],
    );
}

function can(): void
{
    $parameters = (new ReflectionMethod(Reco::class, 'recommend'))->getParameters();
    echo json_encode([
        'parameters' => array_map(static fn (ReflectionParameter $one): string => $one->getName(), $parameters),
        'curl' => extension_loaded('curl') ? curl_version()['version'] : null,
    ]), "\n";
}

match ($argv[1] ?? '') {
    'can' => can(),
    'reco' => reco($argv[2], json_decode($argv[3], true)),
    'http' => http($argv[2], $argv[3] === '1'),
    default => exit("usage: php service_request.php can|reco MODEL ARGUMENTS|http URL KEEP\n"),
};
