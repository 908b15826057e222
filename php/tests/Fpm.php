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

    /** @var resource|null */
    private $process = null;

    /**
     * @param list<string> $settings lines for php.ini; {folder} stands for the folder
     * @param string       $page     the script to serve
     */
    public function __construct(
        private readonly string $binary,
        array $settings,
        private readonly string $page = __DIR__ . '/fpm/page.php',
        int $workers = 3,
    ) {
        $this->folder = sys_get_temp_dir() . '/reco-fpm-' . getmypid() . '-' . bin2hex(random_bytes(3));
        $this->install();
        $ini = [...self::extensions(), ...$settings, 'display_errors=1', 'html_errors=0', 'error_log={folder}/php.log'];
        if (posix_geteuid() === 0) {
            $ini[] = 'opcache.preload_user=' . self::user();
        }
        file_put_contents("$this->folder/php.ini", str_replace('{folder}', $this->folder, implode("\n", $ini)) . "\n");
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
        shell_exec('rm -rf ' . escapeshellarg($this->folder));
    }

    public function log(): string
    {
        return @file_get_contents("$this->folder/fpm.log") . @file_get_contents("$this->folder/output.log");
    }

    private function install(): void
    {
        $root = dirname(__DIR__, 2);
        foreach (['lib', 'include', 'share/php/reco/src'] as $folder) {
            mkdir("$this->folder/$folder", 0755, true);
        }
        copy(Php::library(), "$this->folder/lib/libreco.so");
        copy("$root/php/RecoFFI.php", "$this->folder/share/php/reco/RecoFFI.php");
        foreach (glob("$root/php/src/*.php") as $file) {
            copy($file, "$this->folder/share/php/reco/src/" . basename($file));
        }
        touch("$this->folder/php.log");
        chmod("$this->folder/php.log", 0666);
        copy($this->page, "$this->folder/page.php");
        Php::generateHeader("$this->folder/lib/libreco.so", "$this->folder/include/reco_ffi.h");
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
            $lines[] = 'user = ' . self::user();
            $lines[] = 'group = ' . self::user();
        }

        return implode("\n", $lines) . "\n";
    }

    private static function user(): string
    {
        return posix_getpwnam('www-data') !== false ? 'www-data' : 'nobody';
    }

    /** @return list<string> what must be loaded, where it is not built into PHP */
    private static function extensions(): array
    {
        $built = (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -n -m');

        return [
            ...(str_contains($built, 'FFI') ? [] : ['extension=ffi']),
            ...(str_contains($built, 'Zend OPcache') ? [] : ['zend_extension=opcache']),
        ];
    }
}
