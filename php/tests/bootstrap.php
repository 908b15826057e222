<?php

declare(strict_types=1);

/*
 * Loads the package and what its tests use: by composer where `composer install` was run, else from where Debian puts
 * PHPUnit's neighbours. The tests of an adapter are skipped where its framework is not installed.
 */

error_reporting(E_ALL);

if (is_file(__DIR__ . '/../vendor/autoload.php')) {
    require __DIR__ . '/../vendor/autoload.php';

    return;
}
spl_autoload_register(static function (string $class): void {
    foreach (['Reco\\Tests\\' => __DIR__, 'Reco\\' => dirname(__DIR__) . '/src'] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = $folder . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;
            }

            return;
        }
    }
});
foreach (['Dotenv', 'Illuminate/Support', 'Illuminate/Config', 'Illuminate/Console', 'Illuminate/Container',
    'Symfony/Component/HttpKernel', 'Symfony/Component/DependencyInjection', 'Symfony/Component/Config',
    'Symfony/Component/Console'] as $component) {
    if (is_file("/usr/share/php/$component/autoload.php")) {
        require_once "/usr/share/php/$component/autoload.php";
    }
}
