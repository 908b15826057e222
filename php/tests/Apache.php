<?php

declare(strict_types=1);

namespace Reco\Tests;

use RuntimeException;

/**
 * A real Apache with mod_php and a configuration of its own, in a temporary folder, on a port of the loopback interface.
 * Workers are processes (prefork), as Debian has it.
 */
final class Apache
{
    private const BINARY = '/usr/sbin/apache2';

    public readonly string $folder;
    private readonly Site $site;
    private readonly int $port;

    /** @var resource|null */
    private $process = null;

    /** @param list<string> $settings lines for php.ini; {folder} stands for the folder */
    public function __construct(array $settings)
    {
        $this->site = new Site($settings, __DIR__ . '/fpm/page.php');
        $this->folder = $this->site->folder;
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        if ($probe === false) {
            throw new RuntimeException('there is no free port');
        }
        $this->port = (int) substr((string) strrchr((string) stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        file_put_contents("$this->folder/apache.conf", $this->configuration());
    }

    public static function isInstalled(): bool
    {
        return is_executable(self::BINARY) && is_file(self::module());
    }

    /**
     * @param array<string, string> $query
     *
     * @return array<mixed> the JSON that the page answered
     */
    public function get(array $query = []): array
    {
        $page = file_get_contents("http://127.0.0.1:$this->port/page.php?" . http_build_query($query));

        return (array) json_decode((string) $page, true, 32, JSON_THROW_ON_ERROR);
    }

    public function start(): void
    {
        $log = ['file', "$this->folder/output.log", 'a'];
        $this->process = proc_open(
            // In a session of its own, for Apache ends with a signal to its whole process group.
            ['setsid', self::BINARY, '-DFOREGROUND', '-f', "$this->folder/apache.conf"],
            [1 => $log, 2 => $log],
            $pipes,
            $this->folder,
            ['PHP_INI_SCAN_DIR' => '', 'PATH' => (string) getenv('PATH')],
        ) ?: null;
        for ($wait = 0; $wait < 200 && $this->process !== null && proc_get_status($this->process)['running']; $wait++) {
            $socket = @stream_socket_client("tcp://127.0.0.1:$this->port");
            if ($socket !== false) {
                fclose($socket);

                return;
            }
            usleep(50_000);
        }
        throw new RuntimeException('Apache does not start: ' . $this->log());
    }

    public function remove(): void
    {
        if ($this->process !== null) {
            proc_terminate($this->process, SIGTERM);
            proc_close($this->process);
            $this->process = null;
        }
        $this->site->remove();
    }

    public function log(): string
    {
        return @file_get_contents("$this->folder/error.log") . @file_get_contents("$this->folder/output.log");
    }

    private static function module(): string
    {
        return '/usr/lib/apache2/modules/libphp' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION . '.so';
    }

    private function configuration(): string
    {
        $user = Site::user();
        $lines = [
            "ServerRoot $this->folder",
            'ServerName localhost',
            "Listen 127.0.0.1:$this->port",
            "PidFile $this->folder/apache.pid",
            "ErrorLog $this->folder/error.log",
            'LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so',
            'LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so',
            'LoadModule php_module ' . self::module(),
            "PHPINIDir $this->folder",
            'StartServers 2',
            'MaxRequestWorkers 2',
            "DocumentRoot $this->folder",
            '<Files page.php>',
            'SetHandler application/x-httpd-php',
            '</Files>',
        ];
        if (posix_geteuid() === 0) {
            array_push($lines, "User $user", 'Group ' . ($user === 'nobody' ? 'nogroup' : $user));
        }

        return implode("\n", $lines) . "\n";
    }
}
