<?php

declare(strict_types=1);

namespace Reco\Symfony;

use Reco\RecoShop;
use Symfony\Component\DependencyInjection\ContainerBuilder;
use Symfony\Component\DependencyInjection\ContainerInterface;
use Symfony\Component\DependencyInjection\Extension\Extension;
use Symfony\Component\DependencyInjection\Reference;

/** Makes services of the configuration. */
final class RecoExtension extends Extension
{
    /** @param array<mixed> $configs */
    public function load(array $configs, ContainerBuilder $container): void
    {
        /** @var array{model: string, degrade: bool, bestsellers: list<int|string>, filter: string} $settings */
        $settings = $this->processConfiguration(new Configuration(), $configs);
        $container->register(RecoShop::class)->setPublic(true)->setArguments([
            $settings['model'],
            $settings['degrade'] ? $settings['bestsellers'] : null,
            new Reference('logger', ContainerInterface::NULL_ON_INVALID_REFERENCE),
            $settings['filter'],
        ]);
        $container->register(DoctorCommand::class)
            ->setArguments([$settings['model']])
            ->addTag('console.command', ['command' => 'reco:doctor']);
    }
}
