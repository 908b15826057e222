<?php

declare(strict_types=1);

namespace Reco\Tests;

use RuntimeException;

/** As much of a web server as a test needs: one FastCGI request per connection, over a Unix socket. */
final class FastCGI
{
    private const BEGIN = 1;
    private const PARAMS = 4;
    private const STDIN = 5;
    private const STDOUT = 6;
    private const STDERR = 7;

    public function __construct(private readonly string $socket, private readonly string $script)
    {
    }

    /**
     * @param array<string, string> $query
     *
     * @return array<mixed> the JSON that the page answered
     *
     * @throws RuntimeException if the answer is not a page with status 200 and JSON in it
     */
    public function get(array $query = []): array
    {
        return json_decode($this->page($query), true, 32, JSON_THROW_ON_ERROR);
    }

    /**
     * @param array<string, string> $query
     *
     * @throws RuntimeException if there is no page with status 200
     */
    public function page(array $query = []): string
    {
        [$head, $body, $errors] = $this->request(http_build_query($query));
        if ($errors !== '' || preg_match('/^Status: (?!200)/mi', $head) === 1) {
            throw new RuntimeException("the page failed: $head $errors $body");
        }

        return $body;
    }

    /** @return array{0: string, 1: string, 2: string} head, body and errors */
    private function request(string $query): array
    {
        $stream = @stream_socket_client("unix://$this->socket", $code, $message, 10);
        if ($stream === false) {
            throw new RuntimeException("cannot connect: $message");
        }
        stream_set_timeout($stream, 30);
        $parameters = '';
        foreach ([
            'GATEWAY_INTERFACE' => 'CGI/1.1',
            'REQUEST_METHOD' => 'GET',
            'SCRIPT_FILENAME' => $this->script,
            'SCRIPT_NAME' => '/' . basename($this->script),
            'REQUEST_URI' => '/' . basename($this->script) . "?$query",
            'QUERY_STRING' => $query,
            'SERVER_PROTOCOL' => 'HTTP/1.1',
        ] as $name => $value) {
            $parameters .= pack('NN', strlen($name) | 1 << 31, strlen($value) | 1 << 31) . $name . $value;
        }
        fwrite($stream, self::record(self::BEGIN, pack('nCx5', 1, 0)) . self::record(self::PARAMS, $parameters)
            . self::record(self::PARAMS, '') . self::record(self::STDIN, ''));
        $parts = [self::STDOUT => '', self::STDERR => ''];
        $ended = false;
        $bytes = (string) stream_get_contents($stream);
        for ($at = 0; $at + 8 <= strlen($bytes); $at += 8 + $head['length'] + $head['padding']) {
            $head = unpack('Cversion/Ctype/nid/nlength/Cpadding', $bytes, $at);
            if (isset($parts[$head['type']])) {
                $parts[$head['type']] .= substr($bytes, $at + 8, $head['length']);
            }
            $ended = $head['type'] === 3;
        }
        fclose($stream);
        if (!$ended) {
            throw new RuntimeException('the worker went away in the middle of its answer');
        }
        [$head, $body] = explode("\r\n\r\n", $parts[self::STDOUT], 2) + [1 => ''];

        return [$head, $body, $parts[self::STDERR]];
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    }
}
