<?php

declare(strict_types=1);

namespace Reco\Tests;

use RuntimeException;

/**
 * A real php-fpm with a configuration of its own, in a temporary folder that is laid out as `make install` leaves it.
 * Listens on a Unix socket in that folder; stop() ends it by its own process id.
 */
final class Fpm
{
    public readonly string $folder;
    public readonly FastCGI $client;

    private readonly Site $site;

    /** @var resource|null */
    private $process = null;

    /**
     * @param list<string> $settings lines for php.ini; {folder} stands for the folder
     * @param string       $page     the script to serve
     */
    public function __construct(
        private readonly string $binary,
        array $settings,
        string $page = __DIR__ . '/fpm/page.php',
        int $workers = 3,
    ) {
        $this->site = new Site($settings, $page);
        $this->folder = $this->site->folder;
        file_put_contents("$this->folder/php-fpm.conf", $this->configuration($workers));
        $this->client = new FastCGI("$this->folder/fpm.sock", "$this->folder/page.php");
    }

    /** Where php-fpm is; null if it is not installed. */
    public static function binary(): ?string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        foreach (["/usr/sbin/php-fpm$version", '/usr/sbin/php-fpm', '/usr/local/sbin/php-fpm'] as $path) {
            if (is_executable($path)) {
                return $path;
            }
        }

        return null;
    }

    public function start(): void
    {
        $log = ['file', "$this->folder/output.log", 'a'];
        $configuration = ['--fpm-config', "$this->folder/php-fpm.conf", '-c', "$this->folder/php.ini"];
        $this->process = proc_open(
            [$this->binary, '--nodaemonize', ...$configuration],
            [1 => $log, 2 => $log],
            $pipes,
            $this->folder,
            ['PHP_INI_SCAN_DIR' => '', 'PATH' => (string) getenv('PATH')],
        );
        for ($wait = 0; $wait < 200; $wait++) {
            if (file_exists("$this->folder/fpm.sock")) {
                return;
            }
            if (!proc_get_status($this->process)['running']) {
                break;
            }
            usleep(50_000);
        }
        throw new RuntimeException('php-fpm does not start: ' . $this->log());
    }

    /** Lets requests in flight finish. */
    public function stop(): void
    {
        if ($this->process !== null) {
            proc_terminate($this->process, SIGQUIT);
            proc_close($this->process);
            $this->process = null;
        }
    }

    public function remove(): void
    {
        $this->stop();
        $this->site->remove();
    }

    public function log(): string
    {
        return @file_get_contents("$this->folder/fpm.log") . @file_get_contents("$this->folder/output.log");
    }

    private function configuration(int $workers): string
    {
        $lines = [
            '[global]',
            "error_log = $this->folder/fpm.log",
            '[shop]',
            "listen = $this->folder/fpm.sock",
            'listen.mode = 0666',
            'pm = static',
            "pm.max_children = $workers",
            'catch_workers_output = yes',
            "env[SHOP_MODEL] = $this->folder/shop.reco",
            "env[RECO_PHP] = $this->folder/share/php/reco/RecoFFI.php",
        ];
        if (posix_geteuid() === 0) {
            $lines[] = 'user = ' . Site::user();
            $lines[] = 'group = ' . Site::user();
        }

        return implode("\n", $lines) . "\n";
    }
}
