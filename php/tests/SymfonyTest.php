<?php

declare(strict_types=1);

namespace Reco\Tests;

use Reco\RecoFileException;
use Reco\RecoShop;
use Reco\Symfony\DoctorCommand;
use Reco\Symfony\RecoBundle;
use Symfony\Component\Config\Definition\Exception\InvalidConfigurationException;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Tester\CommandTester;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\HttpKernel\Bundle\Bundle;

/** Against Symfony's own container, configuration and console. */
final class SymfonyTest extends RecoTestCase
{
    /** @param array<string, mixed> $settings what config/packages/reco.yaml says below `reco` */
    private static function container(array $settings, ?Logger $logger = null): ContainerBuilder
    {
        if (!class_exists(Bundle::class) || !class_exists(ContainerBuilder::class) || !class_exists(Command::class)) {
            self::markTestSkipped('Symfony is not installed here');
        }
        $container = new ContainerBuilder();
        if ($logger !== null) {
            $container->set('logger', $logger);
            $container->register('logger')->setSynthetic(true)->setPublic(true);
        }
        $bundle = new RecoBundle();
        $bundle->build($container);
        $extension = $bundle->getContainerExtension();
        self::assertNotNull($extension);
        self::assertSame('reco', $extension->getAlias());
        $extension->load([$settings], $container);
        $container->getDefinition(DoctorCommand::class)->setPublic(true);
        $container->compile();
        if ($logger !== null) {
            $container->set('logger', $logger);
        }

        return $container;
    }

    public function test_the_container_gives_the_configured_shop(): void
    {
        $shop = self::container(['model' => Shop::file(), 'filter' => 'has(title)'])->get(RecoShop::class);
        self::assertInstanceOf(RecoShop::class, $shop);
        self::assertSame(Shop::open()->recommend(user: 3, limit: 12)->ids()[0], $shop->home(user: 3)[0]->id);
    }

    public function test_degrading_and_logging_are_configured(): void
    {
        $logger = new Logger();
        $shop = self::container(['model' => '/nowhere.reco', 'bestsellers' => [3, 2, 1]], $logger)->get(RecoShop::class);
        self::assertInstanceOf(RecoShop::class, $shop);
        self::assertSame(3, $shop->home()[0]->id);
        self::assertCount(1, $logger->errors);
        $shop = self::container(['model' => '/nowhere.reco'])->get(RecoShop::class);
        self::assertInstanceOf(RecoShop::class, $shop);
        self::assertSame([], $shop->home());
        $shop = self::container(['model' => '/nowhere.reco', 'degrade' => false])->get(RecoShop::class);
        self::assertInstanceOf(RecoShop::class, $shop);
        self::assertThrows(RecoFileException::class, '/nowhere.reco', static fn () => $shop->home());
    }

    public function test_a_wrong_setting_is_named(): void
    {
        foreach ([[[], 'model'], [['model' => 'x', 'modle' => 'y'], 'modle']] as [$settings, $name]) {
            try {
                self::container($settings);
            } catch (InvalidConfigurationException $problem) {
                self::assertStringContainsString($name, $problem->getMessage());
                continue;
            }
            self::fail('the setting should be refused');
        }
    }

    public function test_the_console_says_what_is_wrong(): void
    {
        foreach ([[Shop::file(), 'ok     the model', 0], ['/nowhere.reco', 'wrong  the model /nowhere.reco is not there', 1]]
            as [$model, $text, $code]) {
            $container = self::container(['model' => $model]);
            self::assertSame(
                [DoctorCommand::class => [['command' => 'reco:doctor']]],
                $container->findTaggedServiceIds('console.command'),
            );
            $command = $container->get(DoctorCommand::class);
            self::assertInstanceOf(DoctorCommand::class, $command);
            $tester = new CommandTester($command);
            $result = $tester->execute(['--max-age' => '24']);
            self::assertStringContainsString($text, $tester->getDisplay());
            // What this machine's php-fpm is set to is not for a test to say.
            self::assertSame(max($code, preg_match('~^wrong  /etc/php~m', $tester->getDisplay())), $result);
        }
    }

    public function test_an_age_that_is_none_is_refused(): void
    {
        $command = self::container(['model' => Shop::file()])->get(DoctorCommand::class);
        self::assertInstanceOf(DoctorCommand::class, $command);
        $tester = new CommandTester($command);
        self::assertSame(DoctorCommand::INVALID, $tester->execute(['--max-age' => 'abc']));
        self::assertSame('--max-age takes a number of hours, not abc', trim($tester->getDisplay()));
    }
}
