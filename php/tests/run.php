<?php

declare(strict_types=1);

/**
 * Runs the tests of the PHP package: `php php/tests/run.php [part of a test's name]`.
 *
 * Every *Test.php file returns its tests: sentence => function. Needs nothing but PHP with FFI and libreco.so, which is
 * found as an application finds it; RECO_LIBRARY names another.
 */

error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

require __DIR__ . '/../RecoFFI.php';
require __DIR__ . '/expect.php';
require __DIR__ . '/Shop.php';
require __DIR__ . '/Php.php';

$wanted = $argv[1] ?? '';
$passed = 0;
$failed = 0;
$skipped = 0;
foreach (glob(__DIR__ . '/*Test.php') as $file) {
    foreach ((require $file) as $name => $test) {
        if ($wanted !== '' && !str_contains($name, $wanted)) {
            continue;
        }
        try {
            $test();
            $passed++;
        } catch (Skipped $reason) {
            echo 'skipped: ', $name, ': ', $reason->getMessage(), "\n";
            $skipped++;
        } catch (Throwable $problem) {
            $failed++;
            echo 'FAILED: ', basename($file), ': ', $name, "\n    ", get_class($problem), ': ', $problem->getMessage();
            echo "\n    ", $problem->getFile(), ':', $problem->getLine(), "\n";
            foreach ($problem->getTrace() as $step) {
                if (isset($step['file']) && str_ends_with($step['file'], 'Test.php')) {
                    echo '    ', $step['file'], ':', $step['line'] ?? 0, "\n";
                    break;
                }
            }
        }
    }
}
Shop::removeFiles();
echo "$passed passed, $failed failed", $skipped > 0 ? ", $skipped skipped" : '', "\n";
exit($failed > 0 || $passed === 0 ? 1 : 0);
