<?php

declare(strict_types=1);

namespace Reco\Tests;

use Illuminate\Config\Repository;
use Illuminate\Console\Command;
use Illuminate\Container\Container;
use Illuminate\Contracts\Config\Repository as Settings;
use Reco\Laravel\DoctorCommand;
use Reco\Laravel\RecoServiceProvider;
use Reco\RecoFileException;
use Reco\RecoShop;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\BufferedOutput;

/** Against Laravel's own container, configuration and console; only the application around them is a stub. */
final class LaravelTest extends RecoTestCase
{
    /** @param array<string, mixed> $settings what the application's config/reco.php says */
    private static function application(array $settings): Container
    {
        if (!class_exists(Container::class) || !class_exists(Repository::class) || !class_exists(Command::class)) {
            self::markTestSkipped('Laravel is not installed here');
        }
        $application = new class () extends Container {
            public function runningInConsole(): bool
            {
                return true;
            }

            public function runningUnitTests(): bool
            {
                return true;
            }

            public function basePath(string $path = ''): string
            {
                return "/srv/shop/$path";
            }
        };
        require_once __DIR__ . '/storage_path.php';
        $application->instance('config', new Repository(['reco' => $settings]));
        $application->alias('config', Settings::class);
        $provider = new RecoServiceProvider($application);
        $provider->register();
        $provider->boot();

        return $application;
    }

    public function test_the_container_gives_the_configured_shop(): void
    {
        $application = self::application(['model' => Shop::file(), 'filter' => 'has(title)']);
        $shop = $application->make(RecoShop::class);
        self::assertSame($shop, $application->make(RecoShop::class), 'one for all');
        self::assertSame(Shop::open()->recommend(user: 3, limit: 12)->ids()[0], $shop->home(user: 3)[0]->id);
    }

    public function test_the_settings_that_are_left_out_have_defaults(): void
    {
        $application = self::application([]);
        $settings = $application->make(Settings::class)->get('reco');
        self::assertSame(['model', 'degrade', 'bestsellers', 'filter'], array_keys($settings));
        self::assertStringStartsWith('/srv/shop/storage', $settings['model']);
        self::assertSame([], $application->make(RecoShop::class)->home(), 'no model, no exception');
    }

    public function test_degrading_and_logging_are_configured(): void
    {
        $application = self::application(['model' => '/nowhere.reco', 'bestsellers' => [3, 2, 1]]);
        $application->instance('log', $logger = new Logger());
        self::assertSame(3, $application->make(RecoShop::class)->home()[0]->id);
        self::assertCount(1, $logger->errors);
        $application = self::application(['model' => '/nowhere.reco', 'degrade' => false]);
        $shop = $application->make(RecoShop::class);
        self::assertThrows(RecoFileException::class, '/nowhere.reco', static fn () => $shop->home());
    }

    public function test_the_configuration_can_be_published(): void
    {
        self::application([]);
        $paths = RecoServiceProvider::pathsToPublish(RecoServiceProvider::class, 'reco-config');
        self::assertSame(['/srv/shop/config/reco.php'], array_values($paths));
        self::assertFileExists((string) array_key_first($paths));
    }

    public function test_artisan_says_what_is_wrong(): void
    {
        foreach ([[Shop::file(), 'ok     the model', 0], ['/nowhere.reco', 'wrong  the model /nowhere.reco is not there', 1]]
            as [$model, $text, $code]) {
            $application = self::application(['model' => $model]);
            $command = new DoctorCommand();
            $command->setLaravel($application);
            $output = new BufferedOutput();
            $result = $command->run(new ArrayInput(['--max-age' => '24']), $output);
            $said = $output->fetch();
            self::assertStringContainsString($text, $said);
            // What this machine's php-fpm is set to is not for a test to say.
            self::assertSame(max($code, preg_match('~^wrong  /etc/php~m', $said)), $result);
        }
    }

    public function test_an_age_that_is_none_is_refused(): void
    {
        $command = new DoctorCommand();
        $command->setLaravel(self::application(['model' => Shop::file()]));
        $output = new BufferedOutput();
        self::assertSame(Command::INVALID, $command->run(new ArrayInput(['--max-age' => 'abc']), $output));
        self::assertSame('--max-age takes a number of hours, not abc', trim($output->fetch()));
    }
}
